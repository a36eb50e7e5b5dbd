// ReportService (proto/zhanqiao/v1/report.proto). Reads in report_reads.cc, moves in report_moves.cc, files in
// report_files.cc, the auditor's export in version_export.cc. Methods block until durable: call from a worker thread.
// Thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/rules.h"
#include "hub/ledger/checkpointer.h"
#include "hub/oversight/facts/exchanges.h"
#include "hub/oversight/facts/report_figures.h"
#include "hub/oversight/records.h"
#include "hub/oversight/reports/reminders.h"
#include "hub/oversight/reports/report_rules.h"
#include "hub/oversight/scope.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

class ReportService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const Records& records;
    const Exchanges& exchanges;
    const ledger::Entries& entries;
    storage::CommitPipeline& pipeline;
    const access::Rules& rules;
    const Clock& clock;
    Random& random;
    std::function<uint64_t()> position;                     // of the newest entry of the ledger
    std::function<ledger::SignedCheckpointPtr()> checkpoint;  // the newest; null while nothing is signed
    Reminders& reminders;
    std::string public_url;    // of the hub's console, before "/reports/…"; may be empty
    std::string pdf_program = "weasyprint";
  };
  explicit ReportService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::Report> GetReport(const Caller&, const v1::GetReportRequest&);
  absl::StatusOr<v1::ListReportsResponse> ListReports(const Caller&, const v1::ListReportsRequest&);
  absl::StatusOr<v1::ListDueReportsResponse> ListDueReports(const Caller&, const v1::ListDueReportsRequest&);
  absl::StatusOr<v1::Report> UpdateReport(const Caller&, const v1::UpdateReportRequest&);
  absl::StatusOr<v1::Report> SubmitReport(const Caller&, const v1::SubmitReportRequest&);
  absl::StatusOr<v1::Report> ReturnReport(const Caller&, const v1::ReturnReportRequest&);
  absl::StatusOr<v1::Report> AcceptReport(const Caller&, const v1::AcceptReportRequest&);
  absl::StatusOr<v1::Report> CorrectReport(const Caller&, const v1::CorrectReportRequest&);
  absl::StatusOr<v1::CitySummary> GetCitySummary(const Caller&, const v1::GetCitySummaryRequest&);
  absl::StatusOr<v1::RemindBodiesResponse> RemindBodies(const Caller&, const v1::RemindBodiesRequest&);
  absl::StatusOr<v1::ExportReportResponse> ExportReport(const Caller&, const v1::ExportReportRequest&);
  absl::StatusOr<v1::ExportVersionsResponse> ExportVersions(const Caller&, const v1::ExportVersionsRequest&);

  // The seam of OversightService: how many reports were due, on time, late and missing.
  absl::StatusOr<v1::ReportProgress> Progress(const FigureScope& scope) const;

  // A duty of the sweep: adds the figures of the whole month to the reports of the month before `today`'s that were
  // handed in.
  absl::Status AddFullMonths(absl::CivilDay today);

 private:
  struct Held {
    v1::Report report;
    documents::Version version;
  };
  // The version asked for (0: the newest); nothing if there is none.
  absl::StatusOr<std::optional<Held>> Find(const ReportName& name, const documents::ReadAt& at) const;
  // The newest version of a report the caller may move, which must be there.
  absl::StatusOr<Held> Newest(std::string_view name, std::string_view etag) const;
  // FAILED_PRECONDITION / REPORT_NOT_DUE unless the body owes the report and the month has begun.
  absl::Status RequireDue(const ReportName& name) const;
  // Days and position of the figures of `month` as of today.
  absl::StatusOr<Period> PeriodNow(absl::CivilMonth month) const;
  absl::StatusOr<ReportTable> Derive(const Period& period) const;
  absl::StatusOr<v1::ReportFigures> DeriveOf(const std::string& organization, const Period& period) const;
  // As a reader sees it: figures of what is not handed in are those of now.
  absl::StatusOr<v1::Report> Shown(Held held) const;
  v1::Report Fresh(const ReportName& name) const;
  absl::StatusOr<v1::Report> Store(const Caller& caller, v1::Report report, uint64_t revision, std::string_view reason,
                                   std::string_view notice);
  absl::CivilDay Today() const { return CivilDayOf(parts_.clock.Now()); }

  const Parts parts_;
};

// The report as a workbook.
absl::StatusOr<std::string> ReportWorkbook(const v1::Report& report, std::string_view display_name);
absl::StatusOr<std::string> SummaryWorkbook(const v1::CitySummary& summary);

// The report as an HTML page for paper. What people wrote is escaped; nothing is fetched.
std::string ReportPage(const v1::Report& report, std::string_view display_name, std::string_view checkpoint,
                       std::string_view url);
std::string SummaryPage(const v1::CitySummary& summary, std::string_view checkpoint, std::string_view url);

}  // namespace zhanqiao::oversight
