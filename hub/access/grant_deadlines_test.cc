// Applications and terms lived through day by day in simulated time, under the holidays the State Council published for
// 2018 and New Year 2019 (deploy/demo/data/holidays.csv).
#include <gtest/gtest.h>

#include <fstream>

#include "catalog/base/error.h"
#include "hub/access/sweep.h"
#include "hub/access/test_city.h"

namespace zhanqiao::access {
namespace {

std::string Demo(const std::string& file) {
  std::ifstream stream(std::string(DEMO_DATA) + "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// A city under those holidays whose sweep comes every hour.
class Year : public TestCity {
 public:
  explicit Year(absl::CivilDay start) : TestCity(absl::CivilSecond(start.year(), start.month(), start.day(), 9, 0, 0)) {
    rules.calendar = WorkCalendar::FromCsv(Demo("holidays.csv")).value();
    rules.policy = Policy::FromCsv(Demo("policy.csv")).value();
    daily.Add("grants", [this](absl::CivilDay today) { return sweep.Run(today); });
  }
  // Hour by hour to noon of `day`.
  void LiveUntil(absl::CivilDay day) {
    const absl::Time noon = absl::FromCivil(absl::CivilSecond(day) + 12 * 3600, Shanghai());
    while (clock.Now() < noon) {
      clock.Advance(absl::Hours(1));
      EXPECT_EQ(daily.Run(), 0);
    }
  }
  // The first day on which the grant is in `state`, within a hundred.
  absl::CivilDay DayOfState(const v1::Grant& grant, v1::GrantState state) {
    for (absl::CivilDay day = CivilDayOf(clock.Now()), last = day + 100; day < last; ++day) {
      LiveUntil(day);
      if (Read(grant).state() == state) return day;
    }
    return absl::CivilDay();
  }
  std::vector<v1::Grant> Overdue(const std::string& as_of) {
    v1::ListGrantsRequest request;
    request.set_overdue(true);
    request.set_as_of(as_of);
    request.set_provider("organizations/370200-GAJ");
    const auto listed = service.ListGrants(office("wang"), request).value();
    return {listed.grants().begin(), listed.grants().end()};
  }
  std::vector<std::string> Events(std::string_view verb) {
    std::vector<std::string> days;
    for (const auto& entry : Entries()) {
      if (entry.grant_event().verb() == verb) days.push_back(FormatDay(CivilDayOf(absl::FromUnixMicros(static_cast<int64_t>(entry.time_us())))));
    }
    return days;
  }
  Sweep daily{clock};
};

TEST(GrantDeadlines, TenWorkingDaysOverNewYearWithASwappedSaturday) {
  Year city(absl::CivilDay(2018, 12, 24));  // a Monday
  const auto grant = city.Submitted(kResidence);
  // 25 to 28 are four, Saturday 29 is worked for Monday 31; 2 to 4, 7 and 8 January.
  EXPECT_EQ(grant.due_date(), "2019-01-08");
  EXPECT_EQ(city.DayOfState(grant, v1::GRANT_STATE_ESCALATED), absl::CivilDay(2019, 1, 9));
  const auto event = city.TestCity::Events().back();
  EXPECT_EQ(event.verb(), "escalated");
  EXPECT_EQ(event.due_date(), "2019-01-08");
  EXPECT_EQ(event.working_days(), 11);
  EXPECT_EQ(event.overdue_working_days(), 1);
  const auto escalated = city.Read(grant);
  EXPECT_EQ(escalated.escalation().cause(), v1::ESCALATION_CAUSE_OVERDUE);
  EXPECT_EQ(escalated.escalation().working_days(), 11);
  EXPECT_EQ(escalated.escalation().due_date(), "2019-01-23");
}

TEST(GrantDeadlines, SpringFestivalIsNotCountedAndItsSwappedDaysAre) {
  Year city(absl::CivilDay(2018, 2, 5));  // a Monday
  const auto grant = city.Submitted(kResidence);
  EXPECT_EQ(grant.due_date(), "2018-02-23") << "Sunday 11 is worked, 15 to 21 are off";
  // Saturday 24 is worked: the application is escalated on it.
  EXPECT_EQ(city.DayOfState(grant, v1::GRANT_STATE_ESCALATED), absl::CivilDay(2018, 2, 24));
  EXPECT_EQ(absl::GetWeekday(absl::CivilDay(2018, 2, 24)), absl::Weekday::saturday);
}

TEST(GrantDeadlines, OverAWeekendItIsLateButNobodyIsTroubledBeforeMonday) {
  Year city(absl::CivilDay(2018, 3, 2));
  const auto grant = city.Submitted(kResidence);
  EXPECT_EQ(grant.due_date(), "2018-03-16");  // a Friday
  EXPECT_TRUE(city.Overdue("2018-03-16").empty());
  EXPECT_EQ(city.Overdue("2018-03-17").size(), 1u);
  EXPECT_EQ(city.DayOfState(grant, v1::GRANT_STATE_ESCALATED), absl::CivilDay(2018, 3, 19));
}

TEST(GrantDeadlines, AnAnswerOnTheLastDayIsInTime) {
  Year city(absl::CivilDay(2018, 12, 24));
  const auto grant = city.Accepted();
  city.LiveUntil(absl::CivilDay(2019, 1, 8));
  const auto approved = city.Approved(grant);
  EXPECT_EQ(approved.state(), v1::GRANT_STATE_ACTIVE);
  EXPECT_EQ(approved.decision().working_days(), 10);
  const auto events = city.TestCity::Events();
  EXPECT_EQ(events.at(events.size() - 2).verb(), "approved");
  EXPECT_EQ(events.at(events.size() - 2).working_days(), 10);
  EXPECT_EQ(events.at(events.size() - 2).overdue_working_days(), 0);
  city.LiveUntil(absl::CivilDay(2019, 1, 10));
  EXPECT_TRUE(city.Events("escalated").empty());
}

TEST(GrantDeadlines, TheOverdueListIsThatOfTheDayAskedFor) {
  Year city(absl::CivilDay(2018, 12, 24));
  const auto grant = city.Submitted(kResidence);
  EXPECT_TRUE(city.Overdue("2019-01-08").empty());
  ASSERT_EQ(city.Overdue("2019-01-10").size(), 1u) << "asked ahead";
  EXPECT_EQ(city.Overdue("2019-01-10")[0].overdue_working_days(), 2);
  city.LiveUntil(absl::CivilDay(2019, 1, 11));
  EXPECT_EQ(city.Overdue("2019-01-10").size(), 1u) << "escalated, and still the provider's lateness";
  EXPECT_TRUE(city.Overdue("2018-12-28").empty()) << "asked back";
  auto propose = TestCity::Named<v1::ProposeGrantDecisionRequest>(grant, "理由不足");
  city.service.ProposeGrantDecision(city.office("wang"), propose).value();
  city.service.DecideGrant(city.office("li"), TestCity::Named<v1::DecideGrantRequest>(grant)).value();
  EXPECT_TRUE(city.Overdue("2019-01-11").empty()) << "decided";
  EXPECT_EQ(city.Overdue("2019-01-10").size(), 1u) << "as it was then";
}

TEST(GrantDeadlines, TheVariantLimitsTakingUpAndAnsweringEach) {
  Year city(absl::CivilDay(2018, 2, 5));
  city.rules.policy = Policy::FromCsv(Demo("policy.csv"), "2-5-10").value();
  const auto grant = city.Submitted(kResidence);
  EXPECT_EQ(grant.accept_due_date(), "2018-02-07");
  EXPECT_EQ(grant.due_date(), "2018-02-13") << "2 and 5";
  EXPECT_TRUE(city.Overdue("2018-02-07").empty());
  EXPECT_EQ(city.Overdue("2018-02-08").size(), 1u) << "not taken up in time";
  city.service.AcceptGrant(city.clerk(), TestCity::Named<v1::AcceptGrantRequest>(grant)).value();
  EXPECT_TRUE(city.Overdue("2018-02-08").empty());
  auto entry = TestCity::Entry(kResidence, v1::SHARE_TYPE_CONDITIONAL);
  entry.clear_connectors();
  city.Put(kResidence, entry);
  EXPECT_EQ(city.Submitted(kResidence).due_date(), "2018-02-26") << "2 and 10: it has to be connected first";
}

TEST(GrantDeadlines, WhatWasSubmittedUnderAnOldRuleKeepsItsLimit) {
  Year city(absl::CivilDay(2018, 3, 1));
  city.rules.policy = Policy::FromCsv("key,value,from,to,variant,source\n"
                                      "grant.answer_working_days,10,2016-09-05,2018-03-01,,a\n"
                                      "grant.answer_working_days,3,2018-03-02,,,b\n").value();
  const auto old_one = city.Submitted(kResidence);
  city.LiveUntil(absl::CivilDay(2018, 3, 2));
  EXPECT_EQ(old_one.due_date(), "2018-03-15");
  EXPECT_EQ(city.Submitted(kResidence).due_date(), "2018-03-07");
  city.LiveUntil(absl::CivilDay(2018, 3, 14));
  EXPECT_EQ(city.Read(old_one).state(), v1::GRANT_STATE_SUBMITTED);
}

// A grant from New Year on, decided before it.
v1::Grant Termed(Year& city, const std::string& start, const std::string& end) {
  auto apply = city.Apply(kProjects);
  apply.mutable_grant()->set_start_date(start);
  apply.mutable_grant()->set_end_date(end);
  const auto made = city.service.CreateGrant(city.SystemCaller(), apply).value();
  return city.service.SubmitGrant(city.SystemCaller(), TestCity::Named<v1::SubmitGrantRequest>(made)).value();
}

// A conditional grant consented to on the day the city starts.
v1::Grant Consented(Year& city) { return city.Approved(city.Accepted()); }

TEST(GrantDelivery, IsNotedOnceWhenNothingWasReleasedInTime) {
  Year city(absl::CivilDay(2026, 3, 2));
  Consented(city);
  city.LiveUntil(absl::CivilDay(2026, 3, 30));
  EXPECT_TRUE(city.Events("undelivered").empty()) << "the twentieth working day is in time";
  city.LiveUntil(absl::CivilDay(2026, 4, 3));
  EXPECT_EQ(city.Events("undelivered"), std::vector<std::string>{"2026-03-31"});
}

TEST(GrantDelivery, HasNoLimitBeforeTheRegulationNorAfterARelease) {
  Year before(absl::CivilDay(2018, 3, 1));
  Consented(before);
  before.LiveUntil(absl::CivilDay(2018, 5, 1));
  EXPECT_TRUE(before.Events("undelivered").empty());
  Year released(absl::CivilDay(2026, 3, 2));
  released.delivered.insert(Consented(released).name());
  released.LiveUntil(absl::CivilDay(2026, 4, 3));
  EXPECT_TRUE(released.Events("undelivered").empty());
}

TEST(GrantDelivery, ASuspendedGrantWaits) {
  Year city(absl::CivilDay(2026, 3, 2));
  const auto grant = Consented(city);
  city.service.SuspendGrant(city.approver(), TestCity::Named<v1::SuspendGrantRequest>(grant, "核查")).value();
  city.LiveUntil(absl::CivilDay(2026, 4, 3));
  EXPECT_TRUE(city.Events("undelivered").empty());
}

TEST(GrantTerm, BeginsOnItsFirstDayWithOrWithoutTheSweep) {
  Year city(absl::CivilDay(2018, 12, 20));
  const auto grant = Termed(city, "2019-01-01", "2019-12-31");
  EXPECT_EQ(grant.state(), v1::GRANT_STATE_APPROVED);
  EXPECT_FALSE(city.grants.Find(grant.name())->Allows(absl::CivilDay(2018, 12, 31)));
  EXPECT_TRUE(city.grants.Find(grant.name())->Allows(absl::CivilDay(2019, 1, 1)));
  city.LiveUntil(absl::CivilDay(2018, 12, 31));
  EXPECT_EQ(city.Read(grant).state(), v1::GRANT_STATE_APPROVED);
  city.LiveUntil(absl::CivilDay(2019, 1, 1));
  EXPECT_EQ(city.Read(grant).state(), v1::GRANT_STATE_ACTIVE);
  EXPECT_EQ(city.Events("activated"), std::vector<std::string>{"2019-01-01"});
}

TEST(GrantTerm, EndsAfterItsLastDayWithTwoWarningsBefore) {
  Year city(absl::CivilDay(2018, 11, 20));
  const auto grant = Termed(city, "", "2018-12-31");
  EXPECT_FALSE(city.grants.Find(grant.name())->Allows(absl::CivilDay(2019, 1, 1))) << "whatever the sweep does";
  EXPECT_EQ(city.DayOfState(grant, v1::GRANT_STATE_EXPIRED), absl::CivilDay(2019, 1, 1));
  EXPECT_EQ(city.Events("expiring"), (std::vector<std::string>{"2018-12-01", "2018-12-24"}));
  EXPECT_EQ(city.Events("expired"), std::vector<std::string>{"2019-01-01"});
  for (const char* body : {"organizations/370200-GAJ/notices/", "organizations/370200-ZWFWB/notices/"}) {
    EXPECT_EQ(city.documents.List(body, 100, "").value().versions.size(), 3u) << body << ": two warnings and the end";
  }
  EXPECT_EQ(city.Read(grant).revision(), grant.revision() + 1) << "a warning changes no grant: calls under way go on";
}

TEST(GrantTerm, AHubThatWasDownWarnsOnceOfWhatIsNear) {
  Year city(absl::CivilDay(2018, 11, 20));
  Termed(city, "", "2018-12-31");
  city.clock.Advance(absl::Hours(24 * 38));  // to 28 December, no sweep meanwhile
  EXPECT_EQ(city.daily.Run(), 0);
  Sweep restarted(city.clock);
  restarted.Add("grants", [&](absl::CivilDay today) { return city.sweep.Run(today); });
  EXPECT_EQ(restarted.Run(), 0);
  EXPECT_EQ(city.Events("expiring"), std::vector<std::string>{"2018-12-28"});
}

TEST(GrantTerm, ASuspendedGrantEndsTooAndIsNotResumedAfterwards) {
  Year city(absl::CivilDay(2018, 12, 20));
  const auto grant = Termed(city, "", "2018-12-31");
  city.service.SuspendGrant(city.approver(), TestCity::Named<v1::SuspendGrantRequest>(grant, "核查")).value();
  city.clock.Advance(absl::Hours(24 * 12));
  EXPECT_EQ(ReasonOf(city.service.ResumeGrant(city.approver(), TestCity::Named<v1::ResumeGrantRequest>(grant)).status()),
            "GRANT_TERM_OVER");
  EXPECT_EQ(city.daily.Run(), 0);
  EXPECT_EQ(city.Read(grant).state(), v1::GRANT_STATE_EXPIRED);
}

}  // namespace
}  // namespace zhanqiao::access
