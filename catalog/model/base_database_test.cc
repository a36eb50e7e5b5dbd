#include "catalog/model/base_database.h"

#include <gtest/gtest.h>

#include "catalog/model/coverage.h"
#include "catalog/model/electronic_certificate.h"
#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

v1::Resource Coded(const std::string& code) {
  v1::Resource resource;
  resource.set_resource_code(code);
  Normalize(resource);
  return resource;
}

// Reasons of `resource` that are about base databases and certificates.
std::string Wrong(const v1::Resource& resource) {
  std::string text;
  for (const auto& violation : Check(resource)) {
    if (violation.reason.find("BASE_DATABASE") == 0 || violation.reason.find("CERTIFICATE") == 0) {
      text += (text.empty() ? "" : " ") + violation.reason;
    }
  }
  return text;
}

v1::Resource Certificate(int level) {
  v1::Resource resource = Coded("105001/000001");
  auto& certificate = *resource.mutable_electronic_certificate();
  certificate.set_type_code("11100000000013127D001");
  certificate.set_holder_kind("natural_person");
  certificate.set_authorisation_level(level);
  return resource;
}

TEST(BaseDatabase, TheGuidesItemsStandForThePlansDatabases) {
  EXPECT_EQ(Coded("101001/000001").base_database(), "自然人");
  EXPECT_EQ(Coded("102001/000001").base_database(), "法人");
  EXPECT_EQ(Coded("103001/000001").base_database(), "空间地理");
  EXPECT_EQ(Coded("104001/000001").base_database(), "公共信用");
  EXPECT_EQ(Coded("105001/000001").base_database(), "");
  EXPECT_EQ(Coded("308001/000001").base_database(), "");
}

TEST(BaseDatabase, ADepartmentsEntryIsTaggedByHandAndABaseItemOnlyWithItsOwn) {
  v1::Resource department = Coded("308001/000001");
  department.set_base_database("行政执法");
  EXPECT_EQ(Wrong(department), "");
  department.set_base_database("人口");
  EXPECT_EQ(Wrong(department), "BASE_DATABASE");
  v1::Resource base = Coded("101001/000001");
  base.set_base_database("法人");
  EXPECT_EQ(Wrong(base), "BASE_DATABASE_MISMATCH");
}

TEST(ElectronicCertificate, StandsExactlyForBaseItemFive) {
  EXPECT_EQ(Wrong(Certificate(1)), "");
  EXPECT_EQ(Wrong(Coded("105001/000001")), "CERTIFICATE_REQUIRED");
  v1::Resource elsewhere = Certificate(1);
  elsewhere.set_resource_code("308001/000001");
  EXPECT_EQ(Wrong(elsewhere), "CERTIFICATE_ELSEWHERE");
  v1::Resource empty = Certificate(1);
  empty.mutable_electronic_certificate()->Clear();
  EXPECT_EQ(Wrong(empty), "CERTIFICATE_TYPE CERTIFICATE_HOLDER CERTIFICATE_LEVEL");
  EXPECT_EQ(Wrong(Certificate(5)), "CERTIFICATE_LEVEL");
}

TEST(ElectronicCertificate, EachLevelNeedsWhatTheOneBelowItNeedsAndMore) {
  EXPECT_EQ(NeedsOf(Coded("308001/000001")).level, 0);
  EXPECT_FALSE(NeedsOf(Certificate(1)).provider_approval);
  EXPECT_TRUE(NeedsOf(Certificate(2)).provider_approval);
  EXPECT_FALSE(NeedsOf(Certificate(2)).four_eyes);
  EXPECT_TRUE(NeedsOf(Certificate(3)).four_eyes && NeedsOf(Certificate(3)).legal_basis && NeedsOf(Certificate(3)).key_condition);
  EXPECT_FALSE(NeedsOf(Certificate(3)).risk_assessment);
  EXPECT_TRUE(NeedsOf(Certificate(4)).risk_assessment && NeedsOf(Certificate(4)).matter && NeedsOf(Certificate(4)).four_eyes);
}

TEST(ElectronicCertificate, OnlyLevelOneIsToBeUnconditional) {
  const auto found = [](v1::Resource resource) {
    resource.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
    for (const auto& finding : FindingsOf(resource)) {
      if (finding.reason() == "BASE_ITEM_NOT_UNCONDITIONAL") return true;
    }
    return false;
  };
  EXPECT_TRUE(found(Certificate(1)));
  EXPECT_FALSE(found(Certificate(2)));
  EXPECT_TRUE(found(Coded("101001/000001")));
  EXPECT_FALSE(found(Coded("308001/000001")));
}

v1::Resource Published(const std::string& code, const std::string& provider, v1::ShareType share) {
  v1::Resource resource = Coded(code);
  resource.set_provider(provider);
  resource.set_share_type(share);
  resource.set_state(v1::RESOURCE_STATE_PUBLISHED);
  resource.add_fields();
  resource.add_fields();
  return resource;
}

TEST(Coverage, CountsPublishedEntriesOfEachDatabase) {
  Coverage coverage(absl::CivilDay(2018, 6, 30));
  v1::Resource late = Published("101001/000001", "organizations/A", v1::SHARE_TYPE_UNCONDITIONAL);
  late.set_update_cycle(v1::UPDATE_CYCLE_MONTHLY);
  late.set_data_update_date("2018-01-01");
  coverage.Add(late);
  coverage.Add(Published("101001/000002", "organizations/A", v1::SHARE_TYPE_CONDITIONAL));
  coverage.Add(Coded("101001/000003"));  // in no state at all
  v1::Resource draft = Published("101001/000004", "organizations/B", v1::SHARE_TYPE_UNCONDITIONAL);
  draft.set_state(v1::RESOURCE_STATE_SUBMITTED);
  coverage.Add(draft);
  v1::Resource certificate = Published("105001/000001", "organizations/C", v1::SHARE_TYPE_UNCONDITIONAL);
  certificate.set_base_database("自然人");  // counts for both
  coverage.Add(certificate);
  v1::CodeTable table;
  v1::CodeRow& row = *table.add_rows();
  row.set_code("自然人");
  (*row.mutable_attributes())["expected_providers"] = "A;B";
  const auto figures = coverage.Figures(CodeTable(table));
  ASSERT_EQ(figures.size(), 6u);
  EXPECT_EQ(figures[0].base_database(), "自然人");
  EXPECT_EQ(figures[0].guide_item(), "101");
  EXPECT_EQ(figures[0].entries_published(), 3);
  EXPECT_EQ(figures[0].entries_in_preparation(), 1);
  EXPECT_EQ(figures[0].providers(), 2);
  EXPECT_EQ(figures[0].providers_expected(), 2);
  EXPECT_EQ(figures[0].provider_share(), 0.5);
  ASSERT_EQ(figures[0].providers_missing_size(), 1);
  EXPECT_EQ(figures[0].providers_missing(0), "organizations/B");
  EXPECT_EQ(figures[0].items(), 6);
  EXPECT_DOUBLE_EQ(figures[0].unconditional_share(), 2.0 / 3);
  EXPECT_EQ(figures[0].overdue(), 1);
  EXPECT_EQ(figures[4].base_database(), "行政执法");
  EXPECT_EQ(figures[4].entries_published(), 0);
  EXPECT_EQ(figures[4].provider_share(), 0);
  EXPECT_EQ(figures[5].base_database(), "电子证照");
  EXPECT_EQ(figures[5].entries_published(), 1);
}

}  // namespace
}  // namespace zhanqiao::catalog
