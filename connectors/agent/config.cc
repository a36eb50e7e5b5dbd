#include "connectors/agent/config.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "connectors/adapters/settings.h"
#include "connectors/agent/channel.h"
#include "connectors/agent/seal.h"

namespace zhanqiao::connectors {
namespace {

bool IsResourceName(std::string_view name) {
  constexpr std::string_view kPrefix = "resources/";
  if (name.substr(0, kPrefix.size()) != kPrefix) return false;
  std::string code(name.substr(kPrefix.size()));
  const size_t tilde = code.find('~');
  if (tilde == std::string::npos) return false;
  code[tilde] = '/';
  return IsResourceCode(code);
}

absl::Status ReadTls(const toml::node& node, std::string_view base_dir, ConnectorConfig& config) {
  TlsFiles& tls = config.agent.tls.emplace();
  TRY(ReadTable(node, "tls",
                {{"ca", Path(tls.ca, base_dir)},
                 {"certificate", Path(tls.certificate, base_dir)},
                 {"key", Path(tls.key, base_dir)},
                 {"server_name", Text(tls.server_name)}}));
  if (tls.ca.empty()) return BadSetting(node, "tls.ca", "the file of the hub's authorities");
  if (tls.certificate.empty()) return BadSetting(node, "tls.certificate", "the file of this connector's certificate");
  if (tls.key.empty()) return BadSetting(node, "tls.key", "the file of this connector's key");
  return absl::OkStatus();
}

absl::Status ReadSource(const toml::node& node, std::string_view base_dir, ConnectorConfig& config) {
  SourceConfig one;
  TRY(ReadTable(node, "sources",
                {{"name", Text(one.name)},
                 {"adapter", Choice(one.adapter, {"postgres", "odbc", "http", "hub"})},
                 {"connection", Text(one.connection)},
                 {"dialect", Choice(one.dialect, {"postgres", "mysql", "sqlite", "sqlserver", "oracle", "dameng"})},
                 {"password_file", Path(one.password_file, base_dir)},
                 {"connections", Number(one.connections, 1, 64)},
                 {"url", Text(one.url)},
                 {"ca", Path(one.ca, base_dir)},
                 {"certificate", Path(one.certificate, base_dir)},
                 {"key", Path(one.key, base_dir)},
                 {"token_url", Text(one.token_url)},
                 {"client_id", Text(one.client_id)},
                 {"client_secret_file", Path(one.client_secret_file, base_dir)},
                 {"scope", Text(one.scope)}}));
  if (one.name.empty()) return BadSetting(node, "sources.name", "a name for resources to refer to");
  if (one.adapter.empty()) return BadSetting(node, "sources.adapter", "an adapter");
  for (const SourceConfig& other : config.sources) {
    if (other.name == one.name) return BadSetting(node, "sources.name", "a name that no other source has");
  }
  const bool database = one.adapter == "postgres" || one.adapter == "odbc";
  if (database && one.connection.empty()) return BadSetting(node, "sources.connection", "a connection string");
  if (one.adapter == "odbc" && one.dialect.empty()) return BadSetting(node, "sources.dialect", "how its SQL is written");
  if (!database && one.url.empty()) return BadSetting(node, "sources.url", "the source's address");
  config.sources.push_back(std::move(one));
  return absl::OkStatus();
}

absl::Status CheckCsv(const toml::node& node, const ResourceConfig& one) {
  if (one.adapter.empty()) return BadSetting(node, "resources.adapter", "\"csv\", or a source");
  if (one.file.empty() == one.folder.empty()) return BadSetting(node, "resources.file", "the file to serve, or a folder");
  return absl::OkStatus();
}

absl::Status CheckSourced(const toml::node& node, const ResourceConfig& one, const ConnectorConfig& config) {
  for (const SourceConfig& source : config.sources) {
    if (source.name != one.source) continue;
    if (source.adapter == "hub") {
      if (one.grant.empty()) return BadSetting(node, "resources.grant", "the grant at the other hub, grants/{id}");
      if (one.matter.empty()) return BadSetting(node, "resources.matter", "the matter the other hub logs");
    } else if (one.mapping.empty()) {
      return BadSetting(node, "resources.mapping", "the file that maps its columns");
    }
    return absl::OkStatus();
  }
  return BadSetting(node, "resources.source", "the name of one of the [[sources]], ");
}

absl::Status ReadResource(const toml::node& node, std::string_view base_dir, ConnectorConfig& config) {
  ResourceConfig one;
  TRY(ReadTable(node, "resources",
                {{"resource", Text(one.resource)},
                 {"adapter", Choice(one.adapter, {"csv"})},
                 {"source", Text(one.source)},
                 {"file", Path(one.file, base_dir)},
                 {"folder", Path(one.folder, base_dir)},
                 {"files", Choice(one.files, {"newest", "all"})},
                 {"sheet", Text(one.sheet)},
                 {"encoding", Choice(one.encoding, {"utf-8", "gb18030"})},
                 {"mapping", Path(one.mapping, base_dir)},
                 {"grant", Text(one.grant)},
                 {"matter", Text(one.matter)}}));
  if (!IsResourceName(one.resource)) {
    return BadSetting(node, "resources.resource", "a name such as \"resources/308001370200~000001\"");
  }
  for (const ResourceConfig& other : config.resources) {
    if (other.resource == one.resource) return BadSetting(node, "resources.resource", "a resource that is not named before");
  }
  TRY(one.source.empty() ? CheckCsv(node, one) : CheckSourced(node, one, config));
  config.resources.push_back(std::move(one));
  return absl::OkStatus();
}

bool IsSlotName(const std::string& text) {
  return !text.empty() && text.size() <= 63 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

absl::Status ReadCapture(const toml::node& node, std::string_view base_dir, ConnectorConfig& config) {
  CaptureConfig one;
  TRY(ReadTable(node, "captures",
                {{"resource", Text(one.resource)},
                 {"source", Text(one.source)},
                 {"mapping", Path(one.mapping, base_dir)},
                 {"method", Choice(one.method, {"changed", "replication"})},
                 {"changed", Text(one.changed)},
                 {"slot", Text(one.slot)},
                 {"publication", Text(one.publication)},
                 {"state", Path(one.state, base_dir)},
                 {"pause_seconds", Number(one.pause_seconds, 1, 86'400)},
                 {"margin_seconds", Number(one.margin_seconds, 0, 86'400)}}));
  if (!IsResourceName(one.resource)) return BadSetting(node, "captures.resource", "the resource whose feed it is");
  const bool known = std::any_of(config.sources.begin(), config.sources.end(), [&one](const SourceConfig& source) {
    return source.name == one.source && source.adapter != "hub";
  });
  if (!known) return BadSetting(node, "captures.source", "the name of one of the [[sources]]");
  if (one.mapping.empty()) return BadSetting(node, "captures.mapping", "the file that maps its columns");
  if (one.method == "replication") {
    const bool postgres = std::any_of(config.sources.begin(), config.sources.end(), [&one](const SourceConfig& source) {
      return source.name == one.source && source.adapter == "postgres";
    });
    if (!postgres) return BadSetting(node, "captures.source", "a source of the adapter \"postgres\"");
    if (!IsSlotName(one.slot)) return BadSetting(node, "captures.slot", "a slot of 1 to 63 of a-z, 0-9 and _");
    if (one.publication.empty()) return BadSetting(node, "captures.publication", "the publication of the table");
  } else if (one.changed.empty()) {
    return BadSetting(node, "captures.changed", "the 信息项 that tells when a row changed");
  }
  if (one.state.empty()) return BadSetting(node, "captures.state", "a file that holds how far it has come");
  config.captures.push_back(std::move(one));
  return absl::OkStatus();
}

absl::Status ReadRoot(const toml::table& root, std::string_view base_dir, ConnectorConfig& config) {
  const Reader tls = [&](const toml::node& node, std::string_view) { return ReadTls(node, base_dir, config); };
  const Reader resources = [&](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_array()) return BadSetting(node, key, "tables [[resources]]");
    for (const auto& one : *node.as_array()) TRY(ReadResource(one, base_dir, config));
    return absl::OkStatus();
  };
  const Reader sources = [&](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_array()) return BadSetting(node, key, "tables [[sources]]");
    for (const auto& one : *node.as_array()) TRY(ReadSource(one, base_dir, config));
    return absl::OkStatus();
  };
  const Reader captures = [&](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_array()) return BadSetting(node, key, "tables [[captures]]");
    for (const auto& one : *node.as_array()) TRY(ReadCapture(one, base_dir, config));
    return absl::OkStatus();
  };
  if (const toml::node* node = root.get("sources")) TRY(sources(*node, "sources"));  // resources refer to them
  TRY(ReadTable(root, "",
                {{"hub", Text(config.agent.hub)},
                 {"name", Text(config.name)},
                 {"credits", Number(config.agent.credits, 1, 65536)},
                 {"signing_key", Path(config.signing_key, base_dir)},
                 {"journal", Path(config.journal, base_dir)},
                 {"journal_mb_max", Number(config.journal_mb_max, 1, 65536)},
                 {"tls", tls},
                 {"sources", [](const toml::node&, std::string_view) { return absl::OkStatus(); }},
                 {"captures", captures},
                 {"resources", resources}}));
  if (config.agent.hub.empty()) return BadSetting(root, "hub", "the hub's address, host:port");
  if (config.resources.empty() && config.captures.empty()) {
    return BadSetting(root, "resources", "at least one [[resources]] or [[captures]]");
  }
  if (!config.agent.tls && !IsLoopback(config.agent.hub)) {
    return BadSetting(root, "tls", "[tls] with ca, certificate and key: the hub is on another machine");
  }
  if (config.name.size() > 40) return BadSetting(root, "name", "at most 40 bytes");
  if (!config.name.empty()) absl::StrAppend(&config.agent.software, " ", config.name);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ConnectorConfig> ParseConnectorConfig(std::string_view text, std::string_view base_dir) {
  ConnectorConfig config;
  TRY(ReadToml(text, [&](const toml::table& root) { return ReadRoot(root, base_dir, config); }));
  return config;
}

absl::StatusOr<ConnectorConfig> LoadConnectorConfig(const std::string& path) {
  const std::string text = TRY(ReadSettingsFile(path));
  return ParseConnectorConfig(text, std::filesystem::absolute(path).parent_path().string());
}

absl::StatusOr<std::shared_ptr<const AnswerSeal>> SealOf(const ConnectorConfig& config, const Clock& clock) {
  if (config.signing_key.empty() && config.journal.empty()) return nullptr;
  std::optional<Ed25519Key> key;
  if (!config.signing_key.empty()) key = TRY(Ed25519Key::Open(config.signing_key));
  std::unique_ptr<Journal> journal;
  if (!config.journal.empty()) {
    journal = TRY(Journal::Open({.path = config.journal, .bytes_max = static_cast<uint64_t>(config.journal_mb_max) << 20}));
  }
  return std::make_shared<const AnswerSeal>(std::move(key), std::move(journal), clock);
}

}  // namespace zhanqiao::connectors
