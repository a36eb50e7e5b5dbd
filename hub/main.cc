// The program: reads the configuration, opens the disk, builds the hub (hub.h shows the whole of it) and waits for signals.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "CLI/CLI.hpp"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/config.h"
#include "hub/disk.h"
#include "hub/hub.h"
#include "hub/sample_load.h"

namespace zhanqiao {
namespace {

namespace fs = std::filesystem;

absl::Status Serve(const HubConfig& config, const sigset_t& signals) {
  access::Rules rules = TRY(ReadRules(config));
  Disk disk = TRY(OpenDisk(config));
  static const SystemClock clock;
  auto log = TRY(ledger::Log::Open(*disk.store, clock));
  static SystemRandom random;
  const fs::path keys = fs::path(config.state_dir) / "keys";
  auto subjects = TRY(ledger::SubjectKeys::Open(keys, random));
  SealKey resume_key = TRY(SealKey::OpenOrMake(keys / "resume.key", random));
  SealKey pseudonym_key = TRY(SealKey::OpenOrMake(keys / "pseudonym.key", random));
  auto payload_keys = TRY(exchange::PayloadKeys::Open(keys, random));
  Hub hub(config, std::move(disk), std::move(log), std::move(rules), std::move(subjects), std::move(resume_key),
          std::move(pseudonym_key), std::move(payload_keys));
  const absl::Status started = hub.Start();
  if (!started.ok()) {
    hub.Stop();
    return started;
  }
  Log(LogLevel::kInfo, "serving", {{"origin", config.origin}, {"state_dir", config.state_dir}});
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    const absl::Status reloaded = hub.ReloadCertificates();
    if (reloaded.ok()) {
      Log(LogLevel::kInfo, "certificates_reloaded");
    } else {
      LogStatus(LogLevel::kError, "certificates_not_reloaded", reloaded);
    }
  }
  Log(LogLevel::kInfo, "stopping");
  hub.Stop();
  return absl::OkStatus();
}

int Complain(const absl::Status& status) {
  std::fprintf(stderr, "zhanqiao-hub: %s (%s)\n", std::string(status.message()).c_str(), ReasonOf(status).c_str());
  for (const char* fact : {"line", "row", "column", "feature", "key", "expected", "file", "store", "state_dir", "cause", "listener", "address", "problem",
                           "port_file", "second_place", "place", "checkpoint_size", "log_size",
                           "witness", "silent", "quorum", "key_id", "log_origin", "configured_origin", "module", "token", "call", "code"}) {
    const std::string value = FactOf(status, fact);
    if (!value.empty()) std::fprintf(stderr, "  %s: %s\n", fact, value.c_str());
  }
  return 1;
}

int Main(int argc, char** argv) {
  CLI::App app{"The Zhanqiao hub: exchanges records between departments under grants, provably."};
  std::string file;
  bool check = false;
  app.add_option("--config", file, "Configuration file (TOML)")->required();
  app.add_flag("--check-config", check, "Name line and key of the first mistake, or say that all is well");
  int sample_year = 0;
  std::string data = "deploy/demo/data";
  app.add_option("--load-sample", sample_year, "Load the generated sample of this year into the empty store, and end");
  app.add_option("--data", data, "Directory of the sample's tables")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  // Debian's abseil looks for lock cycles at every lock, for developers; the sanitized suites do that here.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Signals are taken by one thread, in turn with everything else.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, which the ledger survives

  const auto config = LoadHubConfig(file);
  if (!config.ok()) return Complain(config.status());
  if (check) {
    std::printf("%s: all is well\n", file.c_str());
    return 0;
  }
  SetLogLevel(config->log_level == "debug"     ? LogLevel::kDebug
              : config->log_level == "info"    ? LogLevel::kInfo
              : config->log_level == "warning" ? LogLevel::kWarning
                                               : LogLevel::kError);
  const absl::Status served = sample_year > 0 ? LoadSample(*config, sample_year, data) : Serve(*config, signals);
  return served.ok() ? 0 : Complain(served);
}

}  // namespace
}  // namespace zhanqiao

int main(int argc, char** argv) { return zhanqiao::Main(argc, argv); }
