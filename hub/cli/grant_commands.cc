// zq grant.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccessService::Stub;

std::string FieldsText(const v1::Grant& grant) {
  std::string text;
  for (const auto& field : grant.fields()) {
    if (!text.empty()) text += ", ";
    text += field.field();
    if (field.mask() != v1::MASK_UNSPECIFIED)
      text += " (" + EnumText(v1::Mask_descriptor(), field.mask()) + ")";
  }
  return text;
}

void PrintGrant(Context& context, const v1::Grant& grant) {
  if (context.json()) return PrintJson(grant, context.out);
  Sheet sheet;
  sheet.Add("name", grant.name());
  sheet.Add("state", EnumText(v1::GrantState_descriptor(), grant.state()));
  sheet.Add("reason", grant.state_reason());
  sheet.Add("consumer", grant.consumer());
  sheet.Add("resource", grant.resource());
  sheet.Add("fields", FieldsText(grant));
  sheet.Add("purpose", grant.purpose());
  sheet.Add("legal basis", grant.legal_basis());
  for (const auto& row : grant.row_conditions())
    sheet.Add("only rows", row.field() + " = " + ValueText(row.value()));
  sheet.Add("from", grant.start_date());
  sheet.Add("to", grant.end_date());
  if (grant.rate_per_second() > 0) sheet.Add("calls a second", std::to_string(grant.rate_per_second()));
  if (grant.daily_calls_max() > 0) sheet.Add("calls a day", std::to_string(grant.daily_calls_max()));
  sheet.Add("applicant", grant.applicant());
  sheet.Add("submitted", TimeText(grant.submit_time()));
  sheet.Add("to be answered by", grant.due_date());
  if (grant.has_decision()) {
    sheet.Add("proposed by", grant.decision().proposer());
    sheet.Add("decided by", grant.decision().decider());
    sheet.Add("decided", TimeText(grant.decision().decide_time()));
  }
  sheet.Add("ledger", std::to_string(grant.ledger_index()));
  sheet.Add("etag", grant.etag());
  context.out << sheet.Render();
}

absl::Status ListGrants(Context& context, v1::ListGrantsRequest request) {
  if (!request.resource().empty()) request.set_resource(ResourceArgument(request.resource()));
  if (!request.consumer().empty()) request.set_consumer(OrganizationArgument(request.consumer()));
  Session session(context.options);
  auto all = TRY(ListAll(session, &Stub::ListGrants, request, &v1::ListGrantsResponse::mutable_grants));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"GRANT", "STATE", "CONSUMER", "RESOURCE", "FIELDS"});
  for (const auto& one : all.grants()) {
    table.Add({one.name(), EnumText(v1::GrantState_descriptor(), one.state()),
               one.consumer().substr(one.consumer().find('/') + 1),
               one.resource().substr(one.resource().find('/') + 1), FieldsText(one)});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

// Everything the create command is told.
struct Application {
  v1::Grant grant;
  std::vector<std::string> fields;  // field or field:MASK
  std::string request_id;
  bool submit = false;
};

absl::Status CreateGrant(Context& context, Application application) {
  v1::CreateGrantRequest request;
  *request.mutable_grant() = std::move(application.grant);
  request.mutable_grant()->set_resource(ResourceArgument(request.grant().resource()));
  request.set_request_id(application.request_id);
  for (const std::string& text : application.fields) {
    const size_t colon = text.find(':');
    auto* field = request.mutable_grant()->add_fields();
    field->set_field(text.substr(0, colon));
    if (colon == std::string::npos) continue;
    v1::Mask mask = v1::MASK_UNSPECIFIED;
    if (!v1::Mask_Parse("MASK_" + absl::AsciiStrToUpper(text.substr(colon + 1)), &mask)) {
      return BadField("MASK_UNKNOWN", "--field", "The mask must be id_number, name, mobile or all.");
    }
    field->set_mask(mask);
  }
  Session session(context.options);
  v1::Grant grant = TRY(session.Call(&Stub::CreateGrant, request));
  if (application.submit) {
    v1::SubmitGrantRequest submit;
    submit.set_name(grant.name());
    submit.set_etag(grant.etag());
    grant = TRY(session.Call(&Stub::SubmitGrant, submit));
  }
  PrintGrant(context, grant);
  return absl::OkStatus();
}

// What the moving commands are told.
struct Move {
  std::string name;
  std::string reason;
  bool reject = false;
};

// Makes a command that moves a grant by one call. `fill` sets what the request has beyond the name.
template <typename Request>
void AddMove(CLI::App* group, Context& context, const char* verb, const char* help,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Grant*),
             void (*options)(CLI::App&, Move&), void (*fill)(const Move&, Request&)) {
  auto* command = group->add_subcommand(verb, help);
  auto move = std::make_shared<Move>();
  command->add_option("grant", move->name, "grants/{id} or id")->required();
  options(*command, *move);
  command->callback([&context, move, method, fill] {
    context.action = [&context, move, method, fill]() -> absl::Status {
      Session session(context.options);
      Request request;
      request.set_name(GrantArgument(move->name));
      fill(*move, request);
      PrintGrant(context, TRY(session.Call(method, request)));
      return absl::OkStatus();
    };
  });
}

void NoOptions(CLI::App&, Move&) {}
void ReasonOption(CLI::App& command, Move& move) {
  command.add_option("--reason", move.reason, "Why; kept in the ledger")->required();
}
void DecisionOptions(CLI::App& command, Move& move) {
  command.add_flag("--reject", move.reject, "Reject instead of approve");
  command.add_option("--reason", move.reason, "Why; required for a rejection");
}
void OptionalReason(CLI::App& command, Move& move) {
  command.add_option("--reason", move.reason, "Why");
}

template <typename Request>
void NothingMore(const Move&, Request&) {}
template <typename Request>
void FillReason(const Move& move, Request& request) {
  request.set_reason(move.reason);
}
template <typename Request>
void FillDecision(const Move& move, Request& request) {
  request.set_approve(!move.reject);
  request.set_reason(move.reason);
}

void AddMoves(CLI::App* group, Context& context) {
  AddMove<v1::GetGrantRequest>(group, context, "get", "One grant", &Stub::GetGrant, NoOptions, NothingMore);
  AddMove<v1::SubmitGrantRequest>(group, context, "submit",
                                  "Submits a draft; unconditional resources: active at once",
                                  &Stub::SubmitGrant, NoOptions, NothingMore);
  AddMove<v1::AcceptGrantRequest>(group, context, "accept", "The provider takes the application up",
                                  &Stub::AcceptGrant, NoOptions, NothingMore);
  AddMove<v1::ProposeGrantDecisionRequest>(group, context, "propose", "Proposes approval or rejection",
                                           &Stub::ProposeGrantDecision, DecisionOptions, FillDecision);
  AddMove<v1::DecideGrantRequest>(group, context, "decide", "Decides as proposed, by another person",
                                  &Stub::DecideGrant, DecisionOptions, FillDecision);
  AddMove<v1::SuspendGrantRequest>(group, context, "suspend", "Suspends an active grant", &Stub::SuspendGrant,
                                   ReasonOption, FillReason);
  AddMove<v1::ResumeGrantRequest>(group, context, "resume", "Resumes a suspended grant", &Stub::ResumeGrant,
                                  OptionalReason, FillReason);
  AddMove<v1::RevokeGrantRequest>(group, context, "revoke", "Ends a grant for ever", &Stub::RevokeGrant,
                                  ReasonOption, FillReason);
}

void AddCreate(CLI::App* group, Context& context) {
  auto* create = group->add_subcommand("create", "Writes down an application as a draft");
  auto made = std::make_shared<Application>();
  v1::Grant& grant = made->grant;
  create->add_option("--consumer", *grant.mutable_consumer(), "organizations/{code}/systems/{id}")
      ->required();
  create->add_option("--resource", *grant.mutable_resource(), "Resource code or name")->required();
  create->add_option("--field", made->fields, "Field, or field:mask; may be repeated")->required();
  create->add_option("--purpose", *grant.mutable_purpose(), "What the records are for")->required();
  create->add_option("--legal-basis", *grant.mutable_legal_basis(),
                     "Legal basis; required for conditional resources");
  create->add_option("--start-date", *grant.mutable_start_date(), "YYYY-MM-DD");
  create->add_option("--end-date", *grant.mutable_end_date(),
                     "YYYY-MM-DD; required for conditional resources");
  create->add_option_function<int>(
      "--rate-per-second", [made](int rate) { made->grant.set_rate_per_second(rate); }, "Calls a second");
  create->add_option_function<int64_t>(
      "--daily-calls-max", [made](int64_t calls) { made->grant.set_daily_calls_max(calls); },
      "Calls a civil day");
  create->add_option("--request-id", made->request_id, "Repeating it returns the grant made before");
  create->add_flag("--submit", made->submit, "Submit it at once");
  create->callback(
      [&context, made] { context.action = [&context, made] { return CreateGrant(context, *made); }; });
}

}  // namespace

void AddGrantCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("grant", "Grants: who may have which fields for which purpose");
  group->require_subcommand(1);
  auto* list = group->add_subcommand("list", "Grants the caller may see");
  auto request = std::make_shared<v1::ListGrantsRequest>();
  auto state = std::make_shared<std::string>();
  list->add_option("--consumer", *request->mutable_consumer(), "Organisation or system");
  list->add_option("--resource", *request->mutable_resource(), "Resource code or name");
  list->add_option("--state", *state,
                   "draft, submitted, accepted, approved, rejected, active, suspended, revoked …");
  list->callback([&context, request, state] {
    context.action = [&context, request, state]() -> absl::Status {
      v1::GrantState wanted = v1::GRANT_STATE_UNSPECIFIED;
      if (!state->empty() && !v1::GrantState_Parse("GRANT_STATE_" + absl::AsciiStrToUpper(*state), &wanted)) {
        return BadField("STATE_UNKNOWN", "--state", "There is no such state of a grant.");
      }
      request->set_state(wanted);
      return ListGrants(context, *request);
    };
  });
  AddCreate(group, context);
  AddMoves(group, context);
}

}  // namespace zhanqiao::cli
