// How applications are decided: taken up, assessed, proposed, decided by another, and brought before the authority.
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/access_service.h"
#include "hub/access/grant_clock.h"
#include "hub/access/grant_terms.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kReasonMax = 500;
constexpr size_t kConclusionMax = 1000;

absl::Status ResourceGone() {
  return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_PUBLISHED",
              "The resource is not published any more; reject the application, saying so.");
}

absl::Status TermOver() {
  return Fail(absl::StatusCode::kFailedPrecondition, "GRANT_TERM_OVER",
              "The term applied for is over; reject the application, or have another one written.");
}

// A grant of personal items is approved only after an assessment that passes; the one with the newest answers counts.
absl::Status CheckAssessment(const v1::Grant& would_be, const v1::Resource& resource) {
  if (!NeedsAssessment(would_be, resource)) return absl::OkStatus();
  if (!would_be.has_assessment()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_REQUIRED",
                "Personal items are granted only after a sharing risk assessment; write it with AssessGrant.");
  }
  if (would_be.assessment().passed()) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_FAILED",
              "The sharing risk assessment does not pass; grant less, add mitigations and assess anew, or reject.",
              {{"score", std::to_string(would_be.assessment().score())},
               {"score_max", std::to_string(would_be.assessment().score_max())}});
}

absl::Status CheckNotApplicant(const v1::Grant& grant, const Caller& caller) {
  if (grant.applicant() != caller.subject) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES", "The applicant does not propose the decision.",
              {{"link", std::string(kLinkCaller)}});
}

}  // namespace

absl::StatusOr<v1::Grant> AccessService::AcceptGrant(const Caller& caller, const v1::AcceptGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kAccept, request));
  if (held.repeated) return held.grant;
  held.grant.set_state(v1::GRANT_STATE_ACCEPTED);
  return Store(caller, std::move(held), {"accepted"}, "");
}

absl::StatusOr<v1::ListRiskQuestionsResponse> AccessService::ListRiskQuestions(const Caller&,
                                                                               const v1::ListRiskQuestionsRequest&) {
  v1::ListRiskQuestionsResponse response;
  for (const auto& question : rules_.checklist.questions()) *response.add_questions() = question;
  response.set_checklist_sha256(rules_.checklist.sha256());
  return response;
}

absl::StatusOr<v1::Grant> AccessService::AssessGrant(const Caller& caller, const v1::AssessGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kAssess, request));
  if (held.repeated) return held.grant;
  if (rules_.checklist.questions().empty()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "CHECKLIST_MISSING",
                "No checklist is loaded, so nothing can be assessed; the operator sets risk_checklist.");
  }
  TRY(CheckNotApplicant(held.grant, caller));
  TRY(CheckText("conclusion", request.conclusion(), kConclusionMax, true));
  const int64_t score_max = TRY(rules_.policy.At("assessment.score_max", Today()));
  v1::RiskAssessment assessment = TRY(rules_.checklist.Assess(request.answers(), static_cast<int>(score_max)));
  assessment.set_conclusion(request.conclusion());
  assessment.set_assessor(caller.subject);
  *assessment.mutable_assess_time() = TimestampOf(clock_.Now());
  *held.grant.mutable_assessment() = std::move(assessment);
  held.grant.clear_decision();  // proposed on another assessment
  return Store(caller, std::move(held), {"assessed"}, request.conclusion());
}

absl::StatusOr<v1::Grant> AccessService::ProposeGrantDecision(const Caller& caller,
                                                              const v1::ProposeGrantDecisionRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kPropose, request));
  if (held.repeated) return held.grant;
  TRY(CheckText("reason", request.reason(), kReasonMax, !request.approve()));
  TRY(CheckNotApplicant(held.grant, caller));
  if (request.has_terms() && !request.approve()) {
    return BadField("TERMS_EXCEED", "terms", "A rejection grants nothing; leave the terms out.");
  }
  if (request.approve()) {
    if (held.resource == nullptr) return ResourceGone();
    TRY(CheckTerms(request.terms(), held.grant, *held.resource));
    TRY(CheckAssessment(Narrowed(held.grant, request.terms()), *held.resource));
  }
  auto& decision = *held.grant.mutable_decision();
  decision.Clear();
  decision.set_approve(request.approve());
  decision.set_reason(request.reason());
  decision.set_proposer(caller.subject);
  if (request.has_terms()) *decision.mutable_terms() = request.terms();
  *decision.mutable_propose_time() = TimestampOf(clock_.Now());
  return Store(caller, std::move(held), {"proposed"}, request.reason());
}

absl::Status AccessService::CheckDecider(const Caller& caller, Held& held) const {
  const absl::Status approver =
      CheckSpeaker(GrantVerb::kDecide, caller, held.grant.consumer(), held.provider, held.grant.state());
  const bool of_provider = caller.kind == SubjectKind::kPerson && caller.organization == held.provider;
  if (approver.ok() || !of_provider || held.grant.state() == v1::GRANT_STATE_ESCALATED) return approver;
  held.on_behalf_of = TRY(DelegatorOf(caller, held.provider));
  return held.on_behalf_of.empty() ? approver : absl::OkStatus();
}

absl::StatusOr<v1::Grant> AccessService::DecideGrant(const Caller& caller, const v1::DecideGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kDecide, request));
  if (held.repeated) return held.grant;
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  if (!held.grant.has_decision()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "DECISION_NOT_PROPOSED",
                "No decision is proposed yet; another person proposes it with ProposeGrantDecision.");
  }
  TRY(CheckFourEyes(held.grant, caller.subject, held.on_behalf_of));
  auto& decision = *held.grant.mutable_decision();
  const bool same_terms = !request.has_terms() || documents::Canonical(request.terms()) == documents::Canonical(decision.terms());
  if (decision.approve() != request.approve() || !same_terms) {
    return Fail(absl::StatusCode::kFailedPrecondition, "DECISION_DIFFERS",
                "The decision differs from the proposal; have it proposed anew.");
  }
  const absl::CivilDay today = Today();
  decision.set_decider(caller.subject);
  decision.set_on_behalf_of(held.on_behalf_of);
  *decision.mutable_decide_time() = TimestampOf(clock_.Now());
  if (!request.reason().empty()) decision.set_reason(request.reason());
  decision.set_working_days(WorkdaysSinceSubmission(rules_, held.grant, today));
  const std::string reason = decision.reason();
  if (!request.approve()) {
    held.grant.set_state(v1::GRANT_STATE_REJECTED);
    return Store(caller, std::move(held), {"rejected"}, reason);
  }
  // The entry may have changed since the proposal: what would be missing now is asked for now.
  if (held.resource == nullptr || held.resource->state() != v1::RESOURCE_STATE_PUBLISHED) return ResourceGone();
  if (decision.has_terms()) {
    *held.grant.mutable_applied() = TermsOf(held.grant);
    held.grant = Narrowed(held.grant, v1::GrantTerms(decision.terms()));
  }
  TRY(CheckAssessment(held.grant, *held.resource));
  held.grant.set_state(StateByTerm(held.grant, today));
  if (held.grant.state() == v1::GRANT_STATE_EXPIRED) return TermOver();
  if (held.grant.state() == v1::GRANT_STATE_APPROVED) return Store(caller, std::move(held), {"approved"}, reason);
  return Store(caller, std::move(held), {"approved", "activated"}, reason);
}

absl::StatusOr<v1::Grant> AccessService::EscalateGrant(const Caller& caller, const v1::EscalateGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kEscalate, request));
  if (held.repeated) return held.grant;
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  if (held.grant.has_escalation()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ESCALATED_BEFORE",
                "The authority has decided this application; write another one if the facts have changed.");
  }
  const absl::CivilDay today = Today();
  const int64_t days = TRY(rules_.policy.At("grant.authority_working_days", today));
  auto& escalation = *held.grant.mutable_escalation();
  escalation.set_cause(v1::ESCALATION_CAUSE_DISAGREEMENT);
  escalation.set_reason(request.reason());
  escalation.set_escalated_by(caller.subject);
  *escalation.mutable_escalate_time() = TimestampOf(clock_.Now());
  escalation.set_working_days(WorkdaysSinceSubmission(rules_, held.grant, today));
  escalation.set_due_date(FormatDay(rules_.calendar.AddWorkdays(today, static_cast<int>(days))));
  *escalation.mutable_rejection() = held.grant.decision();
  held.grant.clear_decision();
  held.grant.set_state(v1::GRANT_STATE_ESCALATED);
  return Store(caller, std::move(held), {"escalated"}, request.reason());
}

}  // namespace zhanqiao::access
