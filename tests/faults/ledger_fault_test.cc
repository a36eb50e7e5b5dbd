// A ledger that cannot be written refuses everything, opens again by itself once the cause is gone, and goes
// on without losing or doubling an entry: with the disk failing at each call of an append in turn, and under
// a hammer.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/log.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/verify.h"
#include "tests/faults/bad_disk.h"
#include "tests/faults/ledger_hub.h"

namespace zhanqiao::faults {
namespace {

absl::Time Soon() {
  return absl::Now() + absl::Seconds(60);
}

// The newest checkpoint once one covers everything; while it cannot be kept the question is asked again.
ledger::SignedCheckpointPtr Covering(const LedgerHub& hub, uint64_t size) {
  for (const absl::Time deadline = Soon(); absl::Now() < deadline; std::this_thread::yield()) {
    const auto latest = hub.checkpointer->WaitFor(size, deadline);
    if (latest.ok()) return *latest;
  }
  return nullptr;
}

// What callers were told, to be compared with the log afterwards.
class Told {
 public:
  void Append(LedgerHub& hub, const std::string& matter) {
    const auto place = hub.Append(matter);
    absl::MutexLock lock(&mu_);
    if (place.ok()) {
      acknowledged_[matter] = *place;
    } else {
      refused_.insert(matter);
      EXPECT_EQ(place.status().code(), absl::StatusCode::kUnavailable);
      EXPECT_EQ(ReasonOf(place.status()), "LEDGER_UNAVAILABLE");
    }
  }
  void Change(LedgerHub& hub, const std::string& name) {
    const auto versions = hub.documents->Apply(documents::Changing(documents::Put(name, "text")));
    EXPECT_EQ(ReasonOf(versions.status()), versions.ok() ? "" : "LEDGER_UNAVAILABLE");
  }
  // Everything acknowledged stands where it was said to, once; what was refused stands at most once; the view
  // is what the store holds; the whole log verifies against its newest checkpoint.
  void Check(LedgerHub& hub, const std::filesystem::path& out) const {
    absl::MutexLock lock(&mu_);
    std::map<std::string, std::vector<uint64_t>> found;
    uint64_t next = 0;
    ASSERT_TRUE(hub.store
                    ->Scan(storage::Table::kEntries, "", "",
                           [&](std::string_view key, std::string_view bytes) {
                             EXPECT_EQ(storage::FromBigEndian(key), next);
                             v1::LedgerEntry entry;
                             EXPECT_TRUE(entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
                             if (entry.has_exchange()) found[entry.exchange().matter()].push_back(next);
                             ++next;
                             return true;
                           })
                    .ok());
    ASSERT_EQ(next, hub.log->head()->size());
    for (const auto& [matter, place] : acknowledged_) {
      ASSERT_EQ(found[matter], std::vector<uint64_t>{place.index}) << matter;
    }
    for (const auto& matter : refused_) ASSERT_LE(found[matter].size(), 1u) << matter;
    std::map<std::string, uint64_t> stored;
    const auto page = hub.documents->List("", 1000, "");
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& version : page->versions) stored[version.name] = version.revision;
    ASSERT_EQ(hub.View(), stored);
    const auto newest = Covering(hub, next);
    ASSERT_NE(newest, nullptr) << hub.checkpointer->health();
    ASSERT_EQ(newest->checkpoint.root, hub.log->head()->tree.Root());
    ASSERT_TRUE(ledger::ExportLog(*hub.store, out).ok());
    const auto verified = ledger::VerifyExport(out, ledger::VerifierKeyOf(*hub.signer), newest->note);
    ASSERT_TRUE(verified.ok) << verified.problem << " " << verified.description;
  }

 private:
  mutable absl::Mutex mu_;
  std::map<std::string, storage::LogPlace> acknowledged_ ABSL_GUARDED_BY(mu_);
  std::set<std::string> refused_ ABSL_GUARDED_BY(mu_);
};

class LedgerFault : public testing::Test {
 protected:
  LedgerFault() { SetLogLevel(LogLevel::kError); }
  ~LedgerFault() override { BadDisk::Disarm(); }

  // A hub on which the disk fails at the `nth` call; empty once an append takes fewer calls.
  std::string FailAt(uint64_t nth, int error, bool for_good) {
    const storage::TemporaryDirectory directory;
    LedgerHub hub(directory.path());
    EXPECT_TRUE(hub.started.ok()) << hub.started;
    Told told;
    told.Append(hub, "before");
    told.Change(hub, "documents/1");
    Covering(hub, hub.log->head()->size());
    BadDisk::Arm(directory.path(), nth, error, for_good);
    told.Append(hub, "during");
    told.Change(hub, "documents/2");
    for (int i = 0; for_good && i < 3; ++i) told.Append(hub, absl::StrCat("still ", i));
    if (!for_good) Covering(hub, hub.log->head()->size());
    const std::string failed = BadDisk::Failed();
    BadDisk::Disarm();
    EXPECT_TRUE(hub.pipeline->WaitUntilOpen(Soon())) << failed;
    told.Append(hub, "after");
    told.Change(hub, "documents/3");
    told.Check(hub, directory.path() / "export");
    return failed;
  }
};

TEST_F(LedgerFault, ADiskThatFailsOnceAtAnyCallOfAnAppendCostsNoEntry) {
  std::set<std::string> calls;
  for (const int error : {EIO, ENOSPC}) {
    // How many calls an append takes depends on how its checkpoints fall, so one that took fewer is not the
    // end.
    int spared = 0;
    for (uint64_t nth = 1; spared < 4 && !HasFailure(); ++nth) {
      SCOPED_TRACE(absl::StrCat(std::strerror(error), " at call ", nth));
      const std::string failed = FailAt(nth, error, false);
      spared = failed.empty() ? spared + 1 : 0;
      calls.insert(failed.substr(0, failed.find(' ')));
    }
  }
  // The log of RocksDB, and the second place of the checkpoint.
  for (const char* call : {"write", "fdatasync", "fsync", "rename"})
    EXPECT_TRUE(calls.contains(call)) << call;
}

TEST_F(LedgerFault, ADiskThatFailsForAWhileIsWaitedFor) {
  for (const int error : {EIO, ENOSPC, EROFS}) {
    for (uint64_t nth = 1; nth <= 3 && !HasFailure(); ++nth) {
      SCOPED_TRACE(absl::StrCat(std::strerror(error), " from call ", nth));
      EXPECT_NE(FailAt(nth, error, true), "");
    }
  }
}

// A key that goes away and comes back.
class Token final : public ledger::Signer {
 public:
  explicit Token(const ledger::Signer& key) : key_(key) {}
  const std::string& name() const override { return key_.name(); }
  const std::string& public_key() const override { return key_.public_key(); }
  absl::StatusOr<std::string> Sign(std::string_view text) const override {
    if (gone) return absl::UnavailableError("the token was pulled");
    return key_.Sign(text);
  }
  std::atomic<bool> gone{false};

 private:
  const ledger::Signer& key_;
};

TEST_F(LedgerFault, NothingIsReleasedWhileNobodyCanSign) {
  const storage::TemporaryDirectory directory;
  LedgerHub hub(directory.path());
  ASSERT_TRUE(hub.started.ok());
  hub.checkpointer.reset();
  Token token(*hub.signer);
  hub.checkpointer = ledger::Checkpointer::Start(*hub.log, *hub.pipeline, token,
                                                 {.second_place = directory.path() / "last-checkpoint",
                                                  .interval = absl::ZeroDuration()})
                         .value();
  ASSERT_TRUE(hub.Append("before").ok());
  token.gone = true;
  absl::StatusOr<storage::LogPlace> last;
  for (int i = 0; last.ok() || i == 0; ++i) last = hub.Append(absl::StrCat("unsigned ", i));
  EXPECT_EQ(ReasonOf(last.status()), "LEDGER_UNAVAILABLE");
  token.gone = false;
  ASSERT_TRUE(hub.pipeline->WaitUntilOpen(Soon()));
  ASSERT_TRUE(hub.Append("after").ok());
  EXPECT_NE(Covering(hub, hub.log->head()->size()), nullptr);
  hub.checkpointer.reset();
}

// Verifies everything clients are given, while it is given.
class Auditor {
 public:
  explicit Auditor(const LedgerHub& hub) : hub_(hub) {}
  void Given(const storage::LogPlace& place) {
    absl::MutexLock lock(&mu_);
    given_.push_back(place);
  }
  // Moves to a checkpoint of at least `size` entries: consistency with the one before, inclusion of what was
  // given since.
  void Verify(uint64_t size) {
    const ledger::SignedCheckpointPtr latest = Covering(hub_, size);
    ASSERT_NE(latest, nullptr) << hub_.checkpointer->health();
    const auto checkpoint = ledger::OpenCheckpoint(latest->note, ledger::VerifierKeyOf(*hub_.signer));
    ASSERT_TRUE(checkpoint.ok());
    const ledger::HeadHashes hashes(*hub_.store, hub_.log->head());
    const auto grown = ledger::ConsistencyProof(hashes, seen_.size, checkpoint->size);
    if (!grown.ok() && ReasonOf(grown.status()) == "STORE_CLOSED") return;  // just being opened anew
    ASSERT_TRUE(grown.ok()) << grown.status();
    ASSERT_TRUE(
        ledger::VerifyConsistency(seen_.size, checkpoint->size, *grown, seen_.root, checkpoint->root).ok());
    ++checkpoints;
    seen_ = *checkpoint;
    std::vector<storage::LogPlace> covered;
    {
      absl::MutexLock lock(&mu_);
      const auto later = std::partition(given_.begin(), given_.end(),
                                        [&](const auto& place) { return place.index >= checkpoint->size; });
      covered.assign(later, given_.end());
      given_.erase(later, given_.end());
    }
    for (const auto& place : covered) {
      const auto proof = ledger::InclusionProof(hashes, place.index, seen_.size);
      if (!proof.ok() && ReasonOf(proof.status()) == "STORE_CLOSED") {
        Given(place);
        continue;
      }
      ASSERT_TRUE(proof.ok()) << proof.status();
      ASSERT_TRUE(ledger::VerifyInclusion(place.leaf, place.index, seen_.size, *proof, seen_.root).ok())
          << place.index;
      ++verified;
    }
  }
  uint64_t size() const { return seen_.size; }
  size_t verified = 0;
  size_t checkpoints = 0;

 private:
  const LedgerHub& hub_;
  ledger::Checkpoint seen_{kOrigin, 0, ledger::EmptyRoot()};
  absl::Mutex mu_;
  std::vector<storage::LogPlace> given_ ABSL_GUARDED_BY(mu_);
};

class Hammer : public LedgerFault, public testing::WithParamInterface<bool> {};

TEST_P(Hammer, EverythingGivenTo64WritersVerifiesWhileTheyAppend) {
  constexpr int kWriters = 64;
  constexpr int kEach = 100;
  const bool disk_fails = GetParam();
  const storage::TemporaryDirectory directory;
  LedgerHub hub(directory.path());
  ASSERT_TRUE(hub.started.ok());
  Auditor auditor(hub);
  std::atomic<int> running{kWriters};
  std::atomic<size_t> refused{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < kEach;) {
        const auto place = hub.Append(absl::StrCat(writer, "-", i));
        if (place.ok()) {
          auditor.Given(*place);
          ++i;
        } else {
          ++refused;
          hub.pipeline->WaitUntilOpen(Soon());
        }
      }
      --running;
    });
  }
  std::mt19937_64 random(7);
  if (disk_fails) BadDisk::Arm(directory.path() / "store", 20, EIO);
  while (running > 0 && !HasFailure()) {
    // Once it failed it fails again, in the store or the second place.
    if (disk_fails && !BadDisk::Failed().empty()) BadDisk::Arm(directory.path(), 1 + random() % 40, EIO);
    auditor.Verify(auditor.size() + 1 <= hub.log->head()->size() ? auditor.size() + 1 : auditor.size());
  }
  BadDisk::Disarm();
  for (auto& writer : writers) writer.join();
  ASSERT_TRUE(hub.pipeline->WaitUntilOpen(Soon()));
  auditor.Verify(hub.log->head()->size());
  EXPECT_EQ(auditor.verified, static_cast<size_t>(kWriters * kEach));
  EXPECT_GT(auditor.checkpoints, 2u);
  std::printf("verified %zu inclusions and %zu checkpoints; %zu refused in %llu closings\n", auditor.verified,
              auditor.checkpoints, refused.load(),
              static_cast<unsigned long long>(hub.pipeline->times_closed()));
  EXPECT_EQ(hub.pipeline->times_closed() > 0, disk_fails);
}
INSTANTIATE_TEST_SUITE_P(Disk, Hammer, testing::Values(false, true),
                         [](const auto& disk) { return disk.param ? "Failing" : "Sound"; });

}  // namespace
}  // namespace zhanqiao::faults
