// How figures and states of a report are read by people, on paper and in workbooks. Pure.
#pragma once

#include <string>
#include <string_view>

#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

inline constexpr v1::ReportSection kReportSections[] = {v1::REPORT_SECTION_CATALOGUE, v1::REPORT_SECTION_INTEGRATION,
                                                        v1::REPORT_SECTION_SHARING};

// After the name of a body whose figures are generated.
inline constexpr char kSampleText[] = "（样例 sample）";

std::string_view SectionName(v1::ReportSection section);          // 一、目录编制更新
std::string_view StateName(v1::ReportState state);                // 已接收
std::string_view PunctualityName(v1::ReportPunctuality punctuality);  // 按时

// "41"; of ratios "41/50 (82.00%)"; "—" for a ratio of nothing.
std::string DerivedText(const v1::ReportFigure& figure);
// The same of what is stated; empty when nothing is.
std::string StatedText(const v1::ReportFigure& figure);
// "+3", "-1"; empty without a stated figure.
std::string DifferenceText(const v1::ReportFigure& figure);

// "2018年6月" of "2018-06".
std::string MonthText(std::string_view month);
// 政务信息系统整合共享月报（2018年6月）市公安局
std::string ReportTitle(std::string_view month, std::string_view body);
std::string ReportSubtitle(const v1::Report& report);
std::string SummarySubtitle(const v1::CitySummary& summary);
// What period figures cover and what was known: 2018-06-01 至 2018-06-25，账本位置 1234
std::string PeriodText(const v1::ReportFigures& figures);

// The command with which figures are derived anew from exported files; without a body those of every body.
std::string RecomputeCommand(std::string_view month, std::string_view organization, int version);

}  // namespace zhanqiao::oversight
