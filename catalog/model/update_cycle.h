// When an entry's data are due: 更新周期 (the guide) counted from the date they were last brought up to date.
#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// The last day on which the next update is in time. Counted from `data_update_date`, or from `release_date` while no
// update was ever reported. 实时 counts as 每日: reports name days. A month from the 31st ends with a shorter month.
// Nothing for 不定期 and 不更新, for entries that are not published, and without any date.
std::optional<absl::CivilDay> UpdateDue(const v1::Resource& resource);

// True if an update was due before `as_of`.
bool IsOverdue(const v1::Resource& resource, absl::CivilDay as_of);

}  // namespace zhanqiao::catalog
