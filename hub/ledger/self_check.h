// The log verifies itself while it runs, a little at a time: an old entry or tile that was altered in the store is noticed
// within one round, not when somebody happens to export the log.
//
// Each step reads one full tile of level 0 with its 256 entries and compares upwards: entries with the tile, the tile with
// its element one level up, and so on to the head in memory. Rounds begin anew at entry 0 for ever. What it finds is for the
// operator's log and metrics; it stops nothing (the outside verifier decides what is proved).
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "hub/ledger/log.h"

namespace zhanqiao::ledger {

// Steps belong to one thread; the counts may be read from any.
class SelfCheck {
 public:
  explicit SelfCheck(const Log& log) : log_(log) {}  // which must outlive it

  // Checks the next tile (about a millisecond; nothing while the log holds no full one). DATA_LOSS / LEDGER_ENTRY_MISSING,
  // LEDGER_TILE_MISSING, LEDGER_ENTRY_ALTERED (fact: index) or LEDGER_TILE_ALTERED (fact: tile); the next step goes on
  // behind it. UNAVAILABLE when the store cannot be read just now: the next step tries the same tile.
  absl::Status Step();

  uint64_t tiles_checked() const { return checked_.load(std::memory_order_relaxed); }
  uint64_t problems_found() const { return problems_.load(std::memory_order_relaxed); }
  uint64_t rounds() const { return rounds_.load(std::memory_order_relaxed); }

 private:
  const Log& log_;
  uint64_t next_ = 0;  // number of the next tile
  std::atomic<uint64_t> checked_{0};
  std::atomic<uint64_t> problems_{0};
  std::atomic<uint64_t> rounds_{0};
};

}  // namespace zhanqiao::ledger
