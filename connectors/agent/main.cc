// zhanqiao-connector: serves a department's data to the hub.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <map>
#include <memory>
#include <thread>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/base/log.h"
#include "connectors/agent/adapters.h"
#include "connectors/agent/agent.h"
#include "connectors/agent/capture_runner.h"
#include "connectors/agent/check.h"
#include "connectors/agent/config.h"
#include "connectors/agent/preview.h"

using zhanqiao::LogLevel;

namespace {

// Checks every resource of `config` and prints what it found. 0 if all can be served.
int CheckAll(const zhanqiao::connectors::ConnectorConfig& config,
             const std::map<std::string, zhanqiao::connectors::AdapterFactory>& adapters,
             const std::vector<std::string>& entry_files, int rows, bool json) {
  std::map<std::string, zhanqiao::v1::Resource> entries;
  for (const std::string& file : entry_files) {
    auto read = zhanqiao::connectors::EntriesFromFile(file);
    if (!read.ok()) {
      zhanqiao::LogStatus(LogLevel::kError, "entry_invalid", read.status());
      return 2;
    }
    for (auto& entry : *read) entries[entry.name()] = entry;
  }
  std::vector<zhanqiao::connectors::ResourceCheck> checks;
  bool good = true;
  for (const auto& [resource, factory] : adapters) {
    absl::StatusOr<zhanqiao::v1::Resource> entry = absl::UnknownError("");
    if (entries.count(resource) > 0) {
      entry = entries[resource];
    } else {
      entry = zhanqiao::connectors::EntryFromHub(config.agent, resource);
    }
    if (entry.ok()) {
      checks.push_back(zhanqiao::connectors::CheckResource(*entry, factory, rows));
    } else {
      checks.push_back({resource, "", entry.status(), {}, {}});
    }
    good = good && checks.back().status.ok();
  }
  std::cout << (json ? zhanqiao::connectors::ToJson(checks) + "\n" : zhanqiao::connectors::ToText(checks));
  return good ? 0 : 1;
}

// Counts how well the rows of the grant in `file` hide persons among others. 0 if every group has `k` rows at least.
int ShowPreview(const zhanqiao::connectors::ConnectorConfig& config,
                const std::map<std::string, zhanqiao::connectors::AdapterFactory>& adapters, const std::string& file,
                const zhanqiao::connectors::PreviewOptions& options, int k, bool json) {
  const auto found = [&]() -> absl::StatusOr<zhanqiao::connectors::Preview> {
    const zhanqiao::v1::Grant grant = TRY(zhanqiao::connectors::GrantFromFile(file));
    const auto factory = adapters.find(grant.resource());
    if (factory == adapters.end()) {
      return zhanqiao::Fail(absl::StatusCode::kNotFound, "RESOURCE_NOT_SERVED", "This connector does not serve the grant's resource.",
                            {{"resource", grant.resource()}});
    }
    const zhanqiao::v1::Resource entry = TRY(zhanqiao::connectors::EntryFromHub(config.agent, grant.resource()));
    const auto adapter = TRY(factory->second(entry));
    return zhanqiao::connectors::PreviewRelease(grant, entry, *adapter, options);
  }();
  if (!found.ok()) {
    zhanqiao::LogStatus(LogLevel::kError, "preview_failed", found.status());
    return 2;
  }
  std::cout << (json ? zhanqiao::connectors::ToJson(*found) + "\n" : zhanqiao::connectors::ToText(*found));
  return found->smallest >= k || found->rows == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves a department's data to the Zhanqiao hub over one outbound stream.");
  std::string path = "/etc/zhanqiao/connector.toml";
  bool check = false;
  app.add_option("--config", path, "TOML configuration")->capture_default_str();
  app.add_flag("--check-config", check, "read the configuration, name its mistakes, and exit");
  bool check_sources = false;
  bool json = false;
  std::vector<std::string> entry_files;
  int rows = 3;
  app.add_flag("--check", check_sources, "read each source, report what does not fit its entry, show sample rows, and exit");
  app.add_option("--entry", entry_files, "with --check: entries from this JSON file, instead of the hub's");
  app.add_option("--rows", rows, "with --check: sample rows of each resource")->capture_default_str()->check(CLI::Range(1, 100));
  app.add_flag("--json", json, "with --check and --preview: print JSON");
  std::string preview;
  zhanqiao::connectors::PreviewOptions preview_options;
  int k = 5;
  app.add_option("--preview", preview, "count how many rows of this grant (zq grant get --json) are alike, and exit");
  app.add_option("--quasi", preview_options.quasi, "with --preview: fields one could be found again by; default: all granted");
  app.add_option("--preview-rows", preview_options.rows_max, "with --preview: rows read at most")->capture_default_str();
  app.add_option("--k", k, "with --preview: exit with 1 if fewer are alike")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  auto config = zhanqiao::connectors::LoadConnectorConfig(path);
  if (!config.ok()) {
    zhanqiao::LogStatus(LogLevel::kError, "config_invalid", config.status());
    return 2;
  }
  if (check) return 0;

  sigset_t signals;  // blocked before any thread starts, so that only sigwait sees them
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const zhanqiao::SystemClock clock;
  auto adapters = zhanqiao::connectors::AdaptersOf(*config, clock);
  if (!adapters.ok()) {
    zhanqiao::LogStatus(LogLevel::kError, "not_started", adapters.status());
    return 2;
  }
  if (check_sources) return CheckAll(*config, adapters->resources, entry_files, rows, json);
  if (!preview.empty()) return ShowPreview(*config, adapters->resources, preview, preview_options, k, json);
  auto seal = zhanqiao::connectors::SealOf(*config, clock);
  if (!seal.ok()) {
    zhanqiao::LogStatus(LogLevel::kError, "not_started", seal.status());
    return 2;
  }
  config->agent.seal = *std::move(seal);
  zhanqiao::SystemRandom random;
  zhanqiao::connectors::Agent agent(config->agent, adapters->resources, random);
  std::vector<std::unique_ptr<zhanqiao::connectors::CaptureRunner>> captures;
  for (const auto& [one, begin] : adapters->captures) {
    // Replication waits for its server itself; only what failed pauses.
    captures.push_back(std::make_unique<zhanqiao::connectors::CaptureRunner>(
        config->agent, one.resource, begin,
        one.method == "replication" ? absl::Milliseconds(1) : absl::Seconds(one.pause_seconds)));
  }
  std::thread serving([&agent] { agent.Run(); });
  int signal = 0;
  sigwait(&signals, &signal);
  agent.Stop();
  serving.join();
  return 0;
}
