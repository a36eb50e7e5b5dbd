// Monthly reports as workbooks (libxlsxwriter by catalog/sheets).
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/sheets/xlsx_writer.h"
#include "hub/oversight/reports/figure_text.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

using sheets::Look;
using sheets::XlsxWriter;

constexpr int kColumns = 7;
constexpr const char* kHeadings[kColumns] = {"指标", "单位", "系统生成", "本单位填报", "差异", "差异说明", "全月"};
constexpr double kWidths[kColumns] = {36, 8, 18, 18, 10, 40, 18};

void WriteHeading(XlsxWriter& book, std::string_view title, std::string_view subtitle) {
  book.AddSheet("月报");
  for (int column = 0; column < kColumns; ++column) book.SetWidth(column, kWidths[column]);
  book.Merge(0, 0, 0, kColumns - 1, title, Look::kTitle);
  book.Merge(1, 0, 1, kColumns - 1, subtitle, Look::kPlain);
  for (int column = 0; column < kColumns; ++column) book.WriteText(2, column, kHeadings[column], Look::kHeading);
  book.Freeze(3, 1);
  book.SetPrinting(2, 2, 1, 1);
}

// Numbers as numbers, so that an office can add them up; ratios as they are read.
void WriteValue(XlsxWriter& book, int row, int column, const v1::ReportFigure* figure) {
  if (figure == nullptr) return book.WriteBlank(row, column, Look::kText);
  if (figure->has_denominator()) return book.WriteText(row, column, DerivedText(*figure), Look::kCentred);
  book.Write(row, column, {.kind = sheets::Value::Kind::kNumber, .number = static_cast<double>(figure->value())}, Look::kNumber);
}

int WriteSection(XlsxWriter& book, int row, v1::ReportSection section, const v1::ReportFigures& figures,
                 const v1::ReportFigures& full_month) {
  book.Merge(row, 0, row, kColumns - 1, SectionName(section), Look::kGroup);
  ++row;
  for (const v1::ReportFigure& figure : figures.figures()) {
    if (figure.section() != section) continue;
    book.WriteText(row, 0, figure.display_name(), Look::kText);
    book.WriteText(row, 1, figure.unit(), Look::kCentred);
    WriteValue(book, row, 2, &figure);
    book.WriteText(row, 3, StatedText(figure), Look::kCentred);
    book.WriteText(row, 4, DifferenceText(figure), figure.difference() == 0 ? Look::kCentred : Look::kWrong);
    book.WriteText(row, 5, figure.stated_reason(), Look::kText);
    WriteValue(book, row, 6, FindFigure(full_month, figure.key()));
    ++row;
  }
  return row;
}

int WriteFigures(XlsxWriter& book, int row, const v1::ReportFigures& figures, const v1::ReportFigures& full_month) {
  for (const v1::ReportSection section : kReportSections) row = WriteSection(book, row, section, figures, full_month);
  return row;
}

void WriteDue(XlsxWriter& book, const v1::ListDueReportsResponse& due) {
  book.AddSheet("报送情况");
  constexpr const char* kDueHeadings[] = {"单位代码", "单位名称", "应报日期", "报送日期", "情况", "逾期天数"};
  constexpr double kDueWidths[] = {18, 32, 12, 12, 12, 10};
  for (int column = 0; column < 6; ++column) {
    book.SetWidth(column, kDueWidths[column]);
    book.WriteText(0, column, kDueHeadings[column], Look::kHeading);
  }
  int row = 1;
  for (const v1::DueReport& line : due.reports()) {
    const bool wrong = line.punctuality() == v1::REPORT_PUNCTUALITY_LATE || line.punctuality() == v1::REPORT_PUNCTUALITY_MISSING;
    book.WriteText(row, 0, line.organization().substr(line.organization().rfind('/') + 1), Look::kText);
    book.WriteText(row, 1, line.display_name(), Look::kText);
    book.WriteText(row, 2, line.due_date(), Look::kCentred);
    book.WriteText(row, 3, line.submit_date(), Look::kCentred);
    book.WriteText(row, 4, PunctualityName(line.punctuality()), wrong ? Look::kWrong : Look::kCentred);
    book.WriteText(row, 5, line.days_late() > 0 ? absl::StrCat(line.days_late()) : "", Look::kCentred);
    ++row;
  }
}

}  // namespace

absl::StatusOr<std::string> ReportWorkbook(const v1::Report& report, std::string_view display_name) {
  const auto book = TRY(XlsxWriter::Begin(false));
  WriteHeading(*book, ReportTitle(report.month(), display_name), ReportSubtitle(report));
  int row = WriteFigures(*book, 3, report.figures(), report.full_month());
  for (const v1::ReportNarrative& narrative : report.narratives()) {
    if (narrative.text().empty()) continue;
    book->Merge(row, 0, row, kColumns - 1, absl::StrCat(std::string(SectionName(narrative.section())), "：文字说明"), Look::kGroup);
    book->Merge(row + 1, 0, row + 1, kColumns - 1, narrative.text(), Look::kPlain);
    book->SetHeight(row + 1, 80);
    row += 2;
  }
  return book->Finish();
}

absl::StatusOr<std::string> SummaryWorkbook(const v1::CitySummary& summary) {
  const auto book = TRY(XlsxWriter::Begin(false));
  WriteHeading(*book, ReportTitle(summary.month(), "全市"), SummarySubtitle(summary));
  WriteFigures(*book, 3, summary.figures(), {});
  WriteDue(*book, summary.due());
  return book->Finish();
}

}  // namespace zhanqiao::oversight
