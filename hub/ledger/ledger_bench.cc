// BM_AppendHashing: entries of 300 bytes placed and sealed in groups of 1,024, nothing written: the floor is two
// SHA-256 an entry. The log must sustain 150,000 entries a second on one thread here.
// BM_AppendDurable: the same through the pipeline into RocksDB, one commit of 1,024 records at a time: the floor is
// one synced write a group.
// BM_AppendCounted: BM_AppendHashing with a number for each entry out of 100 counters: what sequences cost.
// BM_CheckAnswers/N: what the hub does for a signed message of N answers, without the rows' digests: the floor is one
// Ed25519 verification. BM_SignAnswers/N: the same for the connector.
#include <benchmark/benchmark.h>

#include "catalog/base/clock.h"
#include "catalog/base/signatures.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/rocks_store.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/commitments.h"
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

void BM_AppendCounted(benchmark::State& state) {
  const storage::MemoryStore store;
  const SystemClock clock;
  const auto log = *Log::Open(store, clock);
  std::vector<storage::LogRecord> records;
  for (int i = 0; i < 100; ++i) {
    const std::string consumer = "organizations/370200-ZWFWB/systems/approval" + std::to_string(i);
    records.push_back({std::string(300, 'e'), std::string(32, 's'), ReleaseCounter(consumer, "resources/308001~1")});
  }
  storage::Batch batch;
  for (auto _ : state) {
    batch.Clear();
    for (size_t i = 0; i < kGroup; ++i) benchmark::DoNotOptimize(log->Place(records[i % records.size()], batch));
    log->Seal(batch);
    log->Committed();
  }
  state.SetItemsProcessed(state.iterations() * kGroup);
}
BENCHMARK(BM_AppendCounted);

void BM_SignAnswers(benchmark::State& state) {
  const Ed25519Key key = Ed25519Key::FromSeed(std::string(32, 'k'));
  const std::vector<Digest> digests(static_cast<size_t>(state.range(0)), Sha256("answer"));
  for (auto _ : state) benchmark::DoNotOptimize(key.Sign(SignedTree(digests).SignedBytes(kSignedAnswers)));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_SignAnswers)->Arg(1)->Arg(64);

void BM_CheckAnswers(benchmark::State& state) {
  const Ed25519Key key = Ed25519Key::FromSeed(std::string(32, 'k'));
  const std::vector<Digest> digests(static_cast<size_t>(state.range(0)), Sha256("answer"));
  const std::vector<std::string_view> views(digests.size(), Bytes(digests[0]));
  const std::string signature = key.Sign(SignedTree(digests).SignedBytes(kSignedAnswers));
  for (auto _ : state) {
    const auto batch = SignedBatch::Check(kSignedAnswers, key.public_key(), views, signature);
    if (!batch.ok()) state.SkipWithError("wrong");
    for (size_t i = 0; i < views.size(); ++i) benchmark::DoNotOptimize((*batch)->Place(i));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_CheckAnswers)->Arg(1)->Arg(8)->Arg(64);

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
