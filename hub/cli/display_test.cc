#include "hub/cli/display.h"

#include <gtest/gtest.h>

#include <sstream>

namespace zhanqiao::cli {
namespace {

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(DisplayWidthTest, ChineseTakesTwoCellsAndLatinOne) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("grant"), 5u);
  EXPECT_EQ(DisplayWidth("居住证登记信息"), 14u);
  EXPECT_EQ(DisplayWidth("（试行）"), 8u);
  EXPECT_EQ(DisplayWidth("Ａ１"), 4u);
  EXPECT_EQ(DisplayWidth("…"), 1u);
  EXPECT_EQ(DisplayWidth("𠮷"), 2u);
  EXPECT_EQ(DisplayWidth("한국"), 4u);
}

TEST(DisplayWidthTest, CombiningMarksTakeNoCell) {
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("\uFEFFx"), 1u);
}

TEST(DisplayWidthTest, BytesThatAreNotUtf8CountAsOneCellEach) {
  EXPECT_EQ(DisplayWidth("\xFF\xFE"), 2u);
  EXPECT_EQ(DisplayWidth("\xE5\xB1"), 2u);      // cut in the middle
  EXPECT_EQ(DisplayWidth("\xC0\x80"), 2u);      // overlong
  EXPECT_EQ(DisplayWidth("\xED\xA0\x80"), 3u);  // surrogate
}

TEST(PrintableTest, NothingInADocumentCanSteerTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb\r\n\tc"), "a [31mb   c");
  EXPECT_EQ(Printable("x\u202Ey"), "x y");
  EXPECT_EQ(Printable("\xFF"), "\xEF\xBF\xBD");
}

TEST(TruncatedTest, EndsWithAnEllipsisAndNeverExceedsTheCells) {
  EXPECT_EQ(Truncated("居住证", 6), "居住证");
  EXPECT_EQ(Truncated("居住证登记", 6), "居住…");
  EXPECT_EQ(Truncated("居住证登记", 7), "居住证…");
  EXPECT_EQ(Truncated("居住", 1), "…");
  EXPECT_EQ(Truncated("abc", 0), "");
  for (size_t cells = 0; cells < 20; ++cells) {
    EXPECT_LE(DisplayWidth(Truncated("a居b住c证d登e记f", cells)), cells);
    EXPECT_EQ(DisplayWidth(Fitted("a居b住c证d登e记f", cells)), cells);
  }
}

TEST(WrappedTest, LinesKeepWithinTheCellsAndLoseNothing) {
  std::string joined;
  for (const std::string& line : Wrapped("政务信息资源目录编制指南", 7)) {
    EXPECT_LE(DisplayWidth(line), 7u);
    joined += line;
  }
  EXPECT_EQ(joined, "政务信息资源目录编制指南");
  EXPECT_EQ(Wrapped("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(Wrapped("", 8), std::vector<std::string>{""});
}

TEST(TableTest, ColumnsStartInTheSameCellWhateverStandsBefore) {
  Table table({"NAME", "CODE"});
  table.Add({"市公安局", "370200-GAJ"});
  table.Add({"GAJ", "370200-GAJ"});
  for (const std::string& line : LinesOf(table.Render())) {
    const size_t code = line.find_first_of("C3");
    if (code == std::string::npos) continue;
    EXPECT_EQ(DisplayWidth(line.substr(0, code)), 10u) << line;
  }
}

TEST(TableTest, NoLineExceedsEightyCells) {
  Table table({"NAME", "DISPLAY NAME", "ABSTRACT"});
  std::string abstract;
  for (int i = 0; i < 60; ++i) abstract += "摘要";
  table.Add({"resources/307001370200~000001", "政府核准的投资项目目录", abstract});
  const std::string text = table.Render();
  for (const std::string& line : LinesOf(text)) EXPECT_LE(DisplayWidth(line), kScreenCells) << line;
  EXPECT_NE(text.find("…"), std::string::npos);
  EXPECT_NE(text.find("政府核准的投资项目目录"), std::string::npos) << "narrow columns give way last";
}

TEST(TableTest, WithoutRowsItSaysSo) {
  EXPECT_EQ(Table({"NAME", "STATE"}).Render(), "NAME  STATE\n----  -----\n没有 none\n");
}

TEST(SheetTest, ValuesAlignAndWrap) {
  Sheet sheet;
  sheet.Add("reason", "FIELD_NOT_GRANTED");
  sheet.Add("说明", std::string(100, 'x'));
  sheet.Add("left out", "");
  const auto lines = LinesOf(sheet.Render());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "reason  FIELD_NOT_GRANTED");
  EXPECT_EQ(lines[1].find('x'), std::string("说明").size() + 4);
  for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), kScreenCells);
}

}  // namespace
}  // namespace zhanqiao::cli
