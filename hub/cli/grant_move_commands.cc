// zq grant: the verbs that move an application and a grant.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/grant_text.h"
#include "hub/cli/output.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccessService::Stub;

// What the moving commands are told.
struct Move {
  std::string name;
  std::string reason;
  std::string etag;
  std::string request_id;
  bool reject = false;
  v1::GrantTerms terms;
  std::vector<std::string> fields;      // of the terms
  std::vector<std::string> conditions;  // of the terms
  std::string answers;                  // file
};

absl::Status Nothing(const Move&, google::protobuf::Message&) { return absl::OkStatus(); }

// Makes a command that moves a grant by one call. `fill` sets what the request has beyond the name.
template <typename Request, typename Fill>
void AddMove(CLI::App& group, Context& context, const char* verb, const char* help,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Grant*),
             void (*options)(CLI::App&, Move&), Fill fill) {
  auto* command = group.add_subcommand(verb, help);
  auto move = std::make_shared<Move>();
  command->add_option("grant", move->name, "grants/{id} or id")->required();
  if constexpr (requires(Request request) { request.set_request_id(""); }) {
    command->add_option("--etag", move->etag, "Refuse if the grant is another version than this");
    command->add_option("--request-id", move->request_id, "Repeating it says the verb once");
  }
  options(*command, *move);
  command->callback([&context, move, method, fill] {
    context.action = [&context, move, method, fill]() -> absl::Status {
      Request request;
      request.set_name(GrantArgument(move->name));
      if constexpr (requires { request.set_request_id(""); }) {
        request.set_etag(move->etag);
        request.set_request_id(move->request_id);
      }
      TRY(fill(*move, request));
      Session session(context.options);
      PrintGrant(context, TRY(session.Call(method, request)));
      return absl::OkStatus();
    };
  });
}

void NoOptions(CLI::App&, Move&) {}
void ReasonOption(CLI::App& command, Move& move) {
  command.add_option("--reason", move.reason, "Why; kept in the ledger")->required();
}
void OptionalReason(CLI::App& command, Move& move) { command.add_option("--reason", move.reason, "Why"); }
void DecisionOptions(CLI::App& command, Move& move) {
  command.add_flag("--reject", move.reject, "Reject instead of approve");
  command.add_option("--reason", move.reason, "Why; required for a rejection");
}
void ProposalOptions(CLI::App& command, Move& move) {
  DecisionOptions(command, move);
  v1::GrantTerms& terms = move.terms;
  command.add_option("--field", move.fields, "Grant only these: field, or field:mask; may be repeated");
  command.add_option("--only-rows", move.conditions, "Further condition field=value; may be repeated");
  command.add_option("--start-date", *terms.mutable_start_date(), "A later first day, YYYY-MM-DD");
  command.add_option("--end-date", *terms.mutable_end_date(), "An earlier last day, YYYY-MM-DD");
  command.add_option_function<int>("--rate-per-second", [&terms](int rate) { terms.set_rate_per_second(rate); }, "Fewer calls a second");
  const auto limit = [&](const char* option, void (v1::GrantTerms::*set)(int64_t), const char* help) {
    command.add_option_function<int64_t>(option, [&terms, set](int64_t max) { (terms.*set)(max); }, help);
  };
  limit("--daily-calls-max", &v1::GrantTerms::set_daily_calls_max, "Fewer calls a civil day");
  limit("--daily-rows-max", &v1::GrantTerms::set_daily_rows_max, "Fewer rows a civil day");
  limit("--daily-bytes-max", &v1::GrantTerms::set_daily_bytes_max, "Fewer bytes a civil day");
  limit("--daily-persons-max", &v1::GrantTerms::set_daily_persons_max, "Fewer persons a civil day");
  command.add_option_function<int>("--weight", [&terms](int weight) { terms.set_weight(weight); },
                                   "Share where several wait for one connector, 1 to 100");
}
void AssessmentOptions(CLI::App& command, Move& move) {
  command.add_option("--answers", move.answers, "CSV question,value,mitigation; questions: zq grant questions")->required();
  command.add_option("--conclusion", move.reason, "What it comes to")->required();
}

template <typename Request>
absl::Status FillReason(const Move& move, Request& request) {
  request.set_reason(move.reason);
  return absl::OkStatus();
}
absl::Status FillDecision(const Move& move, v1::DecideGrantRequest& request) {
  request.set_approve(!move.reject);
  request.set_reason(move.reason);
  return absl::OkStatus();
}
absl::Status FillProposal(const Move& move, v1::ProposeGrantDecisionRequest& request) {
  request.set_approve(!move.reject);
  request.set_reason(move.reason);
  v1::GrantTerms terms = move.terms;
  for (const std::string& text : move.fields) *terms.add_fields() = TRY(FieldOf(text));
  for (const std::string& text : move.conditions) *terms.add_row_conditions() = TRY(ConditionOf(text));
  if (terms.ByteSizeLong() > 0) *request.mutable_terms() = std::move(terms);
  return absl::OkStatus();
}
absl::Status FillAssessment(const Move& move, v1::AssessGrantRequest& request) {
  const std::string csv = TRY(ReadFile(move.answers));
  *request.mutable_answers() = TRY(AnswersOf(csv));
  request.set_conclusion(move.reason);
  return absl::OkStatus();
}

absl::Status ListQuestions(Context& context) {
  Session session(context.options);
  const auto response = TRY(session.Call(&Stub::ListRiskQuestions, v1::ListRiskQuestionsRequest()));
  if (context.json()) {
    PrintJson(response, context.out);
    return absl::OkStatus();
  }
  Table table({"QUESTION", "ABOUT", "WEIGHT", "CRITICAL", "TEXT"});
  for (const auto& one : response.questions()) {
    table.Add({one.id(), one.dimension(), absl::StrCat(one.weight()), one.critical() ? "yes" : "", one.question()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddGrantMoves(CLI::App& group, Context& context) {
  AddMove(group, context, "get", "One grant", &Stub::GetGrant, NoOptions, Nothing);
  AddMove(group, context, "submit", "Submits a draft; unconditional resources: active at once", &Stub::SubmitGrant, NoOptions, Nothing);
  AddMove(group, context, "accept", "The provider takes the application up", &Stub::AcceptGrant, NoOptions, Nothing);
  AddMove(group, context, "assess", "Writes down the sharing risk assessment", &Stub::AssessGrant, AssessmentOptions, FillAssessment);
  AddMove(group, context, "propose", "Proposes approval, in full or in part, or rejection", &Stub::ProposeGrantDecision,
          ProposalOptions, FillProposal);
  AddMove(group, context, "decide", "Decides as proposed, by another person", &Stub::DecideGrant, DecisionOptions, FillDecision);
  AddMove(group, context, "escalate", "Brings a rejection before the same-level authority", &Stub::EscalateGrant, ReasonOption,
          FillReason<v1::EscalateGrantRequest>);
  AddMove(group, context, "suspend", "Suspends a grant", &Stub::SuspendGrant, ReasonOption, FillReason<v1::SuspendGrantRequest>);
  AddMove(group, context, "resume", "Resumes a suspended grant", &Stub::ResumeGrant, OptionalReason, FillReason<v1::ResumeGrantRequest>);
  AddMove(group, context, "revoke", "Ends a grant for ever", &Stub::RevokeGrant, ReasonOption, FillReason<v1::RevokeGrantRequest>);
  auto* questions = group.add_subcommand("questions", "The checklist of the sharing risk assessment");
  questions->callback([&context] { context.action = [&context] { return ListQuestions(context); }; });
}

}  // namespace zhanqiao::cli
