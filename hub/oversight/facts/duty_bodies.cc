#include "hub/oversight/facts/duty_bodies.h"

#include <algorithm>

#include "hub/oversight/bodies.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kOrganizations = "organizations/";

// Not departments in the sense of ALL_DEPTS (domain/plan.md): the city itself, the group and its office, the intranet
// authority the plan does not name, and a body of the party.
constexpr std::string_view kNoDepartments[] = {"370200", "370200-DZZWXZ", "370200-DZZWXZB", "370200-NWZGBM",
                                               "370200-XCB"};

bool IsDepartment(const v1::Organization& body) {
  const bool kind = body.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT ||
                    body.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE;
  return kind && std::find(std::begin(kNoDepartments), std::end(kNoDepartments), CodeOf(body.name())) ==
                     std::end(kNoDepartments);
}

bool IsDistrict(const v1::Organization& body) { return body.kind() == v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT; }

}  // namespace

std::string CodeOf(std::string_view organization) {
  return std::string(organization.starts_with(kOrganizations) ? organization.substr(kOrganizations.size())
                                                              : organization);
}

std::string BodyOf(std::string_view name) {
  if (!name.starts_with(kOrganizations)) return {};
  return std::string(name.substr(0, name.find('/', kOrganizations.size())));
}

bool IsDutyGroup(std::string_view lead) { return lead == kAllDepartments || lead == kAllDistricts; }

std::vector<std::string> DutyBodies(const RecordsView& view, std::string_view lead, absl::CivilDay day,
                                    const documents::Knowledge& known) {
  Bodies bodies(view, day, known);
  std::vector<std::string> members;
  if (!IsDutyGroup(lead)) {
    members.push_back(bodies.HolderOf(lead));
    return members;
  }
  for (const auto& [name, history] : view.organizations.all()) {
    const auto* standing = history.Standing(day, known);
    if (standing == nullptr || bodies.HolderOf(name) != name) continue;
    if (lead == kAllDepartments ? IsDepartment(standing->fact) : IsDistrict(standing->fact)) members.push_back(name);
  }
  return members;
}

std::vector<std::string> ReportingBodies(const RecordsView& view, absl::CivilDay day, const documents::Knowledge& known) {
  std::vector<std::string> bodies = DutyBodies(view, kAllDepartments, day, known);
  for (std::string& district : DutyBodies(view, kAllDistricts, day, known)) bodies.push_back(std::move(district));
  std::sort(bodies.begin(), bodies.end());
  return bodies;
}

std::string DisplayNameOf(const RecordsView& view, std::string_view organization, absl::CivilDay day,
                          const documents::Knowledge& known) {
  const v1::Organization* body = Bodies(view, day, known).Find(organization);
  return body == nullptr ? CodeOf(organization) : body->display_name();
}

}  // namespace zhanqiao::oversight
