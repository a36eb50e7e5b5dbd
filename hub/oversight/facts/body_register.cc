#include "hub/oversight/facts/body_register.h"

#include <algorithm>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kOrganizations = "organizations/";
constexpr int kSuccessionsMax = 16;  // a longer chain is a circle

// Not departments in the sense of ALL_DEPTS (domain/plan.md): the city itself, the group and its office, the intranet
// authority the plan does not name, and a body of the party.
constexpr std::string_view kNoDepartments[] = {"370200", "370200-DZZWXZ", "370200-DZZWXZB", "370200-NWZGBM",
                                               "370200-XCB"};

bool IsDepartment(const v1::Organization& body) {
  const bool kind = body.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT ||
                    body.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE;
  const std::string code = CodeOf(body.name());
  return kind && std::find(std::begin(kNoDepartments), std::end(kNoDepartments), code) == std::end(kNoDepartments);
}

bool IsDistrict(const v1::Organization& body) { return body.kind() == v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT; }

bool IsSucceeded(const v1::Organization& body, absl::CivilDay day) {
  return !body.successor().empty() && body.succession_date() <= FormatDay(day);
}

}  // namespace

std::string CodeOf(std::string_view organization) {
  return std::string(organization.starts_with(kOrganizations) ? organization.substr(kOrganizations.size())
                                                              : organization);
}

std::string BodyOf(std::string_view name) {
  if (!name.starts_with(kOrganizations)) return {};
  return std::string(name.substr(0, name.find('/', kOrganizations.size())));
}

absl::StatusOr<BodyRegister> BodyRegister::Read(const FactSource& facts, const documents::ReadAt& at) {
  BodyRegister bodies;
  absl::Status broken;
  TRY(facts.EachDocument(kOrganizations, at, [&](const documents::Version& version) {
    if (version.type != v1::Organization::descriptor()->full_name()) return;
    auto organization = version.As<v1::Organization>();
    if (organization.ok()) {
      bodies.Add(*std::move(organization));
    } else {
      broken = organization.status();
    }
  }));
  TRY(broken);
  return bodies;
}

void BodyRegister::Add(v1::Organization organization) {
  std::string name = organization.name();
  bodies_.insert_or_assign(std::move(name), std::move(organization));
}

std::string BodyRegister::OwnerOn(const std::string& organization, absl::CivilDay day) const {
  std::string owner = organization;
  for (int hops = 0; hops < kSuccessionsMax; ++hops) {
    const auto found = bodies_.find(owner);
    if (found == bodies_.end() || !IsSucceeded(found->second, day)) break;
    owner = found->second.successor();
  }
  return owner;
}

bool BodyRegister::IsActive(const std::string& organization, absl::CivilDay day) const {
  const auto found = bodies_.find(organization);
  return found != bodies_.end() && !IsSucceeded(found->second, day);
}

std::vector<std::string> BodyRegister::MembersOf(std::string_view lead, absl::CivilDay day) const {
  std::vector<std::string> members;
  if (lead != kAllDepartments && lead != kAllDistricts) {
    members.push_back(OwnerOn(std::string(lead), day));
    return members;
  }
  for (const auto& [name, body] : bodies_) {
    if (IsSucceeded(body, day)) continue;
    if (lead == kAllDepartments ? IsDepartment(body) : IsDistrict(body)) members.push_back(name);
  }
  return members;
}

std::vector<std::string> BodyRegister::ReportingBodies(absl::CivilDay day) const {
  std::vector<std::string> bodies = MembersOf(kAllDepartments, day);
  for (std::string& district : MembersOf(kAllDistricts, day)) bodies.push_back(std::move(district));
  std::sort(bodies.begin(), bodies.end());
  return bodies;
}

std::string BodyRegister::DisplayName(const std::string& organization) const {
  const auto found = bodies_.find(organization);
  return found == bodies_.end() ? CodeOf(organization) : found->second.display_name();
}

}  // namespace zhanqiao::oversight
