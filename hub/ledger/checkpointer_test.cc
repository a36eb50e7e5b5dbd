#include "hub/ledger/checkpointer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

TEST(Checkpointer, SignsWhatIsDurableInBothPlacesBeforeItIsSeen) {
  TestLog hub;
  hub.GrowTo(300);
  const SignedCheckpointPtr latest = hub.Sign();
  const absl::StatusOr<Checkpoint> opened = OpenCheckpoint(latest->note, hub.key());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->size, 300u);
  EXPECT_EQ(opened->root, hub.log().head()->tree.Root());
  EXPECT_EQ(ReadFile(hub.second_place()), latest->note);
  EXPECT_EQ(hub.store().Get(Table::kMeta, kCheckpointKey)->value_or(""), latest->note);
}

TEST(Checkpointer, FollowsTheLog) {
  TestLog hub;
  for (uint64_t size = 2; size < 40; ++size) {
    hub.GrowTo(size);
    EXPECT_GE(hub.Sign()->checkpoint.size, size);
  }
}

TEST(Checkpointer, AnEmptyLogHasNone) {
  storage::MemoryStore store;
  const SystemClock clock;
  auto log = *Log::Open(store, clock);
  storage::CommitPipeline pipeline(store, log.get(), {});
  const auto signer = *Ed25519FileSigner::FromSeed(std::string(32, 7), "o");
  const storage::TemporaryDirectory directory;
  auto checkpointer = Checkpointer::Start(*log, pipeline, *signer, {directory.path() / "c", absl::ZeroDuration()});
  ASSERT_TRUE(checkpointer.ok());
  EXPECT_EQ((*checkpointer)->Latest(), nullptr);
}

TEST(Checkpointer, WaitingEndsAtTheDeadline) {
  TestLog hub;
  hub.Sign();
  EXPECT_EQ(ReasonOf(hub.checkpointer().WaitFor(1000, absl::Now()).status()), "CHECKPOINT_PENDING");
}

TEST(Checkpointer, SignsALastTimeWhenItStops) {
  TestLog hub;
  auto slow = Checkpointer::Start(hub.log(), hub.pipeline(), hub.signer(), {hub.second_place(), absl::Hours(1)});
  ASSERT_TRUE(slow.ok());
  ASSERT_TRUE((*slow)->WaitFor(1, Soon()).ok());
  hub.GrowTo(77);
  EXPECT_EQ((*slow)->Latest()->checkpoint.size, 1u) << "within the interval";
  slow->reset();
  EXPECT_EQ(OpenCheckpoint(ReadFile(hub.second_place()), hub.key())->size, 77u);
}

// A hub that ran to `size` entries, stopped, and left its store and second place behind.
struct Remains {
  explicit Remains(uint64_t size) {
    hub.GrowTo(size);
    note = hub.Sign()->note;
    place = hub.second_place();
    store = hub.Stop();
  }
  TestLog hub;  // keeps the directory
  std::string note;
  std::filesystem::path place;
  std::unique_ptr<storage::MemoryStore> store;
};

std::string RefusalOf(TestLog& hub, const std::filesystem::path& place) {
  hub.SetSecondPlace(place);
  return ReasonOf(hub.StartCheckpoints());
}

TEST(Checkpointer, ASecondPlaceThatIsBehindIsNormal) {
  Remains old(300);
  TestLog again(std::move(old.store));
  again.GrowTo(900);
  EXPECT_EQ(RefusalOf(again, old.place), "");
  EXPECT_EQ(again.Sign()->checkpoint.size, 900u);
}

TEST(Checkpointer, ASecondPlaceThatIsGoneIsWrittenAnew) {
  Remains old(300);
  std::filesystem::remove(old.place);
  TestLog again(std::move(old.store));
  EXPECT_EQ(RefusalOf(again, old.place), "");
  EXPECT_EQ(again.Sign()->checkpoint.size, 300u);
  EXPECT_EQ(ReadFile(old.place), old.note);
}

TEST(Checkpointer, AStoreThatWasSetBackIsNotServed) {
  const Remains longer(300);
  TestLog set_back;
  set_back.GrowTo(200);
  set_back.SetSecondPlace(longer.place);
  const absl::Status refused = set_back.StartCheckpoints();
  EXPECT_EQ(ReasonOf(refused), "LEDGER_BEHIND_CHECKPOINT");
  EXPECT_EQ(FactOf(refused, "checkpoint_size"), "300");
  EXPECT_EQ(FactOf(refused, "log_size"), "200");
}

TEST(Checkpointer, AForkIsNotServed) {
  const Remains one(300);
  TestLog other;
  ASSERT_TRUE(other.Commit({RecordOf(ExchangeEntry(999))}));
  other.GrowTo(400);
  EXPECT_EQ(RefusalOf(other, one.place), "LEDGER_FORKED");
}

TEST(Checkpointer, AForeignOrAlteredCheckpointIsNotServed) {
  Remains old(300);
  std::string altered = old.note;
  altered[altered.size() - 10] = altered[altered.size() - 10] == 'A' ? 'B' : 'A';
  std::ofstream(old.place, std::ios::trunc) << altered;
  TestLog again(std::move(old.store));
  EXPECT_EQ(RefusalOf(again, old.place), "LEDGER_CHECKPOINT_FOREIGN");
}

TEST(Checkpointer, ASecondHubOnTheSamePlaceIsNoticed) {
  TestLog hub;
  hub.Sign();
  std::ofstream(hub.second_place(), std::ios::app) << "x";
  hub.GrowTo(5);
  EXPECT_EQ(ReasonOf(hub.checkpointer().WaitFor(5, Soon()).status()), "CHECKPOINT_UNAVAILABLE");
  EXPECT_THAT(ReasonOf(hub.checkpointer().health()),
              testing::AnyOf("CHECKPOINT_FILE_CHANGED", "LEDGER_CHECKPOINT_FOREIGN"));  // at first; when looked at again
  EXPECT_EQ(hub.checkpointer().Latest()->checkpoint.size, 1u) << "nothing newer is shown";
  EXPECT_TRUE(hub.Commit({RecordOf(ExchangeEntry(6))})) << "the exchange goes on";
}

TEST(Checkpointer, ASecondPlaceThatCannotBeWrittenStopsCheckpointsOnly) {
  TestLog hub;
  hub.SetSecondPlace(hub.directory() / "missing" / "checkpoint");
  ASSERT_TRUE(hub.StartCheckpoints().ok());
  EXPECT_EQ(ReasonOf(hub.checkpointer().WaitFor(1, Soon()).status()), "CHECKPOINT_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(hub.checkpointer().health()), "FILE_WRITE_FAILED");
  EXPECT_TRUE(hub.Commit({RecordOf(ExchangeEntry(1))}));
}

// Asks until a checkpoint covers the log: while they cannot be kept each question is refused at once.
SignedCheckpointPtr Eventually(TestLog& hub) {
  for (const absl::Time end = Soon(); absl::Now() < end; std::this_thread::yield()) {
    const auto latest = hub.checkpointer().WaitFor(hub.log().head()->size(), end);
    if (latest.ok()) return *latest;
  }
  return nullptr;
}

TEST(Checkpointer, ASecondPlaceThatCanBeWrittenAgainIsWrittenAgain) {
  TestLog hub;
  const auto directory = hub.directory() / "mount";
  hub.SetSecondPlace(directory / "checkpoint");
  ASSERT_TRUE(hub.StartCheckpoints().ok());
  EXPECT_FALSE(hub.checkpointer().WaitFor(1, Soon()).ok());
  hub.GrowTo(20);
  std::filesystem::create_directory(directory);
  const SignedCheckpointPtr latest = Eventually(hub);
  ASSERT_NE(latest, nullptr);
  EXPECT_EQ(latest->checkpoint.size, 20u);
  EXPECT_EQ(ReadFile(directory / "checkpoint"), latest->note);
  EXPECT_TRUE(hub.checkpointer().health().ok());
}

TEST(Checkpointer, AStoreThatOpensAgainIsComparedWithBothPlacesFirst) {
  const Remains longer(300);
  TestLog hub;
  hub.GrowTo(200);
  hub.Sign();
  const std::string kept = ReadFile(hub.second_place());
  std::ofstream(hub.second_place(), std::ios::trunc) << longer.note;  // somebody has seen a longer log
  hub.store().FailAfter(0);
  EXPECT_FALSE(hub.Commit({RecordOf(ExchangeEntry(200))}));
  hub.store().Mend();
  EXPECT_FALSE(hub.pipeline().WaitUntilOpen(absl::Now() + absl::Seconds(1)));
  std::ofstream(hub.second_place(), std::ios::trunc) << kept;
  ASSERT_TRUE(hub.pipeline().WaitUntilOpen(Soon()));
  ASSERT_TRUE(hub.Commit({RecordOf(ExchangeEntry(200))}));
  EXPECT_EQ(Eventually(hub)->checkpoint.size, 201u);
}

}  // namespace
}  // namespace zhanqiao::ledger
