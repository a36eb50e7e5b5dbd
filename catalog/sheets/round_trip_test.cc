// What is exported and imported again is equal, in every form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "catalog/model/resource.h"
#include "catalog/model/information_system.h"
#include "catalog/model/organization.h"
#include "catalog/sheets/export.h"
#include "catalog/sheets/read_sheet.h"
#include "catalog/sheets/test_catalog.h"

namespace zhanqiao::sheets {
namespace {

// Documents of random elements that pass the model's rules, and texts that like to go wrong in sheets.
class RandomDocuments {
 public:
  explicit RandomDocuments(uint64_t seed) : random_(seed) {}

  std::string Text() {
    static const std::vector<std::string> kPieces = {"信息", "=1+1", "-5", "+86", "@x", "'", "\"", ",", "、", "；", "𠮷", "㐀", "<b>&amp;", "_x0041_",
                                                     "0012", "2018-03-01", "是", "1", "TRUE", " 内 ", "é", "%", "#N/A", "（一）", "/", "'=", "＝"};
    std::string text;
    for (size_t i = 0, pieces = 1 + random_() % 4; i < pieces; ++i) text += kPieces[random_() % kPieces.size()];
    // Blanks around a text are not kept by sheets.
    Cell cell;
    cell.kind = CellKind::kText;
    cell.text = text.data();
    cell.size = static_cast<uint32_t>(text.size());
    std::string trimmed = TextOf(cell, false);
    return trimmed.empty() ? "文" : trimmed;
  }
  std::string Lines() { return random_() % 3 == 0 ? Text() + "\n" + Text() : Text(); }
  std::string Date() { return absl::StrCat(2000 + random_() % 30, "-0", 1 + random_() % 9, "-", 10 + random_() % 19); }
  bool Sometimes() { return random_() % 2 == 0; }
  double Number() { return static_cast<double>(random_() % 100000) / 16; }
  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }

  v1::Resource Resource(int number) {
    v1::Resource resource;
    resource.set_resource_code(absl::StrCat("30800137020", Below(9), "/", 100000 + number));
    resource.set_display_name(absl::StrCat("信息资源", number, "号", Text()));
    resource.set_provider(Sometimes() ? kFgw : kGaj);
    if (Sometimes()) resource.set_provider_unit(Text());
    resource.set_abstract(Lines());
    if (Sometimes()) resource.set_legacy_code(Text());
    resource.set_format_category(v1::FORMAT_CATEGORY_DATABASE);
    resource.add_format_types("oracle");
    if (Sometimes()) resource.add_format_types("sql server");
    for (int i = 0, fields = 1 + Below(5); i < fields; ++i) {
      v1::Field& field = *resource.add_fields();
      field.set_field(absl::StrCat("f_", i));
      field.set_display_name(absl::StrCat(Text(), i));
      field.set_data_type(static_cast<v1::DataType>(1 + Below(11)));
      field.set_length(1 + Below(500));
      field.set_note(Lines());
      field.set_sensitivity(static_cast<v1::Sensitivity>(Below(3)));
      const bool text = field.data_type() == v1::DATA_TYPE_CHARACTER || field.data_type() == v1::DATA_TYPE_MEMO;
      if (text) field.set_mask(static_cast<v1::Mask>(Below(5)));
      if (field.data_type() == v1::DATA_TYPE_CHARACTER) field.set_person_key(Sometimes());
      if (field.data_type() != v1::DATA_TYPE_GENERAL) field.set_key(Sometimes());
    }
    resource.set_share_type(static_cast<v1::ShareType>(1 + Below(3)));
    resource.set_share_condition(Lines());
    resource.set_share_mode_category(v1::SHARE_MODE_CATEGORY_PLATFORM);
    resource.set_share_mode_type(Sometimes() ? v1::SHARE_MODE_TYPE_DATABASE : v1::SHARE_MODE_TYPE_INTERFACE);
    resource.set_open_type(static_cast<v1::OpenType>(1 + Below(3)));
    resource.set_open_condition(Lines());
    resource.set_update_cycle(static_cast<v1::UpdateCycle>(1 + Below(9)));
    if (Sometimes()) resource.set_release_date(Date());
    for (int i = 0, codes = Below(3); i < codes; ++i) resource.add_related_codes(absl::StrCat("30800137020", i, "/00000", i));
    if (Sometimes()) resource.set_source_system("organizations/370200-GAJ/systems/residents");
    if (Sometimes()) {
      resource.mutable_census()->set_storage_gb(Number());
      resource.mutable_census()->set_open_records_10k(Number());
    }
    if (Sometimes()) resource.set_base_database("公共信用");
    if (Sometimes()) resource.add_connectors(resource.provider() + "/connectors/main");
    catalog::Normalize(resource);
    return resource;
  }

  v1::InformationSystem System(int number) {
    v1::InformationSystem system = sheets::System(absl::StrCat(Sometimes() ? kFgw : kGaj, "/systems/s", number), absl::StrCat("系统", number, "号", Text()));
    if (Sometimes()) system.set_function(Lines());
    if (Sometimes()) system.set_state(v1::REGISTRATION_STATE_DISABLED);
    if (Sometimes()) return system;
    v1::Inventory& inventory = *system.mutable_inventory();
    inventory.set_system_count(1 + Below(3));
    inventory.set_usage_scope(static_cast<v1::UsageScope>(Below(6)));
    inventory.set_usage_frequency(static_cast<v1::UsageFrequency>(Below(6)));
    inventory.set_funding_source(Text());
    inventory.set_approval_dept(Text());
    inventory.set_approval_date(Date());
    inventory.set_construction_status(static_cast<v1::ConstructionStatus>(Below(7)));
    inventory.set_build_mode(static_cast<v1::BuildMode>(Below(5)));
    inventory.set_cleanup_class(static_cast<v1::CleanupClass>(2 + Below(4)));
    inventory.set_cleared_date(Date());
    inventory.set_substitute_system("organizations/370200-FGW/systems/approval");
    inventory.set_is_section_level(Sometimes());
    inventory.set_merged_into("organizations/370200-GAJ/systems/residents");
    inventory.set_common_app_class(static_cast<v1::CommonAppClass>(Below(9)));
    inventory.set_is_classified(Sometimes());
    inventory.set_migration_eligible(Sometimes());
    inventory.set_on_cloud(true);
    inventory.set_cloud_date(Date());
    inventory.set_network(static_cast<v1::SystemNetwork>(Below(5)));
    inventory.set_is_public_facing(Sometimes());
    inventory.set_uses_unified_id(Sometimes());
    inventory.set_on_collab_platform(Sometimes());
    inventory.set_audit_status(static_cast<v1::AuditStatus>(Below(5)));
    inventory.set_planned_cloud_date(Date());
    inventory.set_merged_date(Date());
    inventory.set_last_update_date(Date());
    inventory.set_last_maintenance_date(Date());
    if (!inventory.migration_eligible()) inventory.set_cloud_exemption(Text());
    if (Sometimes()) {
      v1::CloudUse& use = *inventory.mutable_cloud_use();
      use.set_measured_date("2018-06-30");
      use.set_vcpus(1 + Below(64));
      use.set_cpu_use_percent(Below(101));
      use.set_yearly_cost_yuan(int64_t{3'000'000'000} + Below(1000));
      use.set_monthly_transactions(Below(100'000));
    }
    if (!inventory.is_classified()) {
      inventory.set_mlps_level(1 + Below(5));
      inventory.set_mlps_filing("370200-00001");
    }
    return system;
  }

  v1::Organization Organization(int number) {
    v1::Organization body = Body(absl::StrCat("organizations/X-", number), absl::StrCat("单位", number, "号", Text()), Sometimes() ? Text() : "");
    body.set_kind(static_cast<v1::OrganizationKind>(1 + Below(6)));
    if (Sometimes()) body.set_parent(kFgw);
    if (Sometimes()) body.set_plan_role(Text());
    return body;
  }

 private:
  std::mt19937_64 random_;
};

class RoundTrip : public testing::TestWithParam<v1::SheetKind> {
 protected:
  RoundTrip() {
    FillCity(catalog_);
    const char* given = std::getenv("ZHANQIAO_SEED");
    seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    RandomDocuments documents(seed_);
    for (int i = 0; i < 60; ++i) {
      v1::Resource resource = documents.Resource(i);
      resource.set_state(v1::RESOURCE_STATE_DRAFT);
      const auto violations = catalog::Check(resource);
      EXPECT_TRUE(violations.empty()) << violations[0].field << " " << violations[0].reason << "\n" << resource.DebugString();
      Know(catalog_, resource);
      v1::InformationSystem system = documents.System(i);
      EXPECT_TRUE(catalog::Check(system).empty());
      Know(catalog_, system);
      v1::Organization body = documents.Organization(i);
      EXPECT_TRUE(catalog::Check(body).empty());
      Know(catalog_, body);
    }
  }

  void Check(v1::SheetFormat format, v1::SheetEncoding encoding) {
    SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", seed_));
    const SheetTable& table = TableOf(GetParam());
    const auto file = Export(catalog_, table, format, encoding, "", kToday);
    ASSERT_TRUE(file.ok()) << file.status();
    const auto sheet = ReadSheet(*file, {}, [](int64_t) { return absl::OkStatus(); });
    ASSERT_TRUE(sheet.ok()) << sheet.status();
    const Planned planned = PlanOf(*sheet, GetParam(), catalog_, Office());
    ASSERT_TRUE(planned.status.ok()) << planned.status;
    EXPECT_THAT(planned.problems, testing::IsEmpty());
    EXPECT_EQ(planned.plan.created, 0);
    EXPECT_EQ(planned.plan.updated, 0) << ShowFirst(planned);
    EXPECT_GE(planned.plan.unchanged, 60);
  }

  std::string ShowFirst(const Planned& planned) {
    if (planned.plan.changes.empty()) return "";
    const std::string& name = planned.plan.changes[0].name;
    if (GetParam() == v1::SHEET_KIND_RESOURCES) return catalog_.FindResource(name)->DebugString() + "\n---\n" + planned.resource(0).DebugString();
    if (GetParam() == v1::SHEET_KIND_ORGANIZATIONS) return catalog_.FindOrganization(name)->DebugString() + "\n---\n" + planned.organization(0).DebugString();
    return catalog_.FindSystem(name)->DebugString() + "\n---\n" + planned.system(0).DebugString();
  }

  catalog::Catalog catalog_;
  uint64_t seed_ = 0;
};

TEST_P(RoundTrip, Xlsx) { Check(v1::SHEET_FORMAT_XLSX, v1::SHEET_ENCODING_UNSPECIFIED); }
TEST_P(RoundTrip, CsvInUtf8) { Check(v1::SHEET_FORMAT_CSV, v1::SHEET_ENCODING_UTF8); }
TEST_P(RoundTrip, CsvInGb18030) { Check(v1::SHEET_FORMAT_CSV, v1::SHEET_ENCODING_GB18030); }

TEST_P(RoundTrip, TheTemplateIsASheetWithoutRows) {
  for (const auto format : {v1::SHEET_FORMAT_XLSX, v1::SHEET_FORMAT_CSV}) {
    const auto file = Template(TableOf(GetParam()), format, v1::SHEET_ENCODING_UNSPECIFIED);
    ASSERT_TRUE(file.ok()) << file.status();
    const auto sheet = ReadSheet(*file, {}, [](int64_t) { return absl::OkStatus(); });
    ASSERT_TRUE(sheet.ok()) << sheet.status();
    const Planned planned = PlanOf(*sheet, GetParam(), catalog_, Office());
    EXPECT_TRUE(planned.status.ok()) << planned.status;
    EXPECT_THAT(planned.problems, testing::IsEmpty());
    EXPECT_EQ(planned.plan.rows, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, RoundTrip,
                         testing::Values(v1::SHEET_KIND_RESOURCES, v1::SHEET_KIND_ORGANIZATIONS, v1::SHEET_KIND_INFORMATION_SYSTEMS),
                         [](const auto& one) { return v1::SheetKind_Name(one.param); });

TEST(ExportOfOneBody, HoldsItsDocumentsOnly) {
  catalog::Catalog catalog;
  FillCity(catalog);
  const auto file = Export(catalog, TableOf(v1::SHEET_KIND_INFORMATION_SYSTEMS), v1::SHEET_FORMAT_CSV, v1::SHEET_ENCODING_UTF8, kGaj, kToday);
  ASSERT_TRUE(file.ok());
  EXPECT_NE(file->find("居住证管理系统"), std::string::npos);
  EXPECT_EQ(file->find("投资项目"), std::string::npos);
}

}  // namespace
}  // namespace zhanqiao::sheets
