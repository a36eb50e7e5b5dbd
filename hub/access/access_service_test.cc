#include "hub/access/access_service.h"

#include <gtest/gtest.h>

#include "hub/access/test_city.h"

namespace zhanqiao::access {
namespace {

class AccessServiceTest : public ::testing::Test {
 protected:
  std::vector<std::string> Verbs() {
    std::vector<std::string> verbs;
    for (const auto& entry : city_.Entries()) {
      if (entry.has_grant_event()) verbs.push_back(entry.grant_event().verb());
    }
    return verbs;
  }
  v1::ProposeGrantDecisionRequest Propose(const v1::Grant& grant, bool approve, std::string reason = "") {
    auto request = TestCity::Named<v1::ProposeGrantDecisionRequest>(grant, std::move(reason));
    request.set_approve(approve);
    return request;
  }
  v1::DecideGrantRequest Decide(const v1::Grant& grant, bool approve) {
    auto request = TestCity::Named<v1::DecideGrantRequest>(grant);
    request.set_approve(approve);
    return request;
  }
  TestCity city_;
};

TEST_F(AccessServiceTest, AnUnconditionalGrantIsActiveAtOnce) {
  const auto grant = city_.Submitted(kProjects);
  EXPECT_EQ(grant.state(), v1::GRANT_STATE_ACTIVE);
  EXPECT_EQ(Verbs(), (std::vector<std::string>{"created", "submitted", "activated"}));
  EXPECT_EQ(city_.grants.Find(grant.name())->state, v1::GRANT_STATE_ACTIVE);
  EXPECT_EQ(city_.grants.Find(grant.name())->grant_index, grant.ledger_index());
}

TEST_F(AccessServiceTest, AConditionalGrantTakesTwoPersonsOfTheProvider) {
  const auto grant = city_.Active();
  EXPECT_EQ(grant.state(), v1::GRANT_STATE_ACTIVE);
  EXPECT_EQ(grant.due_date(), "2026-12-08") << "ten working days after Tuesday 24 November";
  EXPECT_EQ(grant.fields(0).mask(), v1::MASK_NAME) << "the mask of the entry, as the application names none";
  EXPECT_EQ(Verbs(), (std::vector<std::string>{"created", "submitted", "accepted", "proposed", "approved", "activated"}));
}

TEST_F(AccessServiceTest, TheEntriesOfADecisionNameWhoProposedAndWhoDecided) {
  city_.Active();
  for (const auto& entry : city_.Entries()) {
    const auto& event = entry.grant_event();
    const bool decided = event.verb() == "approved";
    EXPECT_EQ(event.proposer(), decided || event.verb() == "proposed" ? city_.clerk().subject : "") << event.verb();
    EXPECT_EQ(event.decider(), decided ? city_.approver().subject : "") << event.verb();
    if (decided) {
      EXPECT_EQ(entry.actor(), city_.approver().subject);
    }
  }
}

TEST_F(AccessServiceTest, ARoleChangeIsAnEntryInTheSameCommitAsTheDocuments) {
  v1::Person person;
  person.set_name("organizations/370200-GAJ/persons/new");
  person.set_display_name("新人");
  person.set_state(v1::REGISTRATION_STATE_ACTIVE);
  person.add_roles(v1::ROLE_ORG_CLERK);
  const auto update = [&](std::string reason) {
    v1::UpdatePersonRequest request;
    *request.mutable_person() = person;
    request.set_reason(std::move(reason));
    const size_t before = city_.Entries().size();
    person = city_.service.UpdatePerson(city_.security(), request).value();
    auto entries = city_.Entries();
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(before));
    return entries;
  };
  const auto roles = [](const google::protobuf::RepeatedPtrField<std::string>& names) {
    return std::vector<std::string>(names.begin(), names.end());
  };
  v1::CreatePersonRequest create;
  *create.mutable_person() = person;
  person = city_.service.CreatePerson(city_.security(), create).value();
  const auto made = city_.Entries().back();
  EXPECT_EQ(made.role_event().person(), person.name());
  EXPECT_EQ(roles(made.role_event().after()), std::vector<std::string>{"org_clerk"});

  person.set_display_name("改名");
  EXPECT_EQ(update("改名").size(), 1u) << "no role changed: the document's entry alone";

  person.add_roles(v1::ROLE_ORG_APPROVER);
  const auto promoted = update("晋升");
  ASSERT_EQ(promoted.size(), 2u);
  EXPECT_TRUE(promoted[0].has_document_change());
  EXPECT_EQ(promoted[1].actor(), city_.security().subject);
  EXPECT_EQ(roles(promoted[1].role_event().before()), std::vector<std::string>{"org_clerk"});
  EXPECT_EQ(roles(promoted[1].role_event().after()), (std::vector<std::string>{"org_approver", "org_clerk"}));
  EXPECT_EQ(promoted[1].role_event().reason(), "晋升");

  person.set_state(v1::REGISTRATION_STATE_DISABLED);
  const auto disabled = update("离职");
  ASSERT_EQ(disabled.size(), 2u);
  EXPECT_TRUE(disabled[1].role_event().after().empty());
}

TEST_F(AccessServiceTest, TheProposerDoesNotDecide) {
  const auto grant = city_.Accepted();
  const auto both = city_.Person("370200-GAJ", "both", {"org_clerk", "org_approver"});
  ASSERT_TRUE(city_.service.ProposeGrantDecision(both, Propose(grant, true)).ok());
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(both, Decide(grant, true)).status()), "FOUR_EYES");
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(city_.clerk(), Decide(grant, true)).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(city_.approver(), Decide(grant, false)).status()), "DECISION_DIFFERS");
  EXPECT_TRUE(city_.service.DecideGrant(city_.approver(), Decide(grant, true)).ok());
}

TEST_F(AccessServiceTest, NothingIsDecidedThatIsNotProposed) {
  const auto grant = city_.Accepted();
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(city_.approver(), Decide(grant, true)).status()), "DECISION_NOT_PROPOSED");
}

TEST_F(AccessServiceTest, ARejectionNeedsAReasonAndCountsItsDays) {
  const auto grant = city_.Accepted();
  EXPECT_EQ(ReasonOf(city_.service.ProposeGrantDecision(city_.clerk(), Propose(grant, false)).status()), "TEXT_REQUIRED");
  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.clerk(), Propose(grant, false, "用途不符")).ok());
  city_.clock.Advance(absl::Hours(24 * 7));
  const auto rejected = city_.service.DecideGrant(city_.approver(), Decide(grant, false)).value();
  EXPECT_EQ(rejected.state(), v1::GRANT_STATE_REJECTED);
  EXPECT_EQ(rejected.decision().working_days(), 5);
}

TEST_F(AccessServiceTest, OthersLearnTheSameOfGrantsThatExistAndThatDoNot) {
  const auto grant = city_.Submitted(kResidence);
  const auto stranger = city_.Person("370200-XYZ", "p", {"org_approver"});
  v1::Grant none;
  none.set_name("grants/none");
  const auto real = city_.service.GetGrant(stranger, TestCity::Named<v1::GetGrantRequest>(grant)).status();
  const auto unreal = city_.service.GetGrant(stranger, TestCity::Named<v1::GetGrantRequest>(none)).status();
  EXPECT_EQ(real.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(unreal.code(), real.code());
  EXPECT_EQ(unreal.message(), real.message());
  EXPECT_EQ(ReasonOf(unreal), ReasonOf(real));
  EXPECT_EQ(FactOf(unreal, "roles"), FactOf(real, "roles"));
  EXPECT_EQ(ToDetails(unreal).size(), ToDetails(real).size()) << "nothing more is told of the one that exists";
}

TEST_F(AccessServiceTest, ARepeatedRequestIdGivesTheGrantMadeBefore) {
  auto request = city_.Apply(kResidence);
  request.set_request_id("r-1");
  const auto first = city_.service.CreateGrant(city_.SystemCaller(), request).value();
  const auto second = city_.service.CreateGrant(city_.SystemCaller(), request).value();
  EXPECT_EQ(first.name(), second.name());
  EXPECT_EQ(Verbs().size(), 1u);
}

TEST_F(AccessServiceTest, AnOldEtagIsRefused) {
  const auto grant = city_.Submitted(kResidence);
  auto request = TestCity::Named<v1::AcceptGrantRequest>(grant);
  request.set_etag(grant.etag());
  ASSERT_TRUE(city_.service.AcceptGrant(city_.clerk(), request).ok());
  EXPECT_EQ(ReasonOf(city_.service.AcceptGrant(city_.clerk(), request).status()), "ETAG_MISMATCH");
}

TEST_F(AccessServiceTest, AMalformedApplicationNamesItsField) {
  const auto field_of = [&](v1::CreateGrantRequest request) {
    const auto status = city_.service.CreateGrant(city_.SystemCaller(), request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return FactOf(status, "field");
  };
  auto request = city_.Apply(kResidence);
  request.mutable_grant()->clear_purpose();
  EXPECT_EQ(field_of(request), "grant.purpose");
  request = city_.Apply(kResidence);
  request.mutable_grant()->mutable_fields(1)->set_field("salary");
  EXPECT_EQ(field_of(request), "grant.fields[1].field");
  request = city_.Apply(kResidence);
  request.mutable_grant()->clear_end_date();
  EXPECT_EQ(field_of(request), "grant.end_date");
  request = city_.Apply("resources/309009~1");
  EXPECT_EQ(field_of(request), "grant.resource");
}

TEST_F(AccessServiceTest, NoOneHoldsTwoOfTheThreeAdministrators) {
  v1::CreatePersonRequest request;
  request.mutable_person()->set_name("organizations/370200-GAJ/persons/p");
  request.mutable_person()->set_display_name("某人");
  request.mutable_person()->set_state(v1::REGISTRATION_STATE_ACTIVE);
  request.mutable_person()->add_roles(v1::ROLE_AUDITOR);
  EXPECT_TRUE(city_.service.CreatePerson(city_.security(), request).ok());
  EXPECT_EQ(ReasonOf(city_.service.CreatePerson(city_.clerk(), request).status()), "ROLE_REQUIRED");
  request.mutable_person()->set_name("organizations/370200-GAJ/persons/q");
  request.mutable_person()->add_roles(v1::ROLE_SYSTEM_ADMIN);
  EXPECT_EQ(ReasonOf(city_.service.CreatePerson(city_.security(), request).status()), "ROLE_EXCLUSIVE");
}

TEST_F(AccessServiceTest, ARevocationNeedsAReasonAndEndsTheGrantForEver) {
  const auto grant = city_.Active();
  EXPECT_EQ(ReasonOf(city_.service.RevokeGrant(city_.approver(), TestCity::Named<v1::RevokeGrantRequest>(grant)).status()),
            "TEXT_REQUIRED");
  const auto revoke = TestCity::Named<v1::RevokeGrantRequest>(grant, "用途变更");
  EXPECT_EQ(ReasonOf(city_.service.RevokeGrant(city_.clerk(), revoke).status()), "ROLE_REQUIRED");
  ASSERT_TRUE(city_.service.RevokeGrant(city_.approver(), revoke).ok());
  EXPECT_FALSE(city_.grants.Find(grant.name())->Allows(CivilDayOf(city_.clock.Now())));
  EXPECT_EQ(ReasonOf(city_.service.ResumeGrant(city_.approver(), TestCity::Named<v1::ResumeGrantRequest>(grant)).status()),
            "GRANT_STATE");
}

}  // namespace
}  // namespace zhanqiao::access
