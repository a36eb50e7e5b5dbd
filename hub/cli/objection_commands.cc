// zq objection.
#include <CLI/CLI.hpp>

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/objection.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::ObjectionService::Stub;

std::string Named(std::string_view text) {
  return MatterArgument("objections", text);
}

absl::Status Print(Context& context, const absl::StatusOr<v1::Objection>& answered) {
  const v1::Objection objection = TRY(answered);
  if (context.json()) {
    PrintJson(objection, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", objection.name());
  sheet.Add("resource", objection.resource());
  sheet.Add("field", objection.field());
  sheet.Add("grant", objection.grant());
  sheet.Add("consumer", objection.consumer());
  sheet.Add("provider", objection.provider());
  sheet.Add("state", EnumText(v1::ObjectionState_descriptor(), objection.state()));
  sheet.Add("what is wrong", objection.description());
  sheet.Add("filed", TimeText(objection.file_time()));
  sheet.Add("due", objection.due_date());
  sheet.Add("working days",
            absl::StrCat(objection.working_days(),
                         objection.overdue_working_days() > 0
                             ? absl::StrCat(", ", objection.overdue_working_days(), " overdue")
                             : ""));
  sheet.Add("extended", objection.extension_reason());
  if (objection.verdict() != v1::OBJECTION_VERDICT_UNSPECIFIED)
    sheet.Add("verdict", EnumText(v1::ObjectionVerdict_descriptor(), objection.verdict()));
  sheet.Add("answer", objection.answer());
  for (const std::string& recipient : objection.recipients()) sheet.Add("recipient", recipient);
  if (!objection.recipients_known())
    sheet.Add("recipients", "not known: the record is not named by an ID number");
  sheet.Add("etag", objection.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status List(Context& context, const v1::ListObjectionsRequest& request) {
  Session session(context.options);
  const auto all =
      TRY(ListAll(session, &Stub::ListObjections, request, &v1::ListObjectionsResponse::mutable_objections));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"OBJECTION", "RESOURCE", "FIELD", "PROVIDER", "STATE", "DUE", "DAYS", "LATE"});
  for (const v1::Objection& one : all.objections()) {
    table.Add({CodeIn(one.name()), CodeIn(one.resource()), one.field(), CodeIn(one.provider()),
               EnumText(v1::ObjectionState_descriptor(), one.state()), one.due_date(),
               absl::StrCat(one.working_days()),
               one.overdue_working_days() > 0 ? absl::StrCat(one.overdue_working_days()) : ""});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

// Lines of the file whose key is the record's: computed here, so that no key leaves the provider.
absl::Status Find(Context& context, const std::string& name, const std::string& file) {
  Session session(context.options);
  v1::GetObjectionRequest request;
  request.set_name(Named(name));
  const v1::Objection objection = TRY(session.Call(&Stub::GetObjection, request));
  std::ifstream lines(file);
  if (!lines) {
    return Fail(absl::StatusCode::kNotFound, "FILE_NOT_READABLE", "The file of keys cannot be read.",
                {{"file", file}});
  }
  std::string found;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const absl::string_view key = absl::StripAsciiWhitespace(line);
    if (Bytes(HmacSha256(objection.record_salt(), Std(key))) != objection.record_commitment()) continue;
    absl::StrAppend(&found, found.empty() ? "" : ",", number);
  }
  if (found.empty()) {
    return Fail(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND", "No line of the file is the record's key.",
                {{"file", file}});
  }
  if (context.json()) {
    context.out << "{\"objection\":" << JsonText(objection.name()) << ",\"lines\":[" << found << "]}\n";
  } else {
    context.out << "line " << found << "\n";
  }
  return absl::OkStatus();
}

void AddReading(CLI::App& group, Context& context) {
  auto get = std::make_shared<v1::GetObjectionRequest>();
  auto* show = Add(group, context, "get", "One objection", [get](Context& c) {
    get->set_name(Named(get->name()));
    return Print(c, Session(c.options).Call(&Stub::GetObjection, *get));
  });
  show->add_option("objection", *get->mutable_name(), "Name or id")->required();
  show->add_option("--as-of", *get->mutable_as_of(), "YYYY-MM-DD to count days to; today if left out");

  auto list = std::make_shared<v1::ListObjectionsRequest>();
  auto* lists = Add(group, context, "list", "Objections one may see, oldest first", [list](Context& c) {
    if (!list->provider().empty()) list->set_provider(OrganizationArgument(list->provider()));
    if (!list->consumer().empty()) list->set_consumer(OrganizationArgument(list->consumer()));
    if (!list->resource().empty()) list->set_resource(ResourceArgument(list->resource()));
    return List(c, *list);
  });
  lists->add_flag_callback(
      "--overdue", [list] { list->set_overdue(true); }, "Only open ones past their due date");
  lists->add_option("--as-of", *list->mutable_as_of(), "YYYY-MM-DD; today if left out");
  lists->add_option("--provider", *list->mutable_provider(), "Code of the organisation that answers");
  lists->add_option("--consumer", *list->mutable_consumer(), "Code of the organisation that filed");
  lists->add_option("--resource", *list->mutable_resource(), "Resource code or name");

  auto name = std::make_shared<std::string>();
  auto keys = std::make_shared<std::string>();
  auto* find =
      Add(group, context, "find", "Which line of a file of keys is the record objected to; nothing is sent",
          [name, keys](Context& c) { return Find(c, *name, *keys); });
  find->add_option("objection", *name, "Name or id")->required();
  find->add_option("--keys", *keys, "File with one key a line")->required();
}

}  // namespace

void AddObjectionCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("objection", "Objections to records (疑义) and their answers");
  group->require_subcommand(1);
  AddReading(*group, context);

  auto file = std::make_shared<v1::FileObjectionRequest>();
  auto* filing =
      Add(*group, context, "file", "Objects to one 信息项 of a record received", [file](Context& c) {
        file->set_grant(GrantArgument(file->grant()));
        return Print(c, Session(c.options).Call(&Stub::FileObjection, *file));
      });
  filing->add_option("--grant", *file->mutable_grant(), "Grant the record came under")->required();
  filing->add_option("--field", *file->mutable_field(), "信息项 that seems wrong")->required();
  filing->add_option("--key-field", *file->mutable_key_field(), "信息项 that names the record")->required();
  filing->add_option("--key", *file->mutable_record_key(), "Its value; never stored")->required();
  filing
      ->add_option("--description", *file->mutable_description(),
                   "What seems wrong, without naming the record")
      ->required();
  filing->add_option("--request-id", *file->mutable_request_id(), "Makes a retry safe");

  auto extend = std::make_shared<v1::ExtendObjectionRequest>();
  auto* extending = Add(*group, context, "extend", "Takes more time, once", [extend](Context& c) {
    extend->set_name(Named(extend->name()));
    return Print(c, Session(c.options).Call(&Stub::ExtendObjection, *extend));
  });
  extending->add_option("objection", *extend->mutable_name(), "Name or id")->required();
  extending
      ->add_option_function<int>(
          "--days", [extend](int days) { extend->set_working_days(days); }, "Working days from filing")
      ->required();
  extending->add_option("--reason", *extend->mutable_reason(), "Why")->required();

  auto answer = std::make_shared<v1::AnswerObjectionRequest>();
  auto verdict = std::make_shared<std::string>();
  auto* answering =
      Add(*group, context, "answer", "The provider's answer", [answer, verdict](Context& c) -> absl::Status {
        answer->set_name(Named(answer->name()));
        answer->set_verdict(static_cast<v1::ObjectionVerdict>(TRY(
            EnumArgument(v1::ObjectionVerdict_descriptor(), "OBJECTION_VERDICT_", "--verdict", *verdict))));
        return Print(c, Session(c.options).Call(&Stub::AnswerObjection, *answer));
      });
  answering->add_option("objection", *answer->mutable_name(), "Name or id")->required();
  answering->add_option("--verdict", *verdict, "corrected, confirmed_right, not_held or passed_on")
      ->required();
  answering->add_option("--answer", *answer->mutable_answer(), "In words")->required();
  answering->add_option("--etag", *answer->mutable_etag(), "Of the version that was read");

  auto withdraw = std::make_shared<v1::WithdrawObjectionRequest>();
  auto* withdrawing =
      Add(*group, context, "withdraw", "Takes an open objection back", [withdraw](Context& c) {
        withdraw->set_name(Named(withdraw->name()));
        return Print(c, Session(c.options).Call(&Stub::WithdrawObjection, *withdraw));
      });
  withdrawing->add_option("objection", *withdraw->mutable_name(), "Name or id")->required();
  withdrawing->add_option("--reason", *withdraw->mutable_reason(), "Why")->required();
}

}  // namespace zhanqiao::cli
