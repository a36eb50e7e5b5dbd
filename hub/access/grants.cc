#include "hub/access/grants.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

bool Fits(GrantVerb verb, v1::GrantState state) {
  switch (verb) {
    case GrantVerb::kSubmit: return state == v1::GRANT_STATE_DRAFT;
    case GrantVerb::kAccept: return state == v1::GRANT_STATE_SUBMITTED;
    case GrantVerb::kPropose: return state == v1::GRANT_STATE_ACCEPTED;
    case GrantVerb::kDecide: return state == v1::GRANT_STATE_ACCEPTED;
    case GrantVerb::kSuspend: return state == v1::GRANT_STATE_ACTIVE;
    case GrantVerb::kResume: return state == v1::GRANT_STATE_SUSPENDED;
    case GrantVerb::kRevoke:
      return state != v1::GRANT_STATE_REVOKED && state != v1::GRANT_STATE_REJECTED && state != v1::GRANT_STATE_EXPIRED;
  }
  return false;
}

std::string_view Expected(GrantVerb verb) {
  switch (verb) {
    case GrantVerb::kSubmit: return "DRAFT";
    case GrantVerb::kAccept: return "SUBMITTED";
    case GrantVerb::kPropose:
    case GrantVerb::kDecide: return "ACCEPTED";
    case GrantVerb::kSuspend: return "ACTIVE";
    case GrantVerb::kResume: return "SUSPENDED";
    case GrantVerb::kRevoke: return "DRAFT,SUBMITTED,ACCEPTED,APPROVED,ACTIVE,SUSPENDED";
  }
  return "";
}

absl::Status CheckFields(const v1::Grant& grant, const v1::Resource& resource) {
  absl::flat_hash_set<std::string> known;
  for (const auto& field : resource.fields()) known.insert(field.field());
  if (grant.fields().empty()) return BadField("FIELDS_REQUIRED", "grant.fields", "Name at least one field of the resource.");
  absl::flat_hash_set<std::string> named;
  for (int i = 0; i < grant.fields_size(); ++i) {
    const auto& field = grant.fields(i);
    const std::string path = absl::StrCat("grant.fields[", i, "]");
    if (!known.contains(field.field())) {
      return BadField("FIELD_UNKNOWN", path + ".field", "The resource has no such field; name one of its fields.");
    }
    if (!named.insert(field.field()).second) {
      return BadField("FIELD_REPEATED", path + ".field", "The field is named twice; name it once.");
    }
    if (!v1::Mask_IsValid(field.mask())) return BadField("MASK_UNKNOWN", path + ".mask", "Use a mask of record.proto.");
  }
  return absl::OkStatus();
}

absl::Status CheckRowConditions(const v1::Grant& grant, const v1::Resource& resource) {
  absl::flat_hash_map<std::string, const v1::Field*> fields;
  for (const auto& field : resource.fields()) fields[field.field()] = &field;
  if (grant.row_conditions_size() > 20) {
    return BadField("CONDITIONS_MANY", "grant.row_conditions", "Give at most 20 conditions.");
  }
  for (int i = 0; i < grant.row_conditions_size(); ++i) {
    const auto& condition = grant.row_conditions(i);
    const std::string path = absl::StrCat("grant.row_conditions[", i, "]");
    const auto field = fields.find(condition.field());
    if (field == fields.end() || !field->second->key()) {
      return BadField("CONDITION_FIELD", path + ".field", "Conditions are on key fields of the resource.");
    }
    if (condition.comparison() != v1::COMPARISON_EQUALS) {
      return BadField("COMPARISON_UNKNOWN", path + ".comparison", "Use COMPARISON_EQUALS.");
    }
    if (condition.value().kind_case() == v1::Value::KIND_NOT_SET) {
      return BadField("VALUE_REQUIRED", path + ".value", "Give the value to compare with.");
    }
    TRY(CheckValue(condition.value(), field->second->data_type(), field->second->length(), path + ".value"));
  }
  return absl::OkStatus();
}

absl::Status CheckTerm(const v1::Grant& grant, bool conditional) {
  if (grant.end_date().empty() && conditional) {
    return BadField("END_DATE_REQUIRED", "grant.end_date", "A conditional grant ends: give YYYY-MM-DD, inclusive.");
  }
  for (const auto& [path, text] : {std::pair("grant.start_date", &grant.start_date()),
                                   std::pair("grant.end_date", &grant.end_date())}) {
    if (!text->empty() && !ParseDay(*text).ok()) return BadField("DATE_INVALID", path, "Give a real date YYYY-MM-DD.");
  }
  if (!grant.start_date().empty() && !grant.end_date().empty() && grant.end_date() < grant.start_date()) {
    return BadField("TERM_INVALID", "grant.end_date", "The end is before the start; give a later date.");
  }
  if (grant.rate_per_second() < 0) return BadField("RATE_INVALID", "grant.rate_per_second", "Give 0 or more.");
  if (grant.daily_calls_max() < 0) return BadField("QUOTA_INVALID", "grant.daily_calls_max", "Give 0 or more.");
  return absl::OkStatus();
}

}  // namespace

std::string StateName(v1::GrantState state) {
  const std::string name = v1::GrantState_Name(state);
  constexpr std::string_view kPrefix = "GRANT_STATE_";
  return name.size() > kPrefix.size() ? name.substr(kPrefix.size()) : name;
}

absl::Status CheckState(GrantVerb verb, v1::GrantState state) {
  if (Fits(verb, state)) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "GRANT_STATE",
              "The grant is not in a state this leads on from; read it again.",
              {{"state", StateName(state)}, {"expected", std::string(Expected(verb))}});
}

absl::Status CheckSpeaker(GrantVerb verb, const Caller& caller, std::string_view consumer, std::string_view provider) {
  const std::string consumer_body = OrganizationOf(consumer);
  switch (verb) {
    case GrantVerb::kSubmit:
      if (caller.kind == SubjectKind::kSystem && caller.subject == consumer) return absl::OkStatus();
      if (HoldsAnyAt(caller, consumer_body, {"org_clerk", "org_approver"})) return absl::OkStatus();
      return RoleRequired("consumer system, org_clerk or org_approver of the consumer");
    case GrantVerb::kAccept:
    case GrantVerb::kPropose:
      if (HoldsAnyAt(caller, provider, {"org_clerk", "org_approver"})) return absl::OkStatus();
      return RoleRequired("org_clerk or org_approver of the provider");
    case GrantVerb::kDecide:
    case GrantVerb::kResume:
      if (HoldsAnyAt(caller, provider, {"org_approver"})) return absl::OkStatus();
      return RoleRequired("org_approver of the provider");
    case GrantVerb::kSuspend:
      if (HoldsAnyAt(caller, provider, {"org_approver"}) || HoldsAny(caller, {"office"})) return absl::OkStatus();
      return RoleRequired("org_approver of the provider, office");
    case GrantVerb::kRevoke:
      if (HoldsAnyAt(caller, provider, {"org_approver"}) || HoldsAnyAt(caller, consumer_body, {"org_approver"}) ||
          HoldsAny(caller, {"office"})) {
        return absl::OkStatus();
      }
      return RoleRequired("org_approver of the provider or the consumer, office");
  }
  return RoleRequired("");
}

absl::Status CheckFourEyes(const v1::Grant& grant, std::string_view decider) {
  if (!grant.decision().proposer().empty() && grant.decision().proposer() != decider && grant.applicant() != decider &&
      grant.applicant() != grant.decision().proposer()) {
    return absl::OkStatus();
  }
  return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES",
              "Another person of the provider than the proposer and the applicant decides.",
              {{"link", std::string(kLinkCaller)}, {"proposer", grant.decision().proposer()}});
}

bool MaySee(const Caller& caller, std::string_view consumer, std::string_view provider) {
  if (HoldsAny(caller, {"office", "auditor"})) return true;
  if (caller.kind == SubjectKind::kSystem) return caller.subject == consumer || caller.organization == provider;
  return caller.kind == SubjectKind::kPerson &&
         (caller.organization == OrganizationOf(consumer) || caller.organization == provider);
}

absl::Status CheckApplication(const v1::Grant& grant, const v1::Resource& resource) {
  const bool conditional = resource.share_type() == v1::SHARE_TYPE_CONDITIONAL;
  TRY(CheckText("grant.purpose", grant.purpose(), 500, true));
  TRY(CheckText("grant.legal_basis", grant.legal_basis(), 500, conditional));
  TRY(CheckFields(grant, resource));
  TRY(CheckRowConditions(grant, resource));
  return CheckTerm(grant, conditional);
}

v1::Grant Application(const v1::Grant& grant, const v1::Resource& resource) {
  v1::Grant stored = grant;
  stored.clear_name();
  stored.clear_state();
  stored.clear_applicant();
  stored.clear_decision();
  stored.clear_submit_time();
  stored.clear_due_date();
  stored.clear_ledger_index();
  stored.clear_revision();
  stored.clear_state_reason();
  stored.clear_etag();
  for (auto& field : *stored.mutable_fields()) {
    if (field.mask() != v1::MASK_UNSPECIFIED) continue;
    for (const auto& known : resource.fields()) {
      if (known.field() == field.field()) field.set_mask(known.mask());
    }
  }
  return stored;
}

}  // namespace zhanqiao::access
