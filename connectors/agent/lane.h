// Threads that answer the requests of one adapter which waits for its source, so that a slow source holds up
// nobody but those who ask for it.
#pragma once

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "connectors/adapters/adapter.h"
#include "connectors/agent/incoming.h"

namespace zhanqiao::connectors {

class LaneUser;

// A request that waits for its turn.
struct Job {
  std::shared_ptr<Incoming> of;  // keeps `query`
  v1::ConnectorQuery* query;
  std::shared_ptr<LaneUser> user;
};

// Who gives requests to lanes: a session.
class LaneUser {
 public:
  virtual ~LaneUser() = default;
  // Answers the jobs, all its own, by `adapter`; called from a lane's thread.
  virtual void AnswerJobs(const Adapter& adapter, std::vector<Job>& jobs) = 0;
};

// Thread-safe. Threads start when there is work for them, at most `adapter.waiting_max()`.
class Lane {
 public:
  static constexpr size_t kJobsMax = 4096;    // that wait; more are refused
  static constexpr size_t kTogetherMax = 32;  // requests given to the adapter at once
  static constexpr int kSmallRows = 100;      // requests for more rows go alone

  explicit Lane(std::shared_ptr<const Adapter> adapter) : adapter_(std::move(adapter)) {}
  // Waits for the answers under way; jobs that wait are dropped.
  ~Lane();

  // False if too many wait already; the job is untouched then.
  bool Submit(Job& job);

 private:
  void Work();
  void Take(std::vector<Job>& jobs) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<const Adapter> adapter_;
  absl::Mutex mu_;  // makes "is there work, who takes it" one step
  std::deque<Job> waiting_ ABSL_GUARDED_BY(mu_);
  size_t idle_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::connectors
