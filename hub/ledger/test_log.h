// A whole little log for tests: store in memory, pipeline, log, signing key and second place, started as a hub does.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/log.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {

inline v1::LedgerEntry ExchangeEntry(uint64_t number, std::string_view consumer = "organizations/A/systems/s",
                                     std::string_view provider = "organizations/B") {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(std::string(consumer));
  entry.mutable_exchange()->set_consumer(std::string(consumer));
  entry.mutable_exchange()->set_provider(std::string(provider));
  entry.mutable_exchange()->set_matter("case-" + std::to_string(number));
  return entry;
}

inline storage::LogRecord RecordOf(const v1::LedgerEntry& entry, std::string secret = {}) {
  return {entry.SerializeAsString(), std::move(secret)};
}

class TestLog {
 public:
  static constexpr char kOrigin[] = "ledger.example/zhanqiao";

  explicit TestLog(std::unique_ptr<storage::MemoryStore> store = std::make_unique<storage::MemoryStore>())
      : store_(std::move(store)) {
    absl::StatusOr<std::unique_ptr<Log>> log = Log::Open(*store_, clock_);
    EXPECT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
    pipeline_ = std::make_unique<storage::CommitPipeline>(*store_, log_.get(), storage::CommitPipeline::Options());
    if (log_->head()->size() == 0) Commit({GenesisRecord(kOrigin, signer_->public_key())});
  }

  // Commits `records` together; true if they are durable.
  bool Commit(std::vector<storage::LogRecord> records) {
    storage::Commit commit;
    commit.records = std::move(records);
    return pipeline_->Run(std::move(commit)).ok();
  }
  // Appends exchanges until the log holds `size` entries.
  void GrowTo(uint64_t size) {
    while (log_->head()->size() < size) {
      std::vector<storage::LogRecord> records;
      for (uint64_t i = log_->head()->size(); i < size && records.size() < 1000; ++i) {
        records.push_back(RecordOf(ExchangeEntry(i)));
      }
      clock_.Advance(absl::Microseconds(10));
      ASSERT_TRUE(Commit(std::move(records)));
    }
  }
  absl::Status StartCheckpoints() {
    auto started = Checkpointer::Start(*log_, *pipeline_, *signer_, {second_place(), absl::ZeroDuration()});
    if (!started.ok()) return started.status();
    checkpointer_ = *std::move(started);
    return absl::OkStatus();
  }
  // Signs for everything in the log.
  SignedCheckpointPtr Sign() {
    if (!checkpointer_) {
      EXPECT_TRUE(StartCheckpoints().ok());
    }
    auto checkpoint = checkpointer_->WaitFor(log_->head()->size(), absl::Now() + absl::Seconds(30));
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    return *checkpoint;
  }
  // Stops everything as a hub that goes down, and hands over what is on the disk.
  std::unique_ptr<storage::MemoryStore> Stop() {
    checkpointer_.reset();
    pipeline_.reset();
    log_.reset();
    return std::move(store_);
  }

  storage::MemoryStore& store() { return *store_; }
  storage::CommitPipeline& pipeline() { return *pipeline_; }
  Log& log() { return *log_; }
  Checkpointer& checkpointer() { return *checkpointer_; }
  const Signer& signer() const { return *signer_; }
  VerifierKey key() const { return VerifierKeyOf(*signer_); }
  SimulatedClock& clock() { return clock_; }
  std::filesystem::path directory() const { return directory_.path(); }
  std::filesystem::path second_place() const { return place_.empty() ? directory() / "last-checkpoint" : place_; }
  void SetSecondPlace(std::filesystem::path place) { place_ = std::move(place); }

 private:
  const storage::TemporaryDirectory directory_;
  std::filesystem::path place_;
  SimulatedClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  const std::unique_ptr<Signer> signer_ = *Ed25519FileSigner::FromSeed(std::string(32, 7), kOrigin);
  std::unique_ptr<storage::MemoryStore> store_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<storage::CommitPipeline> pipeline_;
  std::unique_ptr<Checkpointer> checkpointer_;
};

}  // namespace zhanqiao::ledger
