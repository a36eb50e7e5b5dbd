// A segment of the log as questions see it: 65,536 entries (the last one fewer), the terms they are found by,
// their times, and their roll-up. The open one lies in memory (memory_segment.h), sealed ones in files
// (sealed_segment.h).
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "hub/ledger/index/rollup.h"

namespace zhanqiao::ledger {

inline constexpr uint64_t kSegmentEntries = 65'536;

// A set of entries of one segment, by their place in it. A value.
class Matches {
 public:
  void Add(uint32_t place) { words_[place / 64] |= uint64_t{1} << (place % 64); }
  void AddWord(size_t word, uint64_t bits) { words_[word] |= bits; }
  void Keep(const Matches& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  // All of [from, to).
  void Fill(uint32_t from, uint32_t to) {
    for (uint32_t place = from; place < to;) {
      if (place % 64 == 0 && to - place >= 64) {
        words_[place / 64] = ~uint64_t{0};
        place += 64;
      } else {
        Add(place++);
      }
    }
  }
  size_t size() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  // The first member at or after `place`, the last one before it; -1: none.
  int64_t NextFrom(uint32_t place) const;
  int64_t LastBelow(uint32_t place) const;

 private:
  std::vector<uint64_t> words_ = std::vector<uint64_t>(kSegmentEntries / 64);
};

// Thread-safe.
class Segment {
 public:
  virtual ~Segment() = default;
  virtual uint64_t number() const = 0;
  uint64_t first() const { return number() * kSegmentEntries; }
  // Entries it holds so far.
  virtual uint32_t count() const = 0;
  // In how many of them `term` (terms.h) stands. Cheap: asked to choose where to begin.
  virtual uint32_t CountOf(std::string_view term) const = 0;
  // Adds those entries to `out`.
  virtual void AddTo(std::string_view term, Matches& out) const = 0;
  // The place of the first entry at or after `time_us`; count() if there is none.
  virtual uint32_t FirstAt(uint64_t time_us) const = 0;
  virtual void VisitRollups(VisitRollup visit) const = 0;
};

}  // namespace zhanqiao::ledger
