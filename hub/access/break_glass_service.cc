#include "hub/access/break_glass_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/role_event.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kLeaf = "/breakGlass";
constexpr int kMinutesMax = 240;
constexpr absl::Duration kLapse = absl::Hours(4);  // a request nobody allowed
constexpr size_t kReasonMax = 500;

absl::Status State(std::string_view reason, std::string_view message, std::string_view state) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message, {{"link", std::string(kLinkCaller)}, {"state", std::string(state)}});
}

absl::StatusOr<std::string> PersonIn(std::string_view name) {
  if (name.ends_with(kLeaf) && IsSubjectName(name.substr(0, name.size() - kLeaf.size()), "persons")) {
    return std::string(name.substr(0, name.size() - kLeaf.size()));
  }
  return BadField("NAME_INVALID", "name", "Not a name of the right form; give organizations/{code}/persons/{id}/breakGlass.");
}

void SetTime(absl::Time time, google::protobuf::Timestamp* into) { into->set_seconds(absl::ToUnixSeconds(time)); }
absl::Time TimeOf(const google::protobuf::Timestamp& time) { return absl::FromUnixSeconds(time.seconds()); }

bool Open(const v1::BreakGlass& glass, absl::Time now) {
  return (glass.state() == v1::BREAK_GLASS_STATE_REQUESTED || glass.state() == v1::BREAK_GLASS_STATE_ACTIVE) &&
         now < TimeOf(glass.expire_time());
}

std::string StateText(const v1::BreakGlass& glass) { return v1::BreakGlassState_Name(glass.state()); }

std::vector<std::string> RolesOf(const v1::Person& person) {
  std::vector<std::string> roles;
  for (const int role : person.roles()) roles.emplace_back(RoleName(static_cast<v1::Role>(role)));
  return roles;
}

// Asked when the role is asked for, when it is allowed, and by Directory at every message.
absl::Status CheckRole(const v1::Person& person, v1::Role role) {
  std::vector<std::string> roles = RolesOf(person);
  const std::string name(RoleName(role));
  if (std::find(roles.begin(), roles.end(), name) != roles.end()) {
    return State("ROLE_HELD", "The person holds the role already.", name);
  }
  if (HoldToo(name, roles)) return absl::OkStatus();
  return State("ROLE_EXCLUSIVE", "No one is two of system_admin, security_admin and auditor, not even for hours; let another person act.", name);
}

v1::Person With(v1::Person person, v1::Role role) {
  person.add_roles(role);
  return person;
}

}  // namespace

absl::Status BreakGlassService::Follow() {
  return documents_.Observe("organizations/", [ends = ends_](const documents::Version& version) {
    if (version.type != "zhanqiao.v1.BreakGlass") return;
    const auto glass = version.As<v1::BreakGlass>();
    absl::MutexLock lock(&ends->mu);
    ends->by_name.erase(version.name);
    if (!glass.ok() || glass->state() != v1::BREAK_GLASS_STATE_ACTIVE) return;
    ends->by_name[version.name] = TimeOf(glass->expire_time());
  });
}

absl::StatusOr<v1::Person> BreakGlassService::PersonOf(std::string_view person) const {
  const auto version = TRY(documents_.Get(person));
  return version.As<v1::Person>();
}

absl::StatusOr<BreakGlassService::Held> BreakGlassService::Read(std::string_view name) const {
  const std::string person = TRY(PersonIn(name));
  const auto version = TRY(documents_.Get(name));
  Held held;
  held.glass = TRY(version.As<v1::BreakGlass>());
  held.glass.set_etag(version.etag());
  held.revision = version.revision;
  held.person = TRY(PersonOf(person));
  return held;
}

absl::StatusOr<v1::BreakGlass> BreakGlassService::Store(const Caller& caller, const Held& held, std::string_view verb,
                                                        std::string_view reason) {
  v1::BreakGlass glass = held.glass;
  glass.clear_etag();
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  v1::BreakGlassEvent& event = *entry.mutable_break_glass_event();
  event.set_person(held.person.name());
  event.set_verb(std::string(verb));
  event.set_role(std::string(RoleName(glass.role())));
  event.set_approver(glass.approver());
  event.set_reason(std::string(reason));
  if (verb == "requested" || verb == "approved") event.set_until_us(static_cast<uint64_t>(absl::ToUnixMicros(TimeOf(glass.expire_time()))));
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  transaction.changes.push_back({.name = glass.name(),
                                 .type = glass.GetDescriptor()->full_name(),
                                 .document = documents::Canonical(glass),
                                 .deleted = false,
                                 .expected_revision = held.revision,
                                 .effective = std::nullopt});
  transaction.further_records.push_back({entry.SerializeAsString(), {}});
  // The person as of the check is a condition of gaining the role.
  storage::LogRecord roles;
  if (verb == "approved") {
    roles = RoleEventOf(caller.subject, caller.trace, held.person, With(held.person, glass.role()), reason);
    const auto version = TRY(documents_.Get(held.person.name()));
    transaction.preconditions.push_back(documents::DocumentStore::StillAt(held.person.name(), version.revision));
  } else if (glass.has_approve_time()) {
    roles = RoleEventOf(caller.subject, caller.trace, With(held.person, glass.role()), held.person, reason);
  }
  if (!roles.body.empty()) transaction.further_records.push_back(std::move(roles));
  const auto versions = TRY(documents_.Apply(std::move(transaction)));
  glass.set_etag(versions.at(0).etag());
  return glass;
}

absl::StatusOr<v1::BreakGlass> BreakGlassService::RequestBreakGlass(const Caller& caller,
                                                                    const v1::RequestBreakGlassRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return RoleRequired("any person");
  if (RoleName(request.role()).empty()) return BadField("ROLE_UNKNOWN", "role", "Give a role of access.proto.");
  if (request.minutes() < 1 || request.minutes() > kMinutesMax) {
    return BadField("MINUTES_INVALID", "minutes", "Give 1 to 240 minutes; a longer need is a role, not an emergency.");
  }
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  const absl::Time now = clock_.Now();
  Held held;
  held.person = TRY(PersonOf(caller.subject));
  TRY(CheckRole(held.person, request.role()));
  const std::string name = absl::StrCat(caller.subject, Absl(kLeaf));
  auto before = Read(name);
  if (before.ok() && Open(before->glass, now)) {
    return Fail(absl::StatusCode::kAlreadyExists, "BREAK_GLASS_OPEN", "One is asked for or in force; end it first.",
                {{"link", std::string(kLinkCaller)}, {"state", StateText(before->glass)}});
  }
  // Should time have ended it and nobody written so, that comes first.
  if (before.ok() && before->glass.state() == v1::BREAK_GLASS_STATE_ACTIVE) {
    Caller hub;
    hub.subject = "hub";
    TRY(End(hub, *before, v1::BREAK_GLASS_STATE_EXPIRED, "its time is over"));
    before = Read(name);
  }
  if (before.ok()) held.revision = before->revision;
  if (!before.ok() && before.status().code() != absl::StatusCode::kNotFound) return before.status();
  v1::BreakGlass& glass = held.glass;
  glass.set_name(name);
  glass.set_role(request.role());
  glass.set_reason(request.reason());
  glass.set_minutes(request.minutes());
  glass.set_state(v1::BREAK_GLASS_STATE_REQUESTED);
  SetTime(now, glass.mutable_request_time());
  SetTime(now + kLapse, glass.mutable_expire_time());
  return Store(caller, held, "requested", request.reason());
}

absl::StatusOr<v1::BreakGlass> BreakGlassService::ApproveBreakGlass(const Caller& caller,
                                                                    const v1::ApproveBreakGlassRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return RoleRequired("security_admin, office");
  // As registered: a role that is itself an emergency's opens no further one.
  const auto approver = PersonOf(caller.subject);
  const std::vector<std::string> roles = approver.ok() ? RolesOf(*approver) : std::vector<std::string>();
  const bool may = std::any_of(roles.begin(), roles.end(), [](const auto& role) { return role == "security_admin" || role == "office"; });
  if (!may) return RoleRequired("security_admin, office");
  const std::string person = TRY(PersonIn(request.name()));
  if (person == caller.subject) {
    return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES", "Who asks for the role does not allow it; let another person decide.",
                {{"link", std::string(kLinkCaller)}});
  }
  Held held = TRY(Read(request.name()));
  if (!request.etag().empty() && request.etag() != held.glass.etag()) {
    return Fail(absl::StatusCode::kAborted, "ETAG_MISMATCH", "It has changed since; read it again.", {{"document", request.name()}});
  }
  const absl::Time now = clock_.Now();
  if (held.glass.state() != v1::BREAK_GLASS_STATE_REQUESTED || !Open(held.glass, now)) {
    return State("BREAK_GLASS_STATE", "Nothing is asked for (any more); have it asked for again.", StateText(held.glass));
  }
  if (held.person.state() != v1::REGISTRATION_STATE_ACTIVE) return State("PERSON_DISABLED", "The person is disabled.", "DISABLED");
  TRY(CheckRole(held.person, held.glass.role()));
  held.glass.set_state(v1::BREAK_GLASS_STATE_ACTIVE);
  held.glass.set_approver(caller.subject);
  SetTime(now, held.glass.mutable_approve_time());
  SetTime(now + absl::Minutes(held.glass.minutes()), held.glass.mutable_expire_time());
  return Store(caller, held, "approved", held.glass.reason());
}

absl::StatusOr<v1::BreakGlass> BreakGlassService::End(const Caller& caller, Held held, v1::BreakGlassState state,
                                                      std::string_view reason) {
  held.glass.set_state(state);
  held.glass.set_ended_by(caller.subject);
  held.glass.set_end_reason(std::string(reason));
  SetTime(clock_.Now(), held.glass.mutable_end_time());
  return Store(caller, held, state == v1::BREAK_GLASS_STATE_EXPIRED ? "expired" : "ended", reason);
}

absl::StatusOr<v1::BreakGlass> BreakGlassService::EndBreakGlass(const Caller& caller, const v1::EndBreakGlassRequest& request) {
  const std::string person = TRY(PersonIn(request.name()));
  const bool security = HoldsAny(caller, {"security_admin"});
  auto held = Read(request.name());
  const bool party = caller.kind == SubjectKind::kPerson &&
                     (caller.subject == person || (held.ok() && !held->glass.approver().empty() && held->glass.approver() == caller.subject));
  if (!security && !party) return RoleRequired("security_admin, or the person or the approver");
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  TRY(held.status());
  if (!Open(held->glass, clock_.Now())) return State("BREAK_GLASS_STATE", "It is over already.", StateText(held->glass));
  return End(caller, *std::move(held), v1::BREAK_GLASS_STATE_ENDED, request.reason());
}

absl::StatusOr<v1::BreakGlass> BreakGlassService::GetBreakGlass(const Caller& caller, const v1::GetBreakGlassRequest& request) {
  const std::string person = TRY(PersonIn(request.name()));
  if (!HoldsAny(caller, {"security_admin", "office", "auditor"}) && caller.subject != person) {
    return RoleRequired("security_admin, office, auditor, or the person");
  }
  Held held = TRY(Read(request.name()));
  return std::move(held.glass);
}

absl::StatusOr<v1::ListBreakGlassesResponse> BreakGlassService::ListBreakGlasses(const Caller& caller,
                                                                                 const v1::ListBreakGlassesRequest& request) {
  if (!HoldsAny(caller, {"security_admin", "office", "auditor"})) return RoleRequired("security_admin, office, auditor");
  const int size = TRY(PageSize(request.page_size()));
  const absl::Time now = clock_.Now();
  const auto page = TRY(documents_.List("organizations/", size, request.page_token(), {}, [&](const documents::Version& version) {
    if (version.type != "zhanqiao.v1.BreakGlass") return false;
    const auto glass = version.As<v1::BreakGlass>();
    return !request.active() || (glass.ok() && glass->state() == v1::BREAK_GLASS_STATE_ACTIVE && Open(*glass, now));
  }));
  v1::ListBreakGlassesResponse response;
  for (const auto& version : page.versions) {
    auto& glass = *response.add_break_glasses();
    glass = TRY(version.As<v1::BreakGlass>());
    glass.set_etag(version.etag());
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::Status BreakGlassService::Sweep() {
  const absl::Time now = clock_.Now();
  std::vector<std::string> over;
  {
    absl::MutexLock lock(&ends_->mu);
    for (const auto& [name, until] : ends_->by_name) {
      if (until <= now) over.push_back(name);
    }
  }
  Caller hub;
  hub.subject = "hub";
  for (const std::string& name : over) {
    Held held = TRY(Read(name));
    if (held.glass.state() != v1::BREAK_GLASS_STATE_ACTIVE || Open(held.glass, now)) continue;
    TRY(End(hub, std::move(held), v1::BREAK_GLASS_STATE_EXPIRED, "its time is over"));
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::access
