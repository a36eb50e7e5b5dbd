#include "connectors/agent/lane.h"

#include <algorithm>
#include <utility>

namespace zhanqiao::connectors {
namespace {

bool Small(const Job& job) {
  return !job.query->chunk() && job.query->row_limit() <= Lane::kSmallRows;
}

}  // namespace

Lane::~Lane() {
  std::vector<std::thread> threads;
  std::deque<Job> dropped;
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    threads.swap(threads_);
    dropped.swap(waiting_);
  }
  for (std::thread& thread : threads) thread.join();
}

bool Lane::Submit(Job& job) {
  absl::MutexLock lock(&mu_);
  if (waiting_.size() >= kJobsMax) return false;
  waiting_.push_back(std::move(job));
  if (idle_ < waiting_.size() && threads_.size() < static_cast<size_t>(adapter_->waiting_max())) {
    threads_.emplace_back([this] { Work(); });
  }
  return true;
}

void Lane::Take(std::vector<Job>& jobs) {
  // A fair part, so that other threads find work too.
  const size_t share = std::clamp(waiting_.size() / threads_.size(), size_t{1}, kTogetherMax);
  do {
    jobs.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  } while (jobs.size() < share && Small(jobs.back()) && Small(waiting_.front()) &&
           waiting_.front().user == jobs.back().user);
}

void Lane::Work() {
  std::vector<Job> jobs;
  for (;;) {
    {
      absl::MutexLock lock(&mu_);
      ++idle_;
      const auto woken = [this]()
                             ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stopping_ || !waiting_.empty(); };
      mu_.Await(absl::Condition(&woken));
      --idle_;
      if (stopping_) return;
      Take(jobs);
    }
    const std::shared_ptr<LaneUser> user = jobs.front().user;  // outlives its own jobs
    user->AnswerJobs(*adapter_, jobs);
    jobs.clear();
  }
}

}  // namespace zhanqiao::connectors
