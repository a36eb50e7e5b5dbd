#include "catalog/sheets/headings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "catalog/sheets/problems.h"
#include "catalog/sheets/test_catalog.h"
#include "catalog/sheets/values.h"
#include "catalog/base/workbook/xlsx_reader.h"
#include "catalog/sheets/test_workbook.h"

namespace zhanqiao::sheets {
namespace {

const SheetTable& Resources() { return TableOf(v1::SHEET_KIND_RESOURCES); }

// The element each column of the sheet is taken for; "" for none.
std::vector<std::string> ElementsOf(const Sheet& sheet, const SheetTable& table) {
  const auto layout = FindHeading(sheet, table);
  EXPECT_TRUE(layout.ok()) << layout.status();
  std::vector<std::string> elements;
  if (!layout.ok()) return elements;
  for (const int meaning : layout->meaning_of) {
    elements.emplace_back(meaning < 0 ? "" : table.columns[static_cast<size_t>(meaning)].element);
  }
  return elements;
}

TEST(Headings, TheGuidesHeadingsInOneRow) {
  EXPECT_THAT(ElementsOf(SheetOf("信息资源名称,信息资源代码,信息资源提供方,共享类型,共享条件,更新周期\n"), Resources()),
              testing::ElementsAre("display_name", "resource_code", "provider", "share_type", "share_condition", "update_cycle"));
}

TEST(Headings, BlanksLinesWidthNumberingAndRemarksDoNotMatter) {
  EXPECT_THAT(ElementsOf(SheetOf("\"信息资源\n名 称\",2、信息资源代码*,信息资源提供方：,9.共享类型（必填）,已共享的数据存储量(ＧＢ)\n"), Resources()),
              testing::ElementsAre("display_name", "resource_code", "provider", "share_type", "census.shared_gb"));
}

TEST(Headings, TwoRowsWhereTheUpperStandsOverSeveral) {
  // As CSV has it: blank where a range was merged.
  EXPECT_THAT(ElementsOf(SheetOf("信息资源分类,,,,信息资源名称,信息资源格式,,共享属性,,共享方式,\n"
                                 "类,项,目,细目,,分类,类型,共享类型,共享条件,分类,类型\n"), Resources()),
              testing::ElementsAre("class_code", "item_code", "catalog_code", "detail_code", "display_name", "format_category",
                                   "format_types", "share_type", "share_condition", "share_mode_category", "share_mode_type"));
}

TEST(Headings, MergedRangesOfWorkbooksAndTitlesAbove) {
  const auto sheet = ReadXlsx(
      TestWorkbook(R"(<row r="1"><c r="A1" t="str"><v>青岛市政务信息资源目录</v></c></row>)"
                   R"(<row r="3"><c r="A3" t="str"><v>信息资源名称</v></c><c r="B3" t="str"><v>信息资源格式</v></c><c r="D3" t="str"><v>开放属性</v></c></row>)"
                   R"(<row r="4"><c r="B4" t="str"><v>分类</v></c><c r="C4" t="str"><v>类型</v></c><c r="D4" t="str"><v>是否向社会开放</v></c><c r="E4" t="str"><v>开放条件</v></c></row>)"
                   R"(<row r="5"><c r="A5" t="str"><v>甲</v></c></row>)",
                   R"(<mergeCells><mergeCell ref="A1:E1"/><mergeCell ref="A3:A4"/><mergeCell ref="B3:C3"/><mergeCell ref="D3:E3"/></mergeCells>)")
          .Bytes(),
      "", SheetLimits(), [](int64_t) { return absl::OkStatus(); });
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_THAT(ElementsOf(*sheet, Resources()),
              testing::ElementsAre("display_name", "format_category", "format_types", "open_to_public", "open_condition"));
  const auto layout = FindHeading(*sheet, Resources());
  EXPECT_EQ(layout->heading_row, 4);
  EXPECT_EQ(sheet->rows[layout->first_data].number, 5);
}

TEST(Headings, EnglishNamesOfTheContractAndOfTheCitysFiles) {
  EXPECT_THAT(ElementsOf(SheetOf("resource_code,display_name,provider,share_type,fields.length\n"), Resources()),
              testing::ElementsAre("resource_code", "display_name", "provider", "share_type", "fields[].length"));
  EXPECT_THAT(ElementsOf(SheetOf("code,name,short_name,kind,division_code,parent_code,plan_role\n"), TableOf(v1::SHEET_KIND_ORGANIZATIONS)),
              testing::ElementsAre("name", "display_name", "short_name", "kind", "division_code", "parent", "plan_role"));
}

std::vector<std::string> ProblemsOf(std::string_view csv) {
  std::vector<std::string> problems;
  const auto layout = FindHeading(SheetOf(csv), TableOf(v1::SHEET_KIND_ORGANIZATIONS));
  if (!layout.ok()) return {ReasonOf(layout.status())};
  for (const Problem& problem : layout->problems) {
    problems.push_back((problem.column < 0 ? "" : ColumnLetters(problem.column)) + std::to_string(problem.row) + " " + problem.sentence.reason);
  }
  return problems;
}

TEST(Headings, UnknownRepeatedAndMissingColumnsAreTold) {
  EXPECT_THAT(ProblemsOf("序号,单位代码,单位名称,单位类别,行政区划代码,联系人,简称,单位简称\n"), testing::ElementsAre("F1 COLUMN_UNKNOWN", "H1 COLUMN_REPEATED"));
  EXPECT_THAT(ProblemsOf("单位代码,单位名称,单位类别\n"), testing::ElementsAre("1 COLUMN_MISSING"));
}

TEST(Headings, ASheetOfSomethingElseIsRefused) {
  EXPECT_THAT(ProblemsOf("日期,金额,经手人\n1,2,3\n"), testing::ElementsAre("HEADING_NOT_FOUND"));
}

// Headings of one table must not shadow one another.
TEST(Headings, EveryHeadingOfEveryTableIsFoundAgain) {
  for (const auto kind : {v1::SHEET_KIND_RESOURCES, v1::SHEET_KIND_ORGANIZATIONS, v1::SHEET_KIND_INFORMATION_SYSTEMS}) {
    const SheetTable& table = TableOf(kind);
    std::string heading;
    for (const Column& column : table.columns) {
      if (!heading.empty()) heading.push_back(',');
      heading += column.heading;
    }
    const auto elements = ElementsOf(SheetOf(heading), table);
    ASSERT_EQ(elements.size(), table.columns.size());
    for (size_t i = 0; i < elements.size(); ++i) EXPECT_EQ(elements[i], table.columns[i].element);
  }
}

TEST(Headings, EveryColumnsElementIsInTheContract) {
  catalog::Catalog catalog;
  const NameBook names(catalog);
  const auto holds = [&](const google::protobuf::Message& document, const SheetTable& table) {
    for (const Column& column : table.columns) {
      const bool whole = column.form == Form::kName || column.form == Form::kOwner || column.form == Form::kCodePart || column.form == Form::kOpenFlag;
      if (!column.item() && !whole) ValueOf(column, document, names, "");  // asserts that there is such an element
      const bool words = column.form == Form::kWord || column.form == Form::kChoice;
      EXPECT_EQ(column.words != nullptr, words) << column.heading;
    }
  };
  holds(v1::Resource(), Resources());
  holds(v1::Organization(), TableOf(v1::SHEET_KIND_ORGANIZATIONS));
  v1::InformationSystem system;
  system.mutable_inventory();
  holds(system, TableOf(v1::SHEET_KIND_INFORMATION_SYSTEMS));
}

TEST(Headings, EveryElementOfTheInventoryHasItsColumn) {
  const SheetTable& table = TableOf(v1::SHEET_KIND_INFORMATION_SYSTEMS);
  const std::function<void(const google::protobuf::Descriptor*, const std::string&)> check = [&](const auto* type, const std::string& path) {
    for (int i = 0; i < type->field_count(); ++i) {
      const std::string element = path + type->field(i)->name();
      if (type->field(i)->message_type() != nullptr) {
        check(type->field(i)->message_type(), element + ".");
      } else {
        EXPECT_GE(table.Find(element), 0) << element;
      }
    }
  };
  check(v1::Inventory::descriptor(), "inventory.");
}

TEST(Problems, ReasonsAreUniqueAndSpeakBothLanguages) {
  std::set<std::string_view> seen;
  for (const std::string_view reason : KnownReasons()) {
    EXPECT_TRUE(seen.insert(reason).second) << reason;
    EXPECT_NE(SentenceOf(reason, "x").chinese, "") << reason;
  }
  EXPECT_EQ(SentenceOf(Violation{"x", "TEXT_TOO_LONG", "Has 120 characters; shorten it to at most 100."}, nullptr).chinese,
            "文字过长，请缩短到100字以内。");
}

}  // namespace
}  // namespace zhanqiao::sheets
