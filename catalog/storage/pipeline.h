// The one durable commit path: many callers, one ordered write, one sync, then all are answered.
//
// A single thread drains the queue. For every commit in order it checks the preconditions against the store
// and the commits before it in the same group, lets the sequencer place its records, runs `late`, and then
// applies the whole group in one synced write. Observers run next, then every caller is answered. Nothing is
// answered before it is durable. If the write fails the pipeline closes: every waiting and later commit gets
// UNAVAILABLE / LEDGER_UNAVAILABLE, and only opening the store again helps (fail closed; no retried fsync).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/storage/store.h"

namespace zhanqiao::storage {

// A record to be logged: the canonical body of an entry, what is kept secret beside it (under the entry's index;
// empty: nothing), and the counter it takes a number of. The sequencer adds what only it knows.
struct LogRecord {
  std::string body;
  std::string secret;        // serialised v1.EntrySecret
  std::string counter = {};  // the entry gets the next number of this key, 1 first, without a gap; empty: none
};

// Where a record stands in the log.
struct LogPlace {
  uint64_t index = 0;
  Digest leaf{};        // RFC 6962 leaf hash of the entry as stored
  absl::Time time;      // the entry's time, set by the sequencer, monotone in the log
};

// The value under a key must be exactly `expected` (nothing: the key must be absent) when the commit's turn comes.
struct Precondition {
  Table table;
  std::string key;
  std::optional<std::string> expected;
};

struct CommitResult {
  std::vector<LogPlace> places;  // one for each record, in order
};

struct Commit {
  std::vector<Precondition> preconditions;
  Batch writes;
  std::vector<LogRecord> records;
  // Adds writes that need to know where the records stand. Runs on the commit thread; quick, no I/O.
  std::function<void(const CommitResult&, Batch&)> late;
  // Runs on the commit thread after the write is durable, in commit order, before any caller of the group is
  // answered: this is how in-memory views change with the commit.
  std::function<void(const CommitResult&)> applied;
};

// Gives records their place in the log; implemented by hub/ledger. Called by the commit thread only.
class Sequencer {
 public:
  virtual ~Sequencer() = default;
  // OK if `record` can be placed; asked on the submitting thread, so that a record the log cannot hold is refused
  // before it has a turn. Thread-safe.
  virtual absl::Status Check(const LogRecord&) const { return absl::OkStatus(); }
  // Places one record at the end of the log and adds its rows to `batch`.
  virtual LogPlace Place(const LogRecord& record, Batch& batch) = 0;
  // Ends a group in which a record was placed: adds finished tiles and the new head to `batch`.
  virtual void Seal(Batch& batch) = 0;
  // The group is durable, or nothing of it was written.
  virtual void Committed() = 0;
  virtual void Aborted() = 0;
};

class CommitPipeline {
 public:
  struct Options {
    size_t group_records_max = 1024;         // records placed in one write
    size_t group_bytes_max = 4 << 20;        // bytes written in one write
    size_t queue_max = 16384;                // waiting commits; beyond that RESOURCE_EXHAUSTED / COMMIT_QUEUE_FULL
  };
  // `store` and `sequencer` must outlive the pipeline. A null sequencer: commits with records are refused.
  CommitPipeline(Store& store, Sequencer* sequencer, Options options);
  // Finishes what is queued, then stops.
  ~CommitPipeline();
  CommitPipeline(const CommitPipeline&) = delete;
  CommitPipeline& operator=(const CommitPipeline&) = delete;

  using Done = absl::AnyInvocable<void(absl::StatusOr<CommitResult>) &&>;
  // Queues `commit`; `done` runs on the commit thread (or at once when refused) and must not block.
  // ABORTED / PRECONDITION_FAILED with the fact `precondition` = index of the first that does not hold.
  void Submit(Commit commit, Done done);
  // The same, waiting for the answer. Never from the commit thread or an edge thread.
  absl::StatusOr<CommitResult> Run(Commit commit);

  // Queued commits, for metrics and overload decisions.
  size_t queued() const;
  // OK, or why the pipeline is closed.
  absl::Status health() const;

 private:
  struct Waiting;
  class Committer;
  void Loop();
  void Close(const absl::Status& cause, std::vector<Waiting>& taken, size_t first);

  Store& store_;
  Sequencer* const sequencer_;
  const Options options_;
  mutable absl::Mutex mu_;  // makes queueing and closing one step
  std::vector<Waiting> queue_ ABSL_GUARDED_BY(mu_);
  size_t taken_ ABSL_GUARDED_BY(mu_) = 0;  // commits the thread has taken and not yet answered
  absl::Status closed_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace zhanqiao::storage
