#include "hub/config.h"

#include <toml++/toml.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

absl::Status Bad(const toml::node& node, std::string_view key, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID", "The configuration has a mistake at the named line and key.",
              {{"line", absl::StrCat(node.source().begin.line)},
               {"key", std::string(key)},
               {"expected", std::string(expected)}});
}

using Reader = std::function<absl::Status(const toml::node&, std::string_view key)>;
using Keys = std::map<std::string, Reader, std::less<>>;

Reader Text(std::string& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_string()) return Bad(node, key, "a text in quotes");
    into = node.as_string()->get();
    return absl::OkStatus();
  };
}

Reader OneOf(std::string& into, std::vector<std::string> choices) {
  return [&into, choices = std::move(choices)](const toml::node& node, std::string_view key) -> absl::Status {
    std::string expected = "one of";
    for (const auto& choice : choices) {
      if (node.is_string() && node.as_string()->get() == choice) {
        into = choice;
        return absl::OkStatus();
      }
      absl::StrAppend(&expected, " \"", choice, "\"");
    }
    return Bad(node, key, expected);
  };
}

// A path, made absolute from the folder of the file.
Reader Path(std::string& into, std::string_view base_dir) {
  return [&into, base = std::filesystem::path(base_dir)](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_string()) return Bad(node, key, "a path in quotes");
    const std::string text = node.as_string()->get();
    into = text.empty() ? "" : (base / text).lexically_normal().string();
    return absl::OkStatus();
  };
}

Reader Flag(bool& into) {
  return [&into](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_boolean()) return Bad(node, key, "true or false");
    into = node.as_boolean()->get();
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

absl::Status ReadTable(const toml::table& table, std::string_view where, const Keys& keys) {
  for (const auto& [key, node] : table) {
    const std::string name = absl::StrCat(Absl(where), std::string(key.str()));
    const auto reader = keys.find(key.str());
    if (reader == keys.end()) {
      std::string known = "one of";
      for (const auto& [choice, unused] : keys) absl::StrAppend(&known, " ", choice);
      return Bad(node, name, known);
    }
    TRY(reader->second(node, name));
  }
  return absl::OkStatus();
}

absl::Status ReadListener(const toml::node& node, std::string_view base_dir, HubConfig& config) {
  if (!node.is_table()) return Bad(node, "listeners", "a table [[listeners]]");
  ListenerConfig one;
  TRY(ReadTable(*node.as_table(), "listeners.",
                {{"name", Text(one.name)},
                 {"address", Text(one.address)},
                 {"tls", Flag(one.tls)},
                 {"certificate", Path(one.certificate, base_dir)},
                 {"key", Path(one.key, base_dir)},
                 {"client_ca", Path(one.client_ca, base_dir)},
                 {"client_certificate", OneOf(one.client_certificate, {"required", "optional", "none"})},
                 {"identity", Text(one.identity)}}));
  if (one.address.empty()) return Bad(node, "listeners.address", "an address such as \"127.0.0.1:7443\"");
  if (one.tls && (one.certificate.empty() || one.key.empty())) {
    return Bad(node, "listeners.certificate", "certificate and key files for a TLS listener");
  }
  if (one.tls && one.client_certificate != "none" && one.client_ca.empty()) {
    return Bad(node, "listeners.client_ca", "the authority that client certificates are checked against");
  }
  config.listeners.push_back(std::move(one));
  return absl::OkStatus();
}

Keys HubKeys(HubConfig& config, std::string_view base_dir) {
  return {{"city", Text(config.city)},
          {"state_dir", Path(config.state_dir, base_dir)},
          {"second_place", Path(config.second_place, base_dir)},
          {"origin", Text(config.origin)},
          {"bootstrap", Path(config.bootstrap, base_dir)},
          {"holidays", Path(config.holidays, base_dir)},
          {"policy", Path(config.policy, base_dir)},
          {"policy_variant", Text(config.policy_variant)},
          {"risk_checklist", Path(config.risk_checklist, base_dir)},
          {"archive_dir", Path(config.archive_dir, base_dir)},
          {"retention", Path(config.retention, base_dir)},
          {"port_file", Path(config.port_file, base_dir)},
          {"log_level", OneOf(config.log_level, {"debug", "info", "warning", "error"})},
          {"threads", Number(config.threads, 0, 256)},
          {"workers", Number(config.workers, 1, 256)},
          {"in_flight_max", Number(config.in_flight_max, 1, 1'000'000)},
          {"checkpoint_ms", Number(config.checkpoint_ms, 10, 60'000)}};
}

Keys LedgerKeyKeys(LedgerKeyConfig& key, std::string_view base_dir) {
  return {{"kind", OneOf(key.kind, {"file", "pkcs11"})},
          {"module", Path(key.module, base_dir)},
          {"token", Text(key.token)},
          {"label", Text(key.label)},
          {"pin_file", Path(key.pin_file, base_dir)}};
}

absl::Status CheckLedgerKey(const toml::node& node, const LedgerKeyConfig& key) {
  if (key.kind != "pkcs11") return absl::OkStatus();
  if (key.module.empty()) return Bad(node, "ledger.key.module", "the path of the PKCS#11 library");
  if (key.token.empty()) return Bad(node, "ledger.key.token", "the label of the token");
  if (key.pin_file.empty()) return Bad(node, "ledger.key.pin_file", "a file that holds the user PIN");
  return absl::OkStatus();
}

absl::Status ReadLedger(const toml::node& node, std::string_view base_dir, LedgerConfig& ledger) {
  if (!node.is_table()) return Bad(node, "ledger", "a table");
  const Reader key = [&](const toml::node& table, std::string_view name) -> absl::Status {
    if (!table.is_table()) return Bad(table, name, "a table [ledger.key]");
    TRY(ReadTable(*table.as_table(), "ledger.key.", LedgerKeyKeys(ledger.key, base_dir)));
    return CheckLedgerKey(table, ledger.key);
  };
  return ReadTable(*node.as_table(), "ledger.",
                   {{"witness_policy", Path(ledger.witness_policy, base_dir)},
                    {"witness_ca", Path(ledger.witness_ca, base_dir)},
                    {"witness_start", OneOf(ledger.witness_start, {"require", "warn"})},
                    {"witness_interval_ms", Number(ledger.witness_interval_ms, 10, 3'600'000)},
                    {"witness_timeout_ms", Number(ledger.witness_timeout_ms, 10, 60'000)},
                    {"key", key}});
}

Keys AccountsKeys(AccountsConfig& accounts) {
  return {{"password_length_min", Number(accounts.password_length_min, 8, 128)},
          {"tries_max", Number(accounts.tries_max, 1, 100)},
          {"lock_minutes", Number(accounts.lock_minutes, 1, 1440)},
          {"session_idle_minutes", Number(accounts.session_idle_minutes, 1, 1440)},
          {"session_hours_max", Number(accounts.session_hours_max, 1, 168)},
          {"failures_per_network_max", Number(accounts.failures_per_network_max, 1, 1'000'000)},
          {"argon2_passes", Number(accounts.argon2_passes, 1, 100)},
          {"argon2_memory_kib", Number(accounts.argon2_memory_kib, 8, 4'000'000)},
          {"threads", Number(accounts.threads, 1, 64)},
          {"queue_max", Number(accounts.queue_max, 1, 10'000)}};
}

absl::Status ReadOidc(const toml::node& node, std::string_view base_dir, OidcConfig& oidc) {
  if (!node.is_table()) return Bad(node, "oidc", "a table");
  TRY(ReadTable(*node.as_table(), "oidc.",
                {{"issuer", Text(oidc.issuer)},
                 {"client_id", Text(oidc.client_id)},
                 {"client_secret_file", Path(oidc.client_secret_file, base_dir)},
                 {"redirect_uri", Text(oidc.redirect_uri)},
                 {"scope", Text(oidc.scope)},
                 {"claim", Text(oidc.claim)},
                 {"ca", Path(oidc.ca, base_dir)},
                 {"timeout_ms", Number(oidc.timeout_ms, 100, 60'000)}}));
  if (oidc.issuer.empty()) return Bad(node, "oidc.issuer", "the URL of the identity provider");
  if (oidc.client_id.empty()) return Bad(node, "oidc.client_id", "the id the provider knows this hub by");
  if (oidc.redirect_uri.empty()) return Bad(node, "oidc.redirect_uri", "the URL the provider sends people back to");
  return absl::OkStatus();
}

Keys MailKeys(MailConfig& mail, std::string_view base_dir) {
  return {{"relay", Text(mail.relay)},
          {"require_tls", Flag(mail.require_tls)},
          {"ca", Path(mail.ca, base_dir)},
          {"from", Text(mail.from)},
          {"user", Text(mail.user)},
          {"password_file", Path(mail.password_file, base_dir)},
          {"contacts", Path(mail.contacts, base_dir)},
          {"timeout_ms", Number(mail.timeout_ms, 100, 600'000)}};
}

absl::Status ReadRoot(const toml::table& root, std::string_view base_dir, HubConfig& config) {
  const Keys hub = HubKeys(config, base_dir);
  const Keys metrics = {{"address", Text(config.metrics_address)}};
  const auto table = [](const Keys& keys, std::string prefix) -> Reader {
    return [&keys, prefix](const toml::node& node, std::string_view key) -> absl::Status {
      return node.is_table() ? ReadTable(*node.as_table(), prefix, keys) : Bad(node, key, "a table");
    };
  };
  const Reader listeners = [&](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_array()) return Bad(node, key, "tables [[listeners]]");
    for (const auto& one : *node.as_array()) TRY(ReadListener(one, base_dir, config));
    return absl::OkStatus();
  };
  const Reader ledger = [&](const toml::node& node, std::string_view) { return ReadLedger(node, base_dir, config.ledger); };
  const Keys payload = {{"spool_dir", Path(config.payload.spool_dir, base_dir)},
                        {"spool_gb_max", Number(config.payload.spool_gb_max, 1, 1'000'000)},
                        {"free_gb_min", Number(config.payload.free_gb_min, 0, 100'000)},
                        {"workers", Number(config.payload.workers, 1, 64)}};
  const Keys reports = {{"public_url", Text(config.reports.public_url)}, {"pdf_program", Text(config.reports.pdf_program)}};
  const Keys mail = MailKeys(config.mail, base_dir);
  const Keys portal = {{"url", Text(config.portal.url)},
                       {"email", Text(config.portal.email)},
                       {"downloads_per_minute", Number(config.portal.downloads_per_minute, 0, 1'000'000)},
                       {"downloads_burst", Number(config.portal.downloads_burst, 1, 1'000'000)}};
  const Keys console = {{"directory", Path(config.console.directory, base_dir)}, {"map", Path(config.console.map, base_dir)}};
  const Keys accounts = AccountsKeys(config.accounts);
  const Reader oidc = [&](const toml::node& node, std::string_view) { return ReadOidc(node, base_dir, config.oidc); };
  TRY(ReadTable(root, "",
                {{"hub", table(hub, "hub.")},
                 {"ledger", ledger},
                 {"payload", table(payload, "payload.")},
                 {"accounts", table(accounts, "accounts.")},
                 {"oidc", oidc},
                 {"reports", table(reports, "reports.")},
                 {"mail", table(mail, "mail.")},
                 {"portal", table(portal, "portal.")},
                 {"console", table(console, "console.")},
                 {"metrics", table(metrics, "metrics.")},
                 {"listeners", listeners}}));
  if (config.state_dir.empty()) return Bad(root, "hub.state_dir", "the folder that keeps the hub's store");
  if (config.listeners.empty()) return Bad(root, "listeners", "at least one [[listeners]]");
  if (config.origin.empty() || config.origin.find_first_of(" +\t\n") != std::string::npos) {
    return Bad(root, "hub.origin", "a URL without schema, blanks or plus signs");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HubConfig> ParseHubConfig(std::string_view text, std::string_view base_dir) {
  HubConfig config;
  try {
    const toml::table root = toml::parse(text);
    TRY(ReadRoot(root, base_dir, config));
  } catch (const toml::parse_error& error) {
    return Fail(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID", "The configuration has a mistake at the named line and key.",
                {{"line", absl::StrCat(error.source().begin.line)}, {"key", ""}, {"expected", std::string(error.description())}});
  }
  return config;
}

absl::StatusOr<HubConfig> LoadHubConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return Fail(absl::StatusCode::kNotFound, "CONFIG_NOT_READABLE", "The configuration file cannot be read.", {{"file", path}});
  }
  return ParseHubConfig(text.str(), std::filesystem::absolute(path).parent_path().string());
}

}  // namespace zhanqiao
