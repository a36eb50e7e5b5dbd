#include "catalog/sheets/csv_sheet.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "catalog/base/error.h"
#include "catalog/sheets/encoding.h"

namespace zhanqiao::sheets {
namespace {

std::vector<std::vector<std::string>> CellsOf(const Sheet& sheet) {
  std::vector<std::vector<std::string>> all;
  for (const Row& row : sheet.rows) {
    auto& cells = all.emplace_back();
    for (const Cell& cell : row.cells) cells.emplace_back(cell.view());
  }
  return all;
}

std::vector<std::vector<std::string>> Read(std::string_view text, v1::SheetEncoding encoding = v1::SHEET_ENCODING_UNSPECIFIED) {
  const auto sheet = ReadCsvSheet(text, encoding, SheetLimits());
  EXPECT_TRUE(sheet.ok()) << sheet.status();
  return sheet.ok() ? CellsOf(*sheet) : std::vector<std::vector<std::string>>();
}

std::string ReasonFor(std::string_view text) { return ReasonOf(ReadCsvSheet(text, v1::SHEET_ENCODING_UNSPECIFIED, SheetLimits()).status()); }

using Cells = std::vector<std::vector<std::string>>;

TEST(CsvSheet, RowsMayHaveAnyLengthAndAnyLineEnd) {
  EXPECT_EQ(Read("a,b\r\nc\nd,e,f\rg"), (Cells{{"a", "b"}, {"c"}, {"d", "e", "f"}, {"g"}}));
}

TEST(CsvSheet, QuotedCellsHoldSeparatorsQuotesAndLines) {
  EXPECT_EQ(Read("\"a,\"\"b\"\"\",\"x\r\ny\"\n1,2"), (Cells{{"a,\"b\"", "x\ny"}, {"1", "2"}}));
}

TEST(CsvSheet, RowsKeepTheirNumbersWhenBlankOnesAreLeftOut) {
  const auto sheet = ReadCsvSheet("a\n,,\nb\n", v1::SHEET_ENCODING_UNSPECIFIED, SheetLimits());
  ASSERT_TRUE(sheet.ok());
  ASSERT_EQ(sheet->rows.size(), 2u);
  EXPECT_EQ(sheet->rows[1].number, 3);
}

TEST(CsvSheet, TabsAndSemicolonsSeparateWhereThereIsNoComma) {
  EXPECT_EQ(Read("a\tb\n1\t2,3"), (Cells{{"a", "b"}, {"1", "2,3"}}));
  EXPECT_EQ(Read("a;b\n1;2"), (Cells{{"a", "b"}, {"1", "2"}}));
}

TEST(CsvSheet, EncodingsAreFoundOut) {
  const Cells cells = {{"单位", "𠮷㐀"}};
  const std::string utf8 = "单位,𠮷㐀\r\n";
  EXPECT_EQ(Read(utf8), cells);
  EXPECT_EQ(Read(*FromUtf8(utf8, v1::SHEET_ENCODING_UTF8)), cells);
  EXPECT_EQ(Read(*FromUtf8(utf8, v1::SHEET_ENCODING_GB18030)), cells);
  EXPECT_EQ(Read(*FromUtf8(utf8, v1::SHEET_ENCODING_GB18030), v1::SHEET_ENCODING_GB18030), cells);
  EXPECT_EQ(Read(std::string("\xFF\xFE" "a\0,\0" "b\0", 8)), (Cells{{"a", "b"}}));
}

TEST(CsvSheet, WhatIsNeitherIsRefusedByLine) {
  const auto status = ReadCsvSheet("a\nb\xFF\xFF,", v1::SHEET_ENCODING_UNSPECIFIED, SheetLimits()).status();
  EXPECT_EQ(ReasonOf(status), "TEXT_ENCODING");
  EXPECT_EQ(FactOf(status, "line"), "2");
}

TEST(CsvSheet, BrokenQuotesAndBinaryAreRefused) {
  EXPECT_EQ(ReasonFor("a,\"b"), "CSV_INVALID");
  EXPECT_EQ(ReasonFor("\"a\"b,c"), "CSV_INVALID");
  EXPECT_EQ(ReasonFor(std::string_view("a\0b", 3)), "FILE_NOT_A_SHEET");
}

TEST(CsvSheet, FormulasAreNeutralised) {
  for (const std::string text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1", "'=1"}) {
    EXPECT_EQ(Neutralized(text), "'" + text);
  }
  for (const std::string text : {"", "a=1", "'a", "3-1", "'"}) EXPECT_EQ(Neutralized(text), text);
}

RC_GTEST_PROP(CsvSheetProperty, NeutralisingIsUndone, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("'", "=", "+", "-", "@", "\t", "\r", "＝", "a", "数", "1", " "));
  std::string text;
  for (const auto& piece : pieces) text += piece;
  RC_ASSERT(Restored(Neutralized(text)) == text);
  const std::string safe = Neutralized(text);
  for (const char* start : {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"}) RC_ASSERT(!std::string_view(safe).starts_with(start));
}

RC_GTEST_PROP(CsvSheetProperty, WhatIsWrittenIsRead, ()) {
  const auto rows = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(3, rc::gen::element<std::string>("a", "=b", "x,y", "\"q\"", "两\n行", "'=", "3"))));
  std::string text;
  for (const auto& row : rows) AppendCsvRow(row, text);
  const auto sheet = ReadCsvSheet(text, v1::SHEET_ENCODING_UTF8, SheetLimits());
  RC_ASSERT(sheet.ok());
  RC_ASSERT(sheet->rows.size() == rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < 3; ++j) RC_ASSERT(std::string(Restored(sheet->rows[i].at(static_cast<int>(j)).view())) == rows[i][j]);
  }
}

}  // namespace
}  // namespace zhanqiao::sheets
