#include "catalog/model/organization.h"

#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

constexpr std::pair<std::string_view, v1::OrganizationKind> kKinds[] = {
    {"municipal_department", v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT},
    {"municipal_office", v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE},
    {"public_institution", v1::ORGANIZATION_KIND_PUBLIC_INSTITUTION},
    {"central_agency", v1::ORGANIZATION_KIND_CENTRAL_AGENCY},
    {"state_enterprise", v1::ORGANIZATION_KIND_STATE_ENTERPRISE},
    {"district_government", v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT},
};

}  // namespace

v1::OrganizationKind OrganizationKindOf(std::string_view word) {
  for (const auto& [name, kind] : kKinds) {
    if (name == word) return kind;
  }
  return v1::ORGANIZATION_KIND_UNSPECIFIED;
}

std::string_view OrganizationKindWords() {
  return "municipal_department, municipal_office, public_institution, central_agency, state_enterprise, "
         "district_government";
}

void Normalize(v1::Organization& organization) {
  organization.set_division_code(NormalizeCode(organization.division_code()));
  organization.set_unified_credit_code(NormalizeCode(organization.unified_credit_code()));
}

std::vector<Violation> Check(const v1::Organization& organization) {
  using Presence = Violations::Presence;
  Violations found;
  found.Require(IsOrganizationName(organization.name()), "name", "ORGANIZATION_NAME",
                "Give organizations/{code}; the code is 1 to 32 digits, upper-case letters and inner hyphens.");
  found.Text("display_name", organization.display_name(), Presence::kRequired, 100);
  found.Text("short_name", organization.short_name(), Presence::kOptional, 50);
  found.Text("plan_role", organization.plan_role(), Presence::kOptional, 500);
  found.Require(organization.kind() != v1::ORGANIZATION_KIND_UNSPECIFIED &&
                    v1::OrganizationKind_IsValid(organization.kind()),
                "kind", "ENUM_VALUE", OneOf(v1::OrganizationKind_descriptor()));
  found.Require(IsDivisionCode(organization.division_code()), "division_code", "DIVISION_CODE",
                "Give the six digits of GB/T 2260, for example 370200.");
  if (!organization.parent().empty()) {
    found.Require(IsOrganizationName(organization.parent()), "parent", "ORGANIZATION_NAME",
                  "Give organizations/{code} of the body above, or nothing.");
    found.Require(organization.parent() != organization.name(), "parent", "PARENT_CYCLE",
                  "Is the organisation itself; give the body above, or nothing.");
  }
  if (!organization.successor().empty()) {
    found.Require(IsOrganizationName(organization.successor()), "successor", "ORGANIZATION_NAME",
                  "Give organizations/{code} of the body that took over, or nothing.");
    found.Require(organization.successor() != organization.name(), "successor", "SUCCESSOR_CYCLE",
                  "Is the organisation itself; give the body that took over, or nothing.");
  }
  found.Require(organization.succession_date().empty() || ParseDay(organization.succession_date()).ok(), "succession_date",
                "DATE_INVALID", "Give an existing date as YYYY-MM-DD, or nothing.");
  found.Require(organization.successor().empty() == organization.succession_date().empty(), "succession_date",
                "SUCCESSION_HALF", "Give both the body that took over and the date on which it did, or neither.");
  if (!organization.unified_credit_code().empty()) {
    found.Require(IsCreditCode(organization.unified_credit_code()), "unified_credit_code", "CREDIT_CODE",
                  "Give the 18 characters of GB 32100-2015 with a right check character, or nothing while unknown.");
  }
  return found.Take();
}

}  // namespace zhanqiao::catalog
