#include "catalog/sheets/values.h"

#include <gtest/gtest.h>

#include "catalog/model/resource.h"
#include "catalog/sheets/test_catalog.h"

namespace zhanqiao::sheets {
namespace {

TEST(Values, DatesInTheFormsPeopleType) {
  for (const char* typed : {"2018-3-1", "2018/03/01", "2018.3.1", "2018年3月1日", "20180301", "２０１８－０３－０１", "2018-03-01 08:30:00", "2018-03-01T00:00:00", " 2018年 3月 1日 "}) {
    EXPECT_EQ(DateOf(typed), "2018-03-01") << typed;
  }
  for (const char* typed : {"", "2018", "2018-13-01", "2018-02-30", "去年", "18-3-1", "2018-3-1-1", "20181301"}) EXPECT_EQ(DateOf(typed), std::nullopt) << typed;
}

TEST(Values, WordsByTextSynonymNumberLetterOrName) {
  const Words& share = *TableOf(v1::SHEET_KIND_RESOURCES).columns[static_cast<size_t>(TableOf(v1::SHEET_KIND_RESOURCES).Find("share_type"))].words;
  for (const char* typed : {"有条件共享", "有条件", "2", "２", "2-有条件共享", "2、有条件共享", " 有 条 件 共 享 ", "SHARE_TYPE_CONDITIONAL", "conditional"}) {
    EXPECT_EQ(WordOf(typed, share, v1::ShareType_descriptor()), v1::SHARE_TYPE_CONDITIONAL) << typed;
  }
  for (const char* typed : {"", "4", "0", "条件", "unspecified"}) EXPECT_EQ(WordOf(typed, share, v1::ShareType_descriptor()), std::nullopt) << typed;
  const SheetTable& table = TableOf(v1::SHEET_KIND_RESOURCES);
  const Words& types = *table.columns[static_cast<size_t>(table.Find("fields[].data_type"))].words;
  for (const char* typed : {"字符型", "C", "c", "字符型C", "C 字符型", "字符型（C）", "Ｃ"}) {
    EXPECT_EQ(WordOf(typed, types, v1::DataType_descriptor()), v1::DATA_TYPE_CHARACTER) << typed;
  }
  const Words& formats = *table.columns[static_cast<size_t>(table.Find("format_category"))].words;
  EXPECT_EQ(WordOf("数据库(类)", formats, v1::FormatCategory_descriptor()), v1::FORMAT_CATEGORY_DATABASE);
  EXPECT_EQ(WordOf("图形图像（类）", formats, v1::FormatCategory_descriptor()), v1::FORMAT_CATEGORY_IMAGE);
}

TEST(Values, YesAndNo) {
  for (const char* typed : {"是", "1", "Y", "true", "√", "１"}) EXPECT_EQ(YesNo(typed), true) << typed;
  for (const char* typed : {"否", "0", "n", "FALSE", "×"}) EXPECT_EQ(YesNo(typed), false) << typed;
  EXPECT_EQ(YesNo("也许"), std::nullopt);
}

TEST(Values, BlanksOfEveryKindAreTrimmed) {
  Sheet sheet = SheetOf("　 青岛 市　\xC2\xA0\xEF\xBB\xBF,x");
  EXPECT_EQ(TextOf(sheet.rows[0].at(0), true), "青岛 市");
}

class Elements : public testing::Test {
 protected:
  Elements() { FillCity(catalog_); }
  // Sets one element from a text and gives the reason it was refused with, or "".
  std::string Set(std::string_view element, std::string_view text) { return SetCell(element, TextCell(text)); }
  std::string SetNumber(std::string_view element, double number, CellKind kind = CellKind::kNumber) {
    Cell cell;
    cell.kind = kind;
    cell.number = number;
    return SetCell(element, cell);
  }
  Cell TextCell(std::string_view text) {
    Cell cell;
    EXPECT_TRUE(sheet_.SetText(cell, text).ok());
    return cell;
  }
  std::string SetCell(std::string_view element, const Cell& cell) {
    const SheetTable& table = TableOf(v1::SHEET_KIND_RESOURCES);
    const NameBook names(catalog_);
    const auto wrong = SetElement(table.columns[static_cast<size_t>(table.Find(element))], cell, {names, kFgw, false}, resource_);
    return wrong ? wrong->reason : "";
  }

  catalog::Catalog catalog_;
  Sheet sheet_{SheetLimits()};
  v1::Resource resource_;
};

TEST_F(Elements, BodiesByNameShortNameOrCode) {
  for (const char* text : {"青岛市发展和改革委员会", "市发展改革委", "370200-FGW", " 370200-fgw ", "organizations/370200-FGW"}) {
    EXPECT_EQ(Set("provider", text), "") << text;
    EXPECT_EQ(resource_.provider(), kFgw);
  }
  EXPECT_EQ(Set("provider", "市发改"), "BODY_UNKNOWN");
  EXPECT_EQ(resource_.provider(), "") << "what is not understood is not kept";
  Know(catalog_, Body("organizations/370200-X", "青岛市公安局", ""));
  EXPECT_EQ(Set("provider", "青岛市公安局"), "BODY_AMBIGUOUS");
}

TEST_F(Elements, SystemsByNameTheBodysOwnFirst) {
  Know(catalog_, System("organizations/370200-GAJ/systems/approval", "投资项目在线审批监管平台"));
  EXPECT_EQ(Set("source_system", "投资项目在线审批监管平台"), "");
  EXPECT_EQ(resource_.source_system(), "organizations/370200-FGW/systems/approval");
  EXPECT_EQ(Set("source_system", "没有的系统"), "SYSTEM_NAME_UNKNOWN");
}

TEST_F(Elements, ListsAndCodes) {
  EXPECT_EQ(Set("format_types", "xls、 xlsx，et;csv"), "");
  EXPECT_EQ(resource_.format_types_size(), 4);
  EXPECT_EQ(resource_.format_types(1), "xlsx");
  EXPECT_EQ(Set("related_codes", "３０８００１３７０２００／０００００２ 308001370200/000003"), "");
  EXPECT_EQ(resource_.related_codes(0), "308001370200/000002");
  EXPECT_EQ(resource_.related_codes(1), "308001370200/000003");
}

TEST_F(Elements, NumbersAsTextNumberOrFullWidth) {
  EXPECT_EQ(Set("census.storage_gb", "１,２００.５"), "");
  EXPECT_EQ(resource_.census().storage_gb(), 1200.5);
  EXPECT_EQ(SetNumber("census.records_10k", 0.1), "");
  EXPECT_EQ(resource_.census().records_10k(), 0.1);
  EXPECT_EQ(Set("census.storage_gb", "很多"), "VALUE_NUMBER");
  EXPECT_EQ(Set("electronic_certificate.authorisation_level", "2.5"), "VALUE_WHOLE");
}

TEST_F(Elements, DatesAsNumbersOfTheSpreadsheet) {
  EXPECT_EQ(SetNumber("release_date", 43160, CellKind::kDate), "");
  EXPECT_EQ(resource_.release_date(), "2018-03-01");
  EXPECT_EQ(SetNumber("release_date", 43160), "") << "the cell lost its format";
  EXPECT_EQ(resource_.release_date(), "2018-03-01");
  EXPECT_EQ(SetNumber("release_date", 20180301), "");
  EXPECT_EQ(resource_.release_date(), "2018-03-01");
  EXPECT_EQ(Set("release_date", "明天"), "VALUE_DATE");
}

TEST_F(Elements, CodesThatBecameNumbersAreToldWhenDigitsAreLost) {
  EXPECT_EQ(SetNumber("legacy_code", 221211003), "");
  EXPECT_EQ(resource_.legacy_code(), "221211003");
  EXPECT_EQ(SetNumber("provider_code", 1.13702000051178e17), "NUMBER_PRECISION");
}

TEST_F(Elements, ErrorsOfFormulasAreTold) {
  Cell cell;
  ASSERT_TRUE(sheet_.SetText(cell, "#REF!", CellKind::kError).ok());
  EXPECT_EQ(SetCell("display_name", cell), "CELL_FORMULA_ERROR");
}

TEST_F(Elements, ABlankCellClears) {
  EXPECT_EQ(Set("display_name", "名称"), "");
  EXPECT_EQ(Set("display_name", "　"), "");
  EXPECT_EQ(resource_.display_name(), "");
  EXPECT_EQ(Set("census.storage_gb", ""), "");
  EXPECT_FALSE(resource_.has_census());
}

}  // namespace
}  // namespace zhanqiao::sheets
