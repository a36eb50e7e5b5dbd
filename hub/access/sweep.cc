#include "hub/access/sweep.h"

#include "catalog/base/log.h"

namespace zhanqiao::access {

void Sweep::Add(std::string name, Duty duty) {
  absl::MutexLock lock(&mu_);
  entries_.push_back({std::move(name), std::move(duty), std::nullopt});
}

int Sweep::Run() {
  if (!mu_.TryLock()) return 0;
  const int failed = RunDuties();
  mu_.Unlock();
  return failed;
}

int Sweep::RunDuties() {
  const absl::CivilDay today = CivilDayOf(clock_.Now());
  int failed = 0;
  for (Entry& entry : entries_) {
    if (entry.done == today) continue;
    const absl::Status done = entry.duty(today);
    if (done.ok()) {
      entry.done = today;
    } else {
      LogStatus(LogLevel::kError, "sweep_" + entry.name, done);
      ++failed;
    }
  }
  return failed;
}

}  // namespace zhanqiao::access
