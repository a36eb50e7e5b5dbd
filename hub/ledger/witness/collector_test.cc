#include "hub/ledger/witness/collector.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/ledger/test_log.h"
#include "hub/ledger/witness/start_check.h"
#include "hub/ledger/witness/test_witness.h"

namespace zhanqiao::ledger {
namespace {

constexpr WitnessTimes kQuick = {.interval = absl::Milliseconds(5),
                                 .round_max = absl::Seconds(5),
                                 .refresh = absl::Milliseconds(50),
                                 .timeout = absl::Seconds(20),
                                 .pause_min = absl::Milliseconds(10),
                                 .pause_max = absl::Milliseconds(50)};

// A little hub and two witnesses.
class CollectorTest : public testing::Test {
 protected:
  void SetUp() override {
    hub_.GrowTo(300);
    hub_.Sign();
    for (TestWitness* witness : {&audit_, &court_}) witness->Serve();
  }
  std::string PolicyText(std::string_view rule = "all") const {
    return absl::StrCat(audit_.PolicyLine(), court_.PolicyLine(), "group both ", Absl(rule), " audit court\nquorum both\n");
  }
  void Collect(std::string_view rule = "all") { Collect(hub_, *Policy::Parse(PolicyText(rule))); }
  void Collect(TestLog& hub, Policy policy) {
    auto started = Collector::Start(hub.log(), hub.checkpointer(), hub.pipeline(), random_, std::move(policy), "", kQuick);
    ASSERT_TRUE(started.ok()) << started.status();
    collector_ = *std::move(started);
  }
  // Looks until `holds`; false after half a minute.
  template <typename Holds>
  bool Await(Holds holds) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!holds(collector_->vouching())) {
      if (absl::Now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  bool AwaitQuorum(uint64_t size) {
    return Await([&](const Vouching& now) { return now.cosigned && now.cosigned->checkpoint.size >= size; });
  }
  bool AwaitProblem(size_t place, std::string_view problem) {
    return Await([&](const Vouching& now) { return now.witnesses[place].problem == problem; });
  }
  absl::Status StartCheckOf(TestLog& hub, bool required = false) {
    const OneSigner signers(hub.signer());
    return CheckWithWitnesses(hub.log(), signers, *Policy::Parse(PolicyText()),
                              {.required = required, .timeout = absl::Seconds(20)});
  }

  TestLog hub_;
  SystemRandom random_;
  TestWitness audit_{"audit", 9, {hub_.key()}};
  TestWitness court_{"court", 10, {hub_.key()}};
  std::unique_ptr<Collector> collector_;
};

TEST_F(CollectorTest, TheQuorumMeetsOnOneCheckpoint) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  const Vouching now = collector_->vouching();
  const Policy policy = *Policy::Parse(PolicyText());
  const VerifierKey key = hub_.key();
  const auto verdict = VerifyUnderPolicy(now.cosigned->note, policy, {&key, 1});
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->names, (std::vector<std::string>{"audit", "court"}));
  for (const Vouch& vouch : now.witnesses) {
    EXPECT_EQ(vouch.size, 300u);
    EXPECT_EQ(vouch.time_s, 1'795'000'000u);
    EXPECT_EQ(vouch.problem, "");
  }
}

TEST_F(CollectorTest, FollowsTheLogWhileItGrows) {
  Collect();
  for (uint64_t size = 400; size <= 800; size += 100) {
    hub_.GrowTo(size);
    hub_.Sign();
    EXPECT_TRUE(AwaitQuorum(size)) << size;
  }
}

TEST_F(CollectorTest, TimesStayFreshWhileTheLogRests) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  audit_.clock().Advance(absl::Hours(1));
  EXPECT_TRUE(Await([](const Vouching& now) { return now.witnesses[0].time_s == 1'795'003'600u; }));
}

TEST_F(CollectorTest, ADeadWitnessDelaysOnlyItsOwnWord) {
  court_.Kill();
  Collect("any");
  ASSERT_TRUE(AwaitQuorum(300));
  ASSERT_TRUE(AwaitProblem(1, "WITNESS_UNREACHABLE"));
  hub_.GrowTo(400);
  hub_.Sign();
  EXPECT_TRUE(AwaitQuorum(400));
  EXPECT_EQ(collector_->vouching().witnesses[1].size, 0u);
  court_.Serve();
  EXPECT_TRUE(Await([](const Vouching& now) { return now.witnesses[1].size == 400 && now.witnesses[1].problem.empty(); }));
}

TEST_F(CollectorTest, ARestartedWitnessGoesOnWhereItWas) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  audit_.Kill();
  hub_.GrowTo(500);
  hub_.Sign();
  ASSERT_TRUE(AwaitProblem(0, "WITNESS_UNREACHABLE"));
  audit_.Serve();
  EXPECT_TRUE(AwaitQuorum(500));
}

TEST_F(CollectorTest, WhatWasCosignedIsThereAfterARestart) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  collector_.reset();
  for (TestWitness* witness : {&audit_, &court_}) witness->Kill();
  Collect();
  const Vouching now = collector_->vouching();
  ASSERT_NE(now.cosigned, nullptr);
  EXPECT_EQ(now.cosigned->checkpoint.size, 300u);
  EXPECT_EQ(now.witnesses[0].size, 300u);
  EXPECT_EQ(now.witnesses[0].time_s, 1'795'000'000u);
}

TEST_F(CollectorTest, AWitnessThatKnowsMoreThanWasKeptIsTakenAtItsWord) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  collector_.reset();
  storage::Commit forget;
  for (const TestWitness* witness : {&audit_, &court_}) {
    forget.writes.Delete(storage::Table::kMeta, absl::StrCat(Absl(kWitnessKey), witness->key().ToText().substr(6, 8)));
  }
  forget.writes.Delete(storage::Table::kMeta, std::string(kCosignedKey));
  ASSERT_TRUE(hub_.pipeline().Run(std::move(forget)).ok());
  Collect();
  EXPECT_TRUE(AwaitQuorum(300)) << "after the size in its 409";
}

TEST_F(CollectorTest, AForkIsShownAndNeverCosigned) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  collector_.reset();
  TestLog fork;
  ASSERT_TRUE(fork.Commit({RecordOf(ExchangeEntry(999))}));
  fork.GrowTo(400);
  fork.Sign();
  Collect(fork, *Policy::Parse(PolicyText()));
  EXPECT_TRUE(AwaitProblem(0, "LEDGER_FORKED"));
  EXPECT_TRUE(AwaitProblem(1, "LEDGER_FORKED"));
  EXPECT_EQ(collector_->vouching().cosigned, nullptr);
  collector_.reset();  // before the log it follows
}

TEST_F(CollectorTest, AStrangersLogIsNamed) {
  TestWitness other("other", 11, {});
  other.Serve();
  Collect(hub_, *Policy::Parse(other.PolicyLine() + "quorum other\n"));
  EXPECT_TRUE(AwaitProblem(0, "WITNESS_LOG_UNKNOWN"));
}

TEST_F(CollectorTest, AnImpostorsWordDoesNotCount) {
  TestWitness impostor("audit", 12, {hub_.key()});  // the name of the one, the key of another
  impostor.Serve();
  const std::string line = absl::StrCat("witness audit ", audit_.key().ToText(), " http://", impostor.address(), "\n");
  Collect(hub_, *Policy::Parse(line + "quorum audit\n"));
  EXPECT_TRUE(AwaitProblem(0, "WITNESS_ANSWER_WRONG"));
  EXPECT_EQ(collector_->vouching().cosigned, nullptr);
}

TEST_F(CollectorTest, StartsWithWitnessesThatKnowLessOrTheSame) {
  EXPECT_TRUE(StartCheckOf(hub_, true).ok()) << "never asked before";
  EXPECT_TRUE(StartCheckOf(hub_, true).ok()) << "the same";
  EXPECT_EQ(audit_->Newest(TestLog::kOrigin).size, 300u);
}

TEST_F(CollectorTest, AStoreThatWasSetBackTogetherWithItsSecondPlaceIsNotServed) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  TestLog set_back;
  set_back.GrowTo(200);
  set_back.Sign();
  const absl::Status refused = StartCheckOf(set_back);
  EXPECT_EQ(ReasonOf(refused), "LEDGER_BEHIND_CHECKPOINT");
  EXPECT_EQ(FactOf(refused, "checkpoint_size"), "300");
  EXPECT_EQ(FactOf(refused, "log_size"), "200");
  EXPECT_NE(FactOf(refused, "place").find("witness audit"), std::string::npos);
}

TEST_F(CollectorTest, AForkIsNotServed) {
  Collect();
  ASSERT_TRUE(AwaitQuorum(300));
  TestLog fork;
  ASSERT_TRUE(fork.Commit({RecordOf(ExchangeEntry(999))}));
  for (const uint64_t size : {300u, 400u}) {
    fork.GrowTo(size);
    fork.Sign();
    EXPECT_EQ(ReasonOf(StartCheckOf(fork)), "LEDGER_FORKED") << size;
  }
}

// The store lost its last signed checkpoint, not its entries.
TEST_F(CollectorTest, AWitnessAheadOfTheLastCheckpointButNotOfTheLogIsNormal) {
  hub_.GrowTo(350);
  hub_.Sign();
  Collect();
  ASSERT_TRUE(AwaitQuorum(350));
  collector_.reset();
  const OneSigner signers(hub_.signer());
  const Checkpoint before{TestLog::kOrigin, 320, *RootAt(HeadHashes(hub_.store(), hub_.log().head()), 320)};
  storage::Commit older;
  older.writes.Put(storage::Table::kMeta, std::string(kCheckpointKey), *SignNote(before.ToText(), hub_.signer()));
  ASSERT_TRUE(hub_.pipeline().Run(std::move(older)).ok());
  const absl::Status checked = StartCheckOf(hub_, true);
  EXPECT_TRUE(checked.ok()) << checked;
}

TEST_F(CollectorTest, SilentWitnessesStopAStartOnlyWhenTheyAreRequired) {
  EXPECT_TRUE(StartCheckOf(hub_, true).ok());
  court_.Kill();
  EXPECT_TRUE(StartCheckOf(hub_, false).ok());
  const absl::Status refused = StartCheckOf(hub_, true);
  EXPECT_EQ(ReasonOf(refused), "WITNESSES_SILENT");
  EXPECT_EQ(FactOf(refused, "silent"), "court");
}

}  // namespace
}  // namespace zhanqiao::ledger
