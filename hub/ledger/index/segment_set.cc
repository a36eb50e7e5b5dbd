#include "hub/ledger/index/segment_set.h"

#include <algorithm>
#include <utility>

namespace zhanqiao::ledger {

SegmentSet::SegmentSet(std::vector<std::shared_ptr<const Segment>> segments, uint64_t reached)
    : segments_(std::move(segments)), reached_(reached) {}

std::optional<Matches> SegmentSet::Evaluate(const Segment& segment, const IndexQuery& query, uint64_t low,
                                            uint64_t high) const {
  const uint64_t first = segment.first();
  const uint64_t end = std::min(first + segment.count(), high);
  auto from = static_cast<uint32_t>(std::max(low, first) - first);
  if (std::max(low, first) >= end) return std::nullopt;
  auto to = static_cast<uint32_t>(end - first);
  if (query.from_time_us) from = std::max(from, segment.FirstAt(*query.from_time_us));
  if (query.to_time_us) to = std::min(to, segment.FirstAt(*query.to_time_us));
  if (from >= to) return std::nullopt;
  // Rarest clause first: most segments are left at its count of zero, without a posting being read.
  std::vector<std::pair<uint64_t, const Clause*>> clauses;
  for (const Clause& clause : query.all_of) {
    uint64_t count = 0;
    for (const std::string& term : clause.any_of) count += segment.CountOf(term);
    if (count == 0) return std::nullopt;
    clauses.emplace_back(count, &clause);
  }
  std::sort(clauses.begin(), clauses.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Matches matches;
  matches.Fill(from, to);
  for (const auto& [count, clause] : clauses) {
    Matches of_clause;
    for (const std::string& term : clause->any_of) segment.AddTo(term, of_clause);
    matches.Keep(of_clause);
  }
  return matches;
}

void SegmentSet::Walk(const IndexQuery& query, std::optional<uint64_t> resume,
                      absl::FunctionRef<bool(uint64_t)> visit) const {
  uint64_t low = query.from;
  uint64_t high = std::min(query.to.value_or(reached_), reached_);
  if (resume && query.oldest_first) low = std::max(low, *resume);
  if (resume && !query.oldest_first) high = std::min(high, *resume + 1);
  for (size_t turn = 0; turn < segments_.size(); ++turn) {
    const Segment& segment = *segments_[query.oldest_first ? turn : segments_.size() - 1 - turn];
    const std::optional<Matches> matches = Evaluate(segment, query, low, high);
    if (!matches) continue;
    if (query.oldest_first) {
      for (int64_t at = matches->NextFrom(0); at >= 0;) {
        if (!visit(segment.first() + static_cast<uint64_t>(at))) return;
        at = at + 1 < static_cast<int64_t>(kSegmentEntries) ? matches->NextFrom(static_cast<uint32_t>(at + 1))
                                                            : -1;
      }
    } else {
      for (int64_t at = matches->LastBelow(kSegmentEntries); at >= 0;
           at = matches->LastBelow(static_cast<uint32_t>(at))) {
        if (!visit(segment.first() + static_cast<uint64_t>(at))) return;
      }
    }
  }
}

uint64_t SegmentSet::Count(const IndexQuery& query) const {
  const uint64_t high = std::min(query.to.value_or(reached_), reached_);
  uint64_t count = 0;
  for (const auto& segment : segments_) {
    const std::optional<Matches> matches = Evaluate(*segment, query, query.from, high);
    if (matches) count += matches->size();
  }
  return count;
}

void SegmentSet::VisitRollups(VisitRollup visit) const {
  for (const auto& segment : segments_) segment->VisitRollups(visit);
}

}  // namespace zhanqiao::ledger
