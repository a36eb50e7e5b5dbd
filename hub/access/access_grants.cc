// Applications of AccessService: written down, read, listed, changed, submitted, renewed.
#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/documents/request_id.h"
#include "hub/access/access_rules.h"
#include "hub/access/access_service.h"
#include "hub/access/grant_clock.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kGrants = "grants/";

// What an applicant may change in a draft. Another consumer or resource is another application.
constexpr std::array<std::string_view, 13> kChangeable = {
    "fields", "purpose", "legal_basis", "row_conditions", "start_date", "end_date", "rate_per_second",
    "daily_calls_max", "business_matter", "attachments", "daily_rows_max", "daily_bytes_max", "daily_persons_max"};

// A caller who may not see grants learns the same of those that exist and those that do not.
absl::Status NotParty() { return RoleRequired("party to the grant, office, auditor"); }

// `stored` with what `mask` names taken from `asked`.
absl::StatusOr<v1::Grant> Changed(const google::protobuf::FieldMask& mask, const v1::Grant& asked, v1::Grant stored) {
  google::protobuf::FieldMask named;
  const bool all = mask.paths_size() == 1 && mask.paths(0) == "*";
  if (mask.paths().empty()) return BadField("UPDATE_MASK_INVALID", "update_mask", "Name the fields to change, or \"*\" alone.");
  for (const std::string_view path : kChangeable) {
    if (all) named.add_paths(std::string(path));
  }
  for (const std::string& path : mask.paths()) {
    if (all) break;
    if (std::find(kChangeable.begin(), kChangeable.end(), path) == kChangeable.end()) {
      return BadField("UPDATE_MASK_INVALID", "update_mask", "Names a field that cannot be changed; see access.proto for those of an application.",
                      {{"path", path.substr(0, 100)}});
    }
    named.add_paths(path);
  }
  google::protobuf::util::FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(asked, named, options, &stored);
  return stored;
}

absl::Status TermOver() {
  return BadField("TERM_OVER", "grant.end_date", "The term is over before it begins; give a later date.");
}

}  // namespace

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
  held.grant = TRY(GrantOf(*version));
  held.revision = version->revision;
  held.resource = catalog_.FindResource(held.grant.resource());
  if (held.resource != nullptr) held.provider = held.resource->provider();
  if (!MaySee(caller, held.grant.consumer(), held.provider)) return NotParty();
  return held;
}

absl::StatusOr<AccessService::Held> AccessService::Move(const Caller& caller, GrantVerb verb, std::string_view method,
                                                        std::string_view name, std::string_view etag,
                                                        std::string_view request_id) const {
  Held held = TRY(Visible(caller, name, {}));
  TRY(documents::CheckRequestId(request_id));
  held.request_key = documents::RequestKey(method, caller.subject, request_id);
  if (verb == GrantVerb::kDecide) {
    TRY(CheckDecider(caller, held));
  } else {
    TRY(CheckSpeaker(verb, caller, held.grant.consumer(), held.provider, held.grant.state()));
  }
  const auto said = TRY(documents::MadeBefore(store_, held.request_key));
  if (said && said->name == name) {
    held.repeated = true;
    return held;
  }
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

absl::StatusOr<v1::Grant> AccessService::Store(const Caller& caller, Held held, std::vector<std::string_view> verbs,
                                               std::string_view reason) {
  GrantMove move{.verbs = std::move(verbs), .reason = std::string(reason), .provider = held.provider, .more = {}};
  if (!held.request_key.empty()) move.more.push_back(documents::Remember(held.request_key, held.grant.name()));
  return writer_.Write({caller.subject, caller.trace}, std::move(held.grant), held.revision, std::move(move));
}

absl::StatusOr<v1::Grant> AccessService::StoreDraft(const Caller& caller, v1::Grant draft, const std::string& request_key) {
  draft.set_name(absl::StrCat(Absl(kGrants), NewId(clock_.Now(), random_)));
  draft.set_state(v1::GRANT_STATE_DRAFT);
  draft.set_applicant(caller.subject);
  GrantMove move{.verbs = {"created"}, .reason = "", .provider = "", .more = {}};
  if (!request_key.empty()) move.more.push_back(documents::Remember(request_key, draft.name()));
  auto stored = writer_.Write({caller.subject, caller.trace}, std::move(draft), 0, std::move(move));
  if (stored.ok() || stored.status().code() != absl::StatusCode::kAlreadyExists) return stored;
  const auto made = TRY(documents::MadeBefore(store_, request_key));
  return made ? GrantOf(*made) : stored;
}

absl::StatusOr<std::shared_ptr<const v1::Resource>> AccessService::ResourceFor(const v1::Grant& application) const {
  const auto system = catalog_.FindSystem(application.consumer());
  if (system == nullptr || system->state() != v1::REGISTRATION_STATE_ACTIVE) {
    return BadField("SYSTEM_UNKNOWN", "grant.consumer", "No such active system is registered; register it first.");
  }
  auto resource = catalog_.FindResource(application.resource());
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return BadField("RESOURCE_UNKNOWN", "grant.resource", "No such published resource; find one with ListResources.");
  }
  if (resource->share_type() == v1::SHARE_TYPE_NOT_SHARED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_SHARED",
                "The resource is not shared, on the legal basis its entry names.",
                {{"link", std::string(kLinkGrant)}, {"resource", resource->name()}});
  }
  return resource;
}

absl::StatusOr<v1::Grant> AccessService::CreateGrant(const Caller& caller, const v1::CreateGrantRequest& request) {
  const v1::Grant& asked = request.grant();
  if (!IsSubjectName(asked.consumer(), "systems")) {
    return BadField("NAME_INVALID", "grant.consumer", "Give organizations/{code}/systems/{id}.");
  }
  TRY(CheckSpeaker(GrantVerb::kSubmit, caller, asked.consumer(), ""));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("grant", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return GrantOf(*made);
  const auto resource = TRY(ResourceFor(asked));
  TRY(CheckApplication(asked, *resource));
  return StoreDraft(caller, Application(asked, *resource), key);
}

absl::StatusOr<v1::Grant> AccessService::GetGrant(const Caller& caller, const v1::GetGrantRequest& request) {
  documents::ReadAt at;
  if (!request.read_at().as_of().empty()) at.as_of = TRY(ParseDay(request.read_at().as_of()));
  if (request.read_at().has_known_at()) at.known_at = request.read_at().known_at();
  Held held = TRY(Visible(caller, request.name(), at));
  held.grant.set_overdue_working_days(OverdueWorkdays(rules_, held.grant, at.as_of.value_or(Today())));
  return held.grant;
}

absl::StatusOr<v1::ListGrantsResponse> AccessService::ListGrants(const Caller& caller,
                                                                 const v1::ListGrantsRequest& request) {
  if (caller.kind != SubjectKind::kPerson && caller.kind != SubjectKind::kSystem) return NotParty();
  const int size = TRY(PageSize(request.page_size()));
  documents::ReadAt at;
  if (!request.as_of().empty()) {
    const auto day = ParseDay(request.as_of());
    if (!day.ok()) return BadField("DATE_INVALID", "as_of", "Give a real date YYYY-MM-DD.");
    at.as_of = *day;
  }
  const absl::CivilDay day = at.as_of.value_or(Today());
  std::vector<int> states(request.states().begin(), request.states().end());
  if (request.state() != v1::GRANT_STATE_UNSPECIFIED) states.push_back(request.state());
  const auto keep = [&](const documents::Version& version) {
    const auto grant = version.As<v1::Grant>();
    if (!grant.ok()) return false;
    if (!states.empty() && std::find(states.begin(), states.end(), grant->state()) == states.end()) return false;
    if (!request.resource().empty() && grant->resource() != request.resource()) return false;
    if (!request.consumer().empty() && grant->consumer() != request.consumer() &&
        OrganizationOf(grant->consumer()) != request.consumer()) {
      return false;
    }
    if (request.overdue() && !MissedLimit(*grant, day)) return false;
    const auto resource = catalog_.FindResource(grant->resource());
    const std::string provider = resource == nullptr ? "" : resource->provider();
    if (!request.provider().empty() && provider != request.provider()) return false;
    return MaySee(caller, grant->consumer(), provider);
  };
  const auto page = TRY(store_.List(kGrants, size, request.page_token(), at, keep));
  v1::ListGrantsResponse response;
  for (const auto& version : page.versions) {
    v1::Grant grant = TRY(GrantOf(version));
    grant.set_overdue_working_days(OverdueWorkdays(rules_, grant, day));
    *response.add_grants() = std::move(grant);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Grant> AccessService::UpdateGrant(const Caller& caller, const v1::UpdateGrantRequest& request) {
  if (request.grant().etag().empty()) return BadField("ETAG_REQUIRED", "grant.etag", "Send the etag of the version you read.");
  Held held = TRY(Move(caller, GrantVerb::kSubmit, "UpdateGrantRequest", request.grant().name(), request.grant().etag(),
                       request.request_id()));
  if (held.repeated) return held.grant;
  const v1::Grant changed = TRY(Changed(request.update_mask(), request.grant(), held.grant));
  const auto resource = TRY(ResourceFor(changed));
  TRY(CheckApplication(changed, *resource));
  v1::Grant draft = Application(changed, *resource);
  draft.set_name(held.grant.name());
  draft.set_state(held.grant.state());
  draft.set_applicant(held.grant.applicant());
  draft.set_renews(held.grant.renews());
  held.grant = std::move(draft);
  return Store(caller, std::move(held), {"updated"}, "");
}

absl::StatusOr<google::protobuf::Empty> AccessService::DeleteGrant(const Caller& caller,
                                                                   const v1::DeleteGrantRequest& request) {
  const Held held = TRY(Move(caller, GrantVerb::kSubmit, "DeleteGrantRequest", request.name(), request.etag(), ""));
  TRY(writer_.Delete({caller.subject, caller.trace}, held.grant, held.revision));
  return google::protobuf::Empty();
}

absl::StatusOr<v1::Grant> AccessService::SubmitGrant(const Caller& caller, const v1::SubmitGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kSubmit, request));
  if (held.repeated) return held.grant;
  // The entry may have changed since the draft was written: what would be missing now is asked for now.
  const auto resource = TRY(ResourceFor(held.grant));
  TRY(CheckApplication(held.grant, *resource));
  const absl::CivilDay today = Today();
  if (StateByTerm(held.grant, today) == v1::GRANT_STATE_EXPIRED) return TermOver();
  *held.grant.mutable_submit_time() = TimestampOf(clock_.Now());
  if (!NeedsDecision(*resource)) {
    held.grant.set_state(StateByTerm(held.grant, today));
    held.provider.clear();  // nothing for the provider to do
    if (held.grant.state() == v1::GRANT_STATE_APPROVED) return Store(caller, std::move(held), {"submitted"}, "");
    return Store(caller, std::move(held), {"submitted", "activated"}, "");
  }
  held.grant.set_state(v1::GRANT_STATE_SUBMITTED);
  TRY(SetAnswerLimits(rules_, *resource, today, held.grant));
  return Store(caller, std::move(held), {"submitted"}, "");
}

absl::StatusOr<v1::Grant> AccessService::RenewGrant(const Caller& caller, const v1::RenewGrantRequest& request) {
  const Held held = TRY(Move(caller, GrantVerb::kRenew, "RenewGrantRequest", request.name(), "", ""));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("grantRenewal", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return GrantOf(*made);
  const auto end = ParseDay(held.grant.end_date());
  if (!end.ok()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "GRANT_WITHOUT_END", "The grant has no end, so there is nothing to renew.");
  }
  if (!ParseDay(request.end_date()).ok()) return BadField("DATE_INVALID", "end_date", "Give the new last day, YYYY-MM-DD.");
  const auto resource = TRY(ResourceFor(held.grant));
  v1::Grant draft = Application(held.grant, *resource);
  draft.set_renews(held.grant.name());
  // Without a gap and without an overlap; from its decision on where the old one has ended already.
  draft.set_start_date(*end >= Today() ? FormatDay(*end + 1) : "");
  draft.set_end_date(request.end_date());
  if (request.end_date() <= held.grant.end_date()) return BadField("TERM_INVALID", "end_date", "Give a day after that on which the grant ends.");
  TRY(CheckApplication(draft, *resource));
  return StoreDraft(caller, std::move(draft), key);
}

}  // namespace zhanqiao::access
