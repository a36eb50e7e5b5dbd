#include "connectors/agent/config.h"

#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "connectors/adapters/csv/csv.h"
#include "connectors/agent/channel.h"
#include "connectors/agent/seal.h"

namespace zhanqiao::connectors {
namespace {

absl::Status BadLine(std::string line, std::string_view key, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID",
              "The configuration has a mistake at the named line and key.",
              {{"line", std::move(line)}, {"key", std::string(key)}, {"expected", std::string(expected)}});
}

absl::Status Bad(const toml::node& node, std::string_view key, std::string_view expected) {
  return BadLine(absl::StrCat(node.source().begin.line), key, expected);
}

using Reader = std::function<absl::Status(const toml::node&, std::string_view key)>;
using Keys = std::map<std::string, Reader, std::less<>>;

Reader Text(std::string& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_string() || node.as_string()->get().empty()) return Bad(node, key, "a text in quotes, not empty");
    into = node.as_string()->get();
    return absl::OkStatus();
  };
}

Reader Path(std::string& into, std::string_view base_dir) {
  return [&into, base = std::filesystem::path(base_dir)](const toml::node& node, std::string_view key) -> absl::Status {
    TRY(Text(into)(node, key));
    into = (base / into).lexically_normal().string();
    return absl::OkStatus();
  };
}

Reader Number(int& into, int least, int most) {
  return [&into, least, most](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_integer() || node.as_integer()->get() < least || node.as_integer()->get() > most) {
      return Bad(node, key, absl::StrCat("a whole number from ", least, " to ", most));
    }
    into = static_cast<int>(node.as_integer()->get());
    return absl::OkStatus();
  };
}

absl::Status ReadTable(const toml::node& node, std::string_view where, const Keys& keys) {
  if (!node.is_table()) return Bad(node, where, "a table");
  for (const auto& [key, child] : *node.as_table()) {
    const std::string name = where.empty() ? std::string(key.str()) : absl::StrCat(Absl(where), ".", std::string(key.str()));
    const auto reader = keys.find(key.str());
    if (reader == keys.end()) {
      std::string known = "one of";
      for (const auto& [choice, unused] : keys) absl::StrAppend(&known, " ", choice);
      return Bad(child, name, known);
    }
    TRY(reader->second(child, name));
  }
  return absl::OkStatus();
}

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
  if (tls.ca.empty()) return Bad(node, "tls.ca", "the file of the hub's authorities");
  if (tls.certificate.empty()) return Bad(node, "tls.certificate", "the file of this connector's certificate");
  if (tls.key.empty()) return Bad(node, "tls.key", "the file of this connector's key");
  return absl::OkStatus();
}

absl::Status ReadResource(const toml::node& node, std::string_view base_dir, ConnectorConfig& config) {
  ResourceConfig one;
  TRY(ReadTable(node, "resources",
                {{"resource", Text(one.resource)},
                 {"adapter", Text(one.adapter)},
                 {"file", Path(one.file, base_dir)}}));
  if (!IsResourceName(one.resource)) {
    return Bad(node, "resources.resource", "a name such as \"resources/308001370200~000001\"");
  }
  for (const ResourceConfig& other : config.resources) {
    if (other.resource == one.resource) return Bad(node, "resources.resource", "a resource that is not named before");
  }
  if (one.adapter != "csv") return Bad(node, "resources.adapter", "one of \"csv\"");
  if (one.file.empty()) return Bad(node, "resources.file", "the file to serve");
  config.resources.push_back(std::move(one));
  return absl::OkStatus();
}

absl::Status ReadRoot(const toml::table& root, std::string_view base_dir, ConnectorConfig& config) {
  const Reader tls = [&](const toml::node& node, std::string_view) { return ReadTls(node, base_dir, config); };
  const Reader resources = [&](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_array()) return Bad(node, key, "tables [[resources]]");
    for (const auto& one : *node.as_array()) TRY(ReadResource(one, base_dir, config));
    return absl::OkStatus();
  };
  TRY(ReadTable(root, "",
                {{"hub", Text(config.agent.hub)},
                 {"name", Text(config.name)},
                 {"credits", Number(config.agent.credits, 1, 65536)},
                 {"signing_key", Path(config.signing_key, base_dir)},
                 {"journal", Path(config.journal, base_dir)},
                 {"journal_mb_max", Number(config.journal_mb_max, 1, 65536)},
                 {"tls", tls},
                 {"resources", resources}}));
  if (config.agent.hub.empty()) return Bad(root, "hub", "the hub's address, host:port");
  if (config.resources.empty()) return Bad(root, "resources", "at least one [[resources]]");
  if (!config.agent.tls && !IsLoopback(config.agent.hub)) {
    return Bad(root, "tls", "[tls] with ca, certificate and key: the hub is on another machine");
  }
  if (config.name.size() > 40) return Bad(root, "name", "at most 40 bytes");
  if (!config.name.empty()) absl::StrAppend(&config.agent.software, " ", config.name);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ConnectorConfig> ParseConnectorConfig(std::string_view text, std::string_view base_dir) {
  ConnectorConfig config;
  try {
    const toml::table root = toml::parse(text);
    TRY(ReadRoot(root, base_dir, config));
  } catch (const toml::parse_error& error) {
    return BadLine(absl::StrCat(error.source().begin.line), "", error.description());
  }
  return config;
}

absl::StatusOr<ConnectorConfig> LoadConnectorConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Fail(absl::StatusCode::kNotFound, "CONFIG_NOT_READABLE", "The configuration file cannot be read.",
                {{"file", path}});
  }
  return ParseConnectorConfig(text.str(), std::filesystem::absolute(path).parent_path().string());
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

std::map<std::string, AdapterFactory> AdaptersOf(const ConnectorConfig& config) {
  std::map<std::string, AdapterFactory> adapters;
  for (const ResourceConfig& one : config.resources) adapters.emplace(one.resource, CsvFile(one.file));
  return adapters;
}

}  // namespace zhanqiao::connectors
