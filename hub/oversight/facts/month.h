// Months of reports: civil months, when their report is due and what days it covers (plan 三（三）: 每月底前).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace zhanqiao::oversight {

// "2018-06" and back. INVALID_ARGUMENT / MONTH_INVALID (fact: field `month`) unless it is a month in exactly that form.
std::string FormatMonth(absl::CivilMonth month);
absl::StatusOr<absl::CivilMonth> ParseMonth(std::string_view text);

// The last civil day of `month`: 28 or 29 February.
absl::CivilDay LastDayOf(absl::CivilMonth month);
// The day up to which a report that is due before its month is over covers it: `cut_off_day` (a policy row), or the last
// day of a month that is shorter.
absl::CivilDay CutOffOf(absl::CivilMonth month, int64_t cut_off_day);

}  // namespace zhanqiao::oversight
