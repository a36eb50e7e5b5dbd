// When and of whom a figure is, as a request asks and as its caller may see.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/timeline.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::oversight {

struct FigureScope {
  absl::CivilDay as_of;
  documents::Knowledge known;
  std::string organization;  // organizations/{code}; empty: the city
};

// The city for office and auditor unless they name a body; everybody else's own body. INVALID_ARGUMENT /
// ORGANIZATION_NAME, PERMISSION_DENIED / ROLE_REQUIRED.
absl::StatusOr<std::string> BodyAskedFor(const Caller& caller, std::string_view organization);

// INVALID_ARGUMENT / DATE_INVALID and what BodyAskedFor says.
absl::StatusOr<FigureScope> ScopeOf(const Caller& caller, const v1::FigureTime& time, std::string_view organization,
                                    const Clock& clock);

// What was known when `day` was over, Asia/Shanghai.
documents::Knowledge KnownOn(absl::CivilDay day);

}  // namespace zhanqiao::oversight
