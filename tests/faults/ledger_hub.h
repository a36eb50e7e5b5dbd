// The ledger as a hub runs it, on a real store: pipeline, log, documents with a view of them, checkpoints in
// two places.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/rocks_store.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/log.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::faults {

inline constexpr char kOrigin[] = "ledger.example/zhanqiao";

// The body of an entry that says which of many it is.
inline std::string Body(const std::string& matter) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("organizations/A/systems/s");
  entry.mutable_exchange()->set_consumer("organizations/A/systems/s");
  entry.mutable_exchange()->set_matter(matter);
  return entry.SerializeAsString();
}

// Thread-safe as its parts are. A hub that cannot start says so in `started`.
class LedgerHub {
 public:
  // The store lies in `directory`/store, the second place beside it.
  // `seed` names the key; 7 is that of the log, another one somebody else's.
  explicit LedgerHub(const std::filesystem::path& directory, char seed = 7)
      : directory_(directory), seed_(seed) {
    started = Start();
  }
  ~LedgerHub() {
    checkpointer.reset();
    pipeline.reset();
  }
  LedgerHub(const LedgerHub&) = delete;
  LedgerHub& operator=(const LedgerHub&) = delete;

  absl::StatusOr<storage::LogPlace> Append(const std::string& matter) {
    storage::Commit commit;
    commit.records.push_back({Body(matter), "seed"});
    const storage::CommitResult result = TRY(pipeline->Run(std::move(commit)));
    return result.places.at(0);
  }
  // Appends entries until there are `size`, the i-th about `what`-i, and waits until a checkpoint covers
  // them.
  ledger::SignedCheckpointPtr GrowTo(uint64_t size, const std::string& what = "case") {
    while (log->head()->size() < size) {
      storage::Commit commit;
      for (uint64_t i = log->head()->size(); i < size && commit.records.size() < 1000; ++i) {
        commit.records.push_back({Body(what + "-" + std::to_string(i)), ""});
      }
      if (!pipeline->Run(std::move(commit)).ok()) return nullptr;
    }
    return checkpointer->WaitFor(size, absl::Now() + absl::Seconds(60)).value_or(nullptr);
  }
  // Document revisions by name, as observers were told.
  std::map<std::string, uint64_t> View() const {
    absl::MutexLock lock(&mu_);
    return view_;
  }

  absl::Status started;
  std::unique_ptr<storage::RocksStore> store;
  std::unique_ptr<ledger::Signer> signer;
  std::unique_ptr<ledger::Log> log;
  std::unique_ptr<storage::CommitPipeline> pipeline;
  std::unique_ptr<documents::DocumentStore> documents;
  std::unique_ptr<ledger::Checkpointer> checkpointer;

 private:
  absl::Status Start() {
    storage::RocksStore::Options options;
    options.free_bytes_min = 1 << 20;
    store = TRY(storage::RocksStore::Open(directory_ / "store", options));
    signer = TRY(ledger::Ed25519FileSigner::FromSeed(std::string(32, seed_), kOrigin));
    log = TRY(ledger::Log::Open(*store, clock_));
    pipeline = std::make_unique<storage::CommitPipeline>(*store, log.get(), documents::LowerHub::Hasty());
    documents = std::make_unique<documents::DocumentStore>(*store, *pipeline, clock_, random_);
    if (log->head()->size() == 0) {
      storage::Commit first;
      first.records.push_back(ledger::GenesisRecord(kOrigin, signer->public_key()));
      TRY(pipeline->Run(std::move(first)));
    }
    TRY(documents->Observe("", [this](const documents::Version& version) {
      absl::MutexLock lock(&mu_);
      view_[version.name] = version.revision;
    }));
    ledger::Checkpointer::Options places;
    places.second_place = directory_ / "last-checkpoint";
    places.interval = absl::Milliseconds(5);
    places.retry_after = absl::Milliseconds(1);
    places.retry_after_max = absl::Milliseconds(20);
    checkpointer = TRY(ledger::Checkpointer::Start(*log, *pipeline, *signer, places));
    return absl::OkStatus();
  }

  const std::filesystem::path directory_;
  const char seed_;
  const SystemClock clock_;
  SystemRandom random_;
  mutable absl::Mutex mu_;
  std::map<std::string, uint64_t> view_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::faults
