#include "catalog/model/organization.h"

#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "catalog/model/information_system.h"

namespace zhanqiao::catalog {
namespace {

v1::Organization Fgw() {
  v1::Organization organization;
  organization.set_name("organizations/370200-FGW");
  organization.set_display_name("青岛市发展和改革委员会");
  organization.set_kind(v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT);
  organization.set_division_code("370200");
  organization.set_parent("organizations/370200");
  return organization;
}

v1::InformationSystem Approval() {
  v1::InformationSystem system;
  system.set_name("organizations/370200-ZWFWB/systems/approval");
  system.set_display_name("行政审批系统");
  system.set_state(v1::REGISTRATION_STATE_ACTIVE);
  return system;
}

// "field:REASON field:REASON" of what is wrong.
std::string Wrong(const std::vector<Violation>& violations) {
  std::string text;
  for (const auto& violation : violations) {
    EXPECT_FALSE(violation.description.empty());
    absl::StrAppend(&text, text.empty() ? "" : " ", violation.field, ":", violation.reason);
  }
  return text;
}

std::string WrongOrganization(const std::function<void(v1::Organization&)>& spoil) {
  v1::Organization organization = Fgw();
  spoil(organization);
  return Wrong(Check(organization));
}

TEST(CheckOrganization, TakesAGoodOne) {
  EXPECT_EQ(Wrong(Check(Fgw())), "");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_unified_credit_code("9137130016829134XT"); }), "");
}

TEST(CheckOrganization, NamesEveryWrongElementAtOnce) {
  EXPECT_EQ(Wrong(Check(v1::Organization())),
            "name:ORGANIZATION_NAME display_name:TEXT_REQUIRED kind:ENUM_VALUE division_code:DIVISION_CODE");
}

TEST(CheckOrganization, BoundsTextsInCodePoints) {
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "市";
  EXPECT_EQ(WrongOrganization([&](auto& o) { o.set_display_name(hundred); }), "");
  EXPECT_EQ(WrongOrganization([&](auto& o) { o.set_display_name(hundred + "局"); }), "display_name:TEXT_TOO_LONG");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_display_name("\xFF"); }), "display_name:TEXT_UNCLEAN");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_display_name("a\nb"); }), "display_name:TEXT_UNCLEAN");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_display_name("　 "); }), "display_name:TEXT_REQUIRED");
}

TEST(CheckOrganization, WantsRightCodes) {
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_division_code("37020"); }), "division_code:DIVISION_CODE");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_unified_credit_code("9137130016829134X1"); }),
            "unified_credit_code:CREDIT_CODE");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_kind(static_cast<v1::OrganizationKind>(77)); }), "kind:ENUM_VALUE");
}

TEST(CheckOrganization, RefusesItselfAsParent) {
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_parent(o.name()); }), "parent:PARENT_CYCLE");
  EXPECT_EQ(WrongOrganization([](auto& o) { o.set_parent("370200"); }), "parent:ORGANIZATION_NAME");
}

TEST(NormalizeOrganization, BringsCodesIntoForm) {
  v1::Organization organization = Fgw();
  organization.set_unified_credit_code(" ９137130016829134xt ");
  Normalize(organization);
  EXPECT_EQ(organization.unified_credit_code(), "9137130016829134XT");
}

TEST(OrganizationKindOf, KnowsTheWordsItLists) {
  EXPECT_EQ(OrganizationKindOf("central_agency"), v1::ORGANIZATION_KIND_CENTRAL_AGENCY);
  EXPECT_EQ(OrganizationKindOf("Central_Agency"), v1::ORGANIZATION_KIND_UNSPECIFIED);
  EXPECT_NE(OrganizationKindWords().find("district_government"), std::string_view::npos);
}

TEST(CheckInformationSystem, NamesEveryWrongElement) {
  EXPECT_EQ(Wrong(Check(Approval())), "");
  v1::InformationSystem system = Approval();
  system.set_name("organizations/370200-ZWFWB/systems/Approval");
  system.clear_display_name();
  system.clear_state();
  system.set_function(std::string(2001, 'f'));
  EXPECT_EQ(Wrong(Check(system)),
            "name:SYSTEM_NAME display_name:TEXT_REQUIRED function:TEXT_TOO_LONG state:ENUM_VALUE");
}

}  // namespace
}  // namespace zhanqiao::catalog
