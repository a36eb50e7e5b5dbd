// Drafts, decisions in part and in another's place, the authority, renewals: what AccessService promises of grants
// beyond the plain way from draft to active.
#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/access/access_service.h"
#include "hub/access/test_city.h"
#include "zhanqiao/v1/notice.pb.h"

namespace zhanqiao::access {
namespace {

constexpr char kChecklist[] =
    "id,dimension,question,weight,critical,source\n"
    "basis,合法性,有法律依据,60,yes,PIPL\n"
    "minimal,必要性,范围最小,40,no,PIPL\n";

class GrantDecisionsTest : public ::testing::Test {
 protected:
  GrantDecisionsTest() { city_.rules.checklist = RiskChecklist::FromCsv(kChecklist).value(); }

  std::vector<std::string> Verbs(size_t last) {
    std::vector<std::string> verbs;
    for (const auto& event : city_.Events()) verbs.push_back(event.verb());
    return {verbs.end() - static_cast<std::ptrdiff_t>(std::min(last, verbs.size())), verbs.end()};
  }
  v1::ProposeGrantDecisionRequest Approval(const v1::Grant& grant) {
    auto request = TestCity::Named<v1::ProposeGrantDecisionRequest>(grant);
    request.set_approve(true);
    return request;
  }
  v1::DecideGrantRequest Yes(const v1::Grant& grant) {
    auto request = TestCity::Named<v1::DecideGrantRequest>(grant);
    request.set_approve(true);
    return request;
  }
  v1::AssessGrantRequest Assessment(const v1::Grant& grant, v1::RiskAnswerValue minimal) {
    v1::AssessGrantRequest request;
    request.set_name(grant.name());
    request.set_conclusion("风险可控");
    for (const char* question : {"basis", "minimal"}) {
      auto& answer = *request.add_answers();
      answer.set_question(question);
      answer.set_value(question == std::string("basis") ? v1::RISK_ANSWER_VALUE_MET : minimal);
      answer.set_mitigation("缓释");
    }
    return request;
  }
  // An application for the ID number, taken up.
  v1::Grant Personal() {
    auto apply = city_.Apply(kResidence);
    apply.mutable_grant()->add_fields()->set_field("id_number");
    const auto made = city_.service.CreateGrant(city_.SystemCaller(), apply).value();
    city_.service.SubmitGrant(city_.SystemCaller(), TestCity::Named<v1::SubmitGrantRequest>(made)).value();
    return city_.service.AcceptGrant(city_.clerk(), TestCity::Named<v1::AcceptGrantRequest>(made)).value();
  }
  void Register(const Caller& caller, v1::Role role) {
    v1::Person person;
    person.set_name(caller.subject);
    person.set_display_name("某人");
    person.set_state(v1::REGISTRATION_STATE_ACTIVE);
    person.add_roles(role);
    city_.Put(caller.subject, person);
  }
  TestCity city_;
};

TEST_F(GrantDecisionsTest, ADraftIsChangedFieldByFieldUnderItsEtag) {
  const auto draft = city_.service.CreateGrant(city_.SystemCaller(), city_.Apply(kResidence)).value();
  v1::UpdateGrantRequest update;
  *update.mutable_grant() = draft;
  update.mutable_grant()->set_purpose("另一目的");
  update.mutable_grant()->set_legal_basis("不在掩码里");
  update.mutable_update_mask()->add_paths("purpose");
  const auto changed = city_.service.UpdateGrant(city_.consumer_clerk(), update).value();
  EXPECT_EQ(changed.purpose(), "另一目的");
  EXPECT_EQ(changed.legal_basis(), draft.legal_basis());
  EXPECT_EQ(changed.applicant(), draft.applicant());
  EXPECT_EQ(ReasonOf(city_.service.UpdateGrant(city_.consumer_clerk(), update).status()), "ETAG_MISMATCH");
  *update.mutable_grant() = changed;
  update.mutable_grant()->clear_purpose();
  EXPECT_EQ(ReasonOf(city_.service.UpdateGrant(city_.consumer_clerk(), update).status()), "TEXT_REQUIRED");
  update.mutable_update_mask()->set_paths(0, "state");
  EXPECT_EQ(ReasonOf(city_.service.UpdateGrant(city_.consumer_clerk(), update).status()), "UPDATE_MASK_INVALID");
  EXPECT_EQ(ReasonOf(city_.service.UpdateGrant(city_.clerk(), update).status()), "ROLE_REQUIRED");
  EXPECT_EQ(Verbs(1), std::vector<std::string>{"updated"});
}

TEST_F(GrantDecisionsTest, OnlyADraftIsDeleted) {
  const auto draft = city_.service.CreateGrant(city_.SystemCaller(), city_.Apply(kResidence)).value();
  ASSERT_TRUE(city_.service.DeleteGrant(city_.SystemCaller(), TestCity::Named<v1::DeleteGrantRequest>(draft)).ok());
  EXPECT_EQ(Verbs(1), std::vector<std::string>{"deleted"});
  EXPECT_FALSE(city_.documents.Get(draft.name()).ok());
  const auto submitted = city_.Submitted(kResidence);
  EXPECT_EQ(ReasonOf(city_.service.DeleteGrant(city_.SystemCaller(), TestCity::Named<v1::DeleteGrantRequest>(submitted)).status()),
            "GRANT_STATE");
}

TEST_F(GrantDecisionsTest, AttachmentsAreHashesOfWellFormedFiles) {
  auto apply = city_.Apply(kResidence);
  auto& attachment = *apply.mutable_grant()->add_attachments();
  attachment.set_name("申请函.pdf");
  attachment.set_media_type("application/pdf");
  attachment.set_size_bytes(1024);
  attachment.set_sha256(std::string(32, 'h'));
  const auto made = city_.service.CreateGrant(city_.SystemCaller(), apply);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(city_.Events().back().attachments(0), std::string(32, 'h')) << "the ledger binds the papers";
  const auto wrong = [&](auto change) {
    auto bad = apply;
    change(*bad.mutable_grant()->mutable_attachments(0));
    return ReasonOf(city_.service.CreateGrant(city_.SystemCaller(), bad).status());
  };
  EXPECT_EQ(wrong([](auto& one) { one.set_name(""); }), "TEXT_REQUIRED");
  EXPECT_EQ(wrong([](auto& one) { one.set_media_type("pdf"); }), "MEDIA_TYPE_INVALID");
  EXPECT_EQ(wrong([](auto& one) { one.set_size_bytes(0); }), "SIZE_INVALID");
  EXPECT_EQ(wrong([](auto& one) { one.set_sha256("short"); }), "DIGEST_INVALID");
}

TEST_F(GrantDecisionsTest, AVerbRepeatedUnderItsRequestIdIsSaidOnce) {
  const auto grant = city_.Submitted(kResidence);
  auto accept = TestCity::Named<v1::AcceptGrantRequest>(grant);
  accept.set_etag(grant.etag());
  accept.set_request_id("r-1");
  const auto first = city_.service.AcceptGrant(city_.clerk(), accept).value();
  const auto second = city_.service.AcceptGrant(city_.clerk(), accept);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->etag(), first.etag());
  EXPECT_EQ(Verbs(2), (std::vector<std::string>{"submitted", "accepted"}));
}

TEST_F(GrantDecisionsTest, PersonalItemsNeedAnAssessmentThatPasses) {
  const auto grant = Personal();
  EXPECT_EQ(ReasonOf(city_.service.ProposeGrantDecision(city_.clerk(), Approval(grant)).status()), "ASSESSMENT_REQUIRED");
  ASSERT_TRUE(city_.service.AssessGrant(city_.clerk(), Assessment(grant, v1::RISK_ANSWER_VALUE_NOT_MET)).ok());
  const absl::Status failed = city_.service.ProposeGrantDecision(city_.clerk(), Approval(grant)).status();
  EXPECT_EQ(ReasonOf(failed), "ASSESSMENT_FAILED");
  EXPECT_EQ(FactOf(failed, "score"), "40");
  const auto assessed = city_.service.AssessGrant(city_.clerk(), Assessment(grant, v1::RISK_ANSWER_VALUE_PARTLY)).value();
  EXPECT_TRUE(assessed.assessment().passed());
  EXPECT_EQ(assessed.assessment().assessor(), city_.clerk().subject);
  EXPECT_EQ(city_.Events().back().verb(), "assessed");
  EXPECT_EQ(city_.Events().back().risk_score(), 20);
  EXPECT_EQ(city_.Approved(grant).state(), v1::GRANT_STATE_ACTIVE);
}

TEST_F(GrantDecisionsTest, APartWithoutPersonalItemsNeedsNone) {
  const auto grant = Personal();
  auto propose = Approval(grant);
  propose.mutable_terms()->add_fields()->set_field("address");
  EXPECT_TRUE(city_.service.ProposeGrantDecision(city_.clerk(), propose).ok());
}

TEST_F(GrantDecisionsTest, WithoutAChecklistNothingPersonalIsGranted) {
  city_.rules.checklist = RiskChecklist();
  const auto grant = Personal();
  EXPECT_EQ(ReasonOf(city_.service.AssessGrant(city_.clerk(), Assessment(grant, v1::RISK_ANSWER_VALUE_MET)).status()),
            "CHECKLIST_MISSING");
}

TEST_F(GrantDecisionsTest, LessThanAppliedForIsGrantedAsProposed) {
  const auto grant = city_.Accepted();
  auto propose = Approval(grant);
  propose.mutable_terms()->add_fields()->set_field("name");
  propose.mutable_terms()->mutable_fields(0)->set_mask(v1::MASK_ALL);
  propose.mutable_terms()->set_end_date("2027-06-30");
  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.clerk(), propose).ok());
  auto other = Yes(grant);
  other.mutable_terms()->set_end_date("2027-06-29");
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(city_.approver(), other).status()), "DECISION_DIFFERS");
  auto same = Yes(grant);
  *same.mutable_terms() = propose.terms();
  const auto decided = city_.service.DecideGrant(city_.approver(), same).value();
  EXPECT_EQ(decided.fields_size(), 1);
  EXPECT_EQ(decided.end_date(), "2027-06-30");
  EXPECT_EQ(decided.applied().fields_size(), 2) << "what was applied for stays to be seen";
  EXPECT_EQ(city_.grants.Find(grant.name())->fields.size(), 1u);
  EXPECT_EQ(city_.grants.Find(grant.name())->masks.at("name"), v1::MASK_ALL);
  EXPECT_EQ(city_.Events().back().fields_size(), 1);
}

TEST_F(GrantDecisionsTest, ADelegateDecidesInTheApproversPlaceAndFourEyesHold) {
  const auto deputy = city_.Person("370200-GAJ", "deputy", {"org_clerk"});
  Register(city_.approver(), v1::ROLE_ORG_APPROVER);
  Register(deputy, v1::ROLE_ORG_CLERK);
  const auto grant = city_.Accepted();
  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.clerk(), Approval(grant)).ok());
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(deputy, Yes(grant)).status()), "ROLE_REQUIRED");
  v1::CreateDelegationRequest create;
  create.mutable_delegation()->set_delegate(deputy.subject);
  create.mutable_delegation()->set_start_date("2026-11-24");
  create.mutable_delegation()->set_end_date("2026-11-30");
  create.mutable_delegation()->set_reason("出差");
  const auto delegation = city_.service.CreateDelegation(city_.approver(), create).value();
  const auto decided = city_.service.DecideGrant(deputy, Yes(grant)).value();
  EXPECT_EQ(decided.decision().decider(), deputy.subject);
  EXPECT_EQ(decided.decision().on_behalf_of(), city_.approver().subject);
  EXPECT_EQ(city_.Events().back().verb(), "activated");
  EXPECT_EQ(city_.Events().at(city_.Events().size() - 2).on_behalf_of(), city_.approver().subject);

  const auto second = city_.Accepted();
  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.approver(), Approval(second)).ok());
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(deputy, Yes(second)).status()), "FOUR_EYES") << "the approver would decide its own proposal";
  ASSERT_TRUE(city_.service.ProposeGrantDecision(deputy, Approval(second)).ok());
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(deputy, Yes(second)).status()), "FOUR_EYES");

  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.clerk(), Approval(second)).ok());
  v1::RevokeDelegationRequest revoke;
  revoke.set_name(delegation.name());
  revoke.set_reason("回来了");
  ASSERT_TRUE(city_.service.RevokeDelegation(city_.approver(), revoke).ok());
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(deputy, Yes(second)).status()), "ROLE_REQUIRED");
}

TEST_F(GrantDecisionsTest, ADelegationEndsWithItsPeriodAndWithTheDelegatorsRole) {
  const auto deputy = city_.Person("370200-GAJ", "deputy", {"org_clerk"});
  Register(city_.approver(), v1::ROLE_ORG_APPROVER);
  Register(deputy, v1::ROLE_ORG_CLERK);
  v1::CreateDelegationRequest create;
  create.mutable_delegation()->set_delegate(deputy.subject);
  create.mutable_delegation()->set_start_date("2026-11-25");
  create.mutable_delegation()->set_end_date("2026-11-26");
  create.mutable_delegation()->set_reason("出差");
  ASSERT_TRUE(city_.service.CreateDelegation(city_.approver(), create).ok());
  const auto grant = city_.Accepted();
  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.clerk(), Approval(grant)).ok());
  const auto reason = [&] { return ReasonOf(city_.service.DecideGrant(deputy, Yes(grant)).status()); };
  EXPECT_EQ(reason(), "ROLE_REQUIRED") << "the day before";
  city_.clock.Advance(absl::Hours(72));
  EXPECT_EQ(reason(), "ROLE_REQUIRED") << "the day after";
  city_.clock.Advance(absl::Hours(-24));
  Register(city_.approver(), v1::ROLE_ORG_CLERK);
  EXPECT_EQ(reason(), "ROLE_REQUIRED") << "who is no approver lends nothing";
  Register(city_.approver(), v1::ROLE_ORG_APPROVER);
  EXPECT_EQ(reason(), "");
  create.mutable_delegation()->set_end_date("2027-02-23");  // 91 days
  EXPECT_EQ(ReasonOf(city_.service.CreateDelegation(city_.approver(), create).status()), "DELEGATION_LONG");
  create.mutable_delegation()->set_delegate(city_.consumer_clerk().subject);
  EXPECT_EQ(ReasonOf(city_.service.CreateDelegation(city_.approver(), create).status()), "DELEGATE_UNKNOWN");
}

TEST_F(GrantDecisionsTest, ADisagreementGoesToTheAuthorityOnceAndTwoOfTheOfficeDecide) {
  const auto rejected = city_.Rejected();
  const auto escalate = TestCity::Named<v1::EscalateGrantRequest>(rejected, "法定职责所需");
  EXPECT_EQ(ReasonOf(city_.service.EscalateGrant(city_.clerk(), escalate).status()), "ROLE_REQUIRED") << "the applicant's side does";
  const auto escalated = city_.service.EscalateGrant(city_.consumer_clerk(), escalate).value();
  EXPECT_EQ(escalated.state(), v1::GRANT_STATE_ESCALATED);
  EXPECT_EQ(escalated.escalation().cause(), v1::ESCALATION_CAUSE_DISAGREEMENT);
  EXPECT_EQ(escalated.escalation().rejection().reason(), "用途不符");
  EXPECT_EQ(ReasonOf(city_.service.ProposeGrantDecision(city_.clerk(), Approval(rejected)).status()), "ROLE_REQUIRED");
  ASSERT_TRUE(city_.service.ProposeGrantDecision(city_.office("wang"), Approval(rejected)).ok());
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(city_.approver(), Yes(rejected)).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(city_.service.DecideGrant(city_.office("wang"), Yes(rejected)).status()), "FOUR_EYES");
  EXPECT_EQ(city_.service.DecideGrant(city_.office("li"), Yes(rejected)).value().state(), v1::GRANT_STATE_ACTIVE);

  const auto again = city_.Rejected();
  const auto reason = TestCity::Named<v1::EscalateGrantRequest>(again, "法定职责所需");
  ASSERT_TRUE(city_.service.EscalateGrant(city_.consumer_clerk(), reason).ok());
  city_.service.ProposeGrantDecision(city_.office("wang"), TestCity::Named<v1::ProposeGrantDecisionRequest>(again, "不符")).value();
  city_.service.DecideGrant(city_.office("li"), TestCity::Named<v1::DecideGrantRequest>(again)).value();
  EXPECT_EQ(ReasonOf(city_.service.EscalateGrant(city_.consumer_clerk(), reason).status()), "ESCALATED_BEFORE");
}

TEST_F(GrantDecisionsTest, ARenewalIsANewApplicationThatBeginsWhereTheOldEnds) {
  const auto grant = city_.Active();
  v1::RenewGrantRequest renew;
  renew.set_name(grant.name());
  renew.set_end_date("2028-12-31");
  renew.set_request_id("renewal-1");
  const auto draft = city_.service.RenewGrant(city_.consumer_clerk(), renew).value();
  EXPECT_EQ(city_.service.RenewGrant(city_.consumer_clerk(), renew).value().name(), draft.name());
  EXPECT_EQ(draft.state(), v1::GRANT_STATE_DRAFT);
  EXPECT_EQ(draft.renews(), grant.name());
  EXPECT_EQ(draft.start_date(), "2028-01-01") << "the day after 2027-12-31";
  EXPECT_EQ(draft.fields_size(), grant.fields_size());
  EXPECT_EQ(draft.purpose(), grant.purpose());
  EXPECT_FALSE(draft.has_decision()) << "it is decided anew";
  city_.service.SubmitGrant(city_.consumer_clerk(), TestCity::Named<v1::SubmitGrantRequest>(draft)).value();
  city_.service.AcceptGrant(city_.clerk(), TestCity::Named<v1::AcceptGrantRequest>(draft)).value();
  const auto approved = city_.Approved(draft);
  EXPECT_EQ(approved.state(), v1::GRANT_STATE_APPROVED) << "decided, not yet in term";
  EXPECT_EQ(city_.Read(grant).state(), v1::GRANT_STATE_ACTIVE);
  // No day without one of the two in force, none with both, whether the sweep has come or not.
  const auto old_one = city_.grants.Find(grant.name());
  const auto new_one = city_.grants.Find(draft.name());
  for (absl::CivilDay day(2027, 12, 29); day < absl::CivilDay(2028, 1, 4); ++day) {
    EXPECT_NE(old_one->Allows(day), new_one->Allows(day)) << day;
  }
  renew.set_request_id("renewal-2");
  renew.set_end_date("2027-12-31");
  EXPECT_EQ(ReasonOf(city_.service.RenewGrant(city_.consumer_clerk(), renew).status()), "TERM_INVALID");
}

TEST_F(GrantDecisionsTest, CertificatesOfHigherLevelsAreDecidedWhateverTheirShareType) {
  auto entry = TestCity::Entry(kProjects, v1::SHARE_TYPE_UNCONDITIONAL);
  entry.mutable_electronic_certificate()->set_authorisation_level(4);
  city_.Put(kProjects, entry);
  const auto grant = city_.Submitted(kProjects);
  EXPECT_EQ(grant.state(), v1::GRANT_STATE_SUBMITTED);
  city_.service.AcceptGrant(city_.clerk(), TestCity::Named<v1::AcceptGrantRequest>(grant)).value();
  EXPECT_EQ(ReasonOf(city_.service.ProposeGrantDecision(city_.clerk(), Approval(grant)).status()), "ASSESSMENT_REQUIRED");
}

TEST_F(GrantDecisionsTest, BothSidesAreTold) {
  const auto grant = city_.Active();
  city_.service.RevokeGrant(city_.approver(), TestCity::Named<v1::RevokeGrantRequest>(grant, "目的已达到")).value();
  const auto kinds = [&](const std::string& organization) {
    std::vector<std::string> found;
    const auto page = city_.documents.List(organization + "/notices/", 100, "").value();
    for (const auto& version : page.versions) {
      const auto notice = version.As<v1::Notice>().value();
      EXPECT_EQ(notice.subject(), grant.name());
      found.push_back(notice.kind());
    }
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_EQ(kinds("organizations/370200-GAJ"), (std::vector<std::string>{"GRANT_REVOKED", "GRANT_SUBMITTED"}));
  EXPECT_EQ(kinds("organizations/370200-ZWFWB"), (std::vector<std::string>{"GRANT_ACCEPTED", "GRANT_APPROVED", "GRANT_REVOKED"}));
}

}  // namespace
}  // namespace zhanqiao::access
