// The ledger part of a hub over a scratch directory, put together as hub/main.cc does.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/storage/pipeline.h"
#include "catalog/storage/rocks_store.h"
#include "hub/ledger/archive/archive_directory.h"
#include "hub/ledger/archive/archivist.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/index/index.h"
#include "hub/ledger/log.h"

namespace zhanqiao::ledger {

// Ledger time that goes on with the entries, so that few minutes of writing make a month of log. Thread-safe.
class SpreadClock final : public Clock {
 public:
  SpreadClock(absl::Time start, absl::Duration each) : start_(start), each_(each) {}
  absl::Time Now() const override {
    return start_ + each_ * static_cast<double>(entries_.load(std::memory_order_relaxed));
  }
  void Count(uint64_t entries) { entries_.fetch_add(entries, std::memory_order_relaxed); }

 private:
  const absl::Time start_;
  const absl::Duration each_;
  std::atomic<uint64_t> entries_{0};
};

struct ScratchHub {
  // Opens store and log; the other parts are started by those who need them. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<ScratchHub>> Open(const std::filesystem::path& directory,
                                                          const Clock& clock);
  absl::Status StartCheckpoints(absl::Duration interval);
  absl::Status StartIndex();
  absl::Status StartArchivist();
  ~ScratchHub();

  std::filesystem::path directory;
  const Clock* clock = nullptr;
  std::unique_ptr<storage::RocksStore> store;
  std::unique_ptr<Log> log;
  std::unique_ptr<storage::CommitPipeline> pipeline;
  std::unique_ptr<Ed25519FileSigner> signer;
  std::unique_ptr<Checkpointer> checkpointer;
  std::unique_ptr<OnlineEntries> entries;
  std::unique_ptr<Index> index;
  std::unique_ptr<Archivist> archivist;
};

}  // namespace zhanqiao::ledger
