#include "hub/access/grants.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/masks.h"
#include "catalog/base/records.h"
#include "catalog/model/electronic_certificate.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

constexpr int kAttachmentsMax = 20;

// The states a verb may be said in.
std::vector<v1::GrantState> StatesFor(GrantVerb verb) {
  switch (verb) {
    case GrantVerb::kSubmit: return {v1::GRANT_STATE_DRAFT};
    case GrantVerb::kAccept: return {v1::GRANT_STATE_SUBMITTED};
    case GrantVerb::kAssess:
    case GrantVerb::kPropose:
    case GrantVerb::kDecide: return {v1::GRANT_STATE_ACCEPTED, v1::GRANT_STATE_ESCALATED};
    case GrantVerb::kEscalate: return {v1::GRANT_STATE_REJECTED};
    case GrantVerb::kSuspend: return {v1::GRANT_STATE_ACTIVE, v1::GRANT_STATE_APPROVED};
    case GrantVerb::kResume: return {v1::GRANT_STATE_SUSPENDED};
    case GrantVerb::kRevoke:
      return {v1::GRANT_STATE_DRAFT,     v1::GRANT_STATE_SUBMITTED, v1::GRANT_STATE_ACCEPTED, v1::GRANT_STATE_ESCALATED,
              v1::GRANT_STATE_APPROVED,  v1::GRANT_STATE_ACTIVE,    v1::GRANT_STATE_SUSPENDED};
    case GrantVerb::kRenew: return {v1::GRANT_STATE_APPROVED, v1::GRANT_STATE_ACTIVE, v1::GRANT_STATE_EXPIRED};
  }
  return {};
}

// Paths of what is wrong begin with `prefix`, "grant." or "terms.".
absl::Status CheckFields(const v1::Grant& grant, const v1::Resource& resource, const std::string& prefix) {
  absl::flat_hash_set<std::string> known;
  for (const auto& field : resource.fields()) known.insert(field.field());
  if (grant.fields().empty()) return BadField("FIELDS_REQUIRED", prefix + "fields", "Name at least one field of the resource.");
  absl::flat_hash_set<std::string> named;
  for (int i = 0; i < grant.fields_size(); ++i) {
    const auto& field = grant.fields(i);
    const std::string path = absl::StrCat(prefix, "fields[", i, "]");
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

absl::Status CheckRowConditions(const v1::Grant& grant, const v1::Resource& resource, const std::string& prefix) {
  absl::flat_hash_map<std::string, const v1::Field*> fields;
  for (const auto& field : resource.fields()) fields[field.field()] = &field;
  if (grant.row_conditions_size() > 20) {
    return BadField("CONDITIONS_MANY", prefix + "row_conditions", "Give at most 20 conditions.");
  }
  for (int i = 0; i < grant.row_conditions_size(); ++i) {
    const auto& condition = grant.row_conditions(i);
    const std::string path = absl::StrCat(prefix, "row_conditions[", i, "]");
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

absl::Status CheckTerm(const v1::Grant& grant, bool ends, const std::string& prefix) {
  if (grant.end_date().empty() && ends) {
    return BadField("END_DATE_REQUIRED", prefix + "end_date", "A conditional grant ends: give YYYY-MM-DD, inclusive.");
  }
  for (const auto& [path, text] : {std::pair("start_date", &grant.start_date()), std::pair("end_date", &grant.end_date())}) {
    if (!text->empty() && !ParseDay(*text).ok()) return BadField("DATE_INVALID", prefix + path, "Give a real date YYYY-MM-DD.");
  }
  if (!grant.start_date().empty() && !grant.end_date().empty() && grant.end_date() < grant.start_date()) {
    return BadField("TERM_INVALID", prefix + "end_date", "The end is before the start; give a later date.");
  }
  if (grant.rate_per_second() < 0) return BadField("RATE_INVALID", prefix + "rate_per_second", "Give 0 or more.");
  for (const auto& [path, limit] :
       {std::pair("daily_calls_max", grant.daily_calls_max()), std::pair("daily_rows_max", grant.daily_rows_max()),
        std::pair("daily_bytes_max", grant.daily_bytes_max()), std::pair("daily_persons_max", grant.daily_persons_max())}) {
    if (limit < 0) return BadField("QUOTA_INVALID", prefix + path, "Give 0 or more.");
  }
  return absl::OkStatus();
}

// "application/pdf": a type and a subtype of RFC 6838 characters.
bool IsMediaType(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size() || text.size() > 127) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == slash || absl::ascii_isalnum(static_cast<unsigned char>(text[i]))) continue;
    if (std::string_view("!#$&-^_.+").find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

absl::Status CheckAttachments(const v1::Grant& grant, const std::string& prefix) {
  if (grant.attachments_size() > kAttachmentsMax) {
    return BadField("ATTACHMENTS_MANY", prefix + "attachments", "Give at most 20 attachments.");
  }
  absl::flat_hash_set<std::string> named;
  for (int i = 0; i < grant.attachments_size(); ++i) {
    const auto& attachment = grant.attachments(i);
    const std::string path = absl::StrCat(prefix, "attachments[", i, "]");
    TRY(CheckText(path + ".name", attachment.name(), 200, true));
    if (!named.insert(attachment.name()).second) {
      return BadField("ATTACHMENT_REPEATED", path + ".name", "Two attachments have this name; give each its own.");
    }
    if (!IsMediaType(attachment.media_type())) {
      return BadField("MEDIA_TYPE_INVALID", path + ".media_type", "Give type/subtype, for example application/pdf.");
    }
    if (attachment.size_bytes() <= 0) return BadField("SIZE_INVALID", path + ".size_bytes", "Give the size of the file, above 0.");
    if (attachment.sha256().size() != 32) {
      return BadField("DIGEST_INVALID", path + ".sha256", "Give the SHA-256 of the file, 32 bytes.");
    }
  }
  return absl::OkStatus();
}

bool IsPersonal(const v1::Field& field) {
  return field.sensitivity() != v1::SENSITIVITY_UNSPECIFIED || field.person_key() || DefaultForm(field.mask()) == v1::MASK_ID_NUMBER;
}

}  // namespace

std::string StateName(v1::GrantState state) {
  const std::string name = v1::GrantState_Name(state);
  constexpr std::string_view kPrefix = "GRANT_STATE_";
  return name.size() > kPrefix.size() ? name.substr(kPrefix.size()) : name;
}

absl::Status CheckState(GrantVerb verb, v1::GrantState state) {
  const auto fitting = StatesFor(verb);
  if (std::find(fitting.begin(), fitting.end(), state) != fitting.end()) return absl::OkStatus();
  const std::string expected = absl::StrJoin(fitting, ",", [](std::string* out, v1::GrantState one) { *out += StateName(one); });
  return Fail(absl::StatusCode::kFailedPrecondition, "GRANT_STATE",
              "The grant is not in a state this leads on from; read it again.",
              {{"state", StateName(state)}, {"expected", expected}});
}

absl::Status CheckSpeaker(GrantVerb verb, const Caller& caller, std::string_view consumer, std::string_view provider,
                          v1::GrantState state) {
  const std::string consumer_body = OrganizationOf(consumer);
  const bool escalated = state == v1::GRANT_STATE_ESCALATED;
  switch (verb) {
    case GrantVerb::kSubmit:
    case GrantVerb::kRenew:
      if (caller.kind == SubjectKind::kSystem && caller.subject == consumer) return absl::OkStatus();
      if (HoldsAnyAt(caller, consumer_body, {"org_clerk", "org_approver"})) return absl::OkStatus();
      return RoleRequired("consumer system, org_clerk or org_approver of the consumer");
    case GrantVerb::kEscalate:
      if (HoldsAnyAt(caller, consumer_body, {"org_clerk", "org_approver"})) return absl::OkStatus();
      return RoleRequired("org_clerk or org_approver of the consumer");
    case GrantVerb::kAccept:
    case GrantVerb::kAssess:
    case GrantVerb::kPropose:
      if (escalated) return HoldsAny(caller, {"office"}) ? absl::OkStatus() : RoleRequired("office");
      if (HoldsAnyAt(caller, provider, {"org_clerk", "org_approver"})) return absl::OkStatus();
      return RoleRequired("org_clerk or org_approver of the provider");
    case GrantVerb::kDecide:
      if (escalated) return HoldsAny(caller, {"office"}) ? absl::OkStatus() : RoleRequired("office");
      [[fallthrough]];
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

absl::Status CheckFourEyes(const v1::Grant& grant, std::string_view decider, std::string_view on_behalf_of) {
  const std::string& proposer = grant.decision().proposer();
  const auto another = [&](std::string_view person) { return person != proposer && person != grant.applicant(); };
  if (!proposer.empty() && proposer != grant.applicant() && another(decider) &&
      (on_behalf_of.empty() || another(on_behalf_of))) {
    return absl::OkStatus();
  }
  return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES",
              "Another person than the proposer and the applicant decides, and in the place of another.",
              {{"link", std::string(kLinkCaller)}, {"proposer", proposer}});
}

bool MaySee(const Caller& caller, std::string_view consumer, std::string_view provider) {
  if (HoldsAny(caller, {"office", "auditor"})) return true;
  if (caller.kind == SubjectKind::kSystem) return caller.subject == consumer || caller.organization == provider;
  return caller.kind == SubjectKind::kPerson &&
         (caller.organization == OrganizationOf(consumer) || caller.organization == provider);
}

bool NeedsDecision(const v1::Resource& resource) {
  return resource.share_type() == v1::SHARE_TYPE_CONDITIONAL || catalog::NeedsOf(resource).provider_approval;
}

bool NeedsAssessment(const v1::Grant& grant, const v1::Resource& resource) {
  if (!NeedsDecision(resource)) return false;
  if (catalog::NeedsOf(resource).risk_assessment) return true;
  for (const auto& granted : grant.fields()) {
    for (const auto& field : resource.fields()) {
      if (field.field() == granted.field() && IsPersonal(field)) return true;
    }
  }
  return false;
}

absl::Status CheckApplication(const v1::Grant& grant, const v1::Resource& resource, std::string_view prefix_text) {
  const std::string prefix(prefix_text);
  const bool decided = NeedsDecision(resource);
  TRY(CheckText(prefix + "purpose", grant.purpose(), 500, true));
  TRY(CheckText(prefix + "legal_basis", grant.legal_basis(), 500, decided || catalog::NeedsOf(resource).legal_basis));
  TRY(CheckText(prefix + "business_matter", grant.business_matter(), 200, false));
  TRY(CheckFields(grant, resource, prefix));
  TRY(CheckRowConditions(grant, resource, prefix));
  TRY(CheckAttachments(grant, prefix));
  return CheckTerm(grant, decided, prefix);
}

v1::Grant Application(const v1::Grant& grant, const v1::Resource& resource) {
  v1::Grant stored;
  stored.set_consumer(grant.consumer());
  stored.set_resource(grant.resource());
  *stored.mutable_fields() = grant.fields();
  stored.set_purpose(grant.purpose());
  stored.set_legal_basis(grant.legal_basis());
  *stored.mutable_row_conditions() = grant.row_conditions();
  stored.set_start_date(grant.start_date());
  stored.set_end_date(grant.end_date());
  stored.set_rate_per_second(grant.rate_per_second());
  stored.set_daily_calls_max(grant.daily_calls_max());
  stored.set_business_matter(grant.business_matter());
  *stored.mutable_attachments() = grant.attachments();
  stored.set_daily_rows_max(grant.daily_rows_max());
  stored.set_daily_bytes_max(grant.daily_bytes_max());
  stored.set_daily_persons_max(grant.daily_persons_max());
  for (auto& field : *stored.mutable_fields()) {
    if (field.mask() != v1::MASK_UNSPECIFIED) continue;
    for (const auto& known : resource.fields()) {
      if (known.field() == field.field()) field.set_mask(known.mask());
    }
  }
  return stored;
}

}  // namespace zhanqiao::access
