// What the calendar brings by itself: duties such as "escalate what is overdue" run once each civil day, as soon as it
// has begun or the hub comes up during it. Knows the day from the clock it is given, so that a test can live through a
// year.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "catalog/base/clock.h"

namespace zhanqiao::access {

// Thread-safe; one Run at a time.
class Sweep {
 public:
  // Does what is due on `today` (Asia/Shanghai). It may run again on the same day (after a failure or a restart) and
  // must then find its work done. Days the hub did not live through are not made up for: it does what is due by now.
  using Duty = std::function<absl::Status(absl::CivilDay today)>;

  // `clock` must outlive it.
  explicit Sweep(const Clock& clock) : clock_(clock) {}

  // Adds a duty; `name` is what the log calls it. Before the first Run.
  void Add(std::string name, Duty duty);

  // Runs, in the order they were added, the duties not yet done today. One that fails is logged, does not keep the
  // others back, and is tried again by the next Run. Returns how many failed. Call it about once a minute, from a
  // thread that may wait for commits; while another Run is under way it does nothing.
  int Run();

 private:
  struct Entry {
    std::string name;
    Duty duty;
    std::optional<absl::CivilDay> done;  // the newest day it was done for
  };
  int RunDuties() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Clock& clock_;
  absl::Mutex mu_;  // held through a Run: makes the duties of one day one sequence
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::access
