// A few threads for calls that wait for the store, behind a bounded queue.
#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace zhanqiao::api {

struct WorkerOptions {
  int threads = 4;
  size_t queue_max = 1024;  // tasks waiting; one more is refused
  int nice = 0;             // of its threads, 0 to 19: what they do yields to everything else by so much
};

// Runs tasks in the order of their submission. Thread-safe. With zero threads nothing runs by itself: a test
// calls RunOne.
class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit WorkerPool(WorkerOptions options);
  ~WorkerPool();  // runs what is queued, then ends the threads

  // False, and `task` untouched by any thread, when the queue is full or the pool has been closed.
  bool Submit(Task task);

  // Takes no more tasks, runs what is queued and joins. The second Close does nothing.
  void Close();

  // Runs one queued task on the calling thread; false when there is none.
  bool RunOne();

  size_t queued() const;

 private:
  void Work();
  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mu_) { return closed_ || !queue_.empty(); }

  const WorkerOptions options_;
  mutable absl::Mutex mu_;  // makes take-a-task one step
  std::deque<Task> queue_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // touched by the owner only
};

}  // namespace zhanqiao::api
