// Promises of feed_rows.h, and the example of FORMAT.md.
#include "hub/exchange/feeds/feed_rows.h"

#include <gtest/gtest.h>

#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::exchange {
namespace {

constexpr char kCode[] = "306001~000001";

class FeedRowsTest : public ::testing::Test {
 protected:
  FeedRowsTest() { EXPECT_TRUE(keys_->Rotate(absl::FromCivil(absl::CivilDay(2026, 11, 24), Shanghai()), {}).ok()); }
  static std::string BatchOf(int rows) {
    v1::RecordBatch batch;
    for (int i = 0; i < rows; ++i) batch.add_rows()->add_values()->set_integer(i);
    return batch.SerializeAsString();
  }
  Segment Sealed(uint64_t first, int rows, int64_t seconds = 0) {
    Segment segment;
    segment.first = first;
    segment.stored.set_count(static_cast<uint32_t>(rows));
    segment.stored.set_time_us(static_cast<uint64_t>(seconds) * 1'000'000);
    EXPECT_TRUE(SealInto(kCode, BatchOf(rows), *keys_, random_, segment).ok());
    return segment;
  }
  void Store(const Segment& segment) {
    storage::Batch batch;
    batch.Put(storage::Table::kSegments, SegmentKey(kCode, segment.first), segment.stored.SerializeAsString());
    ASSERT_TRUE(store_.Apply(batch).ok());
  }
  storage::TemporaryDirectory directory_;
  SystemRandom random_;
  std::unique_ptr<PayloadKeys> keys_ = PayloadKeys::Open(directory_.path(), random_).value();
  storage::MemoryStore store_;
};

TEST_F(FeedRowsTest, ASegmentOpensInItsPlaceOnly) {
  Segment segment = Sealed(1, 3);
  EXPECT_EQ(Unseal(kCode, segment, *keys_).value().rows_size(), 3);
  EXPECT_EQ(ReasonOf(Unseal("306001~000002", segment, *keys_).status()), "FEED_DAMAGED");
  segment.first = 2;
  EXPECT_EQ(ReasonOf(Unseal(kCode, segment, *keys_).status()), "FEED_DAMAGED");
  segment.first = 1;
  segment.stored.set_time_us(1);
  EXPECT_EQ(ReasonOf(Unseal(kCode, segment, *keys_).status()), "FEED_DAMAGED");
}

// The segment of the example in FORMAT.md, sealed by hand.
TEST_F(FeedRowsTest, TheAdditionalDataIsAsWritten) {
  const std::string context = *FromHex("5a514631333036303031" "7e303030303031" "00" "0000000000000001"
                                       "0000000000000001" "0000000000000001");
  Segment segment;
  segment.first = 1;
  segment.stored.set_count(1);
  segment.stored.set_time_us(1);
  segment.stored.set_key_id(202611);
  segment.stored.set_sealed(keys_->Find(202611)->Seal(BatchOf(1), context, random_));
  EXPECT_EQ(Unseal(kCode, segment, *keys_).value().rows_size(), 1);
}

TEST_F(FeedRowsTest, FindsTheSegmentThatHoldsAnOffset) {
  Store(Sealed(5, 3));
  Store(Sealed(8, 1));
  EXPECT_FALSE(FindSegment(store_, kCode, 4).value().has_value());
  EXPECT_EQ(FindSegment(store_, kCode, 5).value()->first, 5u);
  EXPECT_EQ(FindSegment(store_, kCode, 7).value()->first, 5u);
  EXPECT_EQ(FindSegment(store_, kCode, 8).value()->first, 8u);
  EXPECT_FALSE(FindSegment(store_, kCode, 9).value().has_value());
  EXPECT_FALSE(FindSegment(store_, "306001~000002", 5).value().has_value());
}

TEST_F(FeedRowsTest, FindsTheFirstOffsetOfATime) {
  v1::StoredFeed ends;
  ends.set_earliest_offset(5);
  uint64_t next = 5;
  for (int i = 0; i < 20; ++i, next += 3) Store(Sealed(next, 3, 100 * i));
  ends.set_next_offset(next);
  const auto at = [&](int64_t seconds) { return OffsetAt(store_, kCode, ends, absl::FromUnixSeconds(seconds)).value(); };
  EXPECT_EQ(at(0), 5u);
  EXPECT_EQ(at(1), 8u);
  EXPECT_EQ(at(100), 8u);
  EXPECT_EQ(at(1850), 5u + 3 * 19);
  EXPECT_EQ(at(5000), next);
}

TEST_F(FeedRowsTest, ACursorsKeyTellsWhoseItIs) {
  const auto name = CursorNameIn(CursorKey(kCode, "organizations/370200-FGW/systems/a", "main"));
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->consumer, "organizations/370200-FGW/systems/a");
  EXPECT_EQ(name->subscription, "main");
  EXPECT_FALSE(CursorNameIn(FeedKey(kCode)).has_value());
}

}  // namespace
}  // namespace zhanqiao::exchange
