#include "hub/oversight/reports/report_service.h"

#include <gmock/gmock.h>

#include "hub/oversight/reports/punctuality.h"
#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReportServiceTest : public OfficeCity, public ::testing::Test {
 protected:
  v1::ListDueReportsResponse Due(const std::string& month, const std::string& as_of = "") {
    v1::ListDueReportsRequest request;
    request.set_month(month);
    request.set_as_of(as_of);
    return services.reports().ListDueReports(OfficeOne(), request).value();
  }
  static std::string Counts(const v1::ListDueReportsResponse& due) {
    return absl::StrCat(due.due(), "=", due.on_time(), "+", due.late(), "+", due.missing(), "+", due.pending());
  }
  std::string Progress(absl::CivilDay day, documents::Knowledge known = {}) {
    const v1::ReportProgress progress = services.reports().Progress({day, known, ""}).value();
    return absl::StrCat(progress.due(), "=", progress.on_time(), "+", progress.late(), "+", progress.missing());
  }
  absl::StatusOr<v1::Report> State(const std::string& month, const std::string& key, int64_t value) {
    v1::UpdateReportRequest request;
    request.set_name(ReportOf(month));
    v1::ReportFigure& figure = *request.add_stated();
    figure.set_key(key);
    figure.set_stated(value);
    figure.set_stated_reason("线下台账");
    return services.reports().UpdateReport(ClerkOf("370200-GAJ"), request);
  }
  absl::StatusOr<v1::Report> Correct(const std::string& month) {
    v1::CorrectReportRequest request;
    request.set_name(ReportOf(month));
    request.set_reason("漏计一条目录");
    return services.reports().CorrectReport(ApproverOf("370200-GAJ"), request);
  }
  v1::CitySummary Summary(const std::string& month) {
    v1::GetCitySummaryRequest request;
    request.set_month(month);
    return services.reports().GetCitySummary(OfficeOne(), request).value();
  }
};

TEST_F(ReportServiceTest, AnUnwrittenReportComesPreFilledFromTheFacts) {
  Today(6, 20);
  Release(3);
  const v1::Report report = Report(ReportOf("2018-06"));
  EXPECT_EQ(report.state(), v1::REPORT_STATE_DRAFT);
  EXPECT_EQ(report.etag(), "");
  EXPECT_EQ(report.due_date(), "2018-06-30");
  EXPECT_EQ(FigureIn(report.figures(), "catalogue.published"), 2);
  EXPECT_EQ(FigureIn(report.figures(), "sharing.provided"), 1);
  EXPECT_EQ(FigureIn(report.figures(), "sharing.provided_rows"), 3);
  EXPECT_EQ(FigureIn(Report(ReportOf("2018-06", "370200-ZWFWB")).figures(), "sharing.used_rows"), 3);
}

TEST_F(ReportServiceTest, WhatIsStatedStandsBesideTheDerivedFigureWithTheDifference) {
  Today(6, 20);
  const v1::Report report = State("2018-06", "catalogue.published", 5).value();
  const v1::ReportFigure& figure = *FindFigure(report.figures(), "catalogue.published");
  EXPECT_EQ(figure.value(), 2);
  EXPECT_EQ(figure.stated(), 5);
  EXPECT_EQ(figure.difference(), 3);
}

TEST_F(ReportServiceTest, AStatedFigureNeedsAKnownKeyAndAReason) {
  Today(6, 20);
  EXPECT_EQ(ReasonOf(State("2018-06", "catalogue.wishes", 5).status()), "FIGURE_UNKNOWN");
  EXPECT_EQ(ReasonOf(State("2018-06", "systems.on_cloud", 5).status()), "NUMBER_INVALID");
  EXPECT_EQ(ReasonOf(State("2018-06", "catalogue.published", -1).status()), "NUMBER_INVALID");
}

TEST_F(ReportServiceTest, AReportCoversItsMonthUpToTheCutOff) {
  Today(6, 24);
  Release();
  Today(6, 26);
  Release();
  const v1::Report report = Submit("2018-06").value();
  EXPECT_EQ(report.figures().from_date(), "2018-06-01");
  EXPECT_EQ(report.figures().as_of(), "2018-06-25");
  EXPECT_EQ(FigureIn(report.figures(), "sharing.provided"), 1);
  EXPECT_FALSE(report.has_full_month());
}

TEST_F(ReportServiceTest, TheWholeMonthFollowsOnTheFirstAndLeavesTheRestAlone) {
  Today(6, 26);
  const v1::Report submitted = Submit("2018-06").value();
  Accept("2018-06").value();
  Today(6, 30);
  Release();
  Today(7, 1);
  ASSERT_TRUE(services.Run(absl::CivilDay(2018, 7, 1)).ok());
  const v1::Report report = Report(ReportOf("2018-06"));
  EXPECT_EQ(report.state(), v1::REPORT_STATE_ACCEPTED);
  EXPECT_EQ(report.full_month().as_of(), "2018-06-30");
  EXPECT_EQ(FigureIn(report.full_month(), "sharing.provided"), 1);
  EXPECT_EQ(documents::Canonical(report.figures()), documents::Canonical(submitted.figures()));
  const uint64_t before = Position();
  ASSERT_TRUE(services.reports().AddFullMonths(absl::CivilDay(2018, 7, 1)).ok());
  EXPECT_EQ(Position(), before) << "once";
}

TEST_F(ReportServiceTest, FiguresOfASubmittedReportStayAsTheyWere) {
  Today(6, 26);
  Submit("2018-06").value();
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_state(v1::RESOURCE_STATE_WITHDRAWN); });
  EXPECT_EQ(FigureIn(Report(ReportOf("2018-06")).figures(), "catalogue.published"), 2);
  EXPECT_EQ(FigureIn(Report(ReportOf("2018-06")).figures(), "catalogue.withdrawn"), 0);
}

TEST_F(ReportServiceTest, AReturnedReportIsHandedInAgainAndIsNotLateForIt) {
  Today(6, 29);
  Submit("2018-06").value();
  v1::ReturnReportRequest back;
  back.set_name(ReportOf("2018-06"));
  EXPECT_EQ(ReasonOf(services.reports().ReturnReport(OfficeOne(), back).status()), "TEXT_REQUIRED");
  back.set_comments("请核对目录数");
  EXPECT_EQ(services.reports().ReturnReport(OfficeOne(), back).value().comments(), "请核对目录数");
  Today(7, 3);
  Submit("2018-06").value();
  EXPECT_EQ(Report(ReportOf("2018-06")).submit_date(), "2018-06-29");
  EXPECT_EQ(Counts(Due("2018-06")), "3=1+0+2+0");
}

TEST_F(ReportServiceTest, ACorrectionIsANewVersionAndTheAcceptedOneStays) {
  Today(6, 26);
  Submit("2018-06").value();
  EXPECT_EQ(ReasonOf(Correct("2018-06").status()), "REPORT_STATE");
  const v1::Report accepted = Accept("2018-06").value();
  Today(7, 10);
  Put("resources/306001~000009", Entry("resources/306001~000009", v1::SHARE_TYPE_CONDITIONAL));
  const v1::Report draft = Correct("2018-06").value();
  EXPECT_EQ(draft.version(), 2);
  EXPECT_EQ(draft.corrects(), "reports/2018-06/370200-GAJ/1");
  EXPECT_THAT(Summary("2018-06").reports(), ElementsAre("reports/2018-06/370200-GAJ/1"));
  Submit("2018-06").value();
  EXPECT_THAT(Summary("2018-06").reports(), ElementsAre("reports/2018-06/370200-GAJ/1"));
  Accept("2018-06").value();
  EXPECT_THAT(Summary("2018-06").reports(), ElementsAre("reports/2018-06/370200-GAJ/2"));
  EXPECT_EQ(documents::Canonical(Report("reports/2018-06/370200-GAJ/1")), documents::Canonical(accepted));
  EXPECT_EQ(Counts(Due("2018-06")), "3=1+0+2+0") << "a correction makes nobody late";
}

TEST_F(ReportServiceTest, OnTheLastDayIsOnTimeAndTheDayAfterIsLate) {
  Today(6, 30);
  Submit("2018-06").value();
  Today(7, 1);
  Submit("2018-06", "370202").value();
  EXPECT_EQ(Counts(Due("2018-06")), "3=1+1+1+0");
  EXPECT_EQ(Counts(Due("2018-06", "2018-06-29")), "3=0+0+0+3");
  EXPECT_EQ(Due("2018-06").reports(0).organization(), kGaj);
  EXPECT_EQ(Due("2018-06").reports(2).days_late(), 1);
}

TEST_F(ReportServiceTest, AMonthEndsOnItsOwnLastDayInLeapYearsToo) {
  Today(absl::CivilDay(2020, 2, 29));
  EXPECT_EQ(Submit("2020-02").value().due_date(), "2020-02-29");
  EXPECT_EQ(Due("2020-02", "2020-03-01").on_time(), 1);
  Today(absl::CivilDay(2021, 3, 1));
  Submit("2021-02").value();
  EXPECT_EQ(Due("2021-02").late(), 1);
  EXPECT_EQ(Report(ReportOf("2021-02")).full_month().as_of(), "2021-02-28");
}

TEST_F(ReportServiceTest, ASubmissionCountsOnlyAsKnown) {
  Today(6, 28);
  const uint64_t before = Position();
  Submit("2018-06").value();
  EXPECT_EQ(Progress(absl::CivilDay(2018, 6, 30)), "6=1+0+5");  // May is due too
  EXPECT_EQ(Progress(absl::CivilDay(2018, 6, 30), {.known_at = before, .before = std::nullopt}), "6=0+0+6");
  EXPECT_EQ(Progress(absl::CivilDay(2018, 6, 29)), "3=0+0+3");
}

TEST_F(ReportServiceTest, ABodyThatWasMergedOwesNothingFromThenOnAndKeepsItsHistory) {
  Today(6, 28);
  Submit("2018-06").value();
  Today(7, 5);
  Release(4);
  Today(7, 16);
  Change<v1::Organization>(kGaj, [](v1::Organization& body) {
    body.set_successor(kShinan);
    body.set_succession_date("2018-07-15");
  });
  Release(2);
  Today(7, 28);
  EXPECT_EQ(ReasonOf(Submit("2018-07").status()), "REPORT_NOT_DUE");
  EXPECT_EQ(Due("2018-07").due(), 2);
  EXPECT_EQ(Due("2018-06").due(), 3);
  const v1::Report successor = Submit("2018-07", "370202").value();
  EXPECT_EQ(FigureIn(successor.figures(), "catalogue.published"), 2) << "holdings go over";
  EXPECT_EQ(FigureIn(successor.figures(), "sharing.provided_rows"), 2) << "what was done before does not";
}

TEST_F(ReportServiceTest, NobodyReportsForMonthsToComeNorBeforeThePlan) {
  Today(6, 10);
  EXPECT_EQ(ReasonOf(Submit("2018-07").status()), "REPORT_NOT_DUE");
  EXPECT_EQ(ReasonOf(Submit("2017-12").status()), "REPORT_NOT_DUE");
  EXPECT_EQ(ReasonOf(Submit("2018-13").status()), "NAME_INVALID");
}

TEST_F(ReportServiceTest, OnlyTheBodyWritesAndOnlyTheOfficeTakes) {
  Today(6, 26);
  v1::SubmitReportRequest submit;
  submit.set_name(ReportOf("2018-06"));
  EXPECT_EQ(ReasonOf(services.reports().SubmitReport(ClerkOf("370200-GAJ"), submit).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(services.reports().SubmitReport(ApproverOf("370202"), submit).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(services.reports().SubmitReport(OfficeOne(), submit).status()), "ROLE_REQUIRED");
  Submit("2018-06").value();
  v1::AcceptReportRequest accept;
  accept.set_name(ReportOf("2018-06"));
  EXPECT_EQ(ReasonOf(services.reports().AcceptReport(ApproverOf("370200-GAJ"), accept).status()), "ROLE_REQUIRED");
  v1::GetReportRequest get;
  get.set_name(ReportOf("2018-06"));
  EXPECT_EQ(ReasonOf(services.reports().GetReport(ClerkOf("370202"), get).status()), "ROLE_REQUIRED");
}

TEST_F(ReportServiceTest, TheCitysMonthIsTheSumOfItsReportsBesideTheCitysOwnFigures) {
  Today(6, 20);
  State("2018-06", "catalogue.published", 5).value();
  Submit("2018-06").value();
  Submit("2018-06", "370200-ZWFWB").value();
  const v1::CitySummary summary = Summary("2018-06");
  const v1::ReportFigure& figure = *FindFigure(summary.figures(), "catalogue.published");
  EXPECT_EQ(figure.value(), 2);
  EXPECT_EQ(figure.stated(), 5);
  EXPECT_EQ(summary.reports_size(), 2);
}

TEST_F(ReportServiceTest, BodiesAreRemindedBeforeAndAfterOnceEach) {
  Today(6, 24);
  ASSERT_TRUE(services.Run(absl::CivilDay(2018, 6, 24)).ok());
  const size_t of_may = mail->sent.size();
  Today(6, 25);
  ASSERT_TRUE(services.Run(absl::CivilDay(2018, 6, 25)).ok());
  ASSERT_TRUE(services.Run(absl::CivilDay(2018, 6, 26)).ok());
  ASSERT_EQ(mail->sent.size(), of_may + 1);
  EXPECT_THAT(mail->sent.back().to, ElementsAre("gaj@qingdao.example"));
  EXPECT_THAT(mail->sent.back().text, HasSubstr("2018-06-30"));
  Submit("2018-06").value();
  Today(7, 1);
  ASSERT_TRUE(services.Run(absl::CivilDay(2018, 7, 1)).ok());
  EXPECT_EQ(mail->sent.size(), of_may + 1) << "handed in: not reminded";
  int notices = 0;
  for (const v1::LedgerEntry& entry : Entries()) {
    notices += entry.document_change().name().starts_with(std::string(kShinan) + "/notices/") ? 1 : 0;
  }
  EXPECT_EQ(notices, 3) << "May overdue, June due, June overdue";
}

TEST_F(ReportServiceTest, ARelayThatIsAwayHoldsNoReminderUp) {
  Today(6, 26);
  mail->away = true;
  v1::RemindBodiesRequest request;
  request.set_month("2018-06");
  const auto reminded = services.reports().RemindBodies(OfficeOne(), request).value();
  EXPECT_EQ(reminded.organizations_size(), 3);
  EXPECT_EQ(reminded.mails_sent(), 0);
  EXPECT_THAT(reminded.mail_problems(), ElementsAre(HasSubstr("away")));
}

TEST_F(ReportServiceTest, AWorkbookHoldsTheReport) {
  Today(6, 26);
  Submit("2018-06").value();
  v1::ExportReportRequest request;
  request.set_name(ReportOf("2018-06"));
  request.set_format(v1::REPORT_FORMAT_XLSX);
  const auto exported = services.reports().ExportReport(OfficeOne(), request).value();
  EXPECT_EQ(exported.file_name(), "2018-06-370200-GAJ-1.xlsx");
  EXPECT_EQ(exported.content().substr(0, 2), "PK");
}

TEST_F(ReportServiceTest, APaperNeedsASignedCheckpoint) {
  Today(6, 26);
  v1::ExportReportRequest request;
  request.set_name(ReportOf("2018-06"));
  request.set_format(v1::REPORT_FORMAT_PDF);
  EXPECT_EQ(ReasonOf(services.reports().ExportReport(OfficeOne(), request).status()), "LEDGER_NO_CHECKPOINT");
}

}  // namespace
}  // namespace zhanqiao::oversight
