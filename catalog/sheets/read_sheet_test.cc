#include "catalog/sheets/read_sheet.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "catalog/sheets/test_workbook.h"
#include "catalog/sheets/values.h"
#include "catalog/base/workbook/xlsx_parts.h"

namespace zhanqiao::sheets {
namespace {

absl::StatusOr<Sheet> Read(const TestWorkbook& workbook, std::string_view name = "") {
  return ReadSheet(workbook.Bytes(), {.sheet = name}, [](int64_t) { return absl::OkStatus(); });
}

std::string TextAt(const Sheet& sheet, int number, int column) {
  for (const Row& row : sheet.rows) {
    if (row.number == number) return TextOf(row.at(column), false);
  }
  return "";
}

TEST(ReadSheet, CellsOfEveryKindAreRead) {
  const auto sheet = Read(TestWorkbook(
      R"(<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><t>内 联</t></is></c>)"
      R"(<c r="D2"><v>12.5</v></c><c r="E2" t="b"><v>1</v></c><c r="F2" t="str"><f>A1</f><v>公式</v></c><c r="G2" t="e"><v>#N/A</v></c>)"
      R"(<c r="I2" s="1"><v>43160</v></c></row>)"));
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(sheet->name, "目录");
  ASSERT_EQ(sheet->rows.size(), 1u);
  const Row& row = sheet->rows[0];
  EXPECT_EQ(row.number, 2);
  EXPECT_EQ(row.at(0).view(), "第一");
  EXPECT_EQ(row.at(1).view(), "富文 本") << "runs are joined, readings left out";
  EXPECT_EQ(row.at(2).view(), "内 联");
  EXPECT_EQ(row.at(3).number, 12.5);
  EXPECT_EQ(row.at(4).kind, CellKind::kLogical);
  EXPECT_EQ(row.at(5).view(), "公式");
  EXPECT_EQ(row.at(6).kind, CellKind::kError);
  EXPECT_TRUE(row.at(7).blank());
  EXPECT_EQ(TextOf(row.at(8), false), "2018-03-01");
}

TEST(ReadSheet, RowsAndCellsMayLeaveOutTheirPlaces) {
  const auto sheet = Read(TestWorkbook(R"(<row><c><v>1</v></c><c><v>2</v></c></row><row r="5"><c r="C5"><v>3</v></c><c><v>4</v></c></row>)"));
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(TextAt(*sheet, 1, 1), "2");
  EXPECT_EQ(TextAt(*sheet, 5, 3), "4");
}

TEST(ReadSheet, BothDateSystemsGiveTheSameDay) {
  TestWorkbook workbook(R"(<row r="1"><c r="A1" s="2"><v>41698</v></c></row>)");
  workbook.Part("xl/workbook.xml").replace(workbook.Part("xl/workbook.xml").find("<workbookPr/>"), 13, "<workbookPr date1904=\"1\"/>");
  const auto sheet = Read(workbook);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(TextAt(*sheet, 1, 0), "2018-03-01");
  absl::CivilDay day;
  ASSERT_TRUE(DayOfSerial(1, day));
  EXPECT_EQ(day, absl::CivilDay(1900, 1, 1)) << "before the leap day that never was";
  ASSERT_TRUE(DayOfSerial(61, day));
  EXPECT_EQ(day, absl::CivilDay(1900, 3, 1));
  for (const absl::CivilDay one : {absl::CivilDay(1900, 1, 1), absl::CivilDay(1900, 2, 28), absl::CivilDay(1900, 3, 1), absl::CivilDay(2018, 3, 1)}) {
    ASSERT_TRUE(DayOfSerial(SerialOfDay(one), day));
    EXPECT_EQ(day, one);
  }
}

TEST(ReadSheet, NumberFormatsThatShowDatesAreKnown) {
  for (const char* code : {"yyyy-mm-dd", "d/m/yy", "yyyy\"年\"m\"月\"", "[$-804]yyyy/m/d"}) EXPECT_TRUE(IsDateFormat(code)) << code;
  for (const char* code : {"General", "0.00", "@", "[Red]0", "\"day\"0", "#,##0\\d"}) EXPECT_FALSE(IsDateFormat(code)) << code;
}

TEST(ReadSheet, RangesMergedOverRowsFillTheirCells) {
  const auto sheet = Read(TestWorkbook(R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row><row r="3"><c r="B3"><v>3</v></c></row>)",
                                       R"(<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="C1:D1"/></mergeCells>)"));
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ(TextAt(*sheet, 2, 0), "第一");
  EXPECT_EQ(TextAt(*sheet, 3, 0), "");
  EXPECT_EQ(sheet->merges.size(), 2u);
}

TEST(ReadSheet, SheetsAreChosenByNameAndHiddenOnesAreNotTheFirst) {
  TestWorkbook workbook(R"(<row r="1"><c r="A1"><v>1</v></c></row>)");
  EXPECT_EQ(TextAt(*Read(workbook, "Second"), 1, 0), "two");
  const auto missing = Read(workbook, "Third").status();
  EXPECT_EQ(ReasonOf(missing), "WORKSHEET_MISSING");
  EXPECT_EQ(FactOf(missing, "sheets"), "目录, Second");
  std::string& part = workbook.Part("xl/workbook.xml");
  part.replace(part.find("sheetId=\"1\""), 11, "state=\"hidden\" sheetId=\"1\"");
  EXPECT_EQ(Read(workbook)->name, "Second");
}

TEST(ReadSheet, EscapesOfControlCharactersAreUndone) {
  const auto sheet = Read(TestWorkbook(R"(<row r="1"><c r="A1" t="str"><v>a_x000D_
b_x005F_x0041_</v></c></row>)"));
  ASSERT_TRUE(sheet.ok());
  EXPECT_EQ(sheet->rows[0].at(0).view(), "a\nb_x0041_");
}

TEST(ReadSheet, ColumnsAreCountedInLetters) {
  for (const auto& [column, letters] : std::vector<std::pair<int, std::string>>{{0, "A"}, {25, "Z"}, {26, "AA"}, {701, "ZZ"}, {702, "AAA"}, {16383, "XFD"}}) {
    EXPECT_EQ(ColumnLetters(column), letters);
    int parsed = -1;
    int row = -1;
    EXPECT_TRUE(ParseCellReference(letters + "7", parsed, row));
    EXPECT_EQ(parsed, column);
    EXPECT_EQ(row, 7);
  }
  int column = 0;
  int row = 0;
  for (const char* bad : {"", "A", "7", "A0", "XFE1", "A1048577", "a1", "A1B", "AAAAA1"}) EXPECT_FALSE(ParseCellReference(bad, column, row)) << bad;
}

}  // namespace
}  // namespace zhanqiao::sheets
