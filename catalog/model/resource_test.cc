#include "catalog/model/resource.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"

namespace zhanqiao::catalog {
namespace {

v1::Field* AddField(v1::Resource& resource, const std::string& name, v1::DataType type, int length = 0) {
  v1::Field* field = resource.add_fields();
  field->set_field(name);
  field->set_display_name(absl::StrCat("信息项", name));
  field->set_data_type(type);
  field->set_length(length);
  return field;
}

// A conditional database entry with nothing wrong.
v1::Resource Permits() {
  v1::Resource resource;
  resource.set_resource_code("308001370200/000002");
  resource.set_display_name("居住证登记信息");
  resource.set_provider("organizations/370200-GAJ");
  resource.set_provider_code("9137130016829134XT");
  resource.set_abstract("居住证持有人的登记信息。");
  resource.set_format_category(v1::FORMAT_CATEGORY_DATABASE);
  resource.add_format_types("Oracle");
  v1::Field* id = AddField(resource, "id_number", v1::DATA_TYPE_CHARACTER, 18);
  id->set_key(true);
  id->set_sensitivity(v1::SENSITIVITY_SENSITIVE);
  id->set_mask(v1::MASK_ID_NUMBER);
  AddField(resource, "birth_date", v1::DATA_TYPE_DATE);
  resource.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
  resource.set_share_condition("按公民身份号码逐条查询。");
  resource.set_share_mode_category(v1::SHARE_MODE_CATEGORY_PLATFORM);
  resource.set_share_mode_type(v1::SHARE_MODE_TYPE_INTERFACE);
  resource.set_open_type(v1::OPEN_TYPE_NOT_OPEN);
  resource.set_update_cycle(v1::UPDATE_CYCLE_DAILY);
  resource.add_connectors("organizations/370200-GAJ/connectors/gaj-main");
  Normalize(resource);
  return resource;
}

// "field:REASON …" of what is wrong with Permits after `spoil`.
using Spoil = std::function<void(v1::Resource&)>;
std::string Wrong(const Spoil& spoil) {
  v1::Resource resource = Permits();
  spoil(resource);
  std::string text;
  for (const auto& violation : Check(resource)) {
    EXPECT_FALSE(violation.description.empty());
    absl::StrAppend(&text, text.empty() ? "" : " ", violation.field, ":", violation.reason);
  }
  return text;
}

// Reasons of the findings of Permits after `change`.
std::string Found(const Spoil& change) {
  v1::Resource resource = Permits();
  change(resource);
  std::string text;
  for (const auto& finding : FindingsOf(resource)) {
    EXPECT_FALSE(finding.description().empty());
    absl::StrAppend(&text, text.empty() ? "" : " ", finding.field(), ":", finding.reason());
  }
  return text;
}

TEST(CheckResource, TakesAGoodOneWithoutFindings) {
  EXPECT_EQ(Wrong([](auto&) {}), "");
  EXPECT_EQ(Found([](auto&) {}), "");
}

TEST(CheckResource, NamesEveryMissingElementAtOnce) {
  std::string text;
  for (const auto& violation : Check(v1::Resource())) text += violation.field + " ";
  EXPECT_EQ(text,
            "resource_code display_name provider abstract format_category format_types share_type "
            "share_mode_category open_type update_cycle ");
}

TEST(CheckResource, WantsACodeOfTheGuideAndTheNameThatFollowsFromIt) {
  const auto code = [](const char* text) {
    return Wrong([&](auto& r) {
      r.set_resource_code(text);
      r.clear_name();
      Normalize(r);
    });
  };
  for (const char* good : {"308001/1", "308084122704/000001", " 3070010370/000066", "３08001370200/000001"}) {
    EXPECT_EQ(code(good), "") << good;
  }
  for (const char* bad : {"", "408001/1", "30800/1", "308001370200", "308001/", "BA6006/000218",
                          "308001/1234567890123", "3080011234567890123/1"}) {
    EXPECT_EQ(code(bad), "resource_code:RESOURCE_CODE") << bad;
  }
  EXPECT_EQ(Wrong([](auto& r) { r.set_name("resources/308001~9"); }), "name:RESOURCE_NAME");
}

TEST(CheckResource, WantsARightCreditCodeOrNone) {
  EXPECT_EQ(Wrong([](auto& r) { r.set_provider_code("9137130016829134X1"); }), "provider_code:CREDIT_CODE");
  EXPECT_EQ(Wrong([](auto& r) { r.clear_provider_code(); }), "");
  EXPECT_EQ(Found([](auto& r) { r.clear_provider_code(); }), "provider_code:CREDIT_CODE_MISSING");
}

TEST(CheckResource, LinksFormatTypesToTheirCategory) {
  const auto types = [](const char* type) {
    return [=](auto& r) { r.set_format_types(0, type); };
  };
  EXPECT_EQ(Wrong(types("xls")), "format_types[0]:FORMAT_TYPE_OF_ANOTHER_CATEGORY");
  EXPECT_EQ(Wrong(types("openGauss")), "");
  EXPECT_EQ(Found(types("openGauss")), "format_types[0]:FORMAT_TYPE_UNKNOWN");
  EXPECT_EQ(Wrong([](auto& r) { r.add_format_types("ORACLE"); }), "format_types[1]:FORMAT_TYPE_REPEATED");
  EXPECT_EQ(Wrong([](auto& r) {
              r.set_format_category(v1::FORMAT_CATEGORY_SELF_DESCRIBED);
              r.set_format_types(0, "表格驱动码");
              r.set_share_mode_type(v1::SHARE_MODE_TYPE_FILE);
            }),
            "");
}

TEST(CheckResource, TiesTheShareModeToTheFormat) {
  EXPECT_EQ(Wrong([](auto& r) { r.set_share_mode_type(v1::SHARE_MODE_TYPE_DATABASE); }), "");
  EXPECT_EQ(Wrong([](auto& r) { r.set_share_mode_type(v1::SHARE_MODE_TYPE_FILE); }), "share_mode_type:SHARE_MODE_TYPE");
  EXPECT_EQ(Wrong([](auto& r) {
              r.set_format_category(v1::FORMAT_CATEGORY_SPREADSHEET);
              r.set_format_types(0, "csv");
            }),
            "share_mode_type:SHARE_MODE_TYPE");
  EXPECT_EQ(Wrong([](auto& r) { r.set_share_mode_category(v1::SHARE_MODE_CATEGORY_OTHER); }),
            "share_mode_type:SHARE_MODE_TYPE");
  EXPECT_EQ(Wrong([](auto& r) { r.clear_share_mode_category(); }), "share_mode_category:ENUM_VALUE");
}

TEST(CheckResource, WantsAConditionOrALegalBasis) {
  EXPECT_EQ(Wrong([](auto& r) { r.clear_share_condition(); }), "share_condition:SHARE_CONDITION_REQUIRED");
  EXPECT_EQ(Wrong([](auto& r) {
              r.set_share_type(v1::SHARE_TYPE_NOT_SHARED);
              r.clear_share_condition();
              r.clear_share_mode_category();
            }),
            "share_condition:SHARE_BASIS_REQUIRED");
  EXPECT_EQ(Wrong([](auto& r) {
              r.set_share_type(v1::SHARE_TYPE_UNCONDITIONAL);
              r.clear_share_condition();
            }),
            "");
  EXPECT_EQ(Wrong([](auto& r) { r.set_open_type(v1::OPEN_TYPE_CONDITIONAL); }), "open_condition:TEXT_REQUIRED");
}

TEST(CheckResource, WantsFieldsOfStructuredResources) {
  EXPECT_EQ(Wrong([](auto& r) { r.clear_fields(); }), "fields:FIELDS_REQUIRED");
  EXPECT_EQ(Wrong([](auto& r) {
              for (int i = 0; i < 499; ++i) AddField(r, absl::StrCat("f", i), v1::DATA_TYPE_DATE);
            }),
            "fields:FIELDS_TOO_MANY");
}

TEST(CheckResource, ChecksEachField) {
  const auto field = [](const std::function<void(v1::Field&)>& spoil) {
    return Wrong([&](auto& r) { spoil(*r.mutable_fields(1)); });
  };
  EXPECT_EQ(field([](auto& f) { f.set_field("Birth"); }), "fields[1].field:FIELD_NAME");
  EXPECT_EQ(field([](auto& f) { f.set_field("id_number"); }), "fields[1].field:FIELD_NAME_REPEATED");
  EXPECT_EQ(field([](auto& f) { f.clear_display_name(); }), "fields[1].display_name:TEXT_REQUIRED");
  EXPECT_EQ(field([](auto& f) { f.clear_data_type(); }), "fields[1].data_type:ENUM_VALUE");
  for (const auto type : {v1::DATA_TYPE_CHARACTER, v1::DATA_TYPE_NUMERIC, v1::DATA_TYPE_DOUBLE, v1::DATA_TYPE_INTEGER,
                          v1::DATA_TYPE_FLOAT}) {
    EXPECT_EQ(field([&](auto& f) { f.set_data_type(type); }), "fields[1].length:FIELD_LENGTH");
  }
  EXPECT_EQ(field([](auto& f) { f.set_length(-1); }), "fields[1].length:FIELD_LENGTH");
  EXPECT_EQ(field([](auto& f) { f.set_data_type(v1::DATA_TYPE_MEMO); }), "fields[1].note:TEXT_REQUIRED");
  EXPECT_EQ(field([](auto& f) { f.set_mask(v1::MASK_ALL); }), "fields[1].mask:MASK_NEEDS_TEXT");
  EXPECT_EQ(field([](auto& f) { f.set_person_key(true); }), "fields[1].person_key:PERSON_KEY_TYPE");
  EXPECT_EQ(field([](auto& f) { f.set_sensitivity(static_cast<v1::Sensitivity>(9)); }),
            "fields[1].sensitivity:ENUM_VALUE");
}

TEST(CheckResource, ChecksUpkeepAndFigures) {
  EXPECT_EQ(Wrong([](auto& r) { r.set_release_date("2018-02-30"); }), "release_date:DATE_INVALID");
  EXPECT_EQ(Wrong([](auto& r) { r.mutable_census()->set_open_gb(-1); }), "census.open_gb:CENSUS_FIGURE");
  EXPECT_EQ(Wrong([](auto& r) { r.mutable_census()->set_shared_gb(std::numeric_limits<double>::quiet_NaN()); }),
            "census.shared_gb:CENSUS_FIGURE");
  EXPECT_EQ(Wrong([](auto& r) { r.set_base_database("自然人"); }), "");
  EXPECT_EQ(Wrong([](auto& r) { r.set_base_database("人口"); }), "base_database:BASE_DATABASE");
}

TEST(CheckResource, LetsOnlyTheProvidersConnectorsServeIt) {
  EXPECT_EQ(Wrong([](auto& r) { r.set_connectors(0, "organizations/370200-FGW/connectors/fgw-main"); }),
            "connectors[0]:CONNECTOR_OF_ANOTHER_BODY");
  EXPECT_EQ(Wrong([](auto& r) { r.set_connectors(0, "gaj-main"); }), "connectors[0]:CONNECTOR_NAME");
  EXPECT_EQ(Wrong([](auto& r) { r.add_connectors(r.connectors(0)); }), "connectors[1]:CONNECTOR_REPEATED");
}

TEST(CheckResource, ChecksLinksToOtherEntriesAndSystems) {
  EXPECT_EQ(Wrong([](auto& r) { r.add_related_codes("308001/x"); }), "related_codes[0]:RESOURCE_CODE");
  EXPECT_EQ(Wrong([](auto& r) { r.add_related_codes(r.resource_code()); }), "related_codes[0]:CODE_REPEATED");
  EXPECT_EQ(Wrong([](auto& r) { r.set_source_system("organizations/370200-GAJ"); }), "source_system:SYSTEM_NAME");
}

TEST(FindingsOf, PointsAtUnusualAndBaseCodes) {
  const auto code = [](const char* text) { return [=](auto& r) { r.set_resource_code(text); }; };
  EXPECT_EQ(Found(code("308001/1")), "resource_code:CODE_LENGTH_UNUSUAL");
  EXPECT_EQ(Found(code("309001370200/000001")), "resource_code:CODE_ITEM_UNKNOWN");
  EXPECT_EQ(Found(code("212001370200/000001")), "");
  EXPECT_EQ(Found(code("101001370200/000001")), "share_type:BASE_ITEM_NOT_UNCONDITIONAL");
}

TEST(FindingsOf, PointsAtPersonalFieldsThatAreTooOpen) {
  EXPECT_EQ(Found([](auto& r) { r.set_open_type(v1::OPEN_TYPE_UNCONDITIONAL); }), "open_type:OPEN_WITH_PERSONAL_FIELDS");
  EXPECT_EQ(Found([](auto& r) { r.mutable_fields(0)->clear_mask(); }), "fields[0].mask:SENSITIVE_WITHOUT_MASK");
  EXPECT_EQ(Found([](auto& r) { r.mutable_fields(1)->set_display_name(r.fields(0).display_name()); }),
            "fields[1].display_name:FIELD_NAME_REPEATED");
  EXPECT_EQ(Found([](auto& r) {
              r.set_share_type(v1::SHARE_TYPE_NOT_SHARED);
              r.set_open_type(v1::OPEN_TYPE_CONDITIONAL);
            }),
            "open_type:OPEN_BUT_NOT_SHARED");
}

TEST(SchemaFingerprintOf, FollowsNamesTypesAndOrder) {
  const v1::Resource resource = Permits();
  EXPECT_EQ(SchemaFingerprintOf(resource), std::string(Bytes(Sha256("id_number\x1F" "1\x1E" "birth_date\x1F" "4\x1E"))));
  v1::Resource renamed = resource;
  renamed.mutable_fields(0)->set_display_name("其他");
  EXPECT_EQ(SchemaFingerprintOf(renamed), SchemaFingerprintOf(resource));
  v1::Resource swapped = resource;
  swapped.mutable_fields()->SwapElements(0, 1);
  EXPECT_NE(SchemaFingerprintOf(swapped), SchemaFingerprintOf(resource));
}

TEST(NameSkeleton, LooksThroughBlanksPunctuationWidthAndCase) {
  EXPECT_EQ(NameSkeleton("居住证（登记）信息"), NameSkeleton("居住证登记 信息"));
  EXPECT_EQ(NameSkeleton("ＡＢ－c"), NameSkeleton("ab·C"));
  EXPECT_EQ(NameSkeleton("《企业》“名录”、2017"), NameSkeleton("企业名录2017"));
  EXPECT_NE(NameSkeleton("企业名录"), NameSkeleton("企业目录"));
}

}  // namespace
}  // namespace zhanqiao::catalog
