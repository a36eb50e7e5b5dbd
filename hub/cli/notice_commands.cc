// zq notice.
#include <CLI/CLI.hpp>

#include <map>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/notice.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::NoticeService::Stub;

struct Question {
  std::string organization;
  std::string kind;
  std::string name;
  bool unread = false;
};

std::string FactsText(const v1::Notice& notice) {
  const std::map<std::string, std::string> sorted(notice.facts().begin(), notice.facts().end());
  std::string text;
  for (const auto& [name, value] : sorted) {
    if (!value.empty()) absl::StrAppend(&text, text.empty() ? "" : "; ", name, "=", value);
  }
  return text;
}

void Print(Context& context, const v1::Notice& notice) {
  Sheet sheet;
  sheet.Add("notice", notice.name());
  sheet.Add("kind", notice.kind());
  sheet.Add("subject", notice.subject());
  sheet.Add("facts", FactsText(notice));
  sheet.Add("time", TimeText(notice.create_time()));
  if (notice.has_read_time()) sheet.Add("read", absl::StrCat(TimeText(notice.read_time()), " ", notice.reader()));
  context.out << sheet.Render() << "\n";
}

absl::Status ListNotices(Context& context, const Question& question) {
  Session session(context.options);
  v1::ListNoticesRequest request;
  request.set_parent(OrganizationArgument(question.organization));
  request.set_unread_only(question.unread);
  request.set_kind(question.kind);
  const auto all = TRY(ListAll(session, &Stub::ListNotices, request, &v1::ListNoticesResponse::mutable_notices));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  for (const auto& notice : all.notices()) Print(context, notice);
  context.out << all.notices_size() << " notices\n";
  return absl::OkStatus();
}

absl::Status MarkRead(Context& context, const Question& question) {
  Session session(context.options);
  v1::MarkNoticeReadRequest request;
  request.set_name(question.name);
  const auto notice = TRY(session.Call(&Stub::MarkNoticeRead, request));
  if (context.json()) {
    PrintJson(notice, context.out);
  } else {
    Print(context, notice);
  }
  return absl::OkStatus();
}

}  // namespace

void AddNoticeCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("notice", "What the hub tells an organisation");
  group->require_subcommand(1);
  auto question = std::make_shared<Question>();
  auto* list = group->add_subcommand("list", "Notices of an organisation, oldest first");
  list->add_option("organization", question->organization, "Code of the organisation; - for all (office)")->required();
  list->add_flag("--unread", question->unread, "Only those nobody has read");
  list->add_option("--kind", question->kind, "Only of this kind, for example RESOURCE_SCHEMA_CHANGED");
  list->callback(
      [&context, question] { context.action = [&context, question] { return ListNotices(context, *question); }; });
  auto* read = group->add_subcommand("read", "Notes that a notice was read");
  read->add_option("name", question->name, "organizations/{code}/notices/{id}")->required();
  read->callback(
      [&context, question] { context.action = [&context, question] { return MarkRead(context, *question); }; });
}

}  // namespace zhanqiao::cli
