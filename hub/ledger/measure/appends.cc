#include "hub/ledger/measure/appends.h"

#include <algorithm>
#include <utility>

#include "catalog/base/error.h"
#include "hub/ledger/measure/latencies.h"

namespace zhanqiao::ledger {
namespace {

// Keeps a number of commits under way.
class Driver {
 public:
  Driver(ScratchHub& hub, SpreadClock& clock, size_t clients) : hub_(hub), clock_(clock), clients_(clients) {}

  void Hand(storage::Commit commit) {
    const auto room = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return under_way_ < clients_; };
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&room));
      ++under_way_;
    }
    clock_.Count(commit.records.size());
    const SteadyTime start = std::chrono::steady_clock::now();
    hub_.pipeline->Submit(std::move(commit), [this, start](absl::StatusOr<storage::CommitResult> result) {
      const double micros = MicrosSince(start);
      absl::MutexLock lock(&mu_);
      latencies_.Add(micros);
      if (!result.ok()) status_ = result.status();
      --under_way_;
    });
  }
  absl::Status Finish() {
    const auto done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return under_way_ == 0; };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&done));
    return status_;
  }
  double Quantile(double quantile) {
    absl::MutexLock lock(&mu_);
    return latencies_.At(quantile);
  }

 private:
  ScratchHub& hub_;
  SpreadClock& clock_;
  const size_t clients_;
  absl::Mutex mu_;  // makes answering and handing over one step
  size_t under_way_ ABSL_GUARDED_BY(mu_) = 0;
  Latencies latencies_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

storage::Commit CommitOf(RandomEntries& entries, size_t batch) {
  storage::Commit commit;
  commit.records.reserve(batch);
  for (size_t i = 0; i < batch; ++i) commit.records.push_back(entries.Next());
  return commit;
}

}  // namespace

absl::StatusOr<AppendFigures> MeasureAppends(ScratchHub& hub, SpreadClock& clock, RandomEntries& entries,
                                             size_t clients, size_t batch, uint64_t count) {
  std::vector<storage::Commit> commits;
  for (uint64_t made = 0; made < count; made += batch) commits.push_back(CommitOf(entries, batch));
  Driver driver(hub, clock, clients);
  const SteadyTime start = std::chrono::steady_clock::now();
  for (storage::Commit& commit : commits) driver.Hand(std::move(commit));
  TRY(driver.Finish());
  if (hub.checkpointer) {
    TRY(hub.checkpointer->WaitFor(hub.log->head()->size(), absl::Now() + absl::Seconds(30)).status());
  }
  AppendFigures figures;
  figures.per_s = static_cast<double>(commits.size() * batch) / (MicrosSince(start) / 1e6);
  figures.p50_us = driver.Quantile(0.5);
  figures.p99_us = driver.Quantile(0.99);
  return figures;
}

absl::Status Fill(ScratchHub& hub, SpreadClock& clock, RandomEntries& entries, uint64_t size) {
  constexpr uint64_t kBatch = 1024;
  Driver driver(hub, clock, 4);
  for (uint64_t at = hub.log->head()->size(); at < size; at += kBatch) {
    driver.Hand(CommitOf(entries, std::min(kBatch, size - at)));
  }
  return driver.Finish();
}

}  // namespace zhanqiao::ledger
