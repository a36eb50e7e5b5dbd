// Time is a parameter: every class that needs it takes a Clock, so that a test can live through a month-end.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace zhanqiao {

// The present moment. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock, UTC.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// A clock that moves only when told to. Thread-safe.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(absl::Time start) : now_(start) {}
  absl::Time Now() const override;
  void Advance(absl::Duration by);
  void Set(absl::Time now);

 private:
  mutable absl::Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
};

// Civil dates are those of Asia/Shanghai (UTC+08:00, no daylight saving since 1991).
absl::TimeZone Shanghai();
absl::CivilDay CivilDayOf(absl::Time time);

// "2017-12-29" and back. INVALID_ARGUMENT / DATE_INVALID unless it is a real date in exactly that form.
std::string FormatDay(absl::CivilDay day);
absl::StatusOr<absl::CivilDay> ParseDay(std::string_view text);

}  // namespace zhanqiao
