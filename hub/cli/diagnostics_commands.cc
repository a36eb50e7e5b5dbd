// zq trace, zq connector list: where the time of an exchange went; which connectors really answer.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/access.grpc.pb.h"
#include "zhanqiao/v1/diagnostics.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::DiagnosticsService::Stub;

absl::Status Trace(Context& context, const std::string& id) {
  Session session(context.options);
  v1::TraceExchangeRequest request;
  request.set_id(id);
  const auto trace = TRY(session.Call(&Stub::TraceExchange, request));
  if (context.json()) {
    PrintJson(trace, context.out);
    return absl::OkStatus();
  }
  context.out << "entry " << trace.index() << "  trace " << Printable(trace.trace()) << "  "
              << (trace.released() ? "released" : absl::StrCat("refused: ", Printable(trace.reason()))) << "\n";
  Table table({"LINK", "US", "END US", "WHO", "NOTE"});
  for (const auto& link : trace.links()) {
    table.Add({EnumText(v1::Link_descriptor(), link.link()), link.has_duration_us() ? absl::StrCat(link.duration_us()) : "",
               link.has_end_us() ? absl::StrCat(link.end_us()) : "", link.who(), link.note()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

struct ListArguments {
  std::string parent = "-";
  int timeout_ms = 5'000;
  bool probe = true;
};

// What the registry says, for those who may list connectors but not set off probes.
absl::Status ListRegistered(Context& context, const ListArguments& arguments) {
  Session session(context.options);
  v1::ListConnectorsRequest request;
  request.set_parent(OrganizationArgument(arguments.parent));
  const auto all = TRY(ListAll(session, &v1::AccessService::Stub::ListConnectors, request,
                               &v1::ListConnectorsResponse::mutable_connectors));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"NAME", "DISPLAY NAME", "STATE", "CONNECTED"});
  for (const auto& one : all.connectors()) {
    table.Add({one.name(), one.display_name(), EnumText(v1::RegistrationState_descriptor(), one.state()),
               one.connected() ? "yes" : "no"});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status ListConnectors(Context& context, const ListArguments& arguments) {
  if (!arguments.probe) return ListRegistered(context, arguments);
  Session session(context.options);
  v1::ProbeConnectorsRequest request;
  request.set_parent(OrganizationArgument(arguments.parent));
  request.set_timeout_ms(arguments.timeout_ms);
  const auto found = TRY(session.Call(&Stub::ProbeConnectors, request));
  if (context.json()) {
    PrintJson(found, context.out);
    return absl::OkStatus();
  }
  Table table({"NAME", "DISPLAY NAME", "STATE", "STREAMS", "HEALTHY", "RESOURCE", "ANSWER", "US", "SOURCE US"});
  for (const auto& one : found.connectors()) {
    const std::vector<std::string> head = {one.connector(), one.display_name(),
                                           EnumText(v1::RegistrationState_descriptor(), one.state()),
                                           absl::StrCat(one.streams()), one.healthy() ? "yes" : "NO"};
    if (one.resources().empty()) {
      table.Add({head[0], head[1], head[2], head[3], head[4], "", one.connected() ? "" : "not connected", "", ""});
    }
    for (const auto& resource : one.resources()) {
      const auto link = resource.error().metadata().find("link");
      const std::string failed =
          absl::StrCat(link == resource.error().metadata().end() ? "" : link->second + ": ", resource.error().reason());
      const bool first = &resource == &one.resources(0);
      table.Add({first ? head[0] : "", first ? head[1] : "", first ? head[2] : "", first ? head[3] : "",
                 first ? head[4] : "", resource.resource(), resource.answered() ? "answers" : failed,
                 resource.answered() ? absl::StrCat(resource.round_trip_us()) : "",
                 resource.answered() ? absl::StrCat(resource.source_us()) : ""});
    }
  }
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddTraceCommand(CLI::App& app, Context& context) {
  auto* trace = app.add_subcommand("trace", "Where the time of one exchange went, link by link");
  auto id = std::make_shared<std::string>();
  trace->add_option("id", *id, "Ledger index of the entry, or trace id of the request")->required();
  trace->callback([&context, id] { context.action = [&context, id] { return Trace(context, *id); }; });
}

void AddConnectorList(CLI::App& group, Context& context) {
  auto* list = group.add_subcommand("list", "Connectors, and whether each and its source answer: really asked");
  auto arguments = std::make_shared<ListArguments>();
  list->add_option("organization", arguments->parent, "Code of the organisation; - for all")->capture_default_str();
  list->add_option("--timeout-ms", arguments->timeout_ms, "Of each probe")->capture_default_str()->check(CLI::Range(1, 30'000));
  list->add_flag("!--no-probe", arguments->probe, "Only what is registered and connected");
  list->callback([&context, arguments] {
    context.action = [&context, arguments] { return ListConnectors(context, *arguments); };
  });
}

}  // namespace zhanqiao::cli
