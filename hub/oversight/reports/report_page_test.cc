#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/oversight/reports/printer.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Report Hostile() {
  v1::Report report;
  report.set_name("reports/2018-06/370200-GAJ/1");
  report.set_month("2018-06");
  report.set_organization("organizations/370200-GAJ");
  report.set_version(1);
  *report.mutable_figures() = ToMessage(ReportRow(), {absl::CivilDay(2018, 6, 1), absl::CivilDay(2018, 6, 25), 7});
  v1::ReportNarrative& told = *report.add_narratives();
  told.set_section(v1::REPORT_SECTION_CATALOGUE);
  told.set_text("<img src='file:///etc/passwd'><script>alert(1)</script> & 中文");
  return report;
}

TEST(ReportPage, WhatPeopleWroteIsEscaped) {
  const std::string page = ReportPage(Hostile(), "<b>局</b>", "note</pre><h1>", "https://hub.example/r?a=1&b=\"2");
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>局")));
  EXPECT_THAT(page, Not(HasSubstr("note</pre><h1>")));
  EXPECT_THAT(page, HasSubstr("&lt;img src=&#39;file:///etc/passwd&#39;&gt;"));
}

TEST(ReportPage, TheLastPageCarriesCheckpointCommandAndCode) {
  const std::string page = ReportPage(Hostile(), "市公安局", "zhanqiao.example/log\n42\nroot=", "https://hub.example/reports/2018-06/370200-GAJ/1");
  EXPECT_THAT(page, HasSubstr("zhanqiao.example/log\n42\nroot="));
  EXPECT_THAT(page, HasSubstr("zq report recompute --month 2018-06 --org 370200-GAJ --version 1"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("https://hub.example/reports/2018-06/370200-GAJ/1"));
}

TEST(Printer, AProgramThatIsNotThereIsToldSo) {
  EXPECT_EQ(ReasonOf(PrintPdf("/no/such/program", "<html>").status()), "PDF_NOT_AVAILABLE");
}

TEST(Printer, AProgramThatMakesNoPdfIsAnError) {
  std::signal(SIGPIPE, SIG_IGN);  // as the hub has it
  EXPECT_EQ(ReasonOf(PrintPdf("/bin/true", std::string(1 << 20, 'x')).status()), "PDF_FAILED");
}

TEST(Printer, AProgramThatHangsIsEnded) {
  std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(ReasonOf(PrintPdf(HANGING_PROGRAM, "<html>", absl::Milliseconds(50)).status()), "PDF_FAILED");
}

TEST(Printer, NothingTheHubHasOpenGoesAlong) {
  const int open_here = ::fcntl(STDIN_FILENO, F_DUPFD, 77);  // a descriptor without close-on-exec
  ASSERT_GE(open_here, 77);
  const auto told = PrintPdf(LISTING_PROGRAM, "<html>");
  ::close(open_here);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_THAT(*told, HasSubstr("%PDF- 0 1 "));
  EXPECT_THAT(*told, Not(HasSubstr(absl::StrCat(" ", open_here, " "))));
}

TEST(Printer, ThePaperIsAPdfWithItsText) {
  const auto pdf = PrintPdf("weasyprint", ReportPage(Hostile(), "市公安局", "zhanqiao.example/log", "https://hub.example/r"));
  ASSERT_TRUE(pdf.ok()) << pdf.status() << FactOf(pdf.status(), "cause");
  EXPECT_EQ(pdf->substr(0, 5), "%PDF-");
  EXPECT_GT(pdf->size(), 10'000u) << "with the Chinese letters it shows";
}

}  // namespace
}  // namespace zhanqiao::oversight
