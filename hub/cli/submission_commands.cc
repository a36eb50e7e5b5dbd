// zq submission: what the public says to the portal.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/portal.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::PortalService::Stub;

absl::Status Print(Context& context, const absl::StatusOr<v1::Submission>& answered) {
  const v1::Submission submission = TRY(answered);
  if (context.json()) {
    PrintJson(submission, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", submission.name());
  sheet.Add("kind", EnumText(v1::SubmissionKind_descriptor(), submission.kind()));
  sheet.Add("dataset", submission.dataset());
  sheet.Add("title", submission.title());
  sheet.Add("text", submission.text());
  sheet.Add("state", EnumText(v1::SubmissionState_descriptor(), submission.state()));
  sheet.Add("shown", submission.shown() ? "yes" : "no");
  sheet.Add("with", submission.organization());
  sheet.Add("answer", submission.answer());
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status List(Context& context, const v1::ListSubmissionsRequest& request) {
  Session session(context.options);
  const auto all = TRY(ListAll(session, &Stub::ListSubmissions, request, &v1::ListSubmissionsResponse::mutable_submissions));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"SUBMISSION", "KIND", "TITLE", "STATE", "SHOWN", "WITH"});
  for (const v1::Submission& one : all.submissions()) {
    table.Add({CodeIn(one.name()), EnumText(v1::SubmissionKind_descriptor(), one.kind()), one.title(),
               EnumText(v1::SubmissionState_descriptor(), one.state()), one.shown() ? "yes" : "no", CodeIn(one.organization())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddSubmissionCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("submission", "Feedback, corrections and requests of the public");
  group->require_subcommand(1);
  auto* list = group->add_subcommand("list", "Those one may see, oldest first");
  list->callback([&context] { context.action = [&context] { return List(context, {}); }; });

  auto moderation = std::make_shared<v1::ModerateSubmissionRequest>();
  auto body = std::make_shared<std::string>();
  auto* moderate = group->add_subcommand("moderate", "Decides whether a text is shown (office)");
  moderate->add_option("submission", *moderation->mutable_name(), "Name or id")->required();
  moderate->add_flag_callback("--show", [moderation] { moderation->set_shown(true); }, "The public may read it");
  moderate->add_flag_callback("--decline", [moderation] { moderation->set_declined(true); }, "It is not dealt with; needs --answer");
  moderate->add_option("--org", *body, "Body that is to answer");
  moderate->add_option("--answer", *moderation->mutable_answer(), "Why it is declined");
  moderate->callback([&context, moderation, body] {
    context.action = [&context, moderation, body] {
      moderation->set_name(MatterArgument("submissions", moderation->name()));
      if (!body->empty()) moderation->set_organization(OrganizationArgument(*body));
      return Print(context, Session(context.options).Call(&Stub::ModerateSubmission, *moderation));
    };
  });

  auto answer = std::make_shared<v1::AnswerSubmissionRequest>();
  auto* answering = group->add_subcommand("answer", "The answer the public sees");
  answering->add_option("submission", *answer->mutable_name(), "Name or id")->required();
  answering->add_option("--answer", *answer->mutable_answer(), "In words")->required();
  answering->callback([&context, answer] {
    context.action = [&context, answer] {
      answer->set_name(MatterArgument("submissions", answer->name()));
      return Print(context, Session(context.options).Call(&Stub::AnswerSubmission, *answer));
    };
  });
}

}  // namespace zhanqiao::cli
