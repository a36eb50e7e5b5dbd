#include "hub/ledger/index/index.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "hub/ledger/index/random_entries.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteAll(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A log with its index; entries are drawn from a seed.
class IndexTest : public testing::Test {
 protected:
  void Grow(uint64_t size) {
    while (hub_.log().head()->size() < size) {
      std::vector<storage::LogRecord> records;
      for (uint64_t i = hub_.log().head()->size(); i < size && records.size() < 1000; ++i) {
        records.push_back(entries_.Next());
      }
      hub_.clock().Advance(absl::Milliseconds(20));
      ASSERT_TRUE(hub_.Commit(std::move(records)));
    }
  }
  void Open() { index_ = Index::Start(hub_.log(), source_, {directory(), absl::Milliseconds(1)}).value(); }
  SegmentSet All() { return index_->Snapshot(absl::Now() + absl::Seconds(60)); }
  fs::path directory() const { return files_.path() / "index"; }
  fs::path File(uint64_t number) const { return directory() / SegmentFile(number, kIndexExtension); }
  static uint64_t CountOf(const SegmentSet& set, IndexField field, std::string_view value) {
    IndexQuery query;
    query.all_of.push_back({{Term(field, value)}});
    return set.Count(query);
  }

  TestLog hub_;
  const storage::TemporaryDirectory files_;
  RandomEntries entries_{20261124};
  StoreEntries source_{hub_.store()};
  std::unique_ptr<Index> index_;
};

TEST_F(IndexTest, AnAnswerStatesTheIndexItReachesWhichIsTheLogWhenAsked) {
  Open();
  EXPECT_EQ(All().reached(), 1u);
  Grow(700);
  EXPECT_EQ(All().reached(), 700u);
  EXPECT_EQ(CountOf(All(), IndexField::kEvent, "genesis"), 1u);
}

TEST_F(IndexTest, AFullSegmentBecomesAFileThatIsUsedAfterARestart) {
  Open();
  Grow(kSegmentEntries + 10);
  const uint64_t released = CountOf(All(), IndexField::kOutcome, "released");
  EXPECT_EQ(index_->sealed(), 1u);
  const std::string original = ReadAll(File(0));
  index_.reset();
  const auto written = fs::last_write_time(File(0));
  Open();
  EXPECT_EQ(CountOf(All(), IndexField::kOutcome, "released"), released);
  EXPECT_EQ(fs::last_write_time(File(0)), written);
  EXPECT_EQ(ReadAll(File(0)), original);
}

TEST_F(IndexTest, AMissingOrDamagedFileIsBuiltAnewByteForByte) {
  Open();
  Grow(kSegmentEntries + 1);
  ASSERT_EQ(All().reached(), kSegmentEntries + 1);
  index_.reset();
  const std::string original = ReadAll(File(0));
  ASSERT_FALSE(original.empty());
  std::string flipped = original;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  for (const std::string& damage : {std::string(), original.substr(0, 100), flipped, original + "x"}) {
    WriteAll(File(0), damage);
    EXPECT_EQ(ReasonOf(SealedSegment::Open(File(0), 0).status()), "INDEX_DAMAGED");
    Open();
    ASSERT_EQ(All().reached(), kSegmentEntries + 1);
    index_.reset();
    EXPECT_EQ(ReadAll(File(0)), original);
  }
  fs::remove(File(0));  // a crash between the last entry of the segment and its file leaves this
  Open();
  ASSERT_EQ(All().reached(), kSegmentEntries + 1);
  EXPECT_EQ(ReadAll(File(0)), original);
}

TEST_F(IndexTest, AFileOfAnotherSegmentIsNotTaken) {
  Open();
  Grow(kSegmentEntries);
  ASSERT_EQ(All().reached(), kSegmentEntries);
  EXPECT_TRUE(SealedSegment::Open(File(0), 0).ok());
  EXPECT_EQ(ReasonOf(SealedSegment::Open(File(0), 1).status()), "INDEX_DAMAGED");
  EXPECT_EQ(ReasonOf(SealedSegment::Open(File(7), 7).status()), "INDEX_MISSING");
}

TEST_F(IndexTest, AForgottenTermIsGoneFromMemoryAndFilesAndOthersStay) {
  Open();
  Grow(kSegmentEntries + 5000);
  const SegmentSet before = All();
  std::vector<std::string> tokens;
  for (int person = 0; tokens.empty(); ++person) {
    const std::string token = SubjectToken(entries_.key(), entries_.Person(person));
    if (CountOf(before, IndexField::kSubject, token) > 0) tokens.push_back(Term(IndexField::kSubject, token));
  }
  const uint64_t denied = CountOf(before, IndexField::kOutcome, "denied");
  ASSERT_TRUE(index_->Forget(tokens).ok());
  IndexQuery query;
  query.all_of.push_back({tokens});
  EXPECT_EQ(All().Count(query), 0u);
  EXPECT_EQ(CountOf(All(), IndexField::kOutcome, "denied"), denied);
  EXPECT_EQ(ReadAll(File(0)).find(tokens[0]), std::string::npos);
  index_.reset();
  const auto kept = SealedSegment::Open(File(0), 0);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ((*kept)->CountOf(tokens[0]), 0u);
}

TEST_F(IndexTest, AnEntryThatIsNotThereHoldsTheIndexBackAndIsSaid) {
  Grow(300);
  storage::Batch batch;
  batch.Delete(storage::Table::kEntries, storage::BigEndian(100));
  ASSERT_TRUE(hub_.store().Apply(batch).ok());
  Open();
  EXPECT_EQ(index_->Snapshot(absl::Now() + absl::Seconds(10)).reached(), 0u);
  EXPECT_EQ(ReasonOf(index_->health()), "LEDGER_ENTRY_MISSING");
}

}  // namespace
}  // namespace zhanqiao::ledger
