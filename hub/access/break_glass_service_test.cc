#include "hub/access/break_glass_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/access/test_accounts.h"

namespace zhanqiao::access {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class BreakGlassTest : public ::testing::Test, protected TestAccounts {
 protected:
  Caller Person(const std::string& name) const { return directory.ResolvePerson(name, "192.0.2.1:1").value(); }
  absl::StatusOr<v1::BreakGlass> Ask(const std::string& person, v1::Role role, int minutes = 60) {
    v1::RequestBreakGlassRequest request;
    request.set_role(role);
    request.set_minutes(minutes);
    request.set_reason("the auditor is ill and the commission asks today");
    return break_glass.RequestBreakGlass(Person(person), request);
  }
  absl::StatusOr<v1::BreakGlass> Allow(const Caller& caller, const std::string& person = kApprover) {
    v1::ApproveBreakGlassRequest request;
    request.set_name(person + "/breakGlass");
    return break_glass.ApproveBreakGlass(caller, request);
  }
  absl::StatusOr<v1::BreakGlass> End(const Caller& caller, const std::string& person = kApprover) {
    v1::EndBreakGlassRequest request;
    request.set_name(person + "/breakGlass");
    request.set_reason("done");
    return break_glass.EndBreakGlass(caller, request);
  }
  bool Audits(const std::string& person = kApprover) { return Person(person).HasRole("auditor"); }
  std::vector<std::string> Verbs() const {
    std::vector<std::string> verbs;
    for (const auto& entry : Entries()) {
      if (entry.has_break_glass_event()) verbs.push_back(entry.break_glass_event().verb());
    }
    return verbs;
  }
  v1::RoleEvent LastRoleEvent() const {
    v1::RoleEvent last;
    for (const auto& entry : Entries()) {
      if (entry.has_role_event()) last = entry.role_event();
    }
    return last;
  }
};

TEST_F(BreakGlassTest, TwoPeopleGiveARoleAndTimeTakesIt) {
  const auto asked = Ask(kApprover, v1::ROLE_AUDITOR, 240);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_FALSE(Audits());
  const auto allowed = Allow(security_admin());
  ASSERT_TRUE(allowed.ok()) << allowed.status();
  EXPECT_TRUE(Audits());
  EXPECT_TRUE(Person(kApprover).HasRole("org_approver"));
  EXPECT_THAT(LastRoleEvent().after(), UnorderedElementsAre("auditor", "org_approver"));
  clock.Advance(absl::Hours(4) - absl::Seconds(1));
  EXPECT_TRUE(Audits());
  clock.Advance(absl::Seconds(1));
  EXPECT_FALSE(Audits());  // before anybody wrote so
  ASSERT_TRUE(break_glass.Sweep().ok());
  EXPECT_THAT(Verbs(), ElementsAre("requested", "approved", "expired"));
  EXPECT_THAT(LastRoleEvent().after(), ElementsAre("org_approver"));
  ASSERT_TRUE(break_glass.Sweep().ok());
  EXPECT_EQ(Verbs().size(), 3u);
}

TEST_F(BreakGlassTest, TheLedgerNamesBothPeopleTheReasonAndTheEnd) {
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  Allow(office()).value();
  End(Person(kApprover)).value();
  v1::BreakGlassEvent approved, ended;
  for (const auto& entry : Entries()) {
    if (entry.break_glass_event().verb() == "approved") approved = entry.break_glass_event();
    if (entry.break_glass_event().verb() == "ended") ended = entry.break_glass_event();
  }
  EXPECT_EQ(approved.person(), kApprover);
  EXPECT_EQ(approved.approver(), kOffice);
  EXPECT_EQ(approved.role(), "auditor");
  EXPECT_EQ(approved.reason(), "the auditor is ill and the commission asks today");
  EXPECT_EQ(approved.until_us(), static_cast<uint64_t>(absl::ToUnixMicros(clock.Now() + absl::Hours(1))));
  EXPECT_EQ(ended.reason(), "done");
  EXPECT_FALSE(Audits());
}

TEST_F(BreakGlassTest, NobodyAllowsTheirOwn) {
  Ask(kOffice, v1::ROLE_AUDITOR).value();
  EXPECT_EQ(ReasonOf(Allow(office(), kOffice).status()), "FOUR_EYES");
  EXPECT_EQ(ReasonOf(Allow(Person(kClerk), kOffice).status()), "ROLE_REQUIRED");
  EXPECT_TRUE(Allow(security_admin(), kOffice).ok());
}

TEST_F(BreakGlassTest, ABorrowedRoleAllowsNothing) {
  Ask(kApprover, v1::ROLE_SECURITY_ADMIN).value();
  Allow(office()).value();
  ASSERT_TRUE(Person(kApprover).HasRole("security_admin"));
  Ask(kClerk, v1::ROLE_AUDITOR).value();
  EXPECT_EQ(ReasonOf(Allow(Person(kApprover), kClerk).status()), "ROLE_REQUIRED");
}

TEST_F(BreakGlassTest, NoOneEverHoldsTwoExclusiveRoles) {
  EXPECT_EQ(ReasonOf(Ask(kSecurity, v1::ROLE_AUDITOR).status()), "ROLE_EXCLUSIVE");
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  // Between asking and allowing.
  Register(kApprover, {v1::ROLE_SYSTEM_ADMIN});
  EXPECT_EQ(ReasonOf(Allow(security_admin()).status()), "ROLE_EXCLUSIVE");
  Register(kApprover, {v1::ROLE_ORG_APPROVER});
  Allow(security_admin()).value();
  // And while it is in force.
  Register(kApprover, {v1::ROLE_SYSTEM_ADMIN});
  EXPECT_THAT(Person(kApprover).roles, ElementsAre("system_admin"));
}

TEST_F(BreakGlassTest, OneAtATime) {
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  EXPECT_EQ(ReasonOf(Ask(kApprover, v1::ROLE_OFFICE).status()), "BREAK_GLASS_OPEN");
  Allow(security_admin()).value();
  EXPECT_EQ(ReasonOf(Ask(kApprover, v1::ROLE_OFFICE).status()), "BREAK_GLASS_OPEN");
  clock.Advance(absl::Hours(1));
  Ask(kApprover, v1::ROLE_OFFICE).value();  // what time ended is written first
  EXPECT_THAT(Verbs(), ElementsAre("requested", "approved", "expired", "requested"));
  EXPECT_EQ(ReasonOf(Ask(kClerk, v1::ROLE_ORG_CLERK).status()), "ROLE_HELD");
}

TEST_F(BreakGlassTest, FourHoursAreTheMostAndARequestLapses) {
  EXPECT_EQ(ReasonOf(Ask(kApprover, v1::ROLE_AUDITOR, 241).status()), "MINUTES_INVALID");
  EXPECT_EQ(ReasonOf(Ask(kApprover, v1::ROLE_AUDITOR, 0).status()), "MINUTES_INVALID");
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  clock.Advance(absl::Hours(4));
  EXPECT_EQ(ReasonOf(Allow(security_admin()).status()), "BREAK_GLASS_STATE");
  EXPECT_TRUE(Ask(kApprover, v1::ROLE_AUDITOR).ok());
}

TEST_F(BreakGlassTest, ItsPartiesAndTheSecurityAdministratorEndIt) {
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  Allow(office()).value();
  EXPECT_EQ(ReasonOf(End(Person(kClerk)).status()), "ROLE_REQUIRED");
  ASSERT_TRUE(End(office()).ok());
  EXPECT_FALSE(Audits());
  EXPECT_EQ(ReasonOf(End(security_admin()).status()), "BREAK_GLASS_STATE");
}

TEST_F(BreakGlassTest, ARestartedHubKnowsWhatIsInForce) {
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  Allow(office()).value();
  Directory again("qingdao", clock);
  ASSERT_TRUE(again.Follow(documents).ok());
  EXPECT_TRUE(again.ResolvePerson(kApprover, "")->HasRole("auditor"));
  BreakGlassService later(documents, clock);
  ASSERT_TRUE(later.Follow().ok());
  clock.Advance(absl::Hours(1));
  EXPECT_FALSE(again.ResolvePerson(kApprover, "")->HasRole("auditor"));
  ASSERT_TRUE(later.Sweep().ok());
  EXPECT_EQ(Verbs().back(), "expired");
}

TEST_F(BreakGlassTest, OthersDoNotSeeThem) {
  Ask(kApprover, v1::ROLE_AUDITOR).value();
  v1::GetBreakGlassRequest get;
  get.set_name(std::string(kApprover) + "/breakGlass");
  EXPECT_EQ(ReasonOf(break_glass.GetBreakGlass(Person(kClerk), get).status()), "ROLE_REQUIRED");
  EXPECT_TRUE(break_glass.GetBreakGlass(Person(kApprover), get).ok());
  EXPECT_EQ(ReasonOf(break_glass.ListBreakGlasses(Person(kClerk), {}).status()), "ROLE_REQUIRED");
  v1::ListBreakGlassesRequest list;
  EXPECT_EQ(break_glass.ListBreakGlasses(office(), list)->break_glasses_size(), 1);
  list.set_active(true);
  EXPECT_EQ(break_glass.ListBreakGlasses(office(), list)->break_glasses_size(), 0);
}

}  // namespace
}  // namespace zhanqiao::access
