// ExportReport: a report, or the city's summary, as a workbook or a PDF.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/reports/figure_text.h"
#include "hub/oversight/reports/printer.h"
#include "hub/oversight/reports/public_report.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

}  // namespace

absl::StatusOr<v1::ExportReportResponse> ReportService::ExportReport(const Caller& caller,
                                                                     const v1::ExportReportRequest& request) {
  const bool pdf = request.format() == v1::REPORT_FORMAT_PDF;
  if (!pdf && request.format() != v1::REPORT_FORMAT_XLSX) return BadField("ENUM_VALUE", "format", "Give XLSX or PDF.");
  const std::string_view name = request.name();
  const bool city = name.starts_with(kReports) && name.find('/', kReports.size()) == std::string_view::npos;
  const ledger::SignedCheckpointPtr checkpoint = pdf ? parts_.checkpoint() : nullptr;
  if (pdf && !checkpoint) {
    return Fail(absl::StatusCode::kUnavailable, "LEDGER_NO_CHECKPOINT", "The ledger has no signed checkpoint yet; try again.");
  }
  v1::ExportReportResponse response;
  const auto print = [&](const std::string& page) { return PrintPdf(parts_.pdf_program, page); };
  if (city) {
    v1::GetCitySummaryRequest get;
    get.set_month(std::string(name.substr(kReports.size())));
    const v1::CitySummary summary = TRY(GetCitySummary(caller, get));
    response.set_recompute_url(PaperAddress(parts_.public_url, request.name(), summary.figures(), checkpoint));
    response.set_file_name(absl::StrCat(summary.month(), "-city"));
    response.set_content(pdf ? TRY(print(SummaryPage(summary, checkpoint->note, response.recompute_url())))
                             : TRY(SummaryWorkbook(summary)));
  } else {
    v1::GetReportRequest get;
    get.set_name(request.name());
    const v1::Report report = TRY(GetReport(caller, get));
    std::string body;
    TRY(parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
      body = absl::StrCat(DisplayNameOf(view, report.organization(), Today(), {}), view.samples.all().empty() ? "" : kSampleText);
      return absl::OkStatus();
    }));
    response.set_recompute_url(PaperAddress(parts_.public_url, report.name(), report.figures(), checkpoint));
    response.set_file_name(absl::StrReplaceAll(report.name().substr(kReports.size()), {{"/", "-"}}));
    response.set_content(pdf ? TRY(print(ReportPage(report, body, checkpoint->note, response.recompute_url())))
                             : TRY(ReportWorkbook(report, body)));
  }
  response.set_file_name(absl::StrCat(response.file_name(), pdf ? ".pdf" : ".xlsx"));
  response.set_media_type(pdf ? "application/pdf" : std::string(kXlsx));
  if (checkpoint) response.set_checkpoint(checkpoint->note);
  return response;
}

}  // namespace zhanqiao::oversight
