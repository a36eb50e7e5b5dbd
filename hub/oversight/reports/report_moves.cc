// The writing half of ReportService: each move is one commit of the report's new version and what the body is told.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/reports/punctuality.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kCommentsMax = 1000;
constexpr size_t kReasonMax = 500;
constexpr int kPageSize = 1000;

absl::Status RequireOf(const Caller& caller, std::string_view organization, std::initializer_list<std::string_view> roles,
                       std::string_view words) {
  return access::HoldsAnyAt(caller, organization, roles) ? absl::OkStatus() : access::RoleRequired(words);
}

}  // namespace

absl::Status ReportService::RequireDue(const ReportName& name) const {
  bool due = name.month >= kFirstReportMonth && name.month <= absl::CivilMonth(Today());
  if (due) {
    TRY(parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
      const std::vector<std::string> bodies = ReportingBodies(view, LastDayOf(name.month), {});
      due = std::binary_search(bodies.begin(), bodies.end(), name.organization);
      return absl::OkStatus();
    }));
  }
  if (due) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "REPORT_NOT_DUE",
              "The body owes no report for this month: departments and districts report from 2018-01 on, up to the month under way.",
              {{"organization", name.organization}, {"month", FormatMonth(name.month)}});
}

absl::StatusOr<ReportService::Held> ReportService::Newest(std::string_view name, std::string_view etag) const {
  ReportName parsed = TRY(ParseReportName(name));
  parsed.version = 0;
  std::optional<Held> held = TRY(Find(parsed, {}));
  if (!held) {
    return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND", "The body has written no report for this month yet.",
                {{"document", NameOfReport(parsed)}});
  }
  TRY(access::RequireCurrent(etag, held->version));
  return *std::move(held);
}

absl::StatusOr<v1::Report> ReportService::Store(const Caller& caller, v1::Report report, uint64_t revision,
                                                std::string_view reason, std::string_view notice) {
  documents::Transaction transaction;
  const std::string organization = report.organization();
  const std::string name = report.name();  // the notice looks at it after the report has gone into the transaction
  const catalog::NewNotice told{.kind = notice,
                                .subject = name,
                                .facts = {{"month", report.month()}, {"state", v1::ReportState_Name(report.state())},
                                          {"comments", report.comments()}}};
  transaction.changes.push_back(catalog::ChangeTo(std::move(report), revision));
  if (!notice.empty()) {
    transaction.changes.push_back(catalog::NoticeTo(organization, told, parts_.clock.Now(), parts_.random));
  }
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  const std::vector<documents::Version> versions = TRY(parts_.store.Apply(std::move(transaction)));
  v1::Report stored = TRY(versions.front().As<v1::Report>());
  stored.set_etag(versions.front().etag());
  return Shown({std::move(stored), versions.front()});
}

absl::StatusOr<v1::Report> ReportService::UpdateReport(const Caller& caller, const v1::UpdateReportRequest& request) {
  ReportName name = TRY(ParseReportName(request.name()));
  name.version = 0;
  TRY(RequireOf(caller, name.organization, {"org_clerk", "org_approver"}, "org_clerk, org_approver"));
  TRY(CheckStatement(request));
  std::optional<Held> held = TRY(Find(name, {}));
  uint64_t revision = 0;
  v1::Report report;
  if (held) {
    TRY(access::RequireCurrent(request.etag(), held->version));
    TRY(CheckReportState(held->report, {v1::REPORT_STATE_DRAFT, v1::REPORT_STATE_RETURNED}));
    revision = held->version.revision;
    report = std::move(held->report);
  } else {
    TRY(RequireDue(name));
    report = Fresh(name);
  }
  *report.mutable_narratives() = request.narratives();
  v1::ReportFigures stated;
  *stated.mutable_figures() = request.stated();
  *report.mutable_figures() = StatedIn(stated);
  return Store(caller, std::move(report), revision, "", "");
}

absl::StatusOr<v1::Report> ReportService::SubmitReport(const Caller& caller, const v1::SubmitReportRequest& request) {
  ReportName name = TRY(ParseReportName(request.name()));
  name.version = 0;
  TRY(RequireOf(caller, name.organization, {"org_approver"}, "org_approver"));
  std::optional<Held> held = TRY(Find(name, {}));
  v1::Report report;
  uint64_t revision = 0;
  if (held) {
    TRY(access::RequireCurrent(request.etag(), held->version));
    TRY(CheckReportState(held->report, {v1::REPORT_STATE_DRAFT, v1::REPORT_STATE_RETURNED}));
    revision = held->version.revision;
    report = std::move(held->report);
  } else {
    TRY(RequireDue(name));
    report = Fresh(name);
  }
  const Period period = TRY(PeriodNow(name.month));
  v1::ReportFigures figures = TRY(DeriveOf(name.organization, period));
  *report.mutable_figures() = WithStated(std::move(figures), report.figures());
  report.clear_full_month();
  if (Today() > LastDayOf(name.month)) {
    const Period whole{period.from, LastDayOf(name.month), period.known_at};
    *report.mutable_full_month() = TRY(DeriveOf(name.organization, whole));
  }
  report.set_state(v1::REPORT_STATE_SUBMITTED);
  if (report.submit_date().empty()) report.set_submit_date(FormatDay(Today()));
  report.set_submitter(caller.subject);
  *report.mutable_submit_time() = catalog::ToTimestamp(parts_.clock.Now());
  return Store(caller, std::move(report), revision, "submitted", "");
}

absl::StatusOr<v1::Report> ReportService::ReturnReport(const Caller& caller, const v1::ReturnReportRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  Held held = TRY(Newest(request.name(), request.etag()));
  TRY(CheckReportState(held.report, {v1::REPORT_STATE_SUBMITTED}));
  TRY(access::CheckText("comments", request.comments(), kCommentsMax, true));
  held.report.set_state(v1::REPORT_STATE_RETURNED);
  held.report.set_comments(request.comments());
  *held.report.mutable_figures() = StatedIn(held.report.figures());
  held.report.clear_full_month();
  return Store(caller, std::move(held.report), held.version.revision, request.comments(), "REPORT_RETURNED");
}

absl::StatusOr<v1::Report> ReportService::AcceptReport(const Caller& caller, const v1::AcceptReportRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  Held held = TRY(Newest(request.name(), request.etag()));
  TRY(CheckReportState(held.report, {v1::REPORT_STATE_SUBMITTED}));
  held.report.set_state(v1::REPORT_STATE_ACCEPTED);
  held.report.set_accepter(caller.subject);
  *held.report.mutable_accept_time() = catalog::ToTimestamp(parts_.clock.Now());
  held.report.clear_comments();
  return Store(caller, std::move(held.report), held.version.revision, "accepted", "REPORT_ACCEPTED");
}

absl::StatusOr<v1::Report> ReportService::CorrectReport(const Caller& caller, const v1::CorrectReportRequest& request) {
  const ReportName name = TRY(ParseReportName(request.name()));
  if (!access::HoldsAny(caller, {"office"})) {
    TRY(RequireOf(caller, name.organization, {"org_approver"}, "org_approver, office"));
  }
  const Held held = TRY(Newest(request.name(), request.etag()));
  TRY(CheckReportState(held.report, {v1::REPORT_STATE_ACCEPTED}));
  TRY(access::CheckText("reason", request.reason(), kReasonMax, true));
  v1::Report next = Fresh(name);
  next.set_version(held.report.version() + 1);
  next.set_name(NameOfReport({name.month, name.organization, next.version()}));
  next.set_corrects(held.report.name());
  next.set_correction_reason(request.reason());
  *next.mutable_narratives() = held.report.narratives();
  *next.mutable_figures() = StatedIn(held.report.figures());
  return Store(caller, std::move(next), 0, request.reason(), "REPORT_CORRECTION");
}

absl::StatusOr<v1::RemindBodiesResponse> ReportService::RemindBodies(const Caller& caller,
                                                                     const v1::RemindBodiesRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  const absl::CivilMonth month = TRY(ParseMonth(request.month()));
  return parts_.reminders.Remind(month, caller.subject, "", {request.organizations().begin(), request.organizations().end()});
}

absl::Status ReportService::AddFullMonths(absl::CivilDay today) {
  const absl::CivilMonth month = absl::CivilMonth(today) - 1;
  const Period whole{absl::CivilDay(month), LastDayOf(month), parts_.position()};
  std::optional<ReportTable> table;
  Caller hub;
  hub.subject = "hub";
  const auto lacks = [](const documents::Version& version) {
    const auto report = version.As<v1::Report>();
    return report.ok() && !report->has_full_month() &&
           (report->state() == v1::REPORT_STATE_SUBMITTED || report->state() == v1::REPORT_STATE_ACCEPTED);
  };
  std::string token;
  do {
    const auto page = TRY(parts_.store.List(absl::StrCat(Absl(kReports), FormatMonth(month), "/"), kPageSize, token, {}, lacks));
    for (const documents::Version& version : page.versions) {
      if (!table) table = TRY(Derive(whole));
      v1::Report report = TRY(version.As<v1::Report>());
      *report.mutable_full_month() = ToMessage(table->Of(report.organization()), whole);
      const auto stored = Store(hub, std::move(report), version.revision, "full month", "");
      // Moved in between: the next sweep looks again.
      if (!stored.ok() && ReasonOf(stored.status()) != "ETAG_MISMATCH") return stored.status();
    }
    token = page.next_page_token;
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace zhanqiao::oversight
