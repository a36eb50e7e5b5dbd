// Long work: started by a call, done on a thread of its own, looked at and cancelled by its owner.
//
// Work runs one piece at a time, in the order of its start. Everything is kept in memory. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "google/protobuf/message.h"
#include "zhanqiao/v1/operation.pb.h"

namespace zhanqiao::operations {

// What work sees of its operation. Used by the thread that does the work.
class Progress {
 public:
  virtual ~Progress() = default;
  // A stage begins: its items take the whole from its present permille to `until_permille`.
  virtual void Stage(std::string_view name, int until_permille, int64_t items_total) = 0;
  // So many items of the stage are done. Cheap.
  virtual void Items(int64_t done) = 0;
  // CANCELLED / OPERATION_CANCELLED once somebody asked to stop or the hub stops. Cheap: ask often, and before
  // anything that cannot be undone.
  virtual absl::Status Check() = 0;
};

// What work leaves behind.
struct Outcome {
  std::unique_ptr<google::protobuf::Message> response;  // becomes Operation.response
  std::shared_ptr<const std::string> file;              // given out while it is kept; may be null
  std::string file_name;
};

using Work = absl::AnyInvocable<absl::StatusOr<Outcome>(Progress&)>;

struct Options {
  size_t waiting_max = 8;             // operations that wait for the one under way; beyond: OPERATIONS_FULL
  size_t finished_max = 200;          // finished ones that are kept
  size_t file_bytes_max = 64 << 20;   // of their files together; the oldest files go first
};

class Operations {
 public:
  // `clock` and `random` must outlive it.
  Operations(const Clock& clock, Random& random, Options options);
  // Stops.
  ~Operations();
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  // Queues `work` for `owner`. RESOURCE_EXHAUSTED / OPERATIONS_FULL; UNAVAILABLE / HUB_STOPPING.
  absl::StatusOr<v1::Operation> Start(std::string_view owner, std::string_view kind, Work work);

  // NOT_FOUND / OPERATION_NOT_FOUND for what is not `owner`'s; so do the others.
  absl::StatusOr<v1::Operation> Get(std::string_view owner, std::string_view name) const;
  // Newest first; names below `before` unless that is empty.
  std::vector<v1::Operation> List(std::string_view owner, std::string_view before, size_t count) const;
  absl::StatusOr<v1::Operation> Cancel(std::string_view owner, std::string_view name);

  // Calls `done` when the operation is done, or at the first Sweep at or after `deadline`; at once when it is done or
  // unknown. `done` runs on any thread and must not block.
  using Done = absl::AnyInvocable<void(absl::StatusOr<v1::Operation>) &&>;
  void Wait(std::string_view owner, std::string_view name, absl::Time deadline, Done done);
  // Answers those whose time is up.
  void Sweep();

  struct File {
    std::string name;
    std::shared_ptr<const std::string> content;  // shared with whoever still sends it
  };
  // The file of a finished operation; null content when it left none or it is kept no longer.
  absl::StatusOr<File> FileOf(std::string_view owner, std::string_view name) const;

  // Asks what runs to stop, ends what waits as cancelled, answers who waits, joins. Then nothing starts any more.
  void Stop();

 private:
  struct Entry;
  struct Waiter;
  class EntryProgress;
  using EntryPtr = std::shared_ptr<Entry>;

  void Loop();
  void Finish(const EntryPtr& entry, absl::StatusOr<Outcome> outcome);
  void Bound() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  EntryPtr Find(std::string_view owner, std::string_view name) const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  bool Awake() const ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || !queue_.empty(); }

  const Clock& clock_;
  Random& random_;
  const Options options_;
  mutable absl::Mutex mu_;  // makes every change of the operations and their waiters one step
  std::map<std::string, EntryPtr, std::less<>> entries_ ABSL_GUARDED_BY(mu_);  // by name, which sorts by time
  std::deque<EntryPtr> queue_ ABSL_GUARDED_BY(mu_);
  std::deque<EntryPtr> finished_ ABSL_GUARDED_BY(mu_);  // oldest first
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: uses all of the above
};

}  // namespace zhanqiao::operations
