#include "connectors/adapters/odbc/watchdog.h"

#include <vector>

namespace zhanqiao::connectors {

Watchdog& Watchdog::Shared() {
  static Watchdog watchdog;
  return watchdog;
}

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    changed_.Signal();
  }
  thread_.join();
}

std::multimap<absl::Time, SQLHSTMT>::iterator Watchdog::Add(SQLHSTMT statement, absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  const auto at = watched_.emplace(deadline, statement);
  if (at == watched_.begin()) changed_.Signal();
  return at;
}

void Watchdog::Remove(std::multimap<absl::Time, SQLHSTMT>::iterator at) {
  absl::MutexLock lock(&mu_);
  watched_.erase(at);
}

void Watchdog::Run() {
  absl::MutexLock lock(&mu_);
  while (!stopping_) {
    const absl::Time now = absl::Now();
    absl::Time next = now + absl::Minutes(1);
    for (const auto& [deadline, statement] : watched_) {
      if (deadline > now) {
        next = std::min(next, deadline);
        break;
      }
      SQLCancel(statement);
      next = now + absl::Milliseconds(200);  // it may have been between two calls: again
    }
    changed_.WaitWithDeadline(&mu_, next);
  }
}

}  // namespace zhanqiao::connectors
