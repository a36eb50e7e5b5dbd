#include "hub/api/worker_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace zhanqiao::api {

WorkerPool::WorkerPool(WorkerOptions options) : options_(options) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() { Close(); }

bool WorkerPool::Submit(Task task) {
  absl::MutexLock lock(&mu_);
  if (closed_ || queue_.size() >= options_.queue_max) return false;
  queue_.push_back(std::move(task));
  return true;
}

void WorkerPool::Close() {
  {
    absl::MutexLock lock(&mu_);
    closed_ = true;
  }
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  while (RunOne()) {
  }
}

bool WorkerPool::RunOne() {
  Task task;
  {
    absl::MutexLock lock(&mu_);
    if (queue_.empty()) return false;
    task = std::move(queue_.front());
    queue_.pop_front();
  }
  task();
  return true;
}

size_t WorkerPool::queued() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

void WorkerPool::Work() {
  // On Linux a thread has a niceness of its own.
  if (options_.nice > 0) {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), std::min(19, getpriority(PRIO_PROCESS, 0) + options_.nice));
  }
  for (;;) {
    Task task;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(this, &WorkerPool::Ready));
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace zhanqiao::api
