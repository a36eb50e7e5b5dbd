// The one durable commit path: many callers, one ordered write, one sync, then all are answered.
//
// A single thread drains the queue. For every commit in order it checks the preconditions against the store
// and the commits before it in the same group, lets the sequencer place its records, runs `late`, and then
// applies the whole group in one synced write. Observers run next, then every caller is answered. Nothing is
// answered before it is durable.
//
// If the write fails the pipeline closes: every waiting and later commit gets UNAVAILABLE / LEDGER_UNAVAILABLE
// (fail closed). The commit thread then opens the store anew, after a pause that doubles (no write and no sync is
// ever repeated): store, sequencer, then everyone who asked with `OnReopen`. Whether the failed write is there
// nobody knows before that, so all of them read the store. Only when all agree with it are commits taken again.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
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
  // The store was opened anew after a failed write: reads the end of the log from it. Fails if it is not a
  // continuation of what was committed, which must then not go on.
  virtual absl::Status Reload() = 0;
};

class CommitPipeline {
 public:
  struct Options {
    size_t group_records_max = 1024;         // records placed in one write
    size_t group_bytes_max = 4 << 20;        // bytes written in one write
    size_t queue_max = 16384;                // waiting commits; beyond that RESOURCE_EXHAUSTED / COMMIT_QUEUE_FULL
    absl::Duration reopen_after = absl::Milliseconds(200);   // from closing to the first attempt to open; doubles
    absl::Duration reopen_after_max = absl::Seconds(5);      // at most this long between two attempts
  };
  // `store` and `sequencer` must outlive the pipeline. A null sequencer: commits with records are refused.
  CommitPipeline(Store& store, Sequencer* sequencer, Options options);
  // Stops.
  ~CommitPipeline();
  CommitPipeline(const CommitPipeline&) = delete;
  CommitPipeline& operator=(const CommitPipeline&) = delete;

  using Done = absl::AnyInvocable<void(absl::StatusOr<CommitResult>) &&>;
  // Queues `commit`; `done` runs on the commit thread (or at once when refused) and must not block.
  // ABORTED / PRECONDITION_FAILED with the fact `precondition` = index of the first that does not hold.
  void Submit(Commit commit, Done done);
  // Finishes what is queued and answers it, then refuses everything with LEDGER_UNAVAILABLE. Answers run code of those who
  // submitted: stop before any of them goes. Once is enough, more do no harm; never from the commit thread.
  void Stop();
  // The same as Submit, waiting for the answer. Never from the commit thread or an edge thread.
  absl::StatusOr<CommitResult> Run(Commit commit);

  // Closes as a failed write would: the log could be written, but must not (nobody could sign for it). It opens
  // again when everyone who asked with OnReopen agrees. What is being written at this moment is still answered.
  void Suspend(const absl::Status& cause);

  // `agree` runs on the commit thread each time the store was opened anew, before any commit is taken: it makes an
  // in-memory view agree with the store, or refuses to go on. Repeated until all agree. Replaces what `owner` asked
  // before; empty: no longer. Once it returns the previous one is not running; never call it from an `agree`.
  void OnReopen(const void* owner, std::function<absl::Status()> agree);

  // Queued commits, for metrics and overload decisions.
  size_t queued() const;
  // OK, or why the pipeline is closed.
  absl::Status health() const;
  // The same as a quick look, for those who would rather not begin.
  bool closed() const { return is_closed_.load(std::memory_order_acquire); }
  // Waits until it is open; false at `deadline`. Never from the commit thread.
  bool WaitUntilOpen(absl::Time deadline) const;
  // How often it closed since it was made.
  uint64_t times_closed() const { return times_closed_.load(std::memory_order_relaxed); }

 private:
  struct Waiting;
  class Committer;
  void Loop();
  void Close(const absl::Status& cause, std::vector<Waiting>& taken, size_t first);
  void ReopenInTime();
  absl::Status Reopen();

  Store& store_;
  Sequencer* const sequencer_;
  const Options options_;
  mutable absl::Mutex mu_;  // makes queueing and closing one step
  std::vector<Waiting> queue_ ABSL_GUARDED_BY(mu_);
  size_t taken_ ABSL_GUARDED_BY(mu_) = 0;  // commits the thread has taken and not yet answered
  absl::Status closed_ ABSL_GUARDED_BY(mu_);
  absl::Status suspended_ ABSL_GUARDED_BY(mu_);  // why the thread is to close, until it has
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::atomic<bool> is_closed_{false};  // follows closed_
  std::atomic<uint64_t> times_closed_{0};
  absl::Mutex agree_mu_;  // held while they run
  std::vector<std::pair<const void*, std::function<absl::Status()>>> agree_ ABSL_GUARDED_BY(agree_mu_);
  std::thread thread_;
};

}  // namespace zhanqiao::storage
