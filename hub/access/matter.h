// What objections and demands have in common: a clock in working days, a typed ledger entry for every move,
// and notices in the same commit.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/commitment.h"
#include "catalog/base/ids.h"
#include "catalog/base/workdays.h"
#include "catalog/documents/document_store.h"
#include "hub/access/grant_clock.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {

// Working days of a matter: those since it began (the first day does not count), and those of them past its
// due date.
struct DayCount {
  int working_days = 0;
  int overdue_working_days = 0;
};
DayCount CountDays(const WorkCalendar& calendar, absl::CivilDay began, absl::CivilDay due,
                   absl::CivilDay until);

// The day a request counts to: `as_of`, or today when empty. INVALID_ARGUMENT / DATE_INVALID.
absl::StatusOr<absl::CivilDay> CountingDay(std::string_view as_of, absl::CivilDay today);

// ABORTED / ETAG_MISMATCH unless `etag` is empty or that of `version`.
absl::Status RequireCurrent(std::string_view etag, const documents::Version& version);

// INVALID_ARGUMENT / NAME_INVALID unless `name` is `prefix` and an id.
absl::Status CheckMatterName(std::string_view name, std::string_view prefix);

// Who moves a matter, why, and who is told.
struct MatterMove {
  std::string actor;
  std::string trace;
  std::string reason;
  uint64_t expected_revision = 0;
  std::vector<documents::Change> notices;
};

// The transaction that stores `change` with the entry `fill` makes for it: `fill` is given the entry and the
// commitment to the document.
documents::Transaction TransactionOf(
    documents::Change change, MatterMove move, Random& random,
    const std::function<void(v1::LedgerEntry& entry, std::string commitment)>& fill);

}  // namespace zhanqiao::access
