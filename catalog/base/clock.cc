#include "catalog/base/clock.h"

#include "catalog/base/error.h"

namespace zhanqiao {

absl::Time SimulatedClock::Now() const {
  absl::MutexLock lock(&mu_);
  return now_;
}

void SimulatedClock::Advance(absl::Duration by) {
  absl::MutexLock lock(&mu_);
  now_ += by;
}

void SimulatedClock::Set(absl::Time now) {
  absl::MutexLock lock(&mu_);
  now_ = now;
}

absl::TimeZone Shanghai() { return absl::FixedTimeZone(8 * 3600); }

absl::CivilDay CivilDayOf(absl::Time time) { return absl::ToCivilDay(time, Shanghai()); }

std::string FormatDay(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::StatusOr<absl::CivilDay> ParseDay(std::string_view text) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(Absl(text), &day) && FormatDay(day) == text) return day;
  return Fail(absl::StatusCode::kInvalidArgument, "DATE_INVALID",
              "A date is written YYYY-MM-DD and must exist in the calendar.", {{"value", std::string(text)}});
}

}  // namespace zhanqiao
