// The numbers the rules give, as dated rows: how many days, tries, hours hold on a civil day, and by which rule. A rule
// that changes is a new row with its date; what was counted under the old one stays so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

namespace zhanqiao {

// One row: `value` holds for `key` from one day to another.
struct PolicyRow {
  int64_t value = 0;
  absl::CivilDay from;                // inclusive
  std::optional<absl::CivilDay> to;   // inclusive; nothing: until further notice
  std::string source;                 // the rule it comes from
};

// A table of dated rows over the built-in ones. A value; const use is thread-safe.
class Policy {
 public:
  // The built-in rows alone (policy.cc): the rules of the State Council and the design's own limits.
  Policy();

  // Rows as CSV with the heading `key,value,from,to,variant,source`; dates YYYY-MM-DD inclusive, `to` may be empty. A
  // row with a variant counts only when `variant` names it, and then stands in place of the rows without one for the
  // same key. The keys of the file replace the built-in rows of the same key; the others keep theirs.
  // INVALID_ARGUMENT / POLICY_INVALID (facts: row = line of the file, column, expected) for a wrong cell, an unknown
  // key, rows of one key that overlap, and a variant no row has.
  static absl::StatusOr<Policy> FromCsv(std::string_view csv, std::string_view variant = "");

  // The row of `key` that holds on `day`. FAILED_PRECONDITION / POLICY_MISSING (facts: key, date) when none does.
  absl::StatusOr<PolicyRow> RowAt(std::string_view key, absl::CivilDay day) const;
  // Its value.
  absl::StatusOr<int64_t> At(std::string_view key, absl::CivilDay day) const;

  // Every key, in order, with its rows by date.
  std::vector<std::pair<std::string, std::vector<PolicyRow>>> All() const;

 private:
  using Rows = absl::flat_hash_map<std::string, std::vector<PolicyRow>>;  // by date
  static absl::StatusOr<Rows> Read(std::string_view csv, std::string_view variant, const Rows* known);
  Rows rows_;
};

}  // namespace zhanqiao
