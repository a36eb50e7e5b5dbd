#include "hub/cli/reconcile.h"

#include <gtest/gtest.h>

#include "catalog/base/digest.h"

namespace zhanqiao::cli {
namespace {

constexpr char kConnector[] = "organizations/B/connectors/c";
constexpr char kResource[] = "resources/306001~000001";

JournalLine Answer(int number) {
  JournalLine line;
  line.time_us = 1'000'000 * (number + 1);
  line.resource = kResource;
  line.commitment = std::string(Bytes(Sha256("request " + std::to_string(number))));
  line.digest = std::string(Bytes(Sha256("answer " + std::to_string(number))));
  line.rows = 2;
  line.signature_hash = std::string(Bytes(Sha256("signature")));
  return line;
}

v1::LedgerEntry Release(int number) {
  const JournalLine line = Answer(number);
  v1::LedgerEntry entry;
  entry.set_time_us(static_cast<uint64_t>(line.time_us));
  v1::Exchange& exchange = *entry.mutable_exchange();
  exchange.set_connector(kConnector);
  exchange.set_resource(kResource);
  exchange.set_rows(2);
  exchange.set_request_commitment(line.commitment);
  exchange.set_answer_signature_hash(line.signature_hash);
  return entry;
}

v1::LedgerEntry Refusal(int number) {
  v1::LedgerEntry entry;
  entry.mutable_denial()->set_resource(kResource);
  entry.mutable_denial()->set_count(1);
  entry.mutable_denial()->set_request_commitment(Answer(number).commitment);
  return entry;
}

class ReconcileTest : public testing::Test {
 protected:
  ReconcileTest() {
    for (int number = 0; number < 10; ++number) {
      std::string text = ToText(Answer(number));
      text.pop_back();
      reconciler_.AddLine(text);
    }
  }
  // The log's entries: answer 4 was refused at the hub, all others released, but those in `forgotten` left
  // out.
  void Log(std::initializer_list<int> forgotten = {}) {
    for (int number = 0; number < 10; ++number) {
      if (std::find(forgotten.begin(), forgotten.end(), number) != forgotten.end()) continue;
      reconciler_.AddEntry(index_++, number == 4 ? Refusal(number) : Release(number));
    }
  }
  Reconciler reconciler_{kConnector,
                         absl::FromUnixSeconds(9)};  // what was answered later may still be on its way
  uint64_t index_ = 100;
};

TEST_F(ReconcileTest, EveryAnswerIsReleasedOrRefusedInTheLog) {
  Log();
  const Reconciliation found = reconciler_.Finish();
  EXPECT_TRUE(found.good());
  EXPECT_EQ(found.answered, 10u);
  EXPECT_EQ(found.released, 9u);
  EXPECT_EQ(found.refused, 1u);
  EXPECT_EQ(found.matched.size(), 10u);
}

TEST_F(ReconcileTest, WhatTheHubForgotIsFound) {
  Log({6});
  const Reconciliation found = reconciler_.Finish();
  EXPECT_FALSE(found.good());
  ASSERT_EQ(found.unlogged.size(), 1u);
  EXPECT_EQ(found.unlogged[0], Answer(6));
}

TEST_F(ReconcileTest, AnAnswerJustGivenIsPending) {
  Log({9});
  const Reconciliation found = reconciler_.Finish();
  EXPECT_TRUE(found.good());
  EXPECT_EQ(found.pending, 1u);
}

TEST_F(ReconcileTest, RefusalsThatAreOnlyCountedAccountForAsManyAnswersAndNoMore) {
  Log({1, 2, 3});
  v1::LedgerEntry counted = Refusal(0);
  counted.mutable_denial()->clear_request_commitment();
  counted.mutable_denial()->set_count(2);
  reconciler_.AddEntry(index_++, counted);
  counted.mutable_denial()->set_resource("resources/other");
  counted.mutable_denial()->set_count(50);
  reconciler_.AddEntry(index_++, counted);
  const Reconciliation found = reconciler_.Finish();
  EXPECT_EQ(found.counted, 2u);
  EXPECT_EQ(found.unlogged.size(), 3u);
  EXPECT_FALSE(found.good());
}

TEST_F(ReconcileTest, AnEntryThatTellsAnotherStoryIsFound) {
  Log({0, 1, 2, 3});
  auto entry = Release(0);
  entry.mutable_exchange()->set_rows(3);
  reconciler_.AddEntry(200, entry);
  entry = Release(1);
  entry.mutable_exchange()->set_resource("resources/other");
  reconciler_.AddEntry(201, entry);
  entry = Release(2);
  entry.mutable_exchange()->set_answer_signature_hash(std::string(32, 'x'));
  reconciler_.AddEntry(202, entry);
  entry = Release(3);
  entry.mutable_exchange()->clear_answer_signature_hash();  // the hub knows no key of the connector
  reconciler_.AddEntry(203, entry);
  reconciler_.AddEntry(204, Release(3));  // released twice
  const Reconciliation found = reconciler_.Finish();
  EXPECT_EQ(found.different, (std::vector<uint64_t>{200, 201, 202, 204}));
  EXPECT_FALSE(found.good());
}

TEST_F(ReconcileTest, AReleaseThisConnectorNeverAnsweredIsFound) {
  Log();
  auto invented = Release(5);
  invented.mutable_exchange()->set_request_commitment(std::string(32, 'i'));
  reconciler_.AddEntry(300, invented);
  invented.mutable_exchange()->set_connector("organizations/B/connectors/other");
  reconciler_.AddEntry(301, invented);
  invented.mutable_exchange()->set_connector(kConnector);
  invented.set_time_us(900'000'000);  // after the journal ends
  reconciler_.AddEntry(302, invented);
  EXPECT_EQ(reconciler_.Finish().unknown, std::vector<uint64_t>{300});
}

TEST_F(ReconcileTest, LinesThatCannotBeReadAreCounted) {
  reconciler_.AddLine("ZQJ1 123 resou");
  Log();
  EXPECT_EQ(reconciler_.Finish().malformed, 1u);
}

}  // namespace
}  // namespace zhanqiao::cli
