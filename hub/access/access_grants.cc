// The grant verbs of AccessService: each is read, check, move, and one commit with its typed entries.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/documents/request_id.h"
#include "hub/access/access_rules.h"
#include "hub/access/access_service.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kGrants = "grants/";
constexpr size_t kReasonMax = 500;

v1::Grant Filled(const documents::Version& version, v1::Grant grant) {
  grant.set_ledger_index(version.known_at);
  grant.set_revision(version.revision);
  grant.set_etag(version.etag());
  return grant;
}

absl::StatusOr<v1::Grant> FilledFrom(const documents::Version& version) {
  auto grant = TRY(version.As<v1::Grant>());
  return Filled(version, std::move(grant));
}

google::protobuf::Timestamp Stamp(absl::Time time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(absl::ToUnixSeconds(time));
  stamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(stamp.seconds()))));
  return stamp;
}

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

// The state the log says a grant has after `verb`; that of the document for all but the step in between.
v1::GrantState StateAfter(std::string_view verb, v1::GrantState state) {
  return verb == "approved" ? v1::GRANT_STATE_APPROVED : verb == "submitted" ? v1::GRANT_STATE_SUBMITTED : state;
}

storage::LogRecord EventOf(const Caller& caller, const v1::Grant& grant, uint64_t revision, std::string_view verb,
                           std::string_view reason, std::string_view document, std::string_view seed) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  auto& event = *entry.mutable_grant_event();
  event.set_grant(grant.name());
  event.set_revision(revision);
  event.set_verb(std::string(verb));
  event.set_state(StateName(StateAfter(verb, grant.state())));
  event.set_consumer(grant.consumer());
  event.set_resource(grant.resource());
  for (const auto& field : grant.fields()) {
    event.add_fields(field.field());
    event.add_masks(field.mask());
  }
  event.set_purpose(grant.purpose());
  event.set_legal_basis(grant.legal_basis());
  event.set_reason(std::string(reason));
  const bool decided = verb == "approved" || verb == "rejected";
  if (decided) event.set_working_days(grant.decision().working_days());
  if (decided) event.set_decider(grant.decision().decider());
  if (decided || verb == "proposed") event.set_proposer(grant.decision().proposer());
  event.set_commitment(std::string(Bytes(Commitment(seed, "document", document))));
  return {entry.SerializeAsString(), SecretOf(seed)};
}

// A caller who may not see grants learns the same of those that exist and those that do not.
absl::Status NotParty() { return RoleRequired("party to the grant, office, auditor"); }

}  // namespace

struct AccessService::Held {
  v1::Grant grant;
  uint64_t revision = 0;
  std::string provider;
};

absl::StatusOr<AccessService::Held> AccessService::Visible(const Caller& caller, std::string_view name,
                                                           const documents::ReadAt& at) const {
  if (name.substr(0, kGrants.size()) != kGrants || !IsSubjectId(name.substr(kGrants.size()))) {
    return BadField("NAME_INVALID", "name", "Not a name of the right form; give grants/{id}.");
  }
  const auto version = store_.Get(name, at);
  if (!version.ok()) {
    const bool told = version.status().code() != absl::StatusCode::kNotFound || HoldsAny(caller, {"office", "auditor"});
    return told ? version.status() : NotParty();
  }
  Held held;
  held.grant = TRY(version->As<v1::Grant>());
  held.revision = version->revision;
  const auto resource = catalog_.FindResource(held.grant.resource());
  if (resource != nullptr) held.provider = resource->provider();
  if (!MaySee(caller, held.grant.consumer(), held.provider)) return NotParty();
  held.grant = Filled(*version, std::move(held.grant));
  return held;
}

absl::StatusOr<AccessService::Held> AccessService::Move(const Caller& caller, GrantVerb verb, std::string_view name,
                                                        std::string_view etag) const {
  Held held = TRY(Visible(caller, name, {}));
  TRY(CheckSpeaker(verb, caller, held.grant.consumer(), held.provider));
  if (!etag.empty()) {
    const uint64_t revision = TRY(documents::RevisionOf(etag));
    if (revision != held.revision) {
      return Fail(absl::StatusCode::kAborted, "ETAG_MISMATCH", "The grant has changed since; read it again.",
                  {{"document", std::string(name)}, {"stored", held.grant.etag()}, {"expected", std::string(etag)}});
    }
  }
  TRY(access::CheckState(verb, held.grant.state()));
  return held;
}

absl::StatusOr<v1::Grant> AccessService::Store(const Caller& caller, v1::Grant grant, uint64_t expected_revision,
                                               std::initializer_list<std::string_view> verbs, std::string_view reason,
                                               std::vector<documents::Change> more) {
  grant.clear_ledger_index();
  grant.clear_revision();
  grant.clear_etag();
  documents::Change change;
  change.name = grant.name();
  change.type = grant.GetDescriptor()->full_name();
  change.document = documents::Canonical(grant);
  change.expected_revision = expected_revision;
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  for (const std::string_view verb : verbs) {
    transaction.records.push_back(
        EventOf(caller, grant, expected_revision + 1, verb, reason, change.document, NewSeed(random_)));
  }
  transaction.changes.push_back(std::move(change));
  for (auto& other : more) transaction.changes.push_back(std::move(other));
  const auto versions = TRY(store_.Apply(std::move(transaction)));
  return Filled(versions.at(0), std::move(grant));
}

absl::StatusOr<v1::Grant> AccessService::CreateGrant(const Caller& caller, const v1::CreateGrantRequest& request) {
  const v1::Grant& asked = request.grant();
  if (!IsSubjectName(asked.consumer(), "systems")) {
    return BadField("NAME_INVALID", "grant.consumer", "Give organizations/{code}/systems/{id}.");
  }
  TRY(CheckSpeaker(GrantVerb::kSubmit, caller, asked.consumer(), ""));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("grant", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return FilledFrom(*made);
  const auto system = catalog_.FindSystem(asked.consumer());
  if (system == nullptr || system->state() != v1::REGISTRATION_STATE_ACTIVE) {
    return BadField("SYSTEM_UNKNOWN", "grant.consumer", "No such active system is registered; register it first.");
  }
  const auto resource = catalog_.FindResource(asked.resource());
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return BadField("RESOURCE_UNKNOWN", "grant.resource", "No such published resource; find one with ListResources.");
  }
  if (resource->share_type() == v1::SHARE_TYPE_NOT_SHARED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_SHARED",
                "The resource is not shared, on the legal basis its entry names.",
                {{"link", std::string(kLinkGrant)}, {"resource", resource->name()}});
  }
  TRY(CheckApplication(asked, *resource));
  v1::Grant grant = Application(asked, *resource);
  grant.set_name(absl::StrCat(Absl(kGrants), NewId(clock_.Now(), random_)));
  grant.set_state(v1::GRANT_STATE_DRAFT);
  grant.set_applicant(caller.subject);
  std::vector<documents::Change> more;
  if (!key.empty()) more.push_back(documents::Remember(key, grant.name()));
  auto stored = Store(caller, std::move(grant), 0, {"created"}, "", std::move(more));
  // Two at once with one id: the second gets what the first made.
  if (stored.ok() || stored.status().code() != absl::StatusCode::kAlreadyExists) return stored;
  const auto made = TRY(documents::MadeBefore(store_, key));
  return made ? FilledFrom(*made) : stored;
}

absl::StatusOr<v1::Grant> AccessService::GetGrant(const Caller& caller, const v1::GetGrantRequest& request) {
  documents::ReadAt at;
  if (!request.read_at().as_of().empty()) at.as_of = TRY(ParseDay(request.read_at().as_of()));
  if (request.read_at().has_known_at()) at.known_at = request.read_at().known_at();
  const Held held = TRY(Visible(caller, request.name(), at));
  return held.grant;
}

absl::StatusOr<v1::ListGrantsResponse> AccessService::ListGrants(const Caller& caller,
                                                                 const v1::ListGrantsRequest& request) {
  if (caller.kind != SubjectKind::kPerson && caller.kind != SubjectKind::kSystem) return NotParty();
  const int size = TRY(PageSize(request.page_size()));
  const auto keep = [&](const documents::Version& version) {
    const auto grant = version.As<v1::Grant>();
    if (!grant.ok()) return false;
    if (request.state() != v1::GRANT_STATE_UNSPECIFIED && grant->state() != request.state()) return false;
    if (!request.resource().empty() && grant->resource() != request.resource()) return false;
    if (!request.consumer().empty() && grant->consumer() != request.consumer() &&
        OrganizationOf(grant->consumer()) != request.consumer()) {
      return false;
    }
    const auto resource = catalog_.FindResource(grant->resource());
    return MaySee(caller, grant->consumer(), resource == nullptr ? "" : resource->provider());
  };
  const auto page = TRY(store_.List(kGrants, size, request.page_token(), {}, keep));
  v1::ListGrantsResponse response;
  for (const auto& version : page.versions) {
    auto grant = TRY(version.As<v1::Grant>());
    *response.add_grants() = Filled(version, std::move(grant));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Grant> AccessService::SubmitGrant(const Caller& caller, const v1::SubmitGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kSubmit, request.name(), request.etag()));
  const auto resource = catalog_.FindResource(held.grant.resource());
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_PUBLISHED",
                "The resource is not published any more; ask for another.", {{"resource", held.grant.resource()}});
  }
  if (resource->share_type() == v1::SHARE_TYPE_NOT_SHARED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_SHARED",
                "The resource is not shared, on the legal basis its entry names.", {{"resource", resource->name()}});
  }
  // The entry may have changed since the draft was written: what would be missing now is asked for now.
  TRY(CheckApplication(held.grant, *resource));
  const absl::Time now = clock_.Now();
  *held.grant.mutable_submit_time() = Stamp(now);
  if (resource->share_type() == v1::SHARE_TYPE_UNCONDITIONAL) {
    held.grant.set_state(v1::GRANT_STATE_ACTIVE);
    return Store(caller, std::move(held.grant), held.revision, {"submitted", "activated"}, "");
  }
  held.grant.set_state(v1::GRANT_STATE_SUBMITTED);
  held.grant.set_due_date(FormatDay(calendar_.AddWorkdays(CivilDayOf(now), policy_.answer_working_days)));
  return Store(caller, std::move(held.grant), held.revision, {"submitted"}, "");
}

absl::StatusOr<v1::Grant> AccessService::AcceptGrant(const Caller& caller, const v1::AcceptGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kAccept, request.name(), request.etag()));
  held.grant.set_state(v1::GRANT_STATE_ACCEPTED);
  return Store(caller, std::move(held.grant), held.revision, {"accepted"}, "");
}

absl::StatusOr<v1::Grant> AccessService::ProposeGrantDecision(const Caller& caller,
                                                              const v1::ProposeGrantDecisionRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kPropose, request.name(), request.etag()));
  TRY(CheckText("reason", request.reason(), kReasonMax, !request.approve()));
  if (held.grant.applicant() == caller.subject) {
    return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES", "The applicant does not propose the decision.",
                {{"link", std::string(kLinkCaller)}});
  }
  auto& decision = *held.grant.mutable_decision();
  decision.Clear();
  decision.set_approve(request.approve());
  decision.set_reason(request.reason());
  decision.set_proposer(caller.subject);
  *decision.mutable_propose_time() = Stamp(clock_.Now());
  return Store(caller, std::move(held.grant), held.revision, {"proposed"}, request.reason());
}

absl::StatusOr<v1::Grant> AccessService::DecideGrant(const Caller& caller, const v1::DecideGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kDecide, request.name(), request.etag()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  if (!held.grant.has_decision()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "DECISION_NOT_PROPOSED",
                "No decision is proposed yet; another person proposes it with ProposeGrantDecision.");
  }
  TRY(CheckFourEyes(held.grant, caller.subject));
  auto& decision = *held.grant.mutable_decision();
  if (decision.approve() != request.approve()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "DECISION_DIFFERS",
                "The decision differs from the proposal; have it proposed anew.");
  }
  const absl::Time now = clock_.Now();
  decision.set_decider(caller.subject);
  *decision.mutable_decide_time() = Stamp(now);
  if (!request.reason().empty()) decision.set_reason(request.reason());
  decision.set_working_days(
      calendar_.WorkdaysBetween(CivilDayOf(TimeOf(held.grant.submit_time())), CivilDayOf(now)));
  const std::string reason = decision.reason();
  if (!request.approve()) {
    held.grant.set_state(v1::GRANT_STATE_REJECTED);
    return Store(caller, std::move(held.grant), held.revision, {"rejected"}, reason);
  }
  // In term or not yet: the dates themselves hold a release back until the term begins.
  held.grant.set_state(v1::GRANT_STATE_ACTIVE);
  return Store(caller, std::move(held.grant), held.revision, {"approved", "activated"}, reason);
}

absl::StatusOr<v1::Grant> AccessService::SuspendGrant(const Caller& caller, const v1::SuspendGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kSuspend, request.name(), request.etag()));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  held.grant.set_state(v1::GRANT_STATE_SUSPENDED);
  held.grant.set_state_reason(request.reason());
  return Store(caller, std::move(held.grant), held.revision, {"suspended"}, request.reason());
}

absl::StatusOr<v1::Grant> AccessService::ResumeGrant(const Caller& caller, const v1::ResumeGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kResume, request.name(), request.etag()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  held.grant.set_state(v1::GRANT_STATE_ACTIVE);
  held.grant.clear_state_reason();
  return Store(caller, std::move(held.grant), held.revision, {"resumed"}, request.reason());
}

absl::StatusOr<v1::Grant> AccessService::RevokeGrant(const Caller& caller, const v1::RevokeGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kRevoke, request.name(), request.etag()));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  held.grant.set_state(v1::GRANT_STATE_REVOKED);
  held.grant.set_state_reason(request.reason());
  return Store(caller, std::move(held.grant), held.revision, {"revoked"}, request.reason());
}

}  // namespace zhanqiao::access
