// Work that must not run twice at the same time and is woken from anywhere: the reading and sealing of one feed, one
// subscription, one transfer. Owns no thread.
#pragma once

#include <functional>
#include <memory>

#include "absl/synchronization/mutex.h"

namespace zhanqiao::exchange {

// Runs a task soon, on a thread that may wait for the store; drops it when the hub stops. Thread-safe.
using Executor = std::function<void(std::function<void()>)>;

// Runs one function on an executor, never twice at the same time. Waking it while it runs makes it run once more;
// waking it often while it waits makes it run once. Thread-safe.
class Strand {
 public:
  // `executor` must outlive it. `work` is called without a lock.
  Strand(const Executor& executor, std::function<void()> work) : executor_(executor), work_(std::move(work)) {}

  // `keep` is held until the work has run: the owner of this strand.
  void Wake(std::shared_ptr<void> keep) {
    {
      absl::MutexLock lock(&mu_);
      const bool idle = state_ == State::kIdle;
      if (state_ == State::kRunning) state_ = State::kAgain;
      if (!idle) return;
      state_ = State::kQueued;
    }
    Queue(std::move(keep));
  }

 private:
  enum class State { kIdle, kQueued, kRunning, kAgain };

  void Queue(std::shared_ptr<void> keep) {
    executor_([this, keep = std::move(keep)]() mutable { Run(std::move(keep)); });
  }

  void Run(std::shared_ptr<void> keep) {
    {
      absl::MutexLock lock(&mu_);
      state_ = State::kRunning;
    }
    work_();
    {
      absl::MutexLock lock(&mu_);
      const bool again = state_ == State::kAgain;
      state_ = again ? State::kQueued : State::kIdle;
      if (!again) return;
    }
    Queue(std::move(keep));  // behind the others: nobody holds a thread for himself
  }

  const Executor& executor_;
  const std::function<void()> work_;
  absl::Mutex mu_;  // makes one change of the state one step
  State state_ ABSL_GUARDED_BY(mu_) = State::kIdle;
};

}  // namespace zhanqiao::exchange
