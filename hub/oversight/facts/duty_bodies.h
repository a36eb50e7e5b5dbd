// The bodies duties fall on: the groups of the plan (domain/plan.md, reading rules: ALL_DEPTS, ALL_DISTRICTS) as they are
// on a day.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "hub/oversight/records.h"

namespace zhanqiao::oversight {

inline constexpr std::string_view kAllDepartments = "ALL_DEPTS";
inline constexpr std::string_view kAllDistricts = "ALL_DISTRICTS";

// True of the two groups.
bool IsDutyGroup(std::string_view lead);

// The bodies a duty names on `day`: of a group those that exist and have not been succeeded, of organizations/{code}
// whoever holds its work. In the order of names.
std::vector<std::string> DutyBodies(const RecordsView& view, std::string_view lead, absl::CivilDay day,
                                    const documents::Knowledge& known);
// Those that owe the report of a month that ends on `day` (T3-03-03): departments and districts.
std::vector<std::string> ReportingBodies(const RecordsView& view, absl::CivilDay day, const documents::Knowledge& known);

// Chinese name of organizations/{code}; the code for unknown ones.
std::string DisplayNameOf(const RecordsView& view, std::string_view organization, absl::CivilDay day,
                          const documents::Knowledge& known);

// "370200-GAJ" of "organizations/370200-GAJ".
std::string CodeOf(std::string_view organization);
// "organizations/{code}" of a name below it, or of the body itself; empty for other names.
std::string BodyOf(std::string_view name);

}  // namespace zhanqiao::oversight
