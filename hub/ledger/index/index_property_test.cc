// The index against a naive scan: random entries, random questions, both directions, memory and file alike.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "catalog/base/error.h"
#include "hub/ledger/index/memory_segment.h"
#include "hub/ledger/index/random_entries.h"
#include "hub/ledger/index/sealed_segment.h"
#include "hub/ledger/index/segment_set.h"

namespace zhanqiao::ledger {
namespace {

constexpr uint64_t kStart = 1'795'000'000'000'000;

struct Known {
  v1::LedgerEntry entry;
  std::set<std::string> terms;
};

// Two segments, the second not full, and everything in them once more in plain form.
class Naive {
 public:
  explicit Naive(uint64_t seed)
      : entries_(seed, {.organizations = 5,
                        .systems = 9,
                        .resources = 11,
                        .grants = 40,
                        .persons = 50,
                        .refused_percent = 30,
                        .other_percent = 10}),
        random_(seed) {
    uint64_t time = kStart;
    for (uint64_t index = 0; index < kSegmentEntries + 3000; ++index) {
      if (index % kSegmentEntries == 0)
        memory_.push_back(std::make_shared<MemorySegment>(index / kSegmentEntries));
      const storage::LogRecord record = entries_.Next();
      Known known;
      known.entry.ParseFromString(record.body);
      time += random_() % 3 == 0 ? 0 : random_() % 100'000'000;
      known.entry.set_time_us(time);
      TermsOf(known.entry,
              [&](IndexField field, std::string_view value) { known.terms.insert(Term(field, value)); });
      for (const auto& token : SubjectsIn(record.secret)) known.terms.insert(Term(IndexField::kSubject, token));
      EXPECT_TRUE(memory_.back()->Append(known.entry.SerializeAsString(), record.secret).ok());
      known_.push_back(std::move(known));
    }
  }

  SegmentSet InMemory() const { return {{memory_.begin(), memory_.end()}, known_.size()}; }
  SegmentSet InFiles() const {
    std::vector<std::shared_ptr<const Segment>> segments;
    for (const auto& segment : memory_) {
      segments.push_back(SealedSegment::FromBytes(segment->Encode(), segment->number()).value());
    }
    return {std::move(segments), known_.size()};
  }

  // A term some entry has, or (rarely) none.
  std::string SomeTerm() {
    const auto& terms = known_[random_() % known_.size()].terms;
    auto at = terms.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_() % terms.size()));
    return random_() % 20 == 0 ? *at + "?" : *at;
  }
  IndexQuery SomeQuery() {
    IndexQuery query;
    for (uint64_t clauses = random_() % 4; clauses > 0; --clauses) {
      Clause clause;
      for (uint64_t terms = 1 + random_() % 3; terms > 0; --terms) clause.any_of.push_back(SomeTerm());
      query.all_of.push_back(std::move(clause));
    }
    if (random_() % 2 == 0) query.from = random_() % known_.size();
    if (random_() % 2 == 0) query.to = random_() % (known_.size() + 10);
    if (random_() % 2 == 0) query.from_time_us = SomeTime();
    if (random_() % 2 == 0) query.to_time_us = SomeTime();
    query.oldest_first = random_() % 2 == 0;
    return query;
  }
  std::vector<uint64_t> Scan(const IndexQuery& query) const {
    std::vector<uint64_t> found;
    for (uint64_t index = query.from;
         index < std::min<uint64_t>(query.to.value_or(known_.size()), known_.size()); ++index) {
      const Known& known = known_[index];
      const bool met = std::all_of(query.all_of.begin(), query.all_of.end(), [&](const Clause& clause) {
        return std::any_of(clause.any_of.begin(), clause.any_of.end(),
                           [&](const std::string& term) { return known.terms.contains(term); });
      });
      if (!met || known.entry.time_us() < query.from_time_us.value_or(0)) continue;
      if (query.to_time_us && known.entry.time_us() >= *query.to_time_us) continue;
      found.push_back(index);
    }
    if (!query.oldest_first) std::reverse(found.begin(), found.end());
    return found;
  }
  Rollup Summed() const {
    Rollup rollup;
    for (const Known& known : known_) AddToRollup(known.entry, rollup);
    return rollup;
  }
  uint64_t Draw() { return random_(); }

 private:
  uint64_t SomeTime() {
    const uint64_t time = known_[random_() % known_.size()].entry.time_us();
    return time + random_() % 3 - 1;
  }
  RandomEntries entries_;
  std::mt19937_64 random_;
  std::vector<std::shared_ptr<MemorySegment>> memory_;
  std::vector<Known> known_;
};

std::vector<uint64_t> Walked(const SegmentSet& set, const IndexQuery& query,
                             std::optional<uint64_t> resume = {}) {
  std::vector<uint64_t> found;
  set.Walk(query, resume, [&](uint64_t index) {
    found.push_back(index);
    return true;
  });
  return found;
}

TEST(IndexPropertyTest, EveryAnswerIsThatOfANaiveScanInMemoryAndInFiles) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Naive naive(seed);
  const SegmentSet memory = naive.InMemory();
  const SegmentSet files = naive.InFiles();
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const IndexQuery query = naive.SomeQuery();
    const std::vector<uint64_t> expected = naive.Scan(query);
    ASSERT_EQ(Walked(memory, query), expected);
    ASSERT_EQ(Walked(files, query), expected);
    ASSERT_EQ(files.Count(query), expected.size());
    if (expected.empty()) continue;
    // A walk that goes on where another stopped gives the rest.
    const size_t stop = naive.Draw() % expected.size();
    const std::vector<uint64_t> rest(expected.begin() + static_cast<std::ptrdiff_t>(stop), expected.end());
    ASSERT_EQ(Walked(files, query, expected[stop]), rest);
  }
}

TEST(IndexPropertyTest, RollUpsOfSegmentsSumToThoseOfTheWholeLog) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  const Naive naive(seed);
  Rollup summed;
  naive.InFiles().VisitRollups(
      [&](const RollupCell& cell, const RollupSums& sums) { summed[cell].Add(sums); });
  const Rollup expected = naive.Summed();
  ASSERT_EQ(summed.size(), expected.size());
  for (const auto& [cell, sums] : expected) {
    EXPECT_EQ(summed[cell].count, sums.count);
    EXPECT_EQ(summed[cell].rows, sums.rows);
    EXPECT_EQ(summed[cell].bytes, sums.bytes);
  }
}

TEST(IndexPropertyTest, EveryByteOfAFileThatIsAlteredIsFound) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  RandomEntries entries(seed);
  MemorySegment segment(3);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(segment.Append(entries.Next().body, {}).ok());
  const std::string bytes = segment.Encode();
  ASSERT_TRUE(SealedSegment::FromBytes(bytes, 3).ok());
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ 0x10);
    ASSERT_EQ(ReasonOf(SealedSegment::FromBytes(altered, 3).status()), "INDEX_DAMAGED") << "byte " << at;
  }
}

}  // namespace
}  // namespace zhanqiao::ledger
