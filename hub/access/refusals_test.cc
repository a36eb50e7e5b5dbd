#include "hub/access/refusals.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "hub/access/test_city.h"

namespace zhanqiao::access {
namespace {

class RefusalsTest : public ::testing::Test {
 protected:
  absl::Status Refuse(const std::string& actor, const std::string& grant) {
    Refused refused;
    refused.actor = actor;
    refused.denial.set_method("/m");
    refused.denial.set_grant(grant);
    refused.canonical_request = "request";
    absl::Notification told;
    absl::Status status;
    city_.refusals.Record(std::move(refused),
                          Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_YOURS", "No.", {{"link", "grant"}}),
                          [&](absl::Status written) {
                            status = std::move(written);
                            told.Notify();
                          });
    told.WaitForNotification();
    return status;
  }
  std::vector<v1::Denial> Denials() {
    EXPECT_TRUE(city_.pipeline.Run({}).ok());  // everything before it is in
    std::vector<v1::Denial> denials;
    for (const auto& entry : city_.Entries()) {
      if (entry.has_denial()) denials.push_back(entry.denial());
    }
    return denials;
  }
  TestCity city_;
};

TEST_F(RefusalsTest, ARefusalIsAnEntryAndSaysWhere) {
  const absl::Status status = Refuse("a", "grants/1");
  const uint64_t index = city_.Entries().size() - 1;
  EXPECT_EQ(FactOf(status, "ledger_index"), std::to_string(index));
  EXPECT_EQ(FactOf(status, "link"), "grant");
  const auto denial = city_.Entries().at(index).denial();
  EXPECT_EQ(denial.reason(), "GRANT_NOT_YOURS");
  EXPECT_EQ(denial.code(), 7);
  EXPECT_EQ(denial.count(), 1u);
  EXPECT_EQ(denial.request_commitment().size(), 32u);
}

TEST_F(RefusalsTest, BeyondTenInAMinuteOneEntryCarriesTheCount) {
  for (int i = 0; i < 25; ++i) EXPECT_EQ(ReasonOf(Refuse("a", "grants/1")), "GRANT_NOT_YOURS");
  EXPECT_EQ(Denials().size(), 10u);
  city_.refusals.Sweep();
  EXPECT_EQ(Denials().size(), 10u) << "the window has not ended";
  city_.clock.Advance(absl::Seconds(61));
  city_.refusals.Sweep();
  ASSERT_EQ(Denials().size(), 11u);
  EXPECT_EQ(Denials().back().count(), 15u);
  EXPECT_EQ(FactOf(Refuse("a", "grants/1"), "counted"), "") << "a new window starts afresh";
}

TEST_F(RefusalsTest, OthersAreCountedApart) {
  for (int i = 0; i < 11; ++i) EXPECT_EQ(FactOf(Refuse("a", "grants/1"), "counted"), i < 10 ? "" : "true");
  EXPECT_EQ(FactOf(Refuse("a", "grants/1"), "counted"), "true");
  EXPECT_EQ(FactOf(Refuse("b", "grants/1"), "counted"), "");
  EXPECT_EQ(FactOf(Refuse("a", "grants/2"), "counted"), "");
}

TEST_F(RefusalsTest, NothingIsDecidedWhileTheLedgerCannotBeWritten) {
  for (int i = 0; i < 12; ++i) EXPECT_EQ(ReasonOf(Refuse("a", "grants/1")), "GRANT_NOT_YOURS");
  city_.store.FailAfter(0);
  for (const char* who : {"b", "b", "a"}) {  // in the write that fails, after it, and one that is only counted
    const absl::Status status = Refuse(who, "grants/1");
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(ReasonOf(status), "LEDGER_UNAVAILABLE");
    EXPECT_EQ(FactOf(status, "ledger_index"), "");
  }
  city_.clock.Advance(absl::Hours(1));
  city_.refusals.Sweep();
  city_.store.Mend();
  ASSERT_TRUE(city_.pipeline.WaitUntilOpen(absl::Now() + absl::Seconds(30)));
  city_.refusals.Sweep();
  ASSERT_EQ(Denials().size(), 11u) << "the count was kept until it could be written";
  EXPECT_EQ(Denials().back().count(), 2u);
}

}  // namespace
}  // namespace zhanqiao::access
