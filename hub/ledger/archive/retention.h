// How long entries stay online: dated rows of a policy table, so that a change of the rule has a date and a
// source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace zhanqiao::ledger {

inline constexpr int kOnlineMonthsDefault = 36;
// 网络安全法 (2016-11-07) Art. 21 (3): network logs are kept for no less than six months.
inline constexpr int kOnlineMonthsMin = 6;

// A value: from which day how many months entries stay in the store. Checkpoints and archives stay for ever.
class RetentionPolicy {
 public:
  // 36 months, at all times.
  RetentionPolicy() = default;
  // CSV with the header `effective_date,entries_online_months,source`, rows in any order.
  // INVALID_ARGUMENT / RETENTION_INVALID (facts: line, expected) for a row that is not in its form, less than
  // six months, a missing source or a date twice.
  static absl::StatusOr<RetentionPolicy> FromCsv(std::string_view csv);
  // Months that hold on `day`; the default before the first row.
  int OnlineMonthsOn(absl::CivilDay day) const;
  // Entries of a day before this one may leave the store on `day`.
  absl::CivilDay KeptFrom(absl::CivilDay day) const;

 private:
  struct Row {
    absl::CivilDay from;
    int months;
  };
  std::vector<Row> rows_;  // by date
};

}  // namespace zhanqiao::ledger
