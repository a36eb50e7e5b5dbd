#include "hub/oversight/facts/month.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao::oversight {

std::string FormatMonth(absl::CivilMonth month) { return FormatDay(absl::CivilDay(month)).substr(0, 7); }

absl::StatusOr<absl::CivilMonth> ParseMonth(std::string_view text) {
  const auto day = ParseDay(absl::StrCat(Absl(text), "-01"));
  if (text.size() != 7 || !day.ok()) {
    return BadField("MONTH_INVALID", "month", "Not a month; give it as YYYY-MM, for example 2018-06.");
  }
  return absl::CivilMonth(*day);
}

absl::CivilDay LastDayOf(absl::CivilMonth month) { return absl::CivilDay(month + 1) - 1; }

absl::CivilDay CutOffOf(absl::CivilMonth month, int64_t cut_off_day) {
  return std::min(absl::CivilDay(month) + (std::max<int64_t>(cut_off_day, 1) - 1), LastDayOf(month));
}

}  // namespace zhanqiao::oversight
