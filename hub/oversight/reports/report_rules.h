// Rules of one monthly report (proto/zhanqiao/v1/report.proto). Pure.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

inline constexpr std::string_view kReports = "reports/";

// reports/{YYYY-MM}/{code}[/{version}], taken apart.
struct ReportName {
  absl::CivilMonth month;
  std::string organization;  // organizations/{code}
  int version = 0;           // 0: the newest
};
// INVALID_ARGUMENT / NAME_INVALID.
absl::StatusOr<ReportName> ParseReportName(std::string_view name);
// The name of a version; of version 0 the prefix all versions share, without its last slash.
std::string NameOfReport(const ReportName& name);

// FAILED_PRECONDITION / REPORT_STATE (facts: state, expected) unless the report is in one of `states`.
absl::Status CheckReportState(const v1::Report& report, std::initializer_list<v1::ReportState> states);

// INVALID_ARGUMENT naming what is wrong with narrative and stated figures.
absl::Status CheckStatement(const v1::UpdateReportRequest& request);

// `derived` with what `stated` says beside it, and the differences.
v1::ReportFigures WithStated(v1::ReportFigures derived, const v1::ReportFigures& stated);
// What a body states, without what is derived.
v1::ReportFigures StatedIn(const v1::ReportFigures& figures);

// The figure of that key, or null.
const v1::ReportFigure* FindFigure(const v1::ReportFigures& figures, std::string_view key);

// The sum of reports' figures: what bodies state, or else what was derived. In the order of the definitions.
class StatedSum {
 public:
  void Add(const v1::ReportFigures& figures);
  // `derived` with the sum as its stated figures.
  v1::ReportFigures Beside(v1::ReportFigures derived) const;

 private:
  v1::ReportFigures sum_;
};

}  // namespace zhanqiao::oversight
