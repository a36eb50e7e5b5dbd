// What the ledger says was released and refused, of some days and as known at a position: from the index of a running hub,
// or from exported entries an auditor holds (exported_facts.h).
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "hub/ledger/index/index.h"
#include "hub/ledger/index/rollup.h"

namespace zhanqiao::oversight {

// Days whose facts count, both inclusive, as known at a ledger position (the entry at it included).
struct Period {
  absl::CivilDay from;
  absl::CivilDay to;
  uint64_t known_at = 0;
  friend bool operator==(const Period&, const Period&) = default;
};

// Thread-safe.
class Exchanges {
 public:
  virtual ~Exchanges() = default;
  // Tells sums of what was released and refused in `period`. The same cell may come more than once.
  virtual absl::Status Each(const Period& period, ledger::VisitRollup visit) const = 0;
};

// Days as roll-ups number them.
int32_t NumberOfDay(absl::CivilDay day);
absl::CivilDay DayOfNumber(int32_t number);

// From the roll-ups of the ledger's segments; of the day of the position itself, whose roll-up may go on after it, entry by
// entry. Thread-safe; what it is made of must outlive it.
class IndexedExchanges final : public Exchanges {
 public:
  IndexedExchanges(const ledger::Index& index, const ledger::Entries& entries) : index_(index), entries_(entries) {}
  // UNAVAILABLE / INDEX_BEHIND when the index does not reach the position within a few seconds.
  absl::Status Each(const Period& period, ledger::VisitRollup visit) const override;

 private:
  const ledger::Index& index_;
  const ledger::Entries& entries_;
};

}  // namespace zhanqiao::oversight
