// zq resource submit, review, publish, withdraw, report-update.
#include <CLI/CLI.hpp>

#include "hub/cli/commands.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::CatalogService::Stub;

struct Move {
  std::string code;
  std::string reason;
  std::string date;
  bool approve = false;
  std::string send_back;
};
using MovePtr = std::shared_ptr<Move>;

template <typename Request>
absl::Status Call(Context& context, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Resource*),
                  Request request, const std::string& code) {
  Session session(context.options);
  request.set_name(ResourceArgument(code));
  PrintResource(context, TRY(session.Call(method, request)));
  return absl::OkStatus();
}

absl::Status Review(Context& context, const Move& move) {
  if (move.approve == !move.send_back.empty()) {
    return BadField("REVIEW_UNDECIDED", "--approve, --send-back", "Give one of the two.");
  }
  v1::ReviewResourceRequest request;
  request.set_approved(move.approve);
  request.set_comment(move.approve ? move.reason : move.send_back);
  return Call(context, &Stub::ReviewResource, request, move.code);
}

// A command on one entry.
CLI::App* Add(CLI::App& group, const char* name, const char* help, const MovePtr& move) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("code", move->code, "Resource code or name")->required();
  return command;
}

template <typename Request>
void AddPlain(CLI::App& group, Context& context, const char* name, const char* help, bool reason_required,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Resource*)) {
  auto move = std::make_shared<Move>();
  auto* command = Add(group, name, help, move);
  command->add_option("--reason", move->reason, "Why; kept in the history")->required(reason_required);
  command->callback([&context, move, method] {
    context.action = [&context, move, method] {
      Request request;
      request.set_reason(move->reason);
      return Call(context, method, request, move->code);
    };
  });
}

}  // namespace

void AddResourceStateCommands(CLI::App& group, Context& context) {
  AddPlain(group, context, "submit", "Hands a draft to the office for review", false, &Stub::SubmitResource);
  AddPlain(group, context, "publish", "Approves what was submitted, as review --approve does", false,
           &Stub::PublishResource);
  AddPlain(group, context, "withdraw", "Withdraws a published entry; its grants release nothing from then on", true,
           &Stub::WithdrawResource);

  auto move = std::make_shared<Move>();
  auto* review = Add(group, "review", "The office's review: publishes a submitted entry or sends it back", move);
  review->add_flag("--approve", move->approve, "Publish it");
  review->add_option("--send-back", move->send_back, "Back to draft: what is to be corrected");
  review->add_option("--reason", move->reason, "A comment on the approval");
  review->callback([&context, move] { context.action = [&context, move] { return Review(context, *move); }; });

  auto* report = Add(group, "report-update", "Notes that the provider has brought the data up to date", move);
  report->add_option("--date", move->date, "YYYY-MM-DD; today if left out");
  report->callback([&context, move] {
    context.action = [&context, move] {
      v1::ReportDataUpdateRequest request;
      request.set_data_update_date(move->date);
      return Call(context, &Stub::ReportDataUpdate, request, move->code);
    };
  });
}

}  // namespace zhanqiao::cli
