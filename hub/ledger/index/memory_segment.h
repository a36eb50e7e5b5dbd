// The open segment: built in memory entry by entry, and turned into the bytes of a sealed one when it is
// full.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "hub/ledger/index/segment.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {

class MemorySegment final : public Segment {
 public:
  explicit MemorySegment(uint64_t number) : number_(number) {}

  // Takes in the next entry, as stored, with the value kept for it in Table::kSalts (empty: none).
  // DATA_LOSS / LEDGER_ENTRY_MALFORMED (fact: index) when it is no entry.
  absl::Status Append(std::string_view entry, std::string_view secret);

  uint64_t number() const override { return number_; }
  uint32_t count() const override;
  uint32_t CountOf(std::string_view term) const override;
  void AddTo(std::string_view term, Matches& out) const override;
  uint32_t FirstAt(uint64_t time_us) const override;
  void VisitRollups(VisitRollup visit) const override;

  // Takes a term out, as if no entry had it.
  void Drop(std::string_view term);

  // The sealed form of what it holds now (FORMAT.md). Equal entries give equal bytes.
  std::string Encode() const;

 private:
  const uint64_t number_;
  mutable absl::Mutex mu_;                      // makes taking in one entry one step
  v1::LedgerEntry entry_ ABSL_GUARDED_BY(mu_);  // parsed into again and again
  absl::flat_hash_map<std::string, std::vector<uint16_t>> postings_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> times_ ABSL_GUARDED_BY(mu_);
  Rollup rollup_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::ledger
