#include "hub/ledger/archive/retention.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

absl::Status BadRow(int line, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "RETENTION_INVALID",
              "The retention policy has a mistake at the named line.",
              {{"line", absl::StrCat(line)}, {"expected", std::string(expected)}});
}

}  // namespace

absl::StatusOr<RetentionPolicy> RetentionPolicy::FromCsv(std::string_view csv) {
  const CsvTable table = TRY(ParseCsv(csv));
  if (table.header != std::vector<std::string>{"effective_date", "entries_online_months", "source"}) {
    return BadRow(1, "effective_date,entries_online_months,source");
  }
  RetentionPolicy policy;
  for (const CsvRow& row : table.rows) {
    const auto day = ParseDay(row.cells[0]);
    int months = 0;
    if (!day.ok()) return BadRow(row.line, "a date YYYY-MM-DD");
    if (!absl::SimpleAtoi(row.cells[1], &months) || months < kOnlineMonthsMin || months > 1200) {
      return BadRow(row.line, "6 to 1200 months");
    }
    if (row.cells[2].empty()) return BadRow(row.line, "where the rule comes from");
    for (const Row& other : policy.rows_) {
      if (other.from == *day) return BadRow(row.line, "each date once");
    }
    policy.rows_.push_back({*day, months});
  }
  std::sort(policy.rows_.begin(), policy.rows_.end(),
            [](const Row& a, const Row& b) { return a.from < b.from; });
  return policy;
}

int RetentionPolicy::OnlineMonthsOn(absl::CivilDay day) const {
  int months = kOnlineMonthsDefault;
  for (const Row& row : rows_) {
    if (row.from <= day) months = row.months;
  }
  return months;
}

absl::CivilDay RetentionPolicy::KeptFrom(absl::CivilDay day) const {
  const absl::CivilMonth month = absl::CivilMonth(day) - OnlineMonthsOn(day);
  // The 31st of a shorter month becomes its last day.
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (day.day() - 1), last);
}

}  // namespace zhanqiao::ledger
