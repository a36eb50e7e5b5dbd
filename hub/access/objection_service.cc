#include "hub/access/objection_service.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/documents/request_id.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kReasonMax = 500;
constexpr size_t kAnswerMax = 1000;
constexpr size_t kSaltBytes = 32;

constexpr char kDaysKey[] = "objection.answer_working_days";
constexpr char kMostDaysKey[] = "objection.answer_max_working_days";

absl::Status NotParty() {
  return RoleRequired("party to the objection, office, auditor");
}

// A clerk, an approver or a system of the body.
absl::Status RequireSpeaker(const Caller& caller, std::string_view organization, bool systems) {
  if (systems && caller.kind == SubjectKind::kSystem && caller.organization == organization)
    return absl::OkStatus();
  if (HoldsAnyAt(caller, organization, {"org_clerk", "org_approver"})) return absl::OkStatus();
  return RoleRequired(systems ? "org_clerk, org_approver, system" : "org_clerk, org_approver");
}

v1::Objection Filled(const documents::Version& version, v1::Objection objection) {
  objection.set_etag(version.etag());
  return objection;
}

}  // namespace

absl::StatusOr<ObjectionService::Held> ObjectionService::Visible(const Caller& caller,
                                                                 std::string_view name) const {
  TRY(CheckMatterName(name, kObjections));
  auto version = parts_.store.Get(name);
  if (!version.ok()) {
    const bool told =
        version.status().code() != absl::StatusCode::kNotFound || HoldsAny(caller, {"office", "auditor"});
    return told ? version.status() : NotParty();
  }
  Held held;
  held.objection = TRY(version->As<v1::Objection>());
  if (!MaySee(caller, held.objection)) return NotParty();
  held.version = *std::move(version);
  return held;
}

absl::StatusOr<ObjectionService::Held> ObjectionService::Open(const Caller& caller, std::string_view name,
                                                              std::string_view etag,
                                                              const std::string& (v1::Objection::*speaker)()
                                                                  const) const {
  Held held = TRY(Visible(caller, name));
  TRY(RequireSpeaker(caller, (held.objection.*speaker)(), speaker == &v1::Objection::consumer));
  TRY(RequireCurrent(etag, held.version));
  TRY(CheckOpen(held.objection));
  return held;
}

MatterMove ObjectionService::MoveBy(const Caller& caller, const Held& held, std::string_view reason) const {
  MatterMove move;
  move.actor = caller.subject;
  move.trace = caller.trace;
  move.reason = std::string(reason);
  move.expected_revision = held.version.revision;
  return move;
}

void ObjectionService::Tell(const std::string& organization, std::string_view kind,
                            const v1::Objection& objection, MatterMove& move) const {
  catalog::NewNotice notice{.kind = kind, .subject = objection.name(), .facts = {}};
  notice.facts.emplace_back("resource", objection.resource());
  notice.facts.emplace_back("field", objection.field());
  notice.facts.emplace_back("due_date", objection.due_date());
  if (objection.verdict() != v1::OBJECTION_VERDICT_UNSPECIFIED) {
    notice.facts.emplace_back("verdict", v1::ObjectionVerdict_Name(objection.verdict()));
  }
  move.notices.push_back(catalog::NoticeTo(organization, notice, parts_.clock.Now(), parts_.random));
}

absl::StatusOr<v1::Objection> ObjectionService::Store(const Caller& caller, v1::Objection objection,
                                                      std::string_view verb, MatterMove move,
                                                      std::string_view request_key) {
  objection.clear_etag();
  const absl::CivilDay due = TRY(ParseDay(objection.due_date()));
  const DayCount days = CountDays(parts_.rules.calendar, DayOf(objection.file_time()), due, Today());
  documents::Change change;
  change.name = objection.name();
  change.type = objection.GetDescriptor()->full_name();
  change.document = documents::Canonical(objection);
  const uint64_t revision = move.expected_revision + 1;
  const int told = static_cast<int>(move.notices.size());
  const std::string reason = move.reason;
  documents::Transaction transaction = TransactionOf(
      std::move(change), std::move(move), parts_.random, [&](v1::LedgerEntry& entry, std::string commitment) {
        v1::ObjectionEvent& event = *entry.mutable_objection_event();
        event.set_objection(objection.name());
        event.set_revision(revision);
        event.set_verb(std::string(verb));
        event.set_state(v1::ObjectionState_Name(objection.state()).substr(sizeof "OBJECTION_STATE_" - 1));
        event.set_consumer(objection.consumer());
        event.set_provider(objection.provider());
        event.set_resource(objection.resource());
        event.set_grant(objection.grant());
        event.set_field(objection.field());
        event.set_record_commitment(objection.record_commitment());
        if (verb == "answered") event.set_verdict(v1::ObjectionVerdict_Name(objection.verdict()));
        event.set_due_date(objection.due_date());
        event.set_working_days(days.working_days);
        event.set_overdue_working_days(days.overdue_working_days);
        event.set_recipients_told(told);
        event.set_reason(reason);
        event.set_commitment(std::move(commitment));
      });
  const documents::Version version =
      TRY(documents::CreateOnce(parts_.store, request_key, std::move(transaction)));
  const v1::Objection stored = TRY(version.As<v1::Objection>());
  return Shown(caller, Filled(version, stored), parts_.rules.calendar, Today());
}

absl::StatusOr<v1::Objection> ObjectionService::FileObjection(const Caller& caller,
                                                              const v1::FileObjectionRequest& request) {
  TRY(RequireSpeaker(caller, caller.organization, true));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("objection", caller.subject, request.request_id());
  if (const std::optional<documents::Version> made = TRY(documents::MadeBefore(parts_.store, key))) {
    const v1::Objection objection = TRY(made->As<v1::Objection>());
    return Shown(caller, Filled(*made, objection), parts_.rules.calendar, Today());
  }
  TRY(CheckMatterName(request.grant(), "grants/"));
  const auto grant_version = parts_.store.Get(request.grant());
  if (!grant_version.ok()) return RoleRequired("consumer of the grant");
  const v1::Grant grant = TRY(grant_version->As<v1::Grant>());
  if (OrganizationOf(grant.consumer()) != caller.organization) return RoleRequired("consumer of the grant");
  TRY(CheckReleasedUnder(grant));
  const auto resource = parts_.catalog.FindResource(grant.resource());
  if (resource == nullptr)
    return BadField("RESOURCE_UNKNOWN", "grant", "The grant's resource is not known any more.");
  TRY(CheckFiling(request, grant, *resource));

  v1::Objection objection;
  objection.set_name(absl::StrCat(Absl(kObjections), NewId(parts_.clock.Now(), parts_.random)));
  objection.set_resource(grant.resource());
  objection.set_grant(grant.name());
  objection.set_field(request.field());
  objection.set_key_field(request.key_field());
  std::string salt(kSaltBytes, '\0');
  parts_.random.Fill(salt.data(), salt.size());
  objection.set_record_salt(salt);
  objection.set_record_commitment(RecordCommitment(salt, request.record_key()));
  objection.set_description(request.description());
  objection.set_consumer(caller.organization);
  objection.set_provider(resource->provider());
  objection.set_filer(caller.subject);
  *objection.mutable_file_time() = catalog::ToTimestamp(parts_.clock.Now());
  objection.set_state(v1::OBJECTION_STATE_OPEN);
  const int64_t days = TRY(parts_.rules.policy.At(kDaysKey, Today()));
  objection.set_due_date(FormatDay(parts_.rules.calendar.AddWorkdays(Today(), static_cast<int>(days))));
  const std::string id_number = NormalizeCode(request.record_key());
  if (NamesPersons(*resource, request.key_field()) && IsIdNumber(id_number)) {
    const std::vector<std::string> recipients =
        TRY(parts_.recipients_of(grant.resource(), id_number, caller.deadline));
    for (const std::string& recipient : recipients) objection.add_recipients(recipient);
    objection.set_recipients_known(true);
  }
  MatterMove move;
  move.actor = caller.subject;
  move.trace = caller.trace;
  Tell(objection.provider(), "OBJECTION_FILED", objection, move);
  for (const std::string& recipient : objection.recipients()) {
    if (recipient != caller.organization) Tell(recipient, "RECORD_IN_QUESTION", objection, move);
  }
  return Store(caller, std::move(objection), "filed", std::move(move), key);
}

absl::StatusOr<v1::Objection> ObjectionService::GetObjection(const Caller& caller,
                                                             const v1::GetObjectionRequest& request) {
  const absl::CivilDay day = TRY(CountingDay(request.as_of(), Today()));
  const Held held = TRY(Visible(caller, request.name()));
  return Shown(caller, Filled(held.version, held.objection), parts_.rules.calendar, day);
}

absl::StatusOr<v1::ListObjectionsResponse> ObjectionService::ListObjections(
    const Caller& caller, const v1::ListObjectionsRequest& request) {
  if (caller.kind != SubjectKind::kPerson && caller.kind != SubjectKind::kSystem) return NotParty();
  const absl::CivilDay day = TRY(CountingDay(request.as_of(), Today()));
  const auto keep = [&](const documents::Version& version) {
    const auto objection = version.As<v1::Objection>();
    if (!objection.ok() || !MaySee(caller, *objection)) return false;
    const auto is = [](const std::string& wanted, const std::string& value) {
      return wanted.empty() || wanted == value;
    };
    const bool overdue =
        objection->state() == v1::OBJECTION_STATE_OPEN && objection->due_date() < FormatDay(day);
    return is(request.resource(), objection->resource()) && is(request.provider(), objection->provider()) &&
           is(request.consumer(), objection->consumer()) && (!request.overdue() || overdue) &&
           (request.state() == v1::OBJECTION_STATE_UNSPECIFIED || request.state() == objection->state());
  };
  const auto page = TRY(parts_.store.List(kObjections, request.page_size(), request.page_token(), {}, keep));
  v1::ListObjectionsResponse response;
  for (const documents::Version& version : page.versions) {
    v1::Objection objection = TRY(version.As<v1::Objection>());
    *response.add_objections() =
        Shown(caller, Filled(version, std::move(objection)), parts_.rules.calendar, day);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Objection> ObjectionService::ExtendObjection(const Caller& caller,
                                                                const v1::ExtendObjectionRequest& request) {
  Held held = TRY(Open(caller, request.name(), request.etag(), &v1::Objection::provider));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  if (!held.objection.extension_reason().empty()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "OBJECTION_EXTENDED",
                "Time was taken once already; answer it.",
                {{"document", held.objection.name()}, {"due_date", held.objection.due_date()}});
  }
  const absl::CivilDay filed = DayOf(held.objection.file_time());
  const int64_t most = TRY(parts_.rules.policy.At(kMostDaysKey, filed));
  const std::string due = FormatDay(parts_.rules.calendar.AddWorkdays(filed, request.working_days()));
  if (request.working_days() < 1 || request.working_days() > most || due <= held.objection.due_date()) {
    return BadField("EXTENSION_TOO_LONG", "working_days",
                    absl::StrCat("Give working days from filing: more than now, at most ", most, "."));
  }
  held.objection.set_due_date(due);
  held.objection.set_extension_reason(request.reason());
  MatterMove move = MoveBy(caller, held, request.reason());
  Tell(held.objection.consumer(), "OBJECTION_EXTENDED", held.objection, move);
  return Store(caller, std::move(held.objection), "extended", std::move(move));
}

absl::StatusOr<v1::Objection> ObjectionService::AnswerObjection(const Caller& caller,
                                                                const v1::AnswerObjectionRequest& request) {
  Held held = TRY(Open(caller, request.name(), request.etag(), &v1::Objection::provider));
  if (request.verdict() == v1::OBJECTION_VERDICT_UNSPECIFIED ||
      !v1::ObjectionVerdict_IsValid(request.verdict())) {
    return BadField("ENUM_VALUE", "verdict", "Give CORRECTED, CONFIRMED_RIGHT, NOT_HELD or PASSED_ON.");
  }
  TRY(CheckText("answer", request.answer(), kAnswerMax, true));
  held.objection.set_state(v1::OBJECTION_STATE_ANSWERED);
  held.objection.set_verdict(request.verdict());
  held.objection.set_answer(request.answer());
  held.objection.set_answerer(caller.subject);
  *held.objection.mutable_answer_time() = catalog::ToTimestamp(parts_.clock.Now());
  MatterMove move = MoveBy(caller, held, "");
  Tell(held.objection.consumer(), "OBJECTION_ANSWERED", held.objection, move);
  for (const std::string& recipient : held.objection.recipients()) {
    if (recipient != held.objection.consumer()) Tell(recipient, "RECORD_CHECKED", held.objection, move);
  }
  return Store(caller, std::move(held.objection), "answered", std::move(move));
}

absl::StatusOr<v1::Objection> ObjectionService::WithdrawObjection(
    const Caller& caller, const v1::WithdrawObjectionRequest& request) {
  Held held = TRY(Open(caller, request.name(), request.etag(), &v1::Objection::consumer));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  held.objection.set_state(v1::OBJECTION_STATE_WITHDRAWN);
  MatterMove move = MoveBy(caller, held, request.reason());
  Tell(held.objection.provider(), "OBJECTION_WITHDRAWN", held.objection, move);
  for (const std::string& recipient : held.objection.recipients()) {
    if (recipient != held.objection.consumer()) Tell(recipient, "RECORD_CHECKED", held.objection, move);
  }
  return Store(caller, std::move(held.objection), "withdrawn", std::move(move));
}

absl::Status ObjectionService::NoteOverdue(absl::CivilDay today) {
  Caller hub;
  hub.subject = "hub";
  std::string token;
  do {
    const auto overdue = [&](const documents::Version& version) {
      const auto objection = version.As<v1::Objection>();
      return objection.ok() && objection->state() == v1::OBJECTION_STATE_OPEN &&
             objection->overdue_noted().empty() && objection->due_date() < FormatDay(today);
    };
    const auto page = TRY(parts_.store.List(kObjections, 1000, token, {}, overdue));
    for (const documents::Version& version : page.versions) {
      Held held{.objection = TRY(version.As<v1::Objection>()), .version = version};
      held.objection.set_overdue_noted(FormatDay(today));
      MatterMove move = MoveBy(hub, held, "");
      Tell(held.objection.provider(), "OBJECTION_OVERDUE", held.objection, move);
      const auto noted = Store(hub, std::move(held.objection), "overdue", std::move(move));
      // Answered in between: then it is no longer for the sweep.
      if (!noted.ok() && ReasonOf(noted.status()) != "ETAG_MISMATCH") return noted.status();
    }
    token = page.next_page_token;
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace zhanqiao::access
