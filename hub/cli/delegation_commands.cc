// zq grant delegate, delegations, end-delegation.
#include <CLI/CLI.hpp>

#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccessService::Stub;

void Print(Context& context, const v1::Delegation& delegation) {
  if (context.json()) return PrintJson(delegation, context.out);
  Sheet sheet;
  sheet.Add("name", delegation.name());
  sheet.Add("in the place of", delegation.delegator());
  sheet.Add("decides", delegation.delegate());
  sheet.Add("from", delegation.start_date());
  sheet.Add("to", delegation.end_date());
  sheet.Add("reason", delegation.reason());
  if (delegation.revoked()) sheet.Add("revoked", "yes");
  sheet.Add("etag", delegation.etag());
  context.out << sheet.Render();
}

absl::Status List(Context& context, v1::ListDelegationsRequest request) {
  request.set_parent(OrganizationArgument(request.parent()));
  Session session(context.options);
  auto all = TRY(ListAll(session, &Stub::ListDelegations, request, &v1::ListDelegationsResponse::mutable_delegations));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"DELEGATION", "APPROVER", "DECIDES", "FROM", "TO"});
  const auto last = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
  for (const auto& one : all.delegations()) {
    table.Add({last(one.name()), last(one.delegator()), last(one.delegate()), one.start_date(),
               one.revoked() ? "revoked" : one.end_date()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddDelegationCommands(CLI::App& group, Context& context) {
  auto* create = group.add_subcommand("delegate", "Lets another person of the body decide in the caller's place");
  auto asked = std::make_shared<v1::CreateDelegationRequest>();
  v1::Delegation& delegation = *asked->mutable_delegation();
  create->add_option("person", *delegation.mutable_delegate(), "organizations/{code}/persons/{id}")->required();
  create->add_option("--start-date", *delegation.mutable_start_date(), "First day, YYYY-MM-DD")->required();
  create->add_option("--end-date", *delegation.mutable_end_date(), "Last day, YYYY-MM-DD")->required();
  create->add_option("--reason", *delegation.mutable_reason(), "Why; kept in the history")->required();
  create->add_option("--request-id", *asked->mutable_request_id(), "Repeating it returns the delegation made before");
  create->callback([&context, asked] {
    context.action = [&context, asked]() -> absl::Status {
      Session session(context.options);
      Print(context, TRY(session.Call(&Stub::CreateDelegation, *asked)));
      return absl::OkStatus();
    };
  });

  auto* list = group.add_subcommand("delegations", "Who decides in whose place in one organisation");
  auto filter = std::make_shared<v1::ListDelegationsRequest>();
  list->add_option("organization", *filter->mutable_parent(), "Organisation code or name")->required();
  list->add_flag_callback("--in-force", [filter] { filter->set_in_force(true); }, "Only those in force today");
  list->callback([&context, filter] { context.action = [&context, filter] { return List(context, *filter); }; });

  auto* end = group.add_subcommand("end-delegation", "Ends a delegation at once");
  auto ended = std::make_shared<v1::RevokeDelegationRequest>();
  end->add_option("delegation", *ended->mutable_name(), "organizations/{code}/delegations/{id}")->required();
  end->add_option("--reason", *ended->mutable_reason(), "Why; kept in the history")->required();
  end->add_option("--etag", *ended->mutable_etag(), "Of the version that was read");
  end->callback([&context, ended] {
    context.action = [&context, ended]() -> absl::Status {
      Session session(context.options);
      Print(context, TRY(session.Call(&Stub::RevokeDelegation, *ended)));
      return absl::OkStatus();
    };
  });
}

}  // namespace zhanqiao::cli
