// Who owes the report of a month, and who handed it in when: due on the month's last day (plan 三（三）: 每月底前), from
// 2018-01 on. The day of the first submission of the first version counts; what is sent back or corrected later does not
// make it late. As of a day and as known, over the records in memory. Pure.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

// The first month the plan asks a report for (T3-03-03).
inline constexpr absl::CivilMonth kFirstReportMonth(2018, 1);

// A line for every body that owes the report of `month`, as it stands at the end of `as_of`, in the order of codes.
std::vector<v1::DueReport> DueReports(const RecordsView& view, absl::CivilMonth month, absl::CivilDay as_of,
                                      const documents::Knowledge& known);

// With the counts of its lines.
v1::ListDueReportsResponse Counted(std::vector<v1::DueReport> reports);

// Every report due on or before the scope's day, of its body or of the city.
v1::ReportProgress CountReports(const RecordsView& view, const FigureScope& scope);

}  // namespace zhanqiao::oversight
