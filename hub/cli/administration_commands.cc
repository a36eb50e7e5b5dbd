// zq health, zq cert list, zq policy, zq holidays.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "zhanqiao/v1/administration.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AdministrationService::Stub;

std::string SizeText(uint64_t bytes) { return absl::StrCat(bytes >> 20, " MiB"); }

std::string StateWord(v1::CertificateState state) {
  return absl::AsciiStrToLower(absl::StripPrefix(v1::CertificateState_Name(state), "CERTIFICATE_STATE_"));
}

void Print(Context& context, const v1::SystemHealth& health) {
  Sheet sheet;
  sheet.Add("hub", health.serving() ? "serving" : absl::StrCat("not serving: ", health.reason()));
  sheet.Add("since", TimeText(health.start_time()));
  sheet.Add("ledger", absl::StrCat(health.entries(), " entries, ", health.signed_entries(), " signed, ", health.indexed_entries(), " indexed"));
  sheet.Add("checkpoint", health.checkpoint_problem());
  sheet.Add("self-check", absl::StrCat(health.checked_tiles(), " tiles, ", health.check_problems(), " problems"));
  const v1::ArchiveHealth& archives = health.archives();
  sheet.Add("archives", absl::StrCat(archives.files(), " files, ", SizeText(archives.bytes()), ", entries below ", archives.archived_entries(),
                                     archives.problem().empty() ? "" : absl::StrCat("; ", archives.problem())));
  const v1::SecondPlace& second = health.second_place();
  sheet.Add("second place", second.file().empty() ? "none" : absl::StrCat(second.file(), ": ", second.entries(), " entries, ", TimeText(second.modify_time()),
                                                                          second.same_disk() ? " (on the disk of the store)" : ""));
  for (const v1::Disk& disk : health.disks()) {
    sheet.Add("disk", absl::StrCat(SizeText(disk.free_bytes()), " of ", SizeText(disk.bytes()), " free: ", absl::StrJoin(disk.places(), ", ")));
  }
  for (const v1::OwnCertificate& one : health.own_certificates()) {
    sheet.Add("certificate", absl::StrCat(one.listener(), " ", one.use(), " ", one.subject(), " until ", TimeText(one.expire_time())));
  }
  context.out << sheet.Render();
}

absl::Status ShowHealth(Context& context) {
  Session session(context.options);
  const auto health = TRY(session.Call(&Stub::GetSystemHealth, v1::GetSystemHealthRequest()));
  if (context.json()) {
    PrintJson(health, context.out);
  } else {
    Print(context, health);
  }
  return absl::OkStatus();
}

absl::Status ListCertificates(Context& context, const v1::ListCertificatesRequest& request) {
  Session session(context.options);
  const auto listed = TRY(session.Call(&Stub::ListCertificates, request));
  if (context.json()) {
    PrintJson(listed, context.out);
    return absl::OkStatus();
  }
  Table table({"holder", "until", "days", "state", "last seen", "fingerprint"});
  for (const v1::Certificate& one : listed.certificates()) {
    const absl::string_view holder = absl::StripPrefix(one.subject(), "organizations/");
    table.Add({std::string(holder), TimeText(one.expire_time()).substr(0, 10), absl::StrCat(one.days_left()), StateWord(one.state()),
               TimeText(one.last_time()).substr(0, 10), one.fingerprint().substr(0, 12)});
  }
  context.out << table.Render() << listed.certificates_size() << " certificates\n";
  return absl::OkStatus();
}

absl::Status ListPolicy(Context& context, bool all) {
  Session session(context.options);
  const auto listed = TRY(session.Call(&Stub::ListPolicyRows, v1::ListPolicyRowsRequest()));
  if (context.json()) {
    PrintJson(listed, context.out);
    return absl::OkStatus();
  }
  Table table({"key", "value", "from", "to", "source"});
  for (const v1::PolicyTableRow& row : listed.rows()) {
    if (all || row.in_force()) table.Add({row.key(), absl::StrCat(row.value()), row.from_date(), row.to_date(), row.source()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status ListHolidays(Context& context, const std::string& year) {
  Session session(context.options);
  const auto calendar = TRY(session.Call(&Stub::GetHolidayCalendar, v1::GetHolidayCalendarRequest()));
  if (context.json()) {
    PrintJson(calendar, context.out);
    return absl::OkStatus();
  }
  Table table({"date", "kind", "note"});
  for (const v1::CalendarDay& day : calendar.days()) {
    if (day.date().rfind(year, 0) == 0) table.Add({day.date(), day.workday() ? "workday" : "holiday", day.note()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddCertificateList(CLI::App& group, Context& context) {
  auto* list = group.add_subcommand("list", "Client certificates the hub has met, those that end first before the others");
  auto request = std::make_shared<v1::ListCertificatesRequest>();
  auto code = std::make_shared<std::string>();
  list->add_option("organization", *code, "Code of the organisation; - for all; left out: one's own");
  auto current = std::make_shared<bool>(false);
  list->add_flag("--current", *current, "Leave out what is replaced, revoked or over");
  list->callback([&context, request, code, current] {
    request->set_current_only(*current);
    if (!code->empty()) request->set_parent(OrganizationArgument(*code));
    context.action = [&context, request] { return ListCertificates(context, *request); };
  });
}

void AddAdministrationCommands(CLI::App& app, Context& context) {
  auto* health = app.add_subcommand("health", "How the hub and its machine are (system administrator)");
  health->callback([&context] { context.action = [&context] { return ShowHealth(context); }; });
  auto* policy = app.add_subcommand("policy", "The numbers of the rules, as dated rows");
  auto all = std::make_shared<bool>(false);
  policy->add_flag("--all", *all, "Those of other days too");
  policy->callback([&context, all] { context.action = [&context, all] { return ListPolicy(context, *all); }; });
  auto* holidays = app.add_subcommand("holidays", "The days that are not as their weekday says");
  auto year = std::make_shared<std::string>();
  holidays->add_option("year", *year, "Only of this year, for example 2026");
  holidays->callback([&context, year] { context.action = [&context, year] { return ListHolidays(context, *year); }; });
}

}  // namespace zhanqiao::cli
