// zhanqiao-connector: serves a department's data to the hub.
#include <CLI/CLI.hpp>
#include <csignal>
#include <thread>

#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/base/log.h"
#include "connectors/agent/agent.h"
#include "connectors/agent/config.h"

using zhanqiao::LogLevel;

int main(int argc, char** argv) {
  CLI::App app("Serves a department's data to the Zhanqiao hub over one outbound stream.");
  std::string path = "/etc/zhanqiao/connector.toml";
  bool check = false;
  app.add_option("--config", path, "TOML configuration")->capture_default_str();
  app.add_flag("--check-config", check, "read the configuration, name its mistakes, and exit");
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
  auto seal = zhanqiao::connectors::SealOf(*config, clock);
  if (!seal.ok()) {
    zhanqiao::LogStatus(LogLevel::kError, "not_started", seal.status());
    return 2;
  }
  config->agent.seal = *std::move(seal);
  zhanqiao::SystemRandom random;
  zhanqiao::connectors::Agent agent(config->agent, zhanqiao::connectors::AdaptersOf(*config), random);
  std::thread serving([&agent] { agent.Run(); });
  int signal = 0;
  sigwait(&signals, &signal);
  agent.Stop();
  serving.join();
  return 0;
}
