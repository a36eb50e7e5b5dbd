// zq alarm: what of the use of sharing is out of the ordinary.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/alarm.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AlarmService::Stub;

absl::Status Print(Context& context, const absl::StatusOr<v1::Alarm>& answered) {
  const v1::Alarm alarm = TRY(answered);
  if (context.json()) {
    PrintJson(alarm, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("告警 alarm", alarm.name());
  sheet.Add("kind", EnumText(v1::AlarmKind_descriptor(), alarm.kind()));
  sheet.Add("date", alarm.date());
  sheet.Add("system", alarm.consumer());
  sheet.Add("resource", alarm.resource());
  sheet.Add("counted", absl::StrCat(alarm.value(), ", threshold ", alarm.threshold(), " (", alarm.policy_key(), ")"));
  sheet.Add("what", alarm.description());
  std::string entries;
  for (const uint64_t index : alarm.entries()) absl::StrAppend(&entries, entries.empty() ? "" : " ", index);
  sheet.Add("entries", alarm.entries_count() > alarm.entries_size() ? absl::StrCat(entries, " … of ", alarm.entries_count()) : entries);
  sheet.Add("state", EnumText(v1::AlarmState_descriptor(), alarm.state()));
  sheet.Add("finding", alarm.finding());
  sheet.Add("etag", alarm.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

template <typename Alarms>
void PrintTable(const Alarms& alarms, std::ostream& out) {
  Table table({"ALARM", "KIND", "SYSTEM", "COUNTED", "THRESHOLD", "ENTRIES", "STATE"});
  for (const v1::Alarm& alarm : alarms) {
    table.Add({CodeIn(alarm.name()), EnumText(v1::AlarmKind_descriptor(), alarm.kind()), CodeIn(alarm.consumer()),
               absl::StrCat(alarm.value()), absl::StrCat(alarm.threshold()), absl::StrCat(alarm.entries_count()),
               EnumText(v1::AlarmState_descriptor(), alarm.state())});
  }
  out << table.Render();
}

}  // namespace

void AddAlarmCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("alarm", "What of the use of sharing is out of the ordinary (告警)");
  group->require_subcommand(1);

  auto list = std::make_shared<v1::ListAlarmsRequest>();
  auto kind = std::make_shared<std::string>();
  auto* lists = Add(*group, context, "list", "Alarms by date", [list, kind](Context& c) -> absl::Status {
    if (!kind->empty()) {
      list->set_kind(static_cast<v1::AlarmKind>(TRY(EnumArgument(v1::AlarmKind_descriptor(), "ALARM_KIND_", "--kind", *kind))));
    }
    Session session(c.options);
    const auto all = TRY(ListAll(session, &Stub::ListAlarms, *list, &v1::ListAlarmsResponse::mutable_alarms));
    if (c.json()) {
      PrintJson(all, c.out);
    } else {
      PrintTable(all.alarms(), c.out);
    }
    return absl::OkStatus();
  });
  lists->add_option("--from", *list->mutable_from_date(), "YYYY-MM-DD");
  lists->add_option("--to", *list->mutable_to_date(), "YYYY-MM-DD");
  lists->add_option("--kind", *kind, "volume, night_use, sequential, empty_hits or many_lookers");
  lists->add_flag_callback("--open", [list] { list->set_state(v1::ALARM_STATE_OPEN); }, "Only open ones");

  auto get = std::make_shared<v1::GetAlarmRequest>();
  auto* show = Add(*group, context, "show", "One alarm with its ledger entries", [get](Context& c) {
    get->set_name(MatterArgument("alarms", get->name()));
    return Print(c, Session(c.options).Call(&Stub::GetAlarm, *get));
  });
  show->add_option("alarm", *get->mutable_name(), "Name or id")->required();

  auto scan = std::make_shared<v1::ScanDayRequest>();
  auto* scans = Add(*group, context, "scan", "Look at a day again", [scan](Context& c) -> absl::Status {
    const auto found = TRY(Session(c.options).Call(&Stub::ScanDay, *scan));
    if (c.json()) {
      PrintWholeJson(found, c.out);
      return absl::OkStatus();
    }
    PrintTable(found.alarms(), c.out);
    c.out << found.alarms_size() << " alarms, " << found.created() << " of them new\n";
    return absl::OkStatus();
  });
  scans->add_option("--date", *scan->mutable_date(), "YYYY-MM-DD")->required();

  auto close = std::make_shared<v1::CloseAlarmRequest>();
  auto* closes = Add(*group, context, "close", "Close an alarm with what was found out", [close](Context& c) {
    close->set_name(MatterArgument("alarms", close->name()));
    return Print(c, Session(c.options).Call(&Stub::CloseAlarm, *close));
  });
  closes->add_option("alarm", *close->mutable_name(), "Name or id")->required();
  closes->add_option("--finding", *close->mutable_finding(), "What was found out")->required();
}

}  // namespace zhanqiao::cli
