#include "hub/oversight/reports/public_report.h"

#include <gmock/gmock.h>

#include "absl/strings/str_split.h"
#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PublicReportTest : public OfficeCity, public ::testing::Test {
 protected:
  PublicReportTest() { Today(6, 26); }
  PublicPage Ask(const std::string& path, const PublicReports::Query& query = {}) { return services.public_reports().Answer(path, query); }
  // The query of the address that would be printed now, with the checkpoint of the log as it is.
  PublicReports::Query Printed(const std::string& name) {
    auto signed_now = std::make_shared<ledger::SignedCheckpoint>();
    signed_now->checkpoint.size = log->head()->size();
    signed_now->checkpoint.root = ledger::RootAt(ledger::HeadHashes(store, log->head()), signed_now->checkpoint.size).value();
    const std::string url = PaperAddress("https://hub.example", name, Report(name).figures(), signed_now);
    PublicReports::Query query;
    for (const absl::string_view pair : absl::StrSplit(url.substr(url.find('?') + 1), '&')) {
      const std::vector<std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
      query.emplace_back(parts.at(0), parts.at(1));
    }
    return query;
  }
  const std::string name_ = "reports/2018-06/370200-GAJ/1";
  const std::string path_ = "/" + name_;
};

TEST_F(PublicReportTest, WhatIsNotHandedInIsAReadable404) {
  Report(name_);
  for (const std::string& path : {path_, std::string("/reports/2018-06"), std::string("/reports/2018-06/nobody/1"), std::string("/reports/"),
                                  std::string("/reports/2018-13/370200-GAJ/1"), std::string("/reports/2018-06/370200-GAJ/1/../2")}) {
    const PublicPage page = Ask(path);
    EXPECT_EQ(page.status, 404) << path;
    EXPECT_THAT(page.html, AllOf(HasSubstr("没有可公开的月报"), HasSubstr("There is no public report")));
  }
}

TEST_F(PublicReportTest, ADraftAndAReturnedReportAreNotShown) {
  v1::UpdateReportRequest draft;
  draft.set_name(ReportOf("2018-06"));
  ASSERT_TRUE(services.reports().UpdateReport(ClerkOf("370200-GAJ"), draft).ok());
  EXPECT_EQ(Ask(path_).status, 404);
  ASSERT_TRUE(Submit("2018-06").ok());
  EXPECT_EQ(Ask(path_).status, 200);
  v1::ReturnReportRequest back;
  back.set_name(ReportOf("2018-06"));
  back.set_comments("补充");
  ASSERT_TRUE(services.reports().ReturnReport(OfficeOne(), back).ok());
  EXPECT_EQ(Ask(path_).status, 404);
}

TEST_F(PublicReportTest, ItShowsFiguresLedgerIndexesAndTheCommand) {
  ASSERT_TRUE(Submit("2018-06").ok());
  const uint64_t submitted = Position();
  ASSERT_TRUE(Accept("2018-06").ok());
  const PublicPage page = Ask(path_);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.html, AllOf(HasSubstr("市公安局"), HasSubstr("已发布条目"), HasSubstr("Published entries"), HasSubstr("已接收")));
  EXPECT_THAT(page.html, HasSubstr(absl::StrCat("<td>", submitted, "</td>")));
  EXPECT_THAT(page.html, HasSubstr("zq report recompute --month 2018-06 --org 370200-GAJ --version 1"));
  EXPECT_EQ(Ask("/reports/2018-06/370200-GAJ").html, page.html) << "without a version the newest";
}

TEST_F(PublicReportTest, NarrativesPersonsAndInnerFiguresStayInside) {
  v1::UpdateReportRequest update;
  update.set_name(ReportOf("2018-06"));
  v1::ReportNarrative& told = *update.add_narratives();
  told.set_section(v1::REPORT_SECTION_CATALOGUE);
  told.set_text("内部说明");
  v1::ReportFigure& stated = *update.add_stated();
  stated.set_key("catalogue.published");
  stated.set_stated(77);
  stated.set_stated_reason("内部原因");
  ASSERT_TRUE(services.reports().UpdateReport(ClerkOf("370200-GAJ"), update).ok());
  v1::SubmitReportRequest submit;
  submit.set_name(ReportOf("2018-06"));
  ASSERT_TRUE(services.reports().SubmitReport(ApproverOf("370200-GAJ"), submit).ok());
  const std::string html = Ask(path_).html;
  EXPECT_THAT(html, HasSubstr("77")) << "what is stated stands on the paper beside the derived figure";
  for (const char* inside : {"内部说明", "内部原因", "persons/", "互联网出口", "业务专网", "被拒", "疑义"}) EXPECT_THAT(html, Not(HasSubstr(inside)));
}

TEST_F(PublicReportTest, PaperIsHeldAgainstWhatIsKept) {
  ASSERT_TRUE(Submit("2018-06").ok());
  PublicReports::Query query = Printed(name_);
  EXPECT_THAT(Ask(path_, query).html, AllOf(HasSubstr("✓ 纸面数字"), HasSubstr("✓ 纸面检查点"), Not(HasSubstr("✗"))));
  Release();
  EXPECT_THAT(Ask(path_, query).html, Not(HasSubstr("✗"))) << "a ledger that went on still begins with it";
  for (auto& [key, value] : query) {
    if (key == "figures" || key == "root") value[0] = value[0] == '0' ? '1' : '0';
  }
  EXPECT_THAT(Ask(path_, query).html, AllOf(HasSubstr("✗ 纸面数字"), HasSubstr("✗ 纸面检查点")));
}

TEST_F(PublicReportTest, ACheckpointBeyondTheLedgerIsNoneOfIts) {
  ASSERT_TRUE(Submit("2018-06").ok());
  EXPECT_THAT(Ask(path_, {{"size", "18446744073709551615"}, {"root", "00"}}).html, HasSubstr("✗ 纸面检查点"));
}

TEST_F(PublicReportTest, ACorrectionIsPointedTo) {
  ASSERT_TRUE(Submit("2018-06").ok());
  ASSERT_TRUE(Accept("2018-06").ok());
  v1::CorrectReportRequest correct;
  correct.set_name(ReportOf("2018-06"));
  correct.set_reason("漏计");
  ASSERT_TRUE(services.reports().CorrectReport(ApproverOf("370200-GAJ"), correct).ok());
  EXPECT_THAT(Ask(path_).html, Not(HasSubstr("370200-GAJ/2"))) << "a draft is nobody's business";
  v1::SubmitReportRequest submit;
  submit.set_name(ReportOf("2018-06"));
  ASSERT_TRUE(services.reports().SubmitReport(ApproverOf("370200-GAJ"), submit).ok());
  EXPECT_THAT(Ask(path_).html, HasSubstr("href='/reports/2018-06/370200-GAJ/2'"));
  EXPECT_EQ(Ask(path_).status, 200) << "the accepted version stays under its address";
}

TEST_F(PublicReportTest, AMonthListsWhatIsHandedIn) {
  ASSERT_TRUE(Submit("2018-06").ok());
  const PublicPage page = Ask("/reports/2018-06");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.html, AllOf(HasSubstr("href='/reports/2018-06/370200-GAJ/1'"), Not(HasSubstr("ZWFWB"))));
}

}  // namespace
}  // namespace zhanqiao::oversight
