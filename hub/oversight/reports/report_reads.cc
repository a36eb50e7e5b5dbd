// The reading half of ReportService.
#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/reports/punctuality.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

constexpr int kVersionsMax = 1000;

absl::StatusOr<documents::ReadAt> ReadAtOf(std::string_view as_of, std::optional<uint64_t> known_at) {
  documents::ReadAt at{.as_of = std::nullopt, .known_at = known_at};
  if (!as_of.empty()) at.as_of = TRY(ParseDay(as_of));
  return at;
}

template <typename Request>
std::optional<uint64_t> KnownAtOf(const Request& request) {
  return request.has_known_at() ? std::optional<uint64_t>(request.known_at()) : std::nullopt;
}

absl::StatusOr<v1::Report> ReportIn(const documents::Version& version) {
  v1::Report report = TRY(version.As<v1::Report>());
  report.set_etag(version.etag());
  return report;
}

bool SeesAll(const Caller& caller) { return access::HoldsAny(caller, {"office", "auditor"}); }

bool MaySee(const Caller& caller, std::string_view organization) {
  return SeesAll(caller) || (caller.kind == SubjectKind::kPerson && caller.organization == organization);
}

bool IsHandedIn(const v1::Report& report) {
  return report.state() == v1::REPORT_STATE_SUBMITTED || report.state() == v1::REPORT_STATE_ACCEPTED;
}

}  // namespace

absl::StatusOr<std::optional<ReportService::Held>> ReportService::Find(const ReportName& name,
                                                                       const documents::ReadAt& at) const {
  std::optional<Held> found;
  const int last = name.version == 0 ? kVersionsMax : name.version;
  for (int version = std::max(1, name.version); version <= last; ++version) {
    auto stored = parts_.store.Get(NameOfReport({name.month, name.organization, version}), at);
    if (ReasonOf(stored.status()) == "DOCUMENT_NOT_FOUND") break;
    TRY(stored.status());
    v1::Report report = TRY(ReportIn(*stored));
    found = Held{std::move(report), *std::move(stored)};
  }
  return found;
}

absl::StatusOr<Period> ReportService::PeriodNow(absl::CivilMonth month) const {
  Period period;
  period.known_at = parts_.position();
  period.from = absl::CivilDay(month);
  const int64_t cut_off = TRY(parts_.rules.policy.At("report.cut_off_day", LastDayOf(month)));
  period.to = std::max(period.from, std::min(CutOffOf(month, cut_off), Today()));
  return period;
}

absl::StatusOr<ReportTable> ReportService::Derive(const Period& period) const {
  ReportTable table;
  const absl::Status derived = parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    table = TRY(DeriveFigures(view, parts_.exchanges, period));
    return absl::OkStatus();
  });
  TRY(derived);
  return table;
}

absl::StatusOr<v1::ReportFigures> ReportService::DeriveOf(const std::string& organization, const Period& period) const {
  const ReportTable table = TRY(Derive(period));
  return ToMessage(table.Of(organization), period);
}

v1::Report ReportService::Fresh(const ReportName& name) const {
  v1::Report report;
  report.set_name(NameOfReport({name.month, name.organization, 1}));
  report.set_organization(name.organization);
  report.set_month(FormatMonth(name.month));
  report.set_version(1);
  report.set_state(v1::REPORT_STATE_DRAFT);
  report.set_due_date(FormatDay(LastDayOf(name.month)));
  return report;
}

absl::StatusOr<v1::Report> ReportService::Shown(Held held) const {
  v1::Report report = std::move(held.report);
  if (IsHandedIn(report)) return report;
  const absl::CivilMonth month = TRY(ParseMonth(report.month()));
  const Period period = TRY(PeriodNow(month));
  v1::ReportFigures figures = TRY(DeriveOf(report.organization(), period));
  *report.mutable_figures() = WithStated(std::move(figures), report.figures());
  return report;
}

absl::StatusOr<v1::Report> ReportService::GetReport(const Caller& caller, const v1::GetReportRequest& request) {
  const ReportName name = TRY(ParseReportName(request.name()));
  if (!MaySee(caller, name.organization)) return access::RoleRequired("a person of the body, office, auditor");
  const documents::ReadAt at = TRY(ReadAtOf(request.as_of(), KnownAtOf(request)));
  std::optional<Held> held = TRY(Find(name, at));
  if (held) return Shown(*std::move(held));
  if (name.version > 1 || at.as_of || at.known_at) {
    return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND", "There is no such report; check month, body and date.",
                {{"document", request.name()}});
  }
  TRY(RequireDue(name));
  return Shown({Fresh(name), {}});
}

absl::StatusOr<v1::ListReportsResponse> ReportService::ListReports(const Caller& caller,
                                                                   const v1::ListReportsRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return access::RoleRequired("a person of a body, office, auditor");
  std::string organization = request.organization();
  if (!SeesAll(caller)) {
    if (!organization.empty() && organization != caller.organization) return access::RoleRequired("office, auditor");
    organization = caller.organization;
  }
  std::string prefix(kReports);
  if (!request.month().empty()) {
    const absl::CivilMonth month = TRY(ParseMonth(request.month()));
    absl::StrAppend(&prefix, FormatMonth(month), "/");
  }
  const auto keep = [&](const documents::Version& version) {
    const auto report = version.As<v1::Report>();
    if (!report.ok() || (!organization.empty() && report->organization() != organization)) return false;
    if (request.state() != v1::REPORT_STATE_UNSPECIFIED && report->state() != request.state()) return false;
    if (request.all_versions()) return true;
    const auto name = ParseReportName(report->name());
    return name.ok() && !parts_.store.Get(NameOfReport({name->month, name->organization, name->version + 1})).ok();
  };
  const auto page = TRY(parts_.store.List(prefix, request.page_size(), request.page_token(), {}, keep));
  v1::ListReportsResponse response;
  for (const documents::Version& version : page.versions) *response.add_reports() = TRY(ReportIn(version));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::ListDueReportsResponse> ReportService::ListDueReports(const Caller& caller,
                                                                         const v1::ListDueReportsRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return access::RoleRequired("a person of a body, office, auditor");
  const absl::CivilMonth month = TRY(ParseMonth(request.month()));
  const absl::CivilDay as_of = request.as_of().empty() ? Today() : TRY(ParseDay(request.as_of()));
  const documents::Knowledge known{.known_at = KnownAtOf(request), .before = std::nullopt};
  std::vector<v1::DueReport> lines;
  TRY(parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
    lines = DueReports(view, month, as_of, known);
    for (v1::DueReport& line : lines) line.set_display_name(DisplayNameOf(view, line.organization(), as_of, known));
    return absl::OkStatus();
  }));
  if (!SeesAll(caller)) {
    std::erase_if(lines, [&](const v1::DueReport& line) { return line.organization() != caller.organization; });
  }
  return Counted(std::move(lines));
}

absl::StatusOr<v1::CitySummary> ReportService::GetCitySummary(const Caller& caller,
                                                              const v1::GetCitySummaryRequest& request) {
  if (!SeesAll(caller)) return access::RoleRequired("office, auditor");
  const absl::CivilMonth month = TRY(ParseMonth(request.month()));
  const documents::ReadAt at = TRY(ReadAtOf(request.as_of(), KnownAtOf(request)));
  v1::CitySummary summary;
  summary.set_month(FormatMonth(month));
  v1::ListDueReportsRequest due;
  due.set_month(request.month());
  due.set_as_of(request.as_of());
  if (request.has_known_at()) due.set_known_at(request.known_at());
  *summary.mutable_due() = TRY(ListDueReports(caller, due));

  // Of each body the newest accepted version, or else the newest submitted one.
  std::map<std::string, v1::Report> counted;
  std::string token;
  do {
    const auto page = TRY(parts_.store.List(absl::StrCat(Absl(kReports), FormatMonth(month), "/"), 1000, token, at));
    for (const documents::Version& version : page.versions) {
      v1::Report report = TRY(ReportIn(version));
      if (!IsHandedIn(report)) continue;
      const auto known = counted.find(report.organization());
      const bool accepted = report.state() == v1::REPORT_STATE_ACCEPTED;
      const bool replaces = known == counted.end() ||
                            (accepted ? known->second.state() != v1::REPORT_STATE_ACCEPTED || report.version() > known->second.version()
                                      : known->second.state() != v1::REPORT_STATE_ACCEPTED && report.version() > known->second.version());
      if (replaces) counted.insert_or_assign(report.organization(), std::move(report));
    }
    token = page.next_page_token;
  } while (!token.empty());

  StatedSum sum;
  for (const auto& [organization, report] : counted) {
    sum.Add(report.figures());
    summary.add_reports(report.name());
  }
  Period period = TRY(PeriodNow(month));
  if (at.as_of) period.to = std::max(period.from, std::min(period.to, *at.as_of));
  if (at.known_at) period.known_at = std::min(period.known_at, *at.known_at);
  const ReportTable table = TRY(Derive(period));
  *summary.mutable_figures() = sum.Beside(ToMessage(table.City(), period));
  return summary;
}

absl::StatusOr<v1::ReportProgress> ReportService::Progress(const FigureScope& scope) const {
  v1::ReportProgress progress;
  TRY(parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
    progress = CountReports(view, scope);
    return absl::OkStatus();
  }));
  return progress;
}

}  // namespace zhanqiao::oversight
