#include "catalog/storage/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "catalog/base/error.h"
#include "catalog/storage/fake_sequencer.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::storage {
namespace {

using ::testing::ElementsAre;

// A memory store whose writes wait until they are let through, and that counts reads.
class GatedStore final : public Store {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    reads.fetch_add(1);
    return rows.Get(table, key);
  }
  absl::Status Scan(Table t, std::string_view from, std::string_view to, const Visit& visit) const override {
    return rows.Scan(t, from, to, visit);
  }
  absl::Status ScanBackwards(Table t, std::string_view from, std::string_view to,
                             const Visit& visit) const override {
    return rows.ScanBackwards(t, from, to, visit);
  }
  std::unique_ptr<Reader> Snapshot() const override { return rows.Snapshot(); }
  absl::Status Reopen() override { return rows.Reopen(); }
  absl::Status Apply(const Batch& batch) override {
    absl::MutexLock lock(&mu_);
    ++arrived_;
    const auto open = [this] { return open_; };
    mu_.Await(absl::Condition(&open));
    return rows.Apply(batch);
  }
  void Shut() {
    absl::MutexLock lock(&mu_);
    open_ = false;
  }
  void Open() {
    absl::MutexLock lock(&mu_);
    open_ = true;
  }
  // Waits until the commit thread stands at the gate for the `count`th time.
  void AwaitArrival(int count) {
    absl::MutexLock lock(&mu_);
    const auto arrived = [this, count] { return arrived_ >= count; };
    mu_.Await(absl::Condition(&arrived));
  }

  MemoryStore rows;
  mutable std::atomic<int> reads{0};

 private:
  absl::Mutex mu_;
  bool open_ = true;
  int arrived_ = 0;
};

class PipelineTest : public ::testing::Test {
 protected:
  void Start(CommitPipeline::Options options = {}) {
    pipeline_.emplace(store_, &sequencer_, options);
  }
  // Tries to open again at once, not in seconds.
  static CommitPipeline::Options Hasty() {
    return {.reopen_after = absl::Milliseconds(1), .reopen_after_max = absl::Milliseconds(20)};
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(30); }
  // Holds the commit thread in a write, so that what is submitted next makes groups of its own.
  void Hold() {
    store_.Shut();
    Commit commit;
    commit.writes.Put(Table::kMeta, "hold", "");
    Submit(std::move(commit));
    store_.AwaitArrival(1);
  }
  struct Answer {
    absl::Notification given;
    absl::StatusOr<CommitResult> result;
  };
  Answer& Submit(Commit commit) {
    Answer& answer = answers_.emplace_back();
    pipeline_->Submit(std::move(commit), [&answer](absl::StatusOr<CommitResult> result) {
      answer.result = std::move(result);
      answer.given.Notify();
    });
    return answer;
  }
  static absl::StatusOr<CommitResult> Await(Answer& answer) {
    answer.given.WaitForNotification();
    return answer.result;
  }
  static Commit Write(std::string key, std::string value) {
    Commit commit;
    commit.writes.Put(Table::kDocuments, std::move(key), std::move(value));
    return commit;
  }
  static Commit Record(std::string body) {
    Commit commit;
    commit.records.push_back({std::move(body), "salt"});
    return commit;
  }
  static Commit If(Commit commit, std::string key, std::optional<std::string> expected) {
    commit.preconditions.push_back({Table::kDocuments, std::move(key), std::move(expected)});
    return commit;
  }
  std::optional<std::string> Row(std::string_view key) { return *store_.rows.Get(Table::kDocuments, key); }

  std::deque<Answer> answers_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  GatedStore store_;
  FakeSequencer sequencer_{store_.rows, clock_};
  std::optional<CommitPipeline> pipeline_;
};

TEST_F(PipelineTest, CommitsAreAppliedInTheOrderTheyCame) {
  Start();
  Hold();
  for (int i = 0; i < 10; ++i) Submit(Write("row", absl::StrCat(i)));
  store_.Open();
  ASSERT_TRUE(Await(answers_.back()).ok());
  EXPECT_EQ(Row("row"), "9");
}

TEST_F(PipelineTest, WaitingCommitsShareOneWrite) {
  Start();
  Hold();
  for (int i = 0; i < 100; ++i) Submit(Record("r"));
  EXPECT_EQ(pipeline_->queued(), 101u);
  store_.Open();
  ASSERT_TRUE(Await(answers_.back()).ok());
  EXPECT_EQ(store_.rows.applies(), 2);
  EXPECT_EQ(sequencer_.sealed, 1);
  EXPECT_EQ(sequencer_.committed, 1);
  EXPECT_EQ(sequencer_.size(), 100u);
}

TEST_F(PipelineTest, NobodyIsAnsweredBeforeTheWriteIsDurable) {
  Start();
  Hold();
  EXPECT_FALSE(answers_.front().given.HasBeenNotified());
  store_.Open();
  EXPECT_TRUE(Await(answers_.front()).ok());
  EXPECT_EQ(*store_.rows.Get(Table::kMeta, "hold"), "");
}

TEST_F(PipelineTest, ObserversOfTheGroupRunInOrderBeforeAnyCallerIsAnswered) {
  Start();
  Hold();
  std::vector<std::string> told;
  absl::Notification last;
  for (int i = 0; i < 3; ++i) {
    Commit commit = Record("r");
    commit.applied = [&told, i](const CommitResult& result) {
      told.push_back(absl::StrCat("applied", i, "@", result.places[0].index));
    };
    pipeline_->Submit(std::move(commit), [&told, &last, i](absl::StatusOr<CommitResult>) {
      told.push_back(absl::StrCat("answered", i));
      if (i == 2) last.Notify();
    });
  }
  store_.Open();
  last.WaitForNotification();
  EXPECT_THAT(told, ElementsAre("applied0@0", "applied1@1", "applied2@2", "answered0", "answered1", "answered2"));
}

TEST_F(PipelineTest, APreconditionIsCheckedAgainstTheStore) {
  Start();
  ASSERT_TRUE(pipeline_->Run(If(Write("a", "1"), "a", std::nullopt)).ok());
  ASSERT_TRUE(pipeline_->Run(If(Write("a", "2"), "a", "1")).ok());
  const auto absent = pipeline_->Run(If(Write("a", "3"), "a", std::nullopt)).status();
  EXPECT_EQ(ReasonOf(absent), "PRECONDITION_FAILED");
  EXPECT_EQ(absent.code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(pipeline_->Run(If(Write("a", "3"), "a", "1")).ok());
  EXPECT_EQ(Row("a"), "2");
}

TEST_F(PipelineTest, TheAnswerNamesTheFirstPreconditionThatDoesNotHold) {
  Start();
  Commit commit = If(If(If(Write("a", "1"), "a", std::nullopt), "b", "x"), "c", "x");
  EXPECT_EQ(FactOf(pipeline_->Run(std::move(commit)).status(), "precondition"), "1");
}

TEST_F(PipelineTest, APreconditionSeesEarlierCommitsOfItsGroup) {
  Start();
  Hold();
  Answer& first = Submit(If(Write("a", "1"), "a", std::nullopt));
  Answer& lost = Submit(If(Write("a", "other"), "a", std::nullopt));
  Answer& next = Submit(If(Write("a", "2"), "a", "1"));
  Commit removal;
  removal.writes.Delete(Table::kDocuments, "a");
  Answer& removed = Submit(If(std::move(removal), "a", "2"));
  Answer& again = Submit(If(Write("a", "3"), "a", std::nullopt));
  store_.Open();
  EXPECT_TRUE(Await(first).ok());
  EXPECT_EQ(ReasonOf(Await(lost).status()), "PRECONDITION_FAILED");
  EXPECT_TRUE(Await(next).ok());
  EXPECT_TRUE(Await(removed).ok());
  EXPECT_TRUE(Await(again).ok());
  EXPECT_EQ(Row("a"), "3");
  EXPECT_EQ(store_.rows.applies(), 2);
}

TEST_F(PipelineTest, APreconditionSeesLateAndSequencedRowsOfItsGroup) {
  Start();
  Hold();
  Commit late = Record("r");
  late.late = [](const CommitResult& result, Batch& batch) {
    batch.Put(Table::kDocuments, "place", absl::StrCat(result.places[0].index));
  };
  Submit(std::move(late));
  Answer& sees_late = Submit(If(Write("a", "1"), "place", "0"));
  Commit entry = Write("b", "1");
  entry.preconditions.push_back({Table::kEntries, BigEndian(0), "r"});
  Answer& sees_entry = Submit(std::move(entry));
  store_.Open();
  EXPECT_TRUE(Await(sees_late).ok());
  EXPECT_TRUE(Await(sees_entry).ok());
}

TEST_F(PipelineTest, AKeyIsReadOnceInAGroup) {
  ASSERT_TRUE(store_.rows.Apply(Write("grant", "r7").writes).ok());
  Start();
  Hold();
  for (int i = 0; i < 50; ++i) Submit(If(Record("r"), "grant", "r7"));
  store_.Open();
  ASSERT_TRUE(Await(answers_.back()).ok());
  EXPECT_EQ(store_.reads.load(), 1);
}

TEST_F(PipelineTest, ARefusedCommitTakesNoPlaceAndWritesNothing) {
  Start();
  Hold();
  Answer& first = Submit(Record("first"));
  Commit refused = If(Record("refused"), "absent", "x");
  refused.writes.Put(Table::kDocuments, "trace", "x");
  bool observed = false;
  refused.late = [&](const CommitResult&, Batch&) { observed = true; };
  refused.applied = [&](const CommitResult&) { observed = true; };
  Submit(std::move(refused));
  Answer& second = Submit(Record("second"));
  store_.Open();
  EXPECT_EQ(Await(first)->places[0].index, 0u);
  EXPECT_EQ(Await(second)->places[0].index, 1u);
  EXPECT_EQ(sequencer_.size(), 2u);
  EXPECT_EQ(*store_.rows.Get(Table::kEntries, BigEndian(1)), "second");
  EXPECT_EQ(Row("trace"), std::nullopt);
  EXPECT_FALSE(observed);
}

TEST_F(PipelineTest, TheSequencerIsLeftAloneWithoutRecords) {
  Start();
  ASSERT_TRUE(pipeline_->Run(Write("a", "1")).ok());
  EXPECT_EQ(sequencer_.sealed, 0);
  EXPECT_EQ(sequencer_.committed, 0);
}

TEST_F(PipelineTest, ACommitThatWritesNothingIsAnsweredWithoutAWrite) {
  Start();
  EXPECT_TRUE(pipeline_->Run(If(Commit(), "a", std::nullopt)).ok());
  EXPECT_EQ(store_.rows.applies(), 0);
}

TEST_F(PipelineTest, AFailedWriteClosesThePipelineForEveryone) {
  Start();
  Hold();
  bool observed = false;
  Commit seen = Record("r");
  seen.applied = [&](const CommitResult&) { observed = true; };
  Answer& written = Submit(std::move(seen));
  Answer& refused = Submit(If(Record("r"), "absent", "x"));
  store_.rows.FailAfter(1);
  store_.Open();
  EXPECT_TRUE(Await(answers_.front()).ok());
  EXPECT_EQ(ReasonOf(Await(written).status()), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(Await(refused).status()), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(Await(written).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(observed);
  EXPECT_EQ(sequencer_.aborted, 1);
  EXPECT_EQ(sequencer_.size(), 0u);
  EXPECT_EQ(ReasonOf(pipeline_->health()), "LEDGER_UNAVAILABLE");
  EXPECT_TRUE(pipeline_->closed());
  EXPECT_EQ(ReasonOf(pipeline_->Run(Write("a", "1")).status()), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(Row("a"), std::nullopt);
}

TEST_F(PipelineTest, OnceTheCauseIsGoneItOpensAgainAndGoesOn) {
  for (const bool surfaces : {false, true}) {
    const uint64_t before = sequencer_.size();
    Start(Hasty());
    store_.rows.FailAfter(1, surfaces);
    ASSERT_TRUE(pipeline_->Run(Record("before")).ok());
    ASSERT_FALSE(pipeline_->Run(Record("unknown")).ok());
    store_.rows.Mend();
    ASSERT_TRUE(pipeline_->WaitUntilOpen(Soon()));
    const auto after = pipeline_->Run(Record("after"));
    ASSERT_TRUE(after.ok());
    EXPECT_EQ(after->places[0].index, before + (surfaces ? 2 : 1)) << "the log goes on where the store ends";
    EXPECT_EQ(*store_.rows.Get(Table::kEntries, BigEndian(after->places[0].index)), "after");
    EXPECT_EQ(pipeline_->times_closed(), 1u);
  }
}

TEST_F(PipelineTest, NothingIsTakenBeforeEveryoneAgreesWithTheStore) {
  Start(Hasty());
  std::atomic<bool> agrees{false};
  absl::Notification asked_twice;
  int asked = 0;
  pipeline_->OnReopen(this, [&]() -> absl::Status {
    if (++asked == 2) asked_twice.Notify();
    return agrees ? absl::OkStatus() : absl::UnavailableError("not yet");
  });
  store_.rows.FailAfter(0);
  ASSERT_FALSE(pipeline_->Run(Record("r")).ok());
  store_.rows.Mend();
  asked_twice.WaitForNotification();
  EXPECT_EQ(ReasonOf(pipeline_->Run(Record("r")).status()), "LEDGER_UNAVAILABLE");
  agrees = true;
  ASSERT_TRUE(pipeline_->WaitUntilOpen(Soon()));
  EXPECT_TRUE(pipeline_->Run(Record("r")).ok());
}

TEST_F(PipelineTest, ASuspendedPipelineWritesNothingUntilAllAgree) {
  Start(Hasty());
  std::atomic<bool> agrees{false};
  pipeline_->OnReopen(this, [&] { return agrees ? absl::OkStatus() : absl::UnavailableError("no key"); });
  pipeline_->Suspend(absl::UnavailableError("no key"));
  while (pipeline_->Run(Record("r")).ok()) {}  // what was on its way
  const int written = store_.rows.applies();
  EXPECT_EQ(ReasonOf(pipeline_->Run(Record("r")).status()), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(store_.rows.applies(), written);
  agrees = true;
  ASSERT_TRUE(pipeline_->WaitUntilOpen(Soon()));
  EXPECT_TRUE(pipeline_->Run(Record("r")).ok());
}

TEST_F(PipelineTest, AClosedPipelineStopsAtOnce) {
  Start();
  store_.rows.FailAfter(0);
  ASSERT_FALSE(pipeline_->Run(Record("r")).ok());
  pipeline_.reset();
}

TEST_F(PipelineTest, AFailedWriteAnswersLaterGroupsToo) {
  Start({.group_records_max = 1});
  Hold();
  for (int i = 0; i < 5; ++i) Submit(Record("r"));
  store_.rows.FailAfter(2);
  store_.Open();
  int refused = 0;
  for (auto& answer : answers_) refused += Await(answer).ok() ? 0 : 1;
  EXPECT_EQ(refused, 4);
  EXPECT_EQ(pipeline_->queued(), 0u);
}

TEST_F(PipelineTest, AFullQueueRefusesAtOnce) {
  Start({.queue_max = 3});
  Hold();
  Submit(Write("a", "1"));
  Submit(Write("a", "2"));
  Answer& over = Submit(Write("a", "3"));
  ASSERT_TRUE(over.given.HasBeenNotified());
  EXPECT_EQ(over.result.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(over.result.status()), "COMMIT_QUEUE_FULL");
  store_.Open();
  EXPECT_TRUE(Await(answers_[2]).ok());
  EXPECT_EQ(Row("a"), "2");
}

TEST_F(PipelineTest, GroupsAreBoundedByRecords) {
  Start({.group_records_max = 4});
  Hold();
  for (int i = 0; i < 10; ++i) Submit(Record("r"));
  store_.Open();
  ASSERT_TRUE(Await(answers_.back()).ok());
  EXPECT_EQ(sequencer_.sealed, 3);
}

TEST_F(PipelineTest, GroupsAreBoundedByBytes) {
  Start({.group_bytes_max = 1000});
  Hold();
  for (int i = 0; i < 4; ++i) Submit(Write(absl::StrCat(i), std::string(600, 'x')));
  store_.Open();
  ASSERT_TRUE(Await(answers_.back()).ok());
  EXPECT_EQ(store_.rows.applies(), 3);
}

TEST_F(PipelineTest, ACommitLargerThanAGroupStillGoesThrough) {
  Start({.group_records_max = 2, .group_bytes_max = 10});
  Commit commit;
  for (int i = 0; i < 5; ++i) commit.records.push_back({std::string(100, 'x'), ""});
  const auto result = pipeline_->Run(std::move(commit));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->places.size(), 5u);
  EXPECT_EQ(result->places[4].index, 4u);
}

TEST_F(PipelineTest, StoppingFinishesWhatIsQueued) {
  Start();
  Hold();
  for (int i = 0; i < 20; ++i) Submit(Record("r"));
  std::thread opener([this] { store_.Open(); });
  pipeline_.reset();
  opener.join();
  for (auto& answer : answers_) {
    ASSERT_TRUE(answer.given.HasBeenNotified());
    EXPECT_TRUE(answer.result.ok());
  }
  EXPECT_EQ(sequencer_.size(), 20u);
}

TEST_F(PipelineTest, RecordsWithoutASequencerAreRefused) {
  CommitPipeline bare(store_, nullptr, {});
  EXPECT_EQ(ReasonOf(bare.Run(Record("r")).status()), "LEDGER_MISSING");
  EXPECT_TRUE(bare.Run(Write("a", "1")).ok());
}

TEST_F(PipelineTest, CompareAndSetFromManyThreadsLosesNoUpdate) {
  Start();
  constexpr int kThreads = 8;
  constexpr int kRounds = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this] {
      for (int done = 0; done < kRounds;) {
        const std::optional<std::string> seen = Row("counter");
        const int next = seen ? std::stoi(*seen) + 1 : 1;
        if (pipeline_->Run(If(Write("counter", absl::StrCat(next)), "counter", seen)).ok()) ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Row("counter"), absl::StrCat(kThreads * kRounds));
}

}  // namespace
}  // namespace zhanqiao::storage
