// zq sample: a generated year for demonstrations, loaded by the hub's own program into an empty store.
#include <spawn.h>
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/cli/commands.h"

extern char** environ;

namespace zhanqiao::cli {
namespace {

namespace fs = std::filesystem;

struct SampleLoad {
  int year = 2018;
  std::string config;
  std::string data = "deploy/demo/data";
  std::string hub = "zhanqiao-hub";
};

// The hub's program: as named, else beside zq, else by PATH.
std::string HubProgram(const std::string& named) {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / named;
  return named.find('/') == std::string::npos && fs::exists(beside, error) ? beside.string() : named;
}

absl::Status Load(Context& context, const SampleLoad& load) {
  std::vector<std::string> arguments = {HubProgram(load.hub), "--config", load.config, "--load-sample", absl::StrCat(load.year),
                                        "--data", load.data};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  context.out.flush();
  pid_t child = 0;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
    return Fail(absl::StatusCode::kNotFound, "HUB_PROGRAM", "The hub's program cannot be started; name it with --hub-program.",
                {{"program", arguments[0]}});
  }
  int ended = 0;
  while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "SAMPLE_NOT_LOADED",
              "The sample was not loaded; the hub's program says why above.");
}

}  // namespace

void AddSampleCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("sample", "A generated year (样例), for demonstrations and tests");
  group->require_subcommand(1);
  auto load = std::make_shared<SampleLoad>();
  auto* loading = group->add_subcommand("load", "Loads it into the empty store of a hub that does not run");
  loading->add_option("--year", load->year, "There is 2018")->capture_default_str();
  loading->add_option("--config", load->config, "Configuration file of that hub (TOML)")->required()->envname("ZQ_HUB_CONFIG");
  loading->add_option("--data", load->data, "Directory of the tables it is made from")->capture_default_str();
  loading->add_option("--hub-program", load->hub, "The hub's program")->capture_default_str();
  loading->callback([&context, load] { context.action = [&context, load] { return Load(context, *load); }; });
}

}  // namespace zhanqiao::cli
