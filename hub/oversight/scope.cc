#include "hub/oversight/scope.h"

#include "catalog/base/error.h"
#include "catalog/model/names.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::oversight {

documents::Knowledge KnownOn(absl::CivilDay day) {
  return {.known_at = {}, .before = absl::FromCivil(day + 1, Shanghai())};
}

absl::StatusOr<std::string> BodyAskedFor(const Caller& caller, std::string_view organization) {
  if (!organization.empty() && !catalog::IsOrganizationName(organization)) {
    return BadField("ORGANIZATION_NAME", "organization", "Give organizations/{code}, or nothing.");
  }
  if (access::HoldsAny(caller, {"office", "auditor"})) return std::string(organization);
  const bool own = organization.empty() || organization == caller.organization;
  if (caller.organization.empty() || !own) return access::RoleRequired("office, auditor, or a subject of the body itself");
  return caller.organization;
}

absl::StatusOr<FigureScope> ScopeOf(const Caller& caller, const v1::FigureTime& time, std::string_view organization,
                                    const Clock& clock) {
  FigureScope scope;
  scope.organization = TRY(BodyAskedFor(caller, organization));
  scope.as_of = CivilDayOf(clock.Now());
  if (!time.as_of().empty()) {
    const auto day = ParseDay(time.as_of());
    if (!day.ok()) return BadField("DATE_INVALID", "time.as_of", "Give an existing date as YYYY-MM-DD, or nothing.");
    scope.as_of = *day;
  }
  if (!time.known_on().empty()) {
    const auto day = ParseDay(time.known_on());
    if (!day.ok()) return BadField("DATE_INVALID", "time.known_on", "Give an existing date as YYYY-MM-DD, or nothing.");
    scope.known = KnownOn(*day);
  }
  if (time.has_known_at()) scope.known.known_at = time.known_at();
  return scope;
}

}  // namespace zhanqiao::oversight
