#include "hub/oversight/reports/figure_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/text.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"

namespace zhanqiao::oversight {
namespace {

std::string RatioText(int64_t value, int64_t denominator) {
  if (denominator == 0) return "—";
  return absl::StrFormat("%d/%d (%.2f%%)", value, denominator, 100.0 * static_cast<double>(value) / static_cast<double>(denominator));
}

}  // namespace

std::string_view SectionName(v1::ReportSection section) {
  switch (section) {
    case v1::REPORT_SECTION_CATALOGUE:
      return "一、目录编制更新";
    case v1::REPORT_SECTION_INTEGRATION:
      return "二、系统整合";
    case v1::REPORT_SECTION_SHARING:
      return "三、共享使用";
    default:
      return "";
  }
}

std::string_view StateName(v1::ReportState state) {
  switch (state) {
    case v1::REPORT_STATE_DRAFT:
      return "草稿";
    case v1::REPORT_STATE_SUBMITTED:
      return "已报送";
    case v1::REPORT_STATE_RETURNED:
      return "已退回";
    case v1::REPORT_STATE_ACCEPTED:
      return "已接收";
    default:
      return "";
  }
}

std::string_view PunctualityName(v1::ReportPunctuality punctuality) {
  switch (punctuality) {
    case v1::REPORT_PUNCTUALITY_PENDING:
      return "待报";
    case v1::REPORT_PUNCTUALITY_ON_TIME:
      return "按时";
    case v1::REPORT_PUNCTUALITY_LATE:
      return "迟报";
    case v1::REPORT_PUNCTUALITY_MISSING:
      return "未报";
    default:
      return "";
  }
}

std::string DerivedText(const v1::ReportFigure& figure) {
  return figure.has_denominator() ? RatioText(figure.value(), figure.denominator()) : absl::StrCat(figure.value());
}

std::string StatedText(const v1::ReportFigure& figure) {
  if (!figure.has_stated()) return "";
  return figure.has_stated_denominator() ? RatioText(figure.stated(), figure.stated_denominator()) : absl::StrCat(figure.stated());
}

std::string DifferenceText(const v1::ReportFigure& figure) {
  return figure.has_stated() ? absl::StrFormat("%+d", figure.difference()) : "";
}

std::string MonthText(std::string_view month) {
  const auto parsed = ParseMonth(month);
  return parsed.ok() ? absl::StrCat(parsed->year(), "年", parsed->month(), "月") : std::string(month);
}

std::string ReportTitle(std::string_view month, std::string_view body) {
  return absl::StrCat("政务信息系统整合共享月报（", MonthText(month), "）", Absl(body));
}

std::string PeriodText(const v1::ReportFigures& figures) {
  if (figures.as_of().empty()) return "";
  return absl::StrCat(figures.from_date(), " 至 ", figures.as_of(), "，账本位置 ", figures.known_at());
}

std::string RecomputeCommand(std::string_view month, std::string_view organization, int version) {
  return absl::StrCat("zq report recompute --month ", Absl(month),
                      organization.empty() ? "" : absl::StrCat(" --org ", CodeOf(organization), " --version ", version),
                      " --ledger <账本导出目录> --versions <文档版本导出>");
}

std::string ReportSubtitle(const v1::Report& report) {
  return absl::StrCat("第 ", report.version(), " 版，", Absl(StateName(report.state())), "；应报日期 ", report.due_date(),
                      report.submit_date().empty() ? "" : absl::StrCat("，报送日期 ", report.submit_date()), "；数据期间 ",
                      PeriodText(report.figures()),
                      report.has_full_month() ? absl::StrCat("；全月 ", PeriodText(report.full_month())) : "");
}

std::string SummarySubtitle(const v1::CitySummary& summary) {
  const v1::ListDueReportsResponse& due = summary.due();
  return absl::StrCat("应报 ", due.due(), "，按时 ", due.on_time(), "，迟报 ", due.late(), "，未报 ", due.missing(), "，待报 ",
                      due.pending(), "；数据期间 ", PeriodText(summary.figures()), "；填报合计为 ", summary.reports_size(),
                      " 份报告之和");
}

}  // namespace zhanqiao::oversight
