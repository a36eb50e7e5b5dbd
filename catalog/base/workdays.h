// Working days in Asia/Shanghai: limits of the sharing rules are counted in them.
#pragma once

#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace zhanqiao {

// Weekdays, less public holidays, plus the weekend days the State Council swaps for working days. A value;
// const use is thread-safe.
class WorkCalendar {
 public:
  // Monday to Friday only.
  WorkCalendar() = default;

  // Exceptions as CSV: heading `date,kind,note`, one row per day, kind `holiday` or `workday`.
  // INVALID_ARGUMENT / CALENDAR_INVALID (facts: row, column) for anything else; a date may stand once.
  static absl::StatusOr<WorkCalendar> FromCsv(std::string_view csv);

  bool IsWorkday(absl::CivilDay day) const;

  // The last day of a limit of `days` working days: counting starts on the day after `from`.
  absl::CivilDay AddWorkdays(absl::CivilDay from, int days) const;

  // Working days after `from`, up to and including `to`; 0 when `to` is not after `from`.
  int WorkdaysBetween(absl::CivilDay from, absl::CivilDay to) const;

 private:
  absl::flat_hash_map<absl::CivilDay, bool> exceptions_;  // true: a working day
};

}  // namespace zhanqiao
