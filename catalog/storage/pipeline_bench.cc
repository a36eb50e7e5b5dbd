// What one hub can log: 300-byte records through the pipeline into RocksDB, every group synced.
// The floor is 50,000 records/s with 256 callers in flight. ZHANQIAO_BENCH_DIR names the disk to measure.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "catalog/storage/fake_sequencer.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/rocks_store.h"

namespace zhanqiao::storage {
namespace {

std::filesystem::path BenchDirectory() {
  const char* named = std::getenv("ZHANQIAO_BENCH_DIR");
  const std::filesystem::path base = named != nullptr ? named : std::filesystem::temp_directory_path();
  return base / absl::StrCat("zhanqiao-bench-", getpid());
}

// Keeps `callers` commits in flight: each answer lets the next one go.
class InFlight {
 public:
  explicit InFlight(int64_t callers) : callers_(callers) {}
  void Enter() {
    absl::MutexLock lock(&mu_);
    const auto room = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return flying_ < callers_; };
    mu_.Await(absl::Condition(&room));
    ++flying_;
  }
  void Leave() {
    absl::MutexLock lock(&mu_);
    --flying_;
  }
  void AwaitAll() {
    absl::MutexLock lock(&mu_);
    const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return flying_ == 0; };
    mu_.Await(absl::Condition(&none));
  }

 private:
  const int64_t callers_;
  absl::Mutex mu_;
  int64_t flying_ ABSL_GUARDED_BY(mu_) = 0;
};

// One release of the exchange: a logged record that stands on two unchanged documents.
Commit Release() {
  Commit commit;
  commit.records.push_back({std::string(300, 'x'), std::string(32, 's')});
  commit.preconditions.push_back({Table::kDocuments, "hgrants/01hqtestgrant", "r7"});
  commit.preconditions.push_back({Table::kDocuments, "horganizations/370200-ZWFWB/systems/approval", "r3"});
  return commit;
}

void Drive(benchmark::State& state, Store& store) {
  Batch grants;
  for (const auto& it : Release().preconditions) grants.Put(it.table, it.key, *it.expected);
  if (!store.Apply(grants).ok()) return state.SkipWithError("the store refuses");
  const SystemClock clock;
  FakeSequencer sequencer(store, clock);
  InFlight callers(state.range(0));
  std::atomic<bool> failed{false};
  CommitPipeline pipeline(store, &sequencer, {});
  for (auto _ : state) {
    callers.Enter();
    pipeline.Submit(Release(), [&](absl::StatusOr<CommitResult> result) {
      if (!result.ok()) failed = true;
      callers.Leave();
    });
  }
  callers.AwaitAll();
  if (failed) state.SkipWithError("a commit failed");
  state.SetItemsProcessed(state.iterations());
  state.counters["per_group"] = static_cast<double>(sequencer.size()) / std::max(sequencer.sealed, 1);
}

// Synced: what a hub does.
void BM_CommitDurably(benchmark::State& state) {
  const auto directory = BenchDirectory();
  std::filesystem::remove_all(directory);
  {
    auto store = RocksStore::Open(directory);
    if (!store.ok()) return state.SkipWithError(store.status().ToString().c_str());
    Drive(state, **store);
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(BM_CommitDurably)->Arg(1)->Arg(256)->Arg(1024)->UseRealTime();

// The pipeline alone, with a store that forgets: what queueing, grouping and answering cost.
void BM_CommitToNowhere(benchmark::State& state) {
  class Nowhere final : public Store {
   public:
    absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override {
      return rows_.Get(table, key);
    }
    absl::Status Scan(Table, std::string_view, std::string_view, const Visit&) const override { return {}; }
    absl::Status ScanBackwards(Table, std::string_view, std::string_view, const Visit&) const override {
      return {};
    }
    std::unique_ptr<Reader> Snapshot() const override { return rows_.Snapshot(); }
    absl::Status Apply(const Batch& batch) override {
      return batch.writes().size() == 2 ? rows_.Apply(batch) : absl::OkStatus();  // keeps the two documents
    }
    absl::Status Reopen() override { return absl::OkStatus(); }

   private:
    MemoryStore rows_;
  } store;
  Drive(state, store);
}
BENCHMARK(BM_CommitToNowhere)->Arg(256)->UseRealTime();

}  // namespace
}  // namespace zhanqiao::storage

BENCHMARK_MAIN();
