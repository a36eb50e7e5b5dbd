#include "hub/access/administration_service.h"

#include <gtest/gtest.h>

#include "hub/access/test_accounts.h"
#include "zhanqiao/v1/notice.pb.h"

namespace zhanqiao::access {
namespace {

const std::string kIdentity = "zhanqiao://qingdao/org/370200-ZWFWB/system/approval";
const std::string kOld(64, '1');
const std::string kNew(64, '2');
constexpr char kOperator[] = "organizations/370200-ZWFWB/persons/operator";

class AdministrationTest : public testing::Test {
 protected:
  AdministrationTest() { city_.Register(kOperator, {v1::ROLE_SYSTEM_ADMIN}); }
  ~AdministrationTest() override { city_.pipeline.Stop(); }

  AdministrationService Service() {
    return AdministrationService({.store = city_.documents, .certificates = seen_, .rules = city_.rules, .clock = city_.clock, .random = city_.random,
                                  .calendar = {}, .policy_file = "policy.csv", .policy_variant = ""});
  }
  Caller As(const std::string& person) { return city_.directory.ResolvePerson(person, "127.0.0.1:1").value(); }
  absl::Time In(int days) const { return city_.clock.Now() + absl::Hours(24 * days); }
  std::vector<v1::Certificate> Listed(const std::string& person, const std::string& parent) {
    v1::ListCertificatesRequest request;
    request.set_parent(parent);
    const auto listed = Service().ListCertificates(As(person), request);
    if (!listed.ok()) return {};
    return {listed->certificates().begin(), listed->certificates().end()};
  }
  size_t Notices() {
    size_t count = 0;
    const auto page = city_.documents.List("organizations/370200-ZWFWB/notices/", 100, "").value();
    for (const auto& version : page.versions) {
      count += version.As<v1::Notice>()->kind() == kNoticeCertificateExpiring ? 1 : 0;
    }
    return count;
  }

  TestAccounts city_;
  SeenCertificates seen_{city_.store, city_.pipeline, city_.clock, "qingdao"};
};

TEST_F(AdministrationTest, ACertificateThatWasShownIsListedWithItsEnd) {
  seen_.Connected({kIdentity}, kOld, In(200));
  const auto listed = Listed(kOperator, "organizations/-");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].subject(), kSystem);
  EXPECT_EQ(listed[0].state(), v1::CERTIFICATE_STATE_VALID);
  EXPECT_EQ(listed[0].days_left(), 200);
}

TEST_F(AdministrationTest, WhatHasNoIdentityOfThisCityIsNotNoted) {
  seen_.Connected({"zhanqiao://jinan/org/370200-ZWFWB/system/approval"}, kOld, In(200));
  seen_.Connected({kIdentity, kIdentity}, kOld, In(200));
  seen_.Connected({}, kOld, In(200));
  EXPECT_TRUE(Listed(kOperator, "organizations/-").empty());
}

TEST_F(AdministrationTest, ABodyIsToldOnceThirtyDaysBefore) {
  seen_.Connected({kIdentity}, kOld, In(31));
  ASSERT_TRUE(Service().Run(CivilDayOf(city_.clock.Now())).ok());
  EXPECT_EQ(Notices(), 0U);
  city_.clock.Advance(absl::Hours(24));
  ASSERT_TRUE(Service().Run(CivilDayOf(city_.clock.Now())).ok());
  EXPECT_EQ(Notices(), 1U);
  EXPECT_EQ(Listed(kOperator, "organizations/-").at(0).state(), v1::CERTIFICATE_STATE_EXPIRING);
  city_.clock.Advance(absl::Hours(24));
  ASSERT_TRUE(Service().Run(CivilDayOf(city_.clock.Now())).ok());
  EXPECT_EQ(Notices(), 1U);
}

TEST_F(AdministrationTest, NobodyIsToldOnceANewOneWasShown) {
  seen_.Connected({kIdentity}, kOld, In(10));
  seen_.Connected({kIdentity}, kNew, In(400));
  ASSERT_TRUE(Service().Run(CivilDayOf(city_.clock.Now())).ok());
  EXPECT_EQ(Notices(), 0U);
  const auto listed = Listed(kOperator, "organizations/-");
  EXPECT_EQ(listed.at(0).state(), v1::CERTIFICATE_STATE_REPLACED);
  EXPECT_EQ(listed.at(1).state(), v1::CERTIFICATE_STATE_VALID);
}

TEST_F(AdministrationTest, ARevokedOneReplacesNothing) {
  seen_.Connected({kIdentity}, kOld, In(10));
  seen_.Connected({kIdentity}, kNew, In(400));
  v1::RevokedCertificate revoked;
  revoked.set_name("revokedCertificates/" + kNew);
  city_.Put(revoked.name(), revoked);
  const auto listed = Listed(kOperator, "organizations/-");
  EXPECT_EQ(listed.at(0).state(), v1::CERTIFICATE_STATE_EXPIRING);
  EXPECT_EQ(listed.at(1).state(), v1::CERTIFICATE_STATE_REVOKED);
}

TEST_F(AdministrationTest, ARestartedHubKnowsThemStill) {
  seen_.Connected({kIdentity}, kOld, In(200));
  ASSERT_TRUE(city_.pipeline.Run({}).ok());  // behind the note in the queue
  SeenCertificates anew(city_.store, city_.pipeline, city_.clock, "qingdao");
  ASSERT_TRUE(anew.Load().ok());
  EXPECT_EQ(anew.Of("organizations/370200-ZWFWB").size(), 1U);
  EXPECT_TRUE(anew.Of("organizations/370200-GAJ").empty());
}

TEST_F(AdministrationTest, WhatEndedOverAYearAgoIsForgotten) {
  seen_.Connected({kIdentity}, kOld, In(1));
  city_.clock.Advance(absl::Hours(24 * 368));
  seen_.Sweep();
  EXPECT_TRUE(seen_.Of("").empty());
}

TEST_F(AdministrationTest, AClerkSeesTheCertificatesOfTheirOwnBodyAlone) {
  seen_.Connected({kIdentity}, kOld, In(200));
  EXPECT_EQ(ReasonOf(Service().ListCertificates(As(kClerk), [] {
                       v1::ListCertificatesRequest all;
                       all.set_parent("organizations/-");
                       return all;
                     }()).status()),
            "ROLE_REQUIRED");
  EXPECT_TRUE(Listed(kClerk, "").empty());
}

TEST_F(AdministrationTest, OnlyTheSystemAdministratorSeesTheMachine) {
  EXPECT_TRUE(Service().GetSystemHealth(As(kOperator), {}).ok());
  EXPECT_EQ(ReasonOf(Service().GetSystemHealth(As(kSecurity), {}).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Service().GetSystemHealth(As(kOffice), {}).status()), "ROLE_REQUIRED");
}

TEST_F(AdministrationTest, PolicyRowsSayWhatHoldsToday) {
  const auto rows = Service().ListPolicyRows(As(kClerk), {});
  ASSERT_TRUE(rows.ok());
  bool found = false;
  for (const auto& row : rows->rows()) {
    if (row.key() != "grant.deliver_working_days") continue;
    EXPECT_EQ(row.in_force(), row.to_date().empty());
    found = true;
  }
  EXPECT_TRUE(found);
}

TEST(HolidayCalendarTest, DaysComeInOrderWithTheirNotes) {
  const auto calendar = CalendarOf("date,kind,note\n2026-10-10,workday,国庆节调休\n2026-10-01,holiday,国庆节\n");
  ASSERT_TRUE(calendar.ok());
  ASSERT_EQ(calendar->days_size(), 2);
  EXPECT_EQ(calendar->days(0).date(), "2026-10-01");
  EXPECT_FALSE(calendar->days(0).workday());
  EXPECT_TRUE(calendar->days(1).workday());
  EXPECT_EQ(calendar->days(1).note(), "国庆节调休");
}

}  // namespace
}  // namespace zhanqiao::access
