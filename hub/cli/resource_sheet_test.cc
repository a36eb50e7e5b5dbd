#include "hub/cli/resource_sheet.h"

#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "hub/cli/display.h"

namespace zhanqiao::cli {
namespace {

v1::Resource Full() {
  v1::Resource resource;
  resource.set_resource_code("105001370200/000001");
  resource.set_legacy_code("BA6006/000218");
  resource.set_display_name("居民身份证电子证照");
  resource.set_provider("organizations/370200-GAJ");
  resource.set_abstract(std::string(60, 'x') + "很长的摘要很长的摘要很长的摘要很长的摘要");
  resource.set_format_category(v1::FORMAT_CATEGORY_DATABASE);
  resource.add_format_types("oracle");
  resource.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
  resource.set_share_mode_category(v1::SHARE_MODE_CATEGORY_PLATFORM);
  resource.set_share_mode_type(v1::SHARE_MODE_TYPE_INTERFACE);
  resource.set_open_type(v1::OPEN_TYPE_NOT_OPEN);
  resource.set_update_cycle(v1::UPDATE_CYCLE_DAILY);
  resource.set_state(v1::RESOURCE_STATE_SUBMITTED);
  auto& certificate = *resource.mutable_electronic_certificate();
  certificate.set_type_code("11100000000013127D001");
  certificate.set_holder_kind("natural_person");
  certificate.set_authorisation_level(3);
  resource.mutable_census()->set_records_10k(920.5);
  resource.set_schema_version(2);
  resource.set_schema_compatibility(v1::SCHEMA_COMPATIBILITY_BREAKING);
  auto& field = *resource.add_fields();
  field.set_field("id_number");
  field.set_display_name("公民身份号码");
  field.set_data_type(v1::DATA_TYPE_CHARACTER);
  field.set_length(18);
  field.set_person_key(true);
  field.set_sensitivity(v1::SENSITIVITY_SENSITIVE);
  field.set_mask(v1::MASK_ID_NUMBER);
  auto& finding = *resource.add_findings();
  finding.set_reason("CREDIT_CODE_MISSING");
  finding.set_field("provider_code");
  finding.set_description("The provider's 统一社会信用代码 is not known here; add it.");
  return resource;
}

TEST(ResourceSheet, ShowsEveryElementInTheGuidesWords) {
  const std::string sheet = ResourceSheet(Full());
  for (const char* text : {"信息资源代码", "BA6006/000218", "待审核", "数据库 / oracle", "有条件共享", "共享平台方式 / 接口",
                           "不予开放", "每日", "持证主体 自然人，授权级别 3", "记录 万条 920.5", "2 / 不兼容", "字符型 C", "敏感",
                           "CREDIT_CODE_MISSING"}) {
    EXPECT_NE(sheet.find(text), std::string::npos) << text << "\n" << sheet;
  }
}

TEST(ResourceSheet, FitsEightyCells) {
  for (const absl::string_view line : absl::StrSplit(ResourceSheet(Full()), '\n')) {
    EXPECT_LE(DisplayWidth({line.data(), line.size()}), kScreenCells) << line;
  }
}

TEST(ResourceSheet, LeavesOutWhatIsNotFilledIn) {
  const std::string sheet = ResourceSheet(v1::Resource());
  EXPECT_EQ(sheet.find("电子证照"), std::string::npos);
  EXPECT_EQ(sheet.find("审核"), std::string::npos);
  EXPECT_EQ(sheet.find("大普查"), std::string::npos);
}

}  // namespace
}  // namespace zhanqiao::cli
