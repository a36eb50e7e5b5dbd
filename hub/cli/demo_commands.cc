// zq demo: what deploy/quickstart.sh is made of.
#include <CLI/CLI.hpp>

#include "catalog/model/synthetic.h"
#include "hub/cli/commands.h"
#include "hub/cli/demo_files.h"
#include "hub/cli/demo_story.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

struct ResidentsOrder {
  std::string out;
  int count = 2000;
  uint64_t seed = 20171229;
};

void AddResidents(CLI::App* group, Context& context) {
  auto* residents =
      group->add_subcommand("residents", "Writes synthetic residents as CSV; the same every time");
  auto order = std::make_shared<ResidentsOrder>();
  residents->add_option("--out", order->out, "File to write")->required();
  residents->add_option("--count", order->count, "How many")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  residents->add_option("--seed", order->seed, "Another seed, other people")->capture_default_str();
  residents->callback([&context, order] {
    context.action = [order] {
      return WriteFile(order->out, catalog::SyntheticResidentsCsv(order->count, order->seed), 0600);
    };
  });
}

void AddDirectory(CLI::App* command, Preparation& preparation) {
  command->add_option("--dir", preparation.directory, "The demonstration's directory, absolute")->required();
  command->add_option("--data", preparation.data, "Directory of the demonstration's data");
  command->add_option("--programs", preparation.programs, "Directory of the programs, for the env file");
}

}  // namespace

void AddDemoCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("demo", "Parts of deploy/quickstart.sh");
  group->require_subcommand(1);
  AddResidents(group, context);
  auto made = std::make_shared<Preparation>();

  auto* prepare =
      group->add_subcommand("prepare", "Authority, certificates, data and the hub's configuration");
  AddDirectory(prepare, *made);
  prepare->add_option("--hub-port", made->hub_port, "Port of the hub; a free one if it is taken")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  prepare->add_option("--metrics-port", made->metrics_port, "The same for metrics")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  prepare->callback([&context, made] { context.action = [made] { return Prepare(*made); }; });

  auto* connect = group->add_subcommand(
      "connect", "Configurations that need the running hub's address, and the env file");
  AddDirectory(connect, *made);
  connect->callback([&context, made] { context.action = [made] { return Connect(*made); }; });

  auto* load = group->add_subcommand("load", "Registers the parties and publishes the catalogue");
  AddDirectory(load, *made);
  load->callback([&context, made] {
    context.action = [&context, made] {
      return Load(DemoFiles(made->directory), made->data, context.json() ? context.err : context.out);
    };
  });

  auto* story =
      group->add_subcommand("story", "Exchanges, refusals and their proof; --json prints the summary");
  AddDirectory(story, *made);
  story->callback([&context, made] {
    context.action = [&context, made]() -> absl::Status {
      const std::string summary =
          TRY(TellStory(DemoFiles(made->directory), context.json() ? context.err : context.out));
      if (context.json()) context.out << summary << "\n";
      return absl::OkStatus();
    };
  });
}

}  // namespace zhanqiao::cli
