#include "catalog/base/workdays.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

absl::Status BadRow(int row, std::string_view column) {
  return Fail(absl::StatusCode::kInvalidArgument, "CALENDAR_INVALID",
              "A holiday calendar has the columns date (YYYY-MM-DD), kind (holiday or workday) and note, each date once.",
              {{"row", absl::StrCat(row)}, {"column", std::string(column)}});
}

}  // namespace

absl::StatusOr<WorkCalendar> WorkCalendar::FromCsv(std::string_view csv) {
  WorkCalendar calendar;
  int row = 0;
  for (absl::string_view line : absl::StrSplit(Absl(csv), '\n')) {
    ++row;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (row == 1) {
      if (line != "date,kind,note") return BadRow(row, "date");
      continue;
    }
    if (line.empty()) continue;
    const std::vector<absl::string_view> cells = absl::StrSplit(line, absl::MaxSplits(',', 2));
    const auto day = ParseDay(Std(cells[0]));
    if (!day.ok()) return BadRow(row, "date");
    if (cells.size() != 3 || (cells[1] != "holiday" && cells[1] != "workday")) return BadRow(row, "kind");
    if (!calendar.exceptions_.emplace(*day, cells[1] == "workday").second) return BadRow(row, "date");
  }
  return calendar;
}

bool WorkCalendar::IsWorkday(absl::CivilDay day) const {
  const auto exception = exceptions_.find(day);
  if (exception != exceptions_.end()) return exception->second;
  const auto weekday = absl::GetWeekday(day);
  return weekday != absl::Weekday::saturday && weekday != absl::Weekday::sunday;
}

absl::CivilDay WorkCalendar::AddWorkdays(absl::CivilDay from, int days) const {
  while (days > 0) {
    ++from;
    if (IsWorkday(from)) --days;
  }
  return from;
}

int WorkCalendar::WorkdaysBetween(absl::CivilDay from, absl::CivilDay to) const {
  int days = 0;
  for (absl::CivilDay day = from + 1; day <= to; ++day) days += IsWorkday(day);
  return days;
}

}  // namespace zhanqiao
