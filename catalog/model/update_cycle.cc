#include "catalog/model/update_cycle.h"

#include <algorithm>

#include "catalog/base/clock.h"

namespace zhanqiao::catalog {
namespace {

absl::CivilDay MonthsAfter(absl::CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (day.day() - 1), last);
}

}  // namespace

std::optional<absl::CivilDay> UpdateDue(const v1::Resource& resource) {
  if (resource.state() != v1::RESOURCE_STATE_PUBLISHED) return std::nullopt;
  const bool reported = !resource.data_update_date().empty();
  const auto last = ParseDay(reported ? resource.data_update_date() : resource.release_date());
  if (!last.ok()) return std::nullopt;
  switch (resource.update_cycle()) {
    case v1::UPDATE_CYCLE_REALTIME:
    case v1::UPDATE_CYCLE_DAILY: return *last + 1;
    case v1::UPDATE_CYCLE_WEEKLY: return *last + 7;
    case v1::UPDATE_CYCLE_MONTHLY: return MonthsAfter(*last, 1);
    case v1::UPDATE_CYCLE_QUARTERLY: return MonthsAfter(*last, 3);
    case v1::UPDATE_CYCLE_SEMIANNUAL: return MonthsAfter(*last, 6);
    case v1::UPDATE_CYCLE_ANNUAL: return MonthsAfter(*last, 12);
    default: return std::nullopt;
  }
}

bool IsOverdue(const v1::Resource& resource, absl::CivilDay as_of) {
  const auto due = UpdateDue(resource);
  return due && *due < as_of;
}

}  // namespace zhanqiao::catalog
