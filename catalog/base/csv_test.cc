#include "catalog/base/csv.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

using Cells = std::vector<std::string>;

CsvTable Read(std::string_view text) {
  auto table = ParseCsv(text);
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : CsvTable();
}

// "row/column" of the refusal, or "read".
std::string Refusal(std::string_view text) {
  const auto table = ParseCsv(text);
  if (table.ok()) return "read";
  EXPECT_EQ(ReasonOf(table.status()), "CSV_INVALID");
  EXPECT_NE(FactOf(table.status(), "problem"), "");
  return FactOf(table.status(), "row") + "/" + FactOf(table.status(), "column");
}

TEST(ParseCsv, ReadsHeadingAndRowsWithTheirLines) {
  const CsvTable table = Read("code,name\n1,市公安局\n2,\n");
  EXPECT_EQ(table.header, (Cells{"code", "name"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].cells, (Cells{"1", "市公安局"}));
  EXPECT_EQ(table.rows[0].line, 2);
  EXPECT_EQ(table.rows[1].cells, (Cells{"2", ""}));
  EXPECT_EQ(table.rows[1].line, 3);
}

TEST(ParseCsv, SkipsTheByteOrderMark) { EXPECT_EQ(Read("\xEF\xBB\xBF" "a\n1\n").header, Cells{"a"}); }

TEST(ParseCsv, TakesCrlfAndAMissingLastLineEnd) {
  EXPECT_EQ(Read("a,b\r\n1,2\r\n3,4").rows.at(1).cells, (Cells{"3", "4"}));
  EXPECT_EQ(Read("a,b\r\n1,2\r\n\r\n").rows.size(), 1u);
}

TEST(ParseCsv, UnquotesCommasQuotesAndLineBreaksAndKeepsCountingLines) {
  const CsvTable table = Read("a,b\n\"1,\"\"x\"\"\",\"two\nlines\"\n3,4\n");
  EXPECT_EQ(table.rows.at(0).cells, (Cells{"1,\"x\"", "two\nlines"}));
  EXPECT_EQ(table.rows.at(1).line, 4);
}

TEST(ParseCsv, KeepsBlanksAsTheyStand) { EXPECT_EQ(Read("a\n x \n").rows.at(0).cells, Cells{" x "}); }

TEST(ParseCsv, NamesRowAndColumnOfWhatIsWrong) {
  EXPECT_EQ(Refusal("a,b\n1\n"), "2/b");                     // too few cells
  EXPECT_EQ(Refusal("a,b\n1,2\n1,2,3\n"), "3/b");            // too many
  EXPECT_EQ(Refusal("a,b\n1,x\"y\n"), "2/b");                // quote inside a cell
  EXPECT_EQ(Refusal("a,b\n1,\"x\"y\n"), "2/b");              // text after a quote
  EXPECT_EQ(Refusal("a,b\n1,\"open\n"), "2/b");              // never closed
  EXPECT_EQ(Refusal("a,b\n1,\xFF\n"), "2/b");                // not UTF-8
  EXPECT_EQ(Refusal(std::string_view("a,b\n\0,2\n", 8)), "2/a");  // control character
  EXPECT_EQ(Refusal("a,b\r1,2\n"), "1/2");                   // lone CR
  EXPECT_EQ(Refusal("a,\n1,2\n"), "1/2");                    // empty heading
  EXPECT_EQ(Refusal("a,a\n1,2\n"), "1/a");                   // repeated heading
  EXPECT_EQ(Refusal("a,b\n\n1,2\n"), "2/b");                 // blank line between rows
  EXPECT_EQ(Refusal(""), "1/1");
}

TEST(ParseCsv, RefusesWhatIsBeyondItsLimits) {
  const auto reason = [](std::string_view text, CsvLimits limits) { return ReasonOf(ParseCsv(text, limits).status()); };
  EXPECT_EQ(reason("a\n1\n", {.bytes_max = 3}), "CSV_TOO_LARGE");
  EXPECT_EQ(reason("a\n1\n2\n", {.rows_max = 1}), "CSV_TOO_LARGE");
  EXPECT_EQ(reason("a,b\n1,2\n", {.columns_max = 1}), "CSV_TOO_LARGE");
  EXPECT_EQ(reason("a\n123\n", {.cell_bytes_max = 2}), "CSV_TOO_LARGE");
  EXPECT_EQ(reason("a\n12\n", {.bytes_max = 5, .rows_max = 1, .columns_max = 1, .cell_bytes_max = 2}), "");
}

TEST(CsvTable, FindsColumnsByHeading) {
  const CsvTable table = Read("a,b\n");
  EXPECT_EQ(table.Column("b"), 1);
  EXPECT_EQ(table.Column("c"), -1);
}

TEST(CsvCell, IsReadBackAsItWas) {
  for (const std::string cell : {"plain", "", "a,b", "say \"x\"", "two\r\nlines", "中文"}) {
    EXPECT_EQ(Read("h,i\n" + CsvCell(cell) + ",1\n").rows.at(0).cells.at(0), cell);
  }
}

}  // namespace
}  // namespace zhanqiao
