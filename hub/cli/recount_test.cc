#include "hub/cli/recount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao::cli {
namespace {

constexpr uint64_t kNoon = 1'530'331'200'000'000;  // 2018-06-30 12:00 in Asia/Shanghai

v1::LedgerEntry Granted() {
  v1::LedgerEntry entry;
  entry.set_time_us(kNoon);
  entry.mutable_grant_event()->set_grant("grants/1");
  entry.mutable_grant_event()->set_purpose("核验");
  return entry;
}
v1::LedgerEntry Released() {
  v1::LedgerEntry entry;
  entry.set_time_us(kNoon);
  v1::Exchange& exchange = *entry.mutable_exchange();
  exchange.set_grant("grants/1");
  exchange.set_consumer("organizations/A/systems/s");
  exchange.set_provider("organizations/B");
  exchange.set_resource("resources/r");
  exchange.set_rows(2);
  exchange.set_released_bytes(100);
  return entry;
}
v1::LedgerEntry Refused(uint32_t count) {
  v1::LedgerEntry entry;
  entry.set_time_us(kNoon);
  v1::Denial& denial = *entry.mutable_denial();
  denial.set_grant("grants/1");
  denial.set_consumer("organizations/A/systems/s");
  denial.set_resource("resources/r");
  denial.set_reason("FIELD_NOT_GRANTED");
  denial.set_count(count);
  return entry;
}

class RecountTest : public ::testing::Test {
 protected:
  RecountTest() {
    for (const v1::LedgerEntry& entry : {Granted(), Released(), Released(), Refused(0), Refused(7)}) {
      EXPECT_TRUE(recount_.Add(entry.SerializeAsString()).ok());
    }
    v1::SharingRow& released = *told_.add_rows();
    released.set_day("2018-06-30");
    released.set_consumer("organizations/A");
    released.set_provider("organizations/B");
    released.set_resource("resources/r");
    released.set_purpose("核验");
    v1::SharingRow& refused = *told_.add_rows();
    refused = released;
    refused.set_reason("FIELD_NOT_GRANTED");
    refused.set_refused(8);
    released.set_released(2);
    released.set_rows(4);
    released.set_released_bytes(200);
  }
  Recount recount_;
  v1::Sharing told_;
};

TEST_F(RecountTest, SumsThatAreRightDifferInNothing) {
  EXPECT_THAT(recount_.Differences(told_), testing::IsEmpty());
  EXPECT_EQ(recount_.releases(), 2u);
  EXPECT_EQ(recount_.refusals(), 8u);
  EXPECT_EQ(recount_.cells(), 2u);
}

TEST_F(RecountTest, EveryWrongSumIsFound) {
  told_.mutable_rows(0)->set_released(3);
  told_.mutable_rows(1)->set_purpose("别的");
  EXPECT_THAT(recount_.Differences(told_), testing::SizeIs(3));  // one sum; one that lacks and one too many
}

TEST_F(RecountTest, WhatTheHubLeavesOutIsFound) {
  told_.mutable_rows()->RemoveLast();
  EXPECT_THAT(recount_.Differences(told_), testing::ElementsAre(testing::HasSubstr("told 0/0/0, counted 8/0/0")));
}

TEST_F(RecountTest, AnEntryThatIsNoneIsAnError) { EXPECT_EQ(ReasonOf(recount_.Add("\xFF")), "LEDGER_ENTRY_MALFORMED"); }

}  // namespace
}  // namespace zhanqiao::cli
