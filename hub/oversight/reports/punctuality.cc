#include "hub/oversight/reports/punctuality.h"

#include <algorithm>
#include <optional>

#include "catalog/base/clock.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/reports/report_rules.h"

namespace zhanqiao::oversight {
namespace {

using ReportHistory = documents::History<v1::Report>;

const ReportHistory* FindReport(const RecordsView& view, absl::CivilMonth month, const std::string& organization,
                                int version) {
  return view.reports.Find(NameOfReport({month, organization, version}));
}

// The version of the newest report of the body that is there.
const documents::Dated<v1::Report>* NewestReport(const RecordsView& view, absl::CivilMonth month,
                                                 const std::string& organization, absl::CivilDay as_of,
                                                 const documents::Knowledge& known) {
  const documents::Dated<v1::Report>* newest = nullptr;
  for (int version = 1;; ++version) {
    const ReportHistory* history = FindReport(view, month, organization, version);
    const auto* standing = history == nullptr ? nullptr : history->Standing(as_of, known);
    if (standing == nullptr) return newest;
    newest = standing;
  }
}

// The change that first handed the report in; null while it has not been.
const documents::Dated<v1::Report>* FirstSubmission(const RecordsView& view, absl::CivilMonth month,
                                                    const std::string& organization, absl::CivilDay as_of,
                                                    const documents::Knowledge& known) {
  const ReportHistory* history = FindReport(view, month, organization, 1);
  if (history == nullptr) return nullptr;
  for (const auto& version : history->versions()) {
    if (!known.Covers(version.known_at, version.change_time)) break;
    const auto day = ParseDay(version.fact.submit_date());
    if (day.ok() && *day <= as_of) return &version;
  }
  return nullptr;
}

v1::DueReport DueReportOf(const RecordsView& view, absl::CivilMonth month, const std::string& organization,
                          absl::CivilDay as_of, const documents::Knowledge& known) {
  const absl::CivilDay due = LastDayOf(month);
  v1::DueReport line;
  line.set_organization(organization);
  line.set_due_date(FormatDay(due));
  if (const auto* newest = NewestReport(view, month, organization, as_of, known)) {
    line.set_state(newest->fact.state());
    line.set_report(newest->fact.name());
  }
  std::optional<absl::CivilDay> handed_in;
  if (const auto* first = FirstSubmission(view, month, organization, as_of, known)) {
    handed_in = ParseDay(first->fact.submit_date()).value();
    line.set_submit_date(first->fact.submit_date());
    line.set_submit_index(first->known_at);
  }
  if (handed_in) {
    line.set_punctuality(*handed_in <= due ? v1::REPORT_PUNCTUALITY_ON_TIME : v1::REPORT_PUNCTUALITY_LATE);
  } else {
    line.set_punctuality(as_of > due ? v1::REPORT_PUNCTUALITY_MISSING : v1::REPORT_PUNCTUALITY_PENDING);
  }
  line.set_days_late(static_cast<int32_t>(std::max<absl::civil_diff_t>(0, handed_in.value_or(as_of) - due)));
  return line;
}

}  // namespace

std::vector<v1::DueReport> DueReports(const RecordsView& view, absl::CivilMonth month, absl::CivilDay as_of,
                                      const documents::Knowledge& known) {
  std::vector<v1::DueReport> reports;
  if (month < kFirstReportMonth) return reports;
  for (const std::string& organization : ReportingBodies(view, LastDayOf(month), known)) {
    reports.push_back(DueReportOf(view, month, organization, as_of, known));
  }
  return reports;
}

v1::ListDueReportsResponse Counted(std::vector<v1::DueReport> reports) {
  v1::ListDueReportsResponse response;
  response.set_due(static_cast<int32_t>(reports.size()));
  for (v1::DueReport& line : reports) {
    switch (line.punctuality()) {
      case v1::REPORT_PUNCTUALITY_ON_TIME:
        response.set_on_time(response.on_time() + 1);
        break;
      case v1::REPORT_PUNCTUALITY_LATE:
        response.set_late(response.late() + 1);
        break;
      case v1::REPORT_PUNCTUALITY_MISSING:
        response.set_missing(response.missing() + 1);
        break;
      default:
        response.set_pending(response.pending() + 1);
    }
    *response.add_reports() = std::move(line);
  }
  return response;
}

v1::ReportProgress CountReports(const RecordsView& view, const FigureScope& scope) {
  v1::ReportProgress progress;
  for (absl::CivilMonth month = kFirstReportMonth; LastDayOf(month) <= scope.as_of; ++month) {
    for (const std::string& organization : ReportingBodies(view, LastDayOf(month), scope.known)) {
      if (!scope.organization.empty() && organization != scope.organization) continue;
      const v1::DueReport line = DueReportOf(view, month, organization, scope.as_of, scope.known);
      progress.set_due(progress.due() + 1);
      if (line.punctuality() == v1::REPORT_PUNCTUALITY_ON_TIME) progress.set_on_time(progress.on_time() + 1);
      if (line.punctuality() == v1::REPORT_PUNCTUALITY_LATE) progress.set_late(progress.late() + 1);
      if (line.submit_date().empty()) progress.set_missing(progress.missing() + 1);
    }
  }
  return progress;
}

}  // namespace zhanqiao::oversight
