// Segments in a row, and questions over them: which entries meet every clause, walked in either direction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "hub/ledger/index/segment.h"

namespace zhanqiao::ledger {

// Entries that have at least one of these terms.
struct Clause {
  std::vector<std::string> any_of;  // keys of terms (terms.h)
};

struct IndexQuery {
  std::vector<Clause> all_of;            // none: every entry
  uint64_t from = 0;                     // first index
  std::optional<uint64_t> to;            // one past the last
  std::optional<uint64_t> from_time_us;  // at or after
  std::optional<uint64_t> to_time_us;    // before
  bool oldest_first = false;
};

// A value: what is indexed at one moment. Segments follow each other without gaps.
class SegmentSet {
 public:
  SegmentSet() = default;
  // `reached`: one past the last entry that counts, though the last segment may meanwhile hold more.
  SegmentSet(std::vector<std::shared_ptr<const Segment>> segments, uint64_t reached);

  // One past the last entry answers cover.
  uint64_t reached() const { return reached_; }
  // Index of the first entry: 0 but for archives that begin later.
  uint64_t begins() const { return segments_.empty() ? 0 : segments_.front()->first(); }

  // Calls `visit(index)` for the entries that match, in the order asked, until it returns false. `resume`:
  // where an earlier walk stopped, inclusive; nothing: from the end that comes first.
  void Walk(const IndexQuery& query, std::optional<uint64_t> resume,
            absl::FunctionRef<bool(uint64_t)> visit) const;
  // How many match.
  uint64_t Count(const IndexQuery& query) const;
  // Every roll-up cell of every segment; the same cell may come more than once.
  void VisitRollups(VisitRollup visit) const;

 private:
  // The matches of one segment within [low, high) of the log; nothing: none.
  std::optional<Matches> Evaluate(const Segment& segment, const IndexQuery& query, uint64_t low,
                                  uint64_t high) const;
  std::vector<std::shared_ptr<const Segment>> segments_;  // shared with the index that made them
  uint64_t reached_ = 0;
};

}  // namespace zhanqiao::ledger
