#include "catalog/operations/operations.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::operations {
namespace {

absl::Status NotFound(std::string_view name) {
  return Fail(absl::StatusCode::kNotFound, "OPERATION_NOT_FOUND",
              "You have no such operation; list yours, or look at the documents' history if the hub was restarted.",
              {{"operation", std::string(name)}});
}

absl::Status Cancelled() {
  return Fail(absl::StatusCode::kCancelled, "OPERATION_CANCELLED",
              "The operation was stopped before it changed anything; start it again if it is still wanted.");
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

void SetError(const absl::Status& status, google::rpc::Status* out) {
  if (!out->ParseFromString(ToDetails(status))) out->Clear();
  out->set_code(static_cast<int>(status.code()));
  out->set_message(std::string(status.message()));
}

}  // namespace

struct Operations::Entry {
  v1::Operation operation;  // under mu_ of the room
  Work work;                // the thread's once it is taken from the queue
  std::atomic<bool> stop{false};
  File file;                // under mu_ of the room
};

struct Operations::Waiter {
  EntryPtr entry;
  absl::Time deadline;
  Done done;
};

// Writes into the operation's message, at most a thousand times a stage.
class Operations::EntryProgress final : public Progress {
 public:
  EntryProgress(Operations& room, EntryPtr entry) : room_(room), entry_(std::move(entry)) {}

  void Stage(std::string_view name, int until_permille, int64_t items_total) override {
    from_ = until_;
    until_ = std::max(from_, until_permille);
    total_ = items_total;
    told_ = from_;
    absl::MutexLock lock(&room_.mu_);
    entry_->operation.set_stage(std::string(name));
    entry_->operation.set_items_done(0);
    entry_->operation.set_items_total(items_total);
    entry_->operation.set_progress_permille(from_);
  }

  void Items(int64_t done) override {
    const int64_t share = total_ > 0 ? std::min(done, total_) * (until_ - from_) / total_ : 0;
    const int permille = from_ + static_cast<int>(share);
    if (permille == told_ && total_ > 0 && done != total_) return;
    told_ = permille;
    absl::MutexLock lock(&room_.mu_);
    entry_->operation.set_items_done(done);
    entry_->operation.set_progress_permille(permille);
  }

  absl::Status Check() override { return entry_->stop.load(std::memory_order_relaxed) ? Cancelled() : absl::OkStatus(); }

 private:
  Operations& room_;
  const EntryPtr entry_;  // shared with the room
  int from_ = 0;
  int until_ = 0;
  int told_ = 0;
  int64_t total_ = 0;
};

Operations::Operations(const Clock& clock, Random& random, Options options)
    : clock_(clock), random_(random), options_(options), thread_([this] { Loop(); }) {}

Operations::~Operations() { Stop(); }

absl::StatusOr<v1::Operation> Operations::Start(std::string_view owner, std::string_view kind, Work work) {
  auto entry = std::make_shared<Entry>();
  const absl::Time now = clock_.Now();
  v1::Operation& operation = entry->operation;
  operation.set_name(absl::StrCat("operations/", NewId(now, random_)));
  operation.set_kind(std::string(kind));
  operation.set_owner(std::string(owner));
  SetTime(now, operation.mutable_create_time());
  operation.set_stage("waiting");
  entry->work = std::move(work);
  absl::MutexLock lock(&mu_);
  if (stopping_) {
    return Fail(absl::StatusCode::kUnavailable, "HUB_STOPPING", "The hub is stopping; try again in a moment.");
  }
  if (queue_.size() >= options_.waiting_max) {
    return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "OPERATIONS_FULL",
                               "Too many operations are waiting for their turn; try again a little later."),
                          5000);
  }
  entries_.emplace(operation.name(), entry);
  queue_.push_back(entry);
  return operation;
}

Operations::EntryPtr Operations::Find(std::string_view owner, std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end() || found->second->operation.owner() != owner) return nullptr;
  return found->second;
}

absl::StatusOr<v1::Operation> Operations::Get(std::string_view owner, std::string_view name) const {
  absl::MutexLock lock(&mu_);
  const EntryPtr entry = Find(owner, name);
  if (entry == nullptr) return NotFound(name);
  return entry->operation;
}

std::vector<v1::Operation> Operations::List(std::string_view owner, std::string_view before, size_t count) const {
  std::vector<v1::Operation> found;
  absl::MutexLock lock(&mu_);
  auto at = before.empty() ? entries_.end() : entries_.lower_bound(before);
  while (at != entries_.begin() && found.size() < count) {
    --at;
    if (at->second->operation.owner() == owner) found.push_back(at->second->operation);
  }
  return found;
}

absl::StatusOr<v1::Operation> Operations::Cancel(std::string_view owner, std::string_view name) {
  EntryPtr entry;
  bool waiting = false;
  {
    absl::MutexLock lock(&mu_);
    entry = Find(owner, name);
    if (entry == nullptr) return NotFound(name);
    if (entry->operation.done()) return entry->operation;
    entry->stop = true;
    entry->operation.set_cancel_requested(true);
    const auto queued = std::find(queue_.begin(), queue_.end(), entry);
    waiting = queued != queue_.end();
    if (waiting) queue_.erase(queued);
  }
  if (waiting) Finish(entry, Cancelled());
  return Get(owner, name);
}

void Operations::Wait(std::string_view owner, std::string_view name, absl::Time deadline, Done done) {
  absl::StatusOr<v1::Operation> answer = NotFound(name);
  {
    absl::MutexLock lock(&mu_);
    const EntryPtr entry = Find(owner, name);
    if (entry != nullptr && !entry->operation.done() && !stopping_) {
      waiters_.push_back({entry, deadline, std::move(done)});
      return;
    }
    if (entry != nullptr) answer = entry->operation;
  }
  std::move(done)(std::move(answer));
}

void Operations::Sweep() {
  const absl::Time now = clock_.Now();
  std::vector<std::pair<Done, v1::Operation>> answers;
  {
    absl::MutexLock lock(&mu_);
    for (Waiter& waiter : waiters_) {
      if (waiter.deadline <= now) answers.emplace_back(std::move(waiter.done), waiter.entry->operation);
    }
    std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.deadline <= now; });
  }
  for (auto& [done, operation] : answers) std::move(done)(std::move(operation));
}

absl::StatusOr<Operations::File> Operations::FileOf(std::string_view owner, std::string_view name) const {
  absl::MutexLock lock(&mu_);
  const EntryPtr entry = Find(owner, name);
  if (entry == nullptr) return NotFound(name);
  return entry->file;
}

// The oldest finished ones go, and the oldest files before them.
void Operations::Bound() {
  while (finished_.size() > options_.finished_max) {
    entries_.erase(finished_.front()->operation.name());
    finished_.pop_front();
  }
  size_t bytes = 0;
  for (auto entry = finished_.rbegin(); entry != finished_.rend(); ++entry) {
    File& file = (*entry)->file;
    if (file.content == nullptr) continue;
    bytes += file.content->size();
    if (bytes > options_.file_bytes_max && entry != finished_.rbegin()) file.content.reset();
  }
}

void Operations::Finish(const EntryPtr& entry, absl::StatusOr<Outcome> outcome) {
  std::vector<Waiter> waiters;
  v1::Operation operation;
  {
    absl::MutexLock lock(&mu_);
    v1::Operation& stored = entry->operation;
    stored.set_done(true);
    SetTime(clock_.Now(), stored.mutable_end_time());
    if (outcome.ok()) {
      stored.set_progress_permille(1000);
      if (outcome->response != nullptr) stored.mutable_response()->PackFrom(*outcome->response);
      entry->file = {std::move(outcome->file_name), std::move(outcome->file)};
    } else {
      SetError(outcome.status(), stored.mutable_error());
    }
    finished_.push_back(entry);
    Bound();
    const auto mine = std::stable_partition(waiters_.begin(), waiters_.end(),
                                            [&](const Waiter& waiter) { return waiter.entry != entry; });
    std::move(mine, waiters_.end(), std::back_inserter(waiters));
    waiters_.erase(mine, waiters_.end());
    operation = stored;
  }
  if (!outcome.ok() && !absl::IsCancelled(outcome.status())) {
    LogStatus(LogLevel::kInfo, "operation_failed", outcome.status());
  }
  for (Waiter& waiter : waiters) std::move(waiter.done)(operation);
}

void Operations::Loop() {
  while (true) {
    EntryPtr entry;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(this, &Operations::Awake));
      if (queue_.empty()) return;
      entry = std::move(queue_.front());
      queue_.pop_front();
    }
    absl::StatusOr<Outcome> outcome = Cancelled();
    {
      EntryProgress progress(*this, entry);
      Work work = std::move(entry->work);  // goes, with all it holds, before anybody hears that it is done
      if (!entry->stop) {
        try {
          outcome = work(progress);
        } catch (const std::exception& thrown) {
          Log(LogLevel::kError, "operation_threw", {{"what", thrown.what()}});
          outcome = Fail(absl::StatusCode::kInternal, "INTERNAL_ERROR", "The hub failed at this work; its log says more.");
        }
      }
    }
    Finish(entry, std::move(outcome));
  }
}

void Operations::Stop() {
  std::deque<EntryPtr> queued;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    for (const auto& [name, entry] : entries_) entry->stop = true;
    queued.swap(queue_);
  }
  for (const EntryPtr& entry : queued) Finish(entry, Cancelled());
  if (thread_.joinable()) thread_.join();
}

}  // namespace zhanqiao::operations
