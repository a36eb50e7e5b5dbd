// Commands of a group, and options that many of them have.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>

#include "hub/cli/commands.h"

namespace zhanqiao::cli {

// The command `name` of `group`, which does run(context).
template <typename Run>
CLI::App* Add(CLI::App& group, Context& context, const char* name, const char* help, Run run) {
  auto* command = group.add_subcommand(name, help);
  command->callback([&context, run] { context.action = [&context, run] { return run(context); }; });
  return command;
}

// --known-at of a request that has it.
template <typename Request>
void AddKnownAt(CLI::App& command, const std::shared_ptr<Request>& request) {
  command.add_option_function<uint64_t>(
      "--known-at", [request](const uint64_t& index) { request->set_known_at(index); },
      "Ledger index: only what the hub knew at this position");
}

}  // namespace zhanqiao::cli
