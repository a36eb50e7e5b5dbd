// BM_AppendHashing: entries of 300 bytes placed and sealed in groups of 1,024, nothing written: the floor is two
// SHA-256 an entry. The log must sustain 150,000 entries a second on one thread here.
// BM_AppendDurable: the same through the pipeline into RocksDB, one commit of 1,024 records at a time: the floor is
// one synced write a group.
#include <benchmark/benchmark.h>

#include "catalog/base/clock.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/rocks_store.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/log.h"

namespace zhanqiao::ledger {
namespace {

constexpr int kGroup = 1024;

void BM_AppendHashing(benchmark::State& state) {
  const storage::MemoryStore store;
  const SystemClock clock;
  const auto log = *Log::Open(store, clock);
  const storage::LogRecord record{std::string(300, 'e'), std::string(32, 's')};
  storage::Batch batch;
  for (auto _ : state) {
    batch.Clear();
    for (int i = 0; i < kGroup; ++i) benchmark::DoNotOptimize(log->Place(record, batch));
    log->Seal(batch);
    log->Committed();
  }
  state.SetItemsProcessed(state.iterations() * kGroup);
}
BENCHMARK(BM_AppendHashing);

void BM_AppendDurable(benchmark::State& state) {
  const storage::TemporaryDirectory directory;
  const auto store = *storage::RocksStore::Open(directory.path() / "store");
  const SystemClock clock;
  const auto log = *Log::Open(*store, clock);
  storage::CommitPipeline pipeline(*store, log.get(), storage::CommitPipeline::Options());
  for (auto _ : state) {
    storage::Commit commit;
    commit.records.assign(kGroup, {std::string(300, 'e'), std::string(32, 's')});
    if (!pipeline.Run(std::move(commit)).ok()) state.SkipWithError("the store closed");
  }
  state.SetItemsProcessed(state.iterations() * kGroup);
}
BENCHMARK(BM_AppendDurable)->UseRealTime();

}  // namespace
}  // namespace zhanqiao::ledger

BENCHMARK_MAIN();
