#include "catalog/storage/pipeline.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::storage {
namespace {

absl::Status Unavailable() {
  return Fail(absl::StatusCode::kUnavailable, "LEDGER_UNAVAILABLE",
              "The ledger cannot be written, so nothing is done or released; the hub's operator has to look.",
              {{"link", "hub"}});
}

absl::Status QueueFull() {
  return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "COMMIT_QUEUE_FULL",
                             "Too many writes are waiting; try again a little later."),
                        100);
}

absl::Status PreconditionFailed(size_t index) {
  return Fail(absl::StatusCode::kAborted, "PRECONDITION_FAILED",
              "What this write relied on has changed; read again and decide again.",
              {{"precondition", absl::StrCat(index)}});
}

}  // namespace

struct CommitPipeline::Waiting {
  Commit commit;
  Done done;
  CommitResult result;
  absl::Status status;
};

namespace {

size_t BytesOf(const Batch& batch, size_t first) {
  size_t bytes = 0;
  for (size_t i = first; i < batch.writes().size(); ++i) {
    const Batch::Write& write = batch.writes()[i];
    bytes += write.key.size() + (write.value ? write.value->size() : 0);
  }
  return bytes;
}

// What the preconditions of one group look at: each key is read at most once, and writes of earlier commits of
// the group are seen by later ones. Keys belong to the commits of the group, which stay where they are.
class View {
 public:
  explicit View(const Store& store) : store_(store) {}

  // Announces a key before any write of the group can touch it.
  void Watch(const Precondition& precondition) {
    rows_.try_emplace(Key(precondition.table, precondition.key));
    watched_[static_cast<size_t>(precondition.table)] = true;
  }

  absl::StatusOr<bool> Holds(const Precondition& precondition) {
    Row& row = rows_[Key(precondition.table, precondition.key)];
    if (!row.known) {
      row.value = TRY(store_.Get(precondition.table, precondition.key));
      row.known = true;
    }
    return row.value == precondition.expected;
  }

  // Makes the writes of `batch` from `first` on visible.
  void Observe(const Batch& batch, size_t first) {
    for (size_t i = first; i < batch.writes().size(); ++i) {
      const Batch::Write& write = batch.writes()[i];
      if (!watched_[static_cast<size_t>(write.table)]) continue;
      const auto row = rows_.find(Key(write.table, write.key));
      if (row == rows_.end()) continue;
      row->second.value = write.value;
      row->second.known = true;
    }
  }

  void Clear() {
    rows_.clear();
    watched_.fill(false);
  }

 private:
  struct Row {
    bool known = false;
    std::optional<std::string> value;
  };
  using TableKey = std::pair<Table, absl::string_view>;
  static TableKey Key(Table table, std::string_view key) { return {table, Absl(key)}; }

  const Store& store_;
  absl::flat_hash_map<TableKey, Row> rows_;
  std::array<bool, kTableCount> watched_{};  // tables with a watched key: most writes are to others
};

}  // namespace

// Works through what the commit thread took from the queue, group by group. Lives on that thread.
class CommitPipeline::Committer {
 public:
  Committer(Store& store, Sequencer* sequencer, const Options& options)
      : store_(store), sequencer_(sequencer), options_(options), view_(store) {}

  // Commits a group that starts at `first` and answers it; returns one past its end. An error closes.
  absl::StatusOr<size_t> CommitGroup(std::vector<Waiting>& taken, size_t first);

 private:
  size_t Choose(const std::vector<Waiting>& taken, size_t first);
  absl::Status Check(const Commit& commit);
  void Place(Waiting& waiting);
  absl::Status Write();

  Store& store_;
  Sequencer* const sequencer_;
  const Options options_;
  View view_;
  Batch batch_;         // of the group; kept for its memory
  size_t bytes_ = 0;    // in batch_
  bool placed_ = false; // whether the group has records
};

// The longest run of commits that may make one group, going by what is known before they run.
size_t CommitPipeline::Committer::Choose(const std::vector<Waiting>& taken, size_t first) {
  size_t records = 0;
  size_t end = first;
  for (; end < taken.size(); ++end) {
    records += taken[end].commit.records.size();
    if (end > first && records > options_.group_records_max) break;
    for (const auto& precondition : taken[end].commit.preconditions) view_.Watch(precondition);
  }
  return end;
}

absl::Status CommitPipeline::Committer::Check(const Commit& commit) {
  for (size_t i = 0; i < commit.preconditions.size(); ++i) {
    const bool holds = TRY(view_.Holds(commit.preconditions[i]));
    if (!holds) return PreconditionFailed(i);
  }
  return absl::OkStatus();
}

void CommitPipeline::Committer::Place(Waiting& waiting) {
  Commit& commit = waiting.commit;
  auto& rows = batch_.writes();
  const size_t first = rows.size();
  std::move(commit.writes.writes().begin(), commit.writes.writes().end(), std::back_inserter(rows));
  waiting.result.places.reserve(commit.records.size());
  for (const auto& record : commit.records) {
    waiting.result.places.push_back(sequencer_->Place(record, batch_));
    placed_ = true;
  }
  if (commit.late) commit.late(waiting.result, batch_);
  view_.Observe(batch_, first);
  bytes_ += BytesOf(batch_, first);
}

// One synced write for the whole group; none if nothing is to be written.
absl::Status CommitPipeline::Committer::Write() {
  if (placed_) sequencer_->Seal(batch_);
  if (batch_.empty()) return absl::OkStatus();
  const absl::Status written = store_.Apply(batch_);
  if (!placed_) return written;
  if (written.ok()) {
    sequencer_->Committed();
  } else {
    sequencer_->Aborted();
  }
  return written;
}

absl::StatusOr<size_t> CommitPipeline::Committer::CommitGroup(std::vector<Waiting>& taken, size_t first) {
  batch_.Clear();
  view_.Clear();
  bytes_ = 0;
  placed_ = false;
  const size_t chosen = Choose(taken, first);
  size_t end = first;
  for (; end < chosen && bytes_ < options_.group_bytes_max; ++end) {
    taken[end].status = Check(taken[end].commit);
    if (taken[end].status.ok()) Place(taken[end]);
  }
  TRY(Write());
  for (size_t i = first; i < end; ++i) {
    const Waiting& waiting = taken[i];
    if (waiting.status.ok() && waiting.commit.applied) waiting.commit.applied(waiting.result);
  }
  for (size_t i = first; i < end; ++i) {
    Waiting& waiting = taken[i];
    if (waiting.status.ok()) {
      std::move(waiting.done)(std::move(waiting.result));
    } else {
      std::move(waiting.done)(std::move(waiting.status));
    }
  }
  return end;
}

CommitPipeline::CommitPipeline(Store& store, Sequencer* sequencer, Options options)
    : store_(store), sequencer_(sequencer), options_(options), thread_([this] { Loop(); }) {}

CommitPipeline::~CommitPipeline() { Stop(); }

void CommitPipeline::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void CommitPipeline::Submit(Commit commit, Done done) {
  absl::Status refused;
  for (size_t i = 0; i < commit.records.size() && sequencer_ != nullptr && refused.ok(); ++i) {
    refused = sequencer_->Check(commit.records[i]);
  }
  if (!refused.ok()) {
    // Falls through to the answer.
  } else if (!commit.records.empty() && sequencer_ == nullptr) {
    refused = Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_MISSING",
                   "This store has no ledger, so nothing that must be logged can be done with it.");
  } else {
    absl::MutexLock lock(&mu_);
    if (!closed_.ok()) {
      refused = closed_;
    } else if (stopping_) {
      refused = Unavailable();
    } else if (queue_.size() + taken_ >= options_.queue_max) {
      refused = QueueFull();
    } else {
      queue_.push_back({std::move(commit), std::move(done), {}, {}});
      return;
    }
  }
  std::move(done)(std::move(refused));
}

absl::StatusOr<CommitResult> CommitPipeline::Run(Commit commit) {
  absl::Notification answered;
  absl::StatusOr<CommitResult> answer;
  Submit(std::move(commit), [&](absl::StatusOr<CommitResult> result) {
    answer = std::move(result);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

size_t CommitPipeline::queued() const {
  absl::MutexLock lock(&mu_);
  return queue_.size() + taken_;
}

absl::Status CommitPipeline::health() const {
  absl::MutexLock lock(&mu_);
  return closed_;
}

bool CommitPipeline::WaitUntilOpen(absl::Time deadline) const {
  const auto open = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return closed_.ok(); };
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithDeadline(absl::Condition(&open), deadline);
}

void CommitPipeline::Suspend(const absl::Status& cause) {
  absl::MutexLock lock(&mu_);
  if (closed_.ok() && suspended_.ok()) suspended_ = cause;
}

void CommitPipeline::OnReopen(const void* owner, std::function<absl::Status()> agree) {
  absl::MutexLock lock(&agree_mu_);
  const auto known = std::find_if(agree_.begin(), agree_.end(), [&](const auto& it) { return it.first == owner; });
  if (known != agree_.end()) agree_.erase(known);
  if (agree) agree_.emplace_back(owner, std::move(agree));
}

// Closes the pipeline and answers everyone who waits: `taken` from `first` on, and the queue.
void CommitPipeline::Close(const absl::Status& cause, std::vector<Waiting>& taken, size_t first) {
  LogStatus(LogLevel::kError, "commit_pipeline_closed", cause);
  const absl::Status closed = Unavailable();
  std::vector<Waiting> queued;
  {
    absl::MutexLock lock(&mu_);
    closed_ = closed;
    suspended_ = absl::OkStatus();
    is_closed_.store(true, std::memory_order_release);
    taken_ = 0;
    queued.swap(queue_);
  }
  times_closed_.fetch_add(1, std::memory_order_relaxed);
  for (size_t i = first; i < taken.size(); ++i) std::move(taken[i].done)(closed);
  for (auto& waiting : queued) std::move(waiting.done)(closed);
}

// Everything that remembers something of the store, in the order of dependence. Nothing is written here.
absl::Status CommitPipeline::Reopen() {
  TRY(store_.Reopen());
  if (sequencer_ != nullptr) TRY(sequencer_->Reload());
  absl::MutexLock lock(&agree_mu_);
  for (const auto& [owner, agree] : agree_) TRY(agree());
  return absl::OkStatus();
}

// Tries until it is open again or the pipeline stops.
void CommitPipeline::ReopenInTime() {
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_; };
  for (absl::Duration pause = options_.reopen_after;; pause = std::min(2 * pause, options_.reopen_after_max)) {
    {
      absl::MutexLock lock(&mu_);
      if (mu_.AwaitWithTimeout(absl::Condition(&stopping), pause)) return;
    }
    const absl::Status reopened = Reopen();
    if (reopened.ok()) break;
    LogStatus(LogLevel::kError, "commit_pipeline_still_closed", reopened);
  }
  Log(LogLevel::kWarning, "commit_pipeline_reopened");
  absl::MutexLock lock(&mu_);
  closed_ = absl::OkStatus();
  is_closed_.store(false, std::memory_order_release);
}

void CommitPipeline::Loop() {
  Committer committer(store_, sequencer_, options_);
  std::vector<Waiting> taken;
  const auto awake = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return stopping_ || !queue_.empty() || !suspended_.ok();
  };
  while (true) {
    taken.clear();
    absl::Status cause;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&awake));
      cause = suspended_;
      if (cause.ok() && queue_.empty()) return;
      taken.swap(queue_);
      taken_ = taken.size();
    }
    size_t first = 0;
    while (cause.ok() && first < taken.size()) {
      const absl::StatusOr<size_t> end = committer.CommitGroup(taken, first);
      cause = end.status();
      if (!end.ok()) break;
      first = *end;
      absl::MutexLock lock(&mu_);
      taken_ = taken.size() - first;
    }
    if (cause.ok()) continue;
    Close(cause, taken, first);
    ReopenInTime();
  }
}

}  // namespace zhanqiao::storage
