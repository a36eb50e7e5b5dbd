// zq report: monthly reports (月报).
#include <CLI/CLI.hpp>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/report_text.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/access.grpc.pb.h"
#include "zhanqiao/v1/report.grpc.pb.h"

namespace zhanqiao::cli {

using Stub = v1::ReportService::Stub;

void ReportQuestion::AddTo(CLI::App& command, bool with_version) {
  command.add_option("--month", month, "YYYY-MM")->required();
  command.add_option("--org", organization, "Code of the body; one's own if left out");
  if (with_version) command.add_option("--version", version, "Version of the report; the newest if left out");
}

absl::StatusOr<std::string> ReportQuestion::Name(Session& session) const {
  const std::string code = organization.empty() ? TRY(OwnBody(session)) : CodeIn(OrganizationArgument(organization));
  return version == 0 ? absl::StrCat("reports/", month, "/", code) : absl::StrCat("reports/", month, "/", code, "/", version);
}

absl::StatusOr<std::string> OwnBody(Session& session) {
  const auto caller = TRY(session.Call(&v1::AccessService::Stub::GetCaller, v1::GetCallerRequest()));
  return CodeIn(caller.organization());
}

std::string FigureText(const v1::ReportFigure& figure) {
  if (!figure.has_denominator()) return absl::StrCat(figure.value());
  return figure.denominator() == 0 ? "—" : absl::StrCat(figure.value(), "/", figure.denominator());
}

namespace {

void PrintFigures(const v1::ReportFigures& figures, const v1::ReportFigures& full_month, std::ostream& out) {
  Table table({"指标 FIGURE", "KEY", "DERIVED", "STATED", "DIFF", "FULL MONTH"});
  for (int i = 0; i < figures.figures_size(); ++i) {
    const v1::ReportFigure& figure = figures.figures(i);
    const bool ratio = figure.has_stated_denominator();
    const std::string stated = !figure.has_stated() ? "" : ratio ? absl::StrCat(figure.stated(), "/", figure.stated_denominator())
                                                                 : absl::StrCat(figure.stated());
    table.Add({figure.display_name(), figure.key(), FigureText(figure), stated,
               figure.difference() == 0 ? "" : absl::StrCat(figure.difference()),
               i < full_month.figures_size() ? FigureText(full_month.figures(i)) : ""});
  }
  out << table.Render();
}

void PrintReport(Context& context, const v1::Report& report) {
  Sheet sheet;
  sheet.Add("月报 report", report.name());
  sheet.Add("state", EnumText(v1::ReportState_descriptor(), report.state()));
  sheet.Add("due", report.due_date());
  sheet.Add("handed in", report.submit_date());
  sheet.Add("comments", report.comments());
  sheet.Add("corrects", report.corrects());
  sheet.Add("why", report.correction_reason());
  sheet.Add("figures", absl::StrCat(report.figures().from_date(), " to ", report.figures().as_of(), ", known at entry ",
                                    report.figures().known_at()));
  if (report.has_full_month()) {
    sheet.Add("full month", absl::StrCat("to ", report.full_month().as_of(), ", known at entry ", report.full_month().known_at()));
  }
  for (const auto& narrative : report.narratives()) {
    sheet.Add(EnumText(v1::ReportSection_descriptor(), narrative.section()), narrative.text());
  }
  sheet.Add("etag", report.etag());
  context.out << sheet.Render() << "\n";
  PrintFigures(report.figures(), report.full_month(), context.out);
}

absl::Status Print(Context& context, const absl::StatusOr<v1::Report>& answered) {
  const v1::Report report = TRY(answered);
  if (context.json()) {
    PrintJson(report, context.out);
  } else {
    PrintReport(context, report);
  }
  return absl::OkStatus();
}

void PrintDue(const v1::ListDueReportsResponse& due, std::ostream& out) {
  Table table({"BODY", "NAME", "DUE", "HANDED IN", "", "DAYS LATE", "STATE"});
  for (const v1::DueReport& line : due.reports()) {
    table.Add({CodeIn(line.organization()), line.display_name(), line.due_date(), line.submit_date(),
               EnumText(v1::ReportPunctuality_descriptor(), line.punctuality()),
               line.days_late() > 0 ? absl::StrCat(line.days_late()) : "",
               line.state() == v1::REPORT_STATE_UNSPECIFIED ? "" : EnumText(v1::ReportState_descriptor(), line.state())});
  }
  out << table.Render() << due.due() << " due: " << due.on_time() << " on time, " << due.late() << " late, " << due.missing()
      << " missing, " << due.pending() << " pending\n";
}

absl::Status Summarise(Context& context, const v1::GetCitySummaryRequest& request) {
  const auto summary = TRY(Session(context.options).Call(&Stub::GetCitySummary, request));
  if (context.json()) {
    PrintJson(summary, context.out);
    return absl::OkStatus();
  }
  context.out << "全市 the city, " << summary.month() << ": " << summary.reports_size() << " reports\n";
  PrintFigures(summary.figures(), {}, context.out);
  PrintDue(summary.due(), context.out);
  return absl::OkStatus();
}

absl::Status ListDue(Context& context, const v1::ListDueReportsRequest& request) {
  const auto due = TRY(Session(context.options).Call(&Stub::ListDueReports, request));
  if (context.json()) {
    PrintWholeJson(due, context.out);
  } else {
    PrintDue(due, context.out);
  }
  return absl::OkStatus();
}

// Sections are told by a word, "-" takes away what was stated.
struct Statement {
  std::string section;
  std::string text;
  std::string figure;
  int64_t value = -1;
  int64_t denominator = -1;
  std::string reason;
};

absl::Status Update(Context& context, const ReportQuestion& question, const Statement& statement) {
  Session session(context.options);
  v1::GetReportRequest get;
  get.set_name(TRY(question.Name(session)));
  const v1::Report report = TRY(session.Call(&Stub::GetReport, get));
  v1::UpdateReportRequest request;
  request.set_name(get.name());
  request.set_etag(report.etag());
  if (!statement.section.empty()) {
    const int section = TRY(EnumArgument(v1::ReportSection_descriptor(), "REPORT_SECTION_", "--section", statement.section));
    for (const auto& narrative : report.narratives()) {
      if (narrative.section() != section) *request.add_narratives() = narrative;
    }
    v1::ReportNarrative& told = *request.add_narratives();
    told.set_section(static_cast<v1::ReportSection>(section));
    told.set_text(statement.text);
  } else {
    *request.mutable_narratives() = report.narratives();
  }
  for (const auto& figure : report.figures().figures()) {
    if (figure.has_stated() && figure.key() != statement.figure) *request.add_stated() = figure;
  }
  if (!statement.figure.empty() && statement.value >= 0) {
    v1::ReportFigure& stated = *request.add_stated();
    stated.set_key(statement.figure);
    stated.set_stated(statement.value);
    if (statement.denominator >= 0) stated.set_stated_denominator(statement.denominator);
    stated.set_stated_reason(statement.reason);
  }
  return Print(context, session.Call(&Stub::UpdateReport, request));
}

absl::Status Remind(Context& context, v1::RemindBodiesRequest request, const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) request.add_organizations(OrganizationArgument(body));
  const auto reminded = TRY(Session(context.options).Call(&Stub::RemindBodies, request));
  if (context.json()) {
    PrintWholeJson(reminded, context.out);
    return absl::OkStatus();
  }
  context.out << reminded.organizations_size() << " bodies reminded, " << reminded.mails_sent() << " mails sent\n";
  for (const std::string& problem : reminded.mail_problems()) context.out << "no mail: " << problem << "\n";
  return absl::OkStatus();
}

absl::Status Export(Context& context, const ReportQuestion& question, bool city, const std::string& format, std::string file) {
  // A PDF with Chinese letters takes seconds, and much longer on a busy machine.
  constexpr int kPaperTimeoutMs = 90'000;
  Options options = context.options;
  options.timeout_ms = std::max(options.timeout_ms, kPaperTimeoutMs);
  Session session(options);
  v1::ExportReportRequest request;
  request.set_name(city ? absl::StrCat("reports/", question.month) : TRY(question.Name(session)));
  request.set_format(static_cast<v1::ReportFormat>(TRY(EnumArgument(v1::ReportFormat_descriptor(), "REPORT_FORMAT_", "--format", format))));
  const auto exported = TRY(session.Call(&Stub::ExportReport, request));
  // What a hub calls a file stays in this directory.
  if (file.empty()) file = exported.file_name().substr(exported.file_name().rfind('/') + 1);
  TRY(WriteFile(file, exported.content()));
  if (context.json()) {
    context.out << "{\"file\":" << JsonText(file) << ",\"bytes\":" << exported.content().size() << ",\"mediaType\":"
                << JsonText(exported.media_type()) << ",\"recomputeUrl\":" << JsonText(exported.recompute_url()) << "}\n";
  } else {
    context.out << file << ", " << exported.content().size() << " bytes\n";
  }
  return absl::OkStatus();
}

// A command that moves one report.
template <typename Request>
CLI::App* AddMove(CLI::App& group, Context& context, const char* name, const char* help,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Report*),
                  std::shared_ptr<Request> request) {
  auto question = std::make_shared<ReportQuestion>();
  auto* command = Add(group, context, name, help, [question, request, method](Context& c) -> absl::Status {
    Session session(c.options);
    request->set_name(TRY(question->Name(session)));
    return Print(c, session.Call(method, *request));
  });
  question->AddTo(*command, false);
  command->add_option("--etag", *request->mutable_etag(), "Of the version read; any if left out");
  return command;
}

void AddReading(CLI::App& group, Context& context) {
  auto question = std::make_shared<ReportQuestion>();
  auto get = std::make_shared<v1::GetReportRequest>();
  auto* show = Add(group, context, "show", "A body's report, pre-filled while it is not written", [question, get](Context& c) -> absl::Status {
    Session session(c.options);
    get->set_name(TRY(question->Name(session)));
    return Print(c, session.Call(&Stub::GetReport, *get));
  });
  question->AddTo(*show, true);
  show->add_option("--as-of", *get->mutable_as_of(), "YYYY-MM-DD: as it stood that day");
  AddKnownAt(*show, get);

  auto due = std::make_shared<v1::ListDueReportsRequest>();
  auto* list = Add(group, context, "due", "Who has handed in, who is late, who is missing", [due](Context& c) { return ListDue(c, *due); });
  list->add_option("--month", *due->mutable_month(), "YYYY-MM")->required();
  list->add_option("--as-of", *due->mutable_as_of(), "YYYY-MM-DD; today if left out");
  AddKnownAt(*list, due);

  auto city = std::make_shared<v1::GetCitySummaryRequest>();
  auto* summary = Add(group, context, "summary", "The city's month", [city](Context& c) { return Summarise(c, *city); });
  summary->add_option("--month", *city->mutable_month(), "YYYY-MM")->required();
  summary->add_option("--as-of", *city->mutable_as_of(), "YYYY-MM-DD; today if left out");
  AddKnownAt(*summary, city);

  auto exported = std::make_shared<ReportQuestion>();
  auto format = std::make_shared<std::string>("pdf");
  auto file = std::make_shared<std::string>();
  auto whole = std::make_shared<bool>(false);
  auto* save = Add(group, context, "export", "A report as a PDF to sign or a workbook",
                   [exported, format, file, whole](Context& c) { return Export(c, *exported, *whole, *format, *file); });
  exported->AddTo(*save, true);
  save->add_option("--format", *format, "pdf or xlsx")->capture_default_str();
  save->add_option("--file", *file, "Where to write it; the hub's name for it if left out");
  save->add_flag("--city", *whole, "The city's summary");
}

void AddWriting(CLI::App& group, Context& context) {
  auto question = std::make_shared<ReportQuestion>();
  auto statement = std::make_shared<Statement>();
  auto* update = Add(group, context, "update", "Add narrative, or state a figure beside the derived one",
                     [question, statement](Context& c) { return Update(c, *question, *statement); });
  question->AddTo(*update, false);
  auto* section = update->add_option("--section", statement->section, "catalogue, integration or sharing");
  update->add_option("--text", statement->text, "What to say in the section")->needs(section);
  auto* figure = update->add_option("--figure", statement->figure, "Key of a figure; without --value what was stated is taken back");
  update->add_option("--value", statement->value, "What the body states")->needs(figure);
  update->add_option("--of", statement->denominator, "Denominator, of ratios")->needs(figure);
  update->add_option("--reason", statement->reason, "Why it differs")->needs(figure);

  AddMove(group, context, "submit", "Hand the report in; its figures are derived now and kept", &Stub::SubmitReport,
          std::make_shared<v1::SubmitReportRequest>());
  auto back = std::make_shared<v1::ReturnReportRequest>();
  AddMove(group, context, "return", "Send a report back with comments", &Stub::ReturnReport, back)
      ->add_option("--comments", *back->mutable_comments(), "What is to be put right")->required();
  AddMove(group, context, "accept", "Take a report: its figures stay for ever", &Stub::AcceptReport,
          std::make_shared<v1::AcceptReportRequest>());
  auto correct = std::make_shared<v1::CorrectReportRequest>();
  AddMove(group, context, "correct", "Begin a new version of an accepted report; the old one stays", &Stub::CorrectReport, correct)
      ->add_option("--reason", *correct->mutable_reason(), "Why")->required();

  auto remind = std::make_shared<v1::RemindBodiesRequest>();
  auto bodies = std::make_shared<std::vector<std::string>>();
  auto* tell = Add(group, context, "remind", "Tell the bodies that have not handed in",
                   [remind, bodies](Context& c) { return Remind(c, *remind, *bodies); });
  tell->add_option("--month", *remind->mutable_month(), "YYYY-MM")->required();
  tell->add_option("--org", *bodies, "Only these bodies");
}

}  // namespace

void AddReportCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("report", "Monthly reports (月报): derived figures, what bodies state beside them, proof");
  group->require_subcommand(1);
  AddReading(*group, context);
  AddWriting(*group, context);
  AddReportProofCommands(*group, context);
}

}  // namespace zhanqiao::cli
