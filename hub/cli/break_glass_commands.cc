// zq break-glass: a role for at most four hours, by two people.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/break_glass.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::BreakGlassService::Stub;

std::string NameOf(const std::string& person) { return PersonArgument(person) + "/breakGlass"; }
std::string StateText(const v1::BreakGlass& glass) { return EnumText(v1::BreakGlassState_descriptor(), glass.state()); }
std::string RoleText(const v1::BreakGlass& glass) { return EnumText(v1::Role_descriptor(), glass.role()); }

void Print(Context& context, const v1::BreakGlass& glass) {
  if (context.json()) return PrintJson(glass, context.out);
  Sheet sheet;
  sheet.Add("name", glass.name());
  sheet.Add("role", RoleText(glass));
  sheet.Add("state", StateText(glass));
  sheet.Add("reason", glass.reason());
  sheet.Add("minutes", absl::StrCat(glass.minutes()));
  sheet.Add("asked for", TimeText(glass.request_time()));
  if (!glass.approver().empty()) sheet.Add("allowed by", absl::StrCat(glass.approver(), " at ", TimeText(glass.approve_time())));
  sheet.Add("until", TimeText(glass.expire_time()));
  if (!glass.ended_by().empty()) sheet.Add("ended by", absl::StrCat(glass.ended_by(), ": ", glass.end_reason()));
  context.out << sheet.Render();
}

template <typename Request>
absl::Status Do(Context& context, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::BreakGlass*),
                const Request& request) {
  Session session(context.options);
  Print(context, TRY(session.Call(method, request)));
  return absl::OkStatus();
}

absl::Status List(Context& context, bool active) {
  Session session(context.options);
  v1::ListBreakGlassesRequest request;
  request.set_active(active);
  auto all = TRY(ListAll(session, &Stub::ListBreakGlasses, request, &v1::ListBreakGlassesResponse::mutable_break_glasses));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"NAME", "ROLE", "STATE", "UNTIL"});
  for (const auto& one : all.break_glasses()) table.Add({one.name(), RoleText(one), StateText(one), TimeText(one.expire_time())});
  context.out << table.Render();
  return absl::OkStatus();
}

void AddRequest(CLI::App* group, Context& context) {
  auto* ask = group->add_subcommand("request", "Asks for a role for oneself");
  const auto request = std::make_shared<v1::RequestBreakGlassRequest>();
  const auto role = std::make_shared<std::string>();
  const auto minutes = std::make_shared<int>(60);
  ask->add_option("role", *role, "The role")
      ->required()
      ->check(CLI::IsMember({"system_admin", "security_admin", "auditor", "office", "org_approver", "org_clerk"}));
  ask->add_option("--minutes", *minutes, "For how long from the approval")->check(CLI::Range(1, 240))->capture_default_str();
  ask->add_option("--reason", *request->mutable_reason(), "Why it is needed")->required();
  ask->callback([&context, request, role, minutes] {
    context.action = [&context, request, role, minutes] {
      v1::Role parsed = v1::ROLE_UNSPECIFIED;
      v1::Role_Parse("ROLE_" + absl::AsciiStrToUpper(*role), &parsed);
      request->set_role(parsed);
      request->set_minutes(*minutes);
      return Do(context, &Stub::RequestBreakGlass, *request);
    };
  });
}

}  // namespace

void AddBreakGlassCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("break-glass", "A role for at most four hours, by two people");
  group->require_subcommand(1);
  AddRequest(group, context);
  const auto person = std::make_shared<std::string>();
  const auto reason = std::make_shared<std::string>();
  const auto active = std::make_shared<bool>(false);
  auto* approve = group->add_subcommand("approve", "Allows what another asked for");
  approve->callback([&context, person] {
    context.action = [&context, person] {
      v1::ApproveBreakGlassRequest request;
      request.set_name(NameOf(*person));
      return Do(context, &Stub::ApproveBreakGlass, request);
    };
  });
  auto* end = group->add_subcommand("end", "Ends it, or takes a request back");
  end->add_option("--reason", *reason, "Why")->required();
  end->callback([&context, person, reason] {
    context.action = [&context, person, reason] {
      v1::EndBreakGlassRequest request;
      request.set_name(NameOf(*person));
      request.set_reason(*reason);
      return Do(context, &Stub::EndBreakGlass, request);
    };
  });
  auto* get = group->add_subcommand("get", "The newest of one person");
  get->callback([&context, person] {
    context.action = [&context, person] {
      v1::GetBreakGlassRequest request;
      request.set_name(NameOf(*person));
      return Do(context, &Stub::GetBreakGlass, request);
    };
  });
  for (CLI::App* command : {approve, end, get}) {
    command->add_option("person", *person, "organizations/{code}/persons/{id}, or {code}/{id}")->required();
  }
  auto* list = group->add_subcommand("list", "The newest of everybody");
  list->add_flag("--active", *active, "Only those in force");
  list->callback([&context, active] { context.action = [&context, active] { return List(context, *active); }; });
}

}  // namespace zhanqiao::cli
