#include "hub/access/grant_writer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/model/notices.h"
#include "hub/access/access_rules.h"
#include "hub/access/grant_clock.h"
#include "hub/access/grants.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {
namespace {

// The state the log says a grant has after `verb`; that of the document for the last of several.
v1::GrantState StateAfter(std::string_view verb, bool last, v1::GrantState state) {
  if (last) return state;
  return verb == "approved" ? v1::GRANT_STATE_APPROVED : verb == "submitted" ? v1::GRANT_STATE_SUBMITTED : state;
}

// Verbs of an application on its way to a decision: their entries carry its day counts.
bool CountsDays(std::string_view verb) {
  return verb == "accepted" || verb == "assessed" || verb == "proposed" || verb == "approved" || verb == "rejected" ||
         verb == "escalated";
}

void AddTerms(const v1::Grant& grant, v1::GrantEvent& event) {
  for (const auto& field : grant.fields()) {
    event.add_fields(field.field());
    event.add_masks(field.mask());
  }
  event.set_purpose(grant.purpose());
  event.set_legal_basis(grant.legal_basis());
  event.set_end_date(grant.end_date());
  event.set_renews(grant.renews());
  for (const auto& attachment : grant.attachments()) event.add_attachments(attachment.sha256());
}

void AddDecision(const v1::Grant& grant, std::string_view verb, v1::GrantEvent& event) {
  const bool decided = verb == "approved" || verb == "rejected";
  if (decided || verb == "proposed") event.set_proposer(grant.decision().proposer());
  if (!decided) return;
  event.set_decider(grant.decision().decider());
  event.set_on_behalf_of(grant.decision().on_behalf_of());
}

}  // namespace

absl::StatusOr<v1::Grant> GrantOf(const documents::Version& version) {
  v1::Grant grant = TRY(version.As<v1::Grant>());
  grant.set_ledger_index(version.known_at);
  grant.set_revision(version.revision);
  grant.set_etag(version.etag());
  return grant;
}

Told ToldOf(std::string_view verb) {
  if (verb == "submitted") return Told::kProvider;
  if (verb == "accepted" || verb == "approved" || verb == "rejected" || verb == "suspended" || verb == "resumed") {
    return Told::kConsumer;
  }
  if (verb == "revoked" || verb == "escalated" || verb == "expiring" || verb == "undelivered" ||
      verb == "expired") {
    return Told::kBoth;
  }
  return Told::kNobody;
}

storage::LogRecord GrantWriter::EventOf(const Mover& mover, const v1::Grant& grant, uint64_t revision,
                                        std::string_view verb, bool last, std::string_view reason,
                                        std::string_view document) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(mover.actor);
  entry.set_trace(mover.trace);
  auto& event = *entry.mutable_grant_event();
  event.set_grant(grant.name());
  event.set_revision(revision);
  event.set_verb(std::string(verb));
  event.set_state(StateName(StateAfter(verb, last, grant.state())));
  event.set_consumer(grant.consumer());
  event.set_resource(grant.resource());
  AddTerms(grant, event);
  AddDecision(grant, verb, event);
  event.set_reason(std::string(reason));
  if (verb == "submitted" || CountsDays(verb)) event.set_due_date(grant.due_date());
  if (CountsDays(verb)) {
    const absl::CivilDay today = CivilDayOf(clock_.Now());
    event.set_working_days(WorkdaysSinceSubmission(rules_, grant, today));
    const auto due = ParseDay(grant.due_date());
    if (due.ok()) event.set_overdue_working_days(rules_.calendar.WorkdaysBetween(*due, today));
  }
  if (verb == "assessed") {
    event.set_risk_score(grant.assessment().score());
    event.set_risk_passed(grant.assessment().passed());
  }
  const std::string seed = NewSeed(random_);
  event.set_commitment(std::string(Bytes(Commitment(seed, "document", document))));
  return {entry.SerializeAsString(), SecretOf(seed)};
}

void GrantWriter::AddNotices(const v1::Grant& grant, const GrantMove& move, documents::Transaction& transaction) {
  for (const std::string_view verb : move.verbs) {
    const Told told = ToldOf(verb);
    if (told == Told::kNobody) continue;
    const std::string kind = absl::StrCat("GRANT_", absl::AsciiStrToUpper(Absl(verb)));
    const catalog::NewNotice notice{.kind = kind,
                                    .subject = grant.name(),
                                    .facts = {{"resource", grant.resource()},
                                              {"consumer", grant.consumer()},
                                              {"due_date", grant.due_date()},
                                              {"end_date", grant.end_date()},
                                              {"reason", move.reason}}};
    const auto tell = [&](const std::string& organization) {
      if (!organization.empty()) transaction.changes.push_back(catalog::NoticeTo(organization, notice, clock_.Now(), random_));
    };
    if (told != Told::kProvider) tell(OrganizationOf(grant.consumer()));
    if (told != Told::kConsumer) tell(move.provider);
  }
}

absl::StatusOr<v1::Grant> GrantWriter::Write(const Mover& mover, v1::Grant grant, uint64_t revision, GrantMove move) {
  grant.clear_ledger_index();
  grant.clear_revision();
  grant.clear_etag();
  grant.clear_overdue_working_days();
  documents::Change change;
  change.name = grant.name();
  change.type = grant.GetDescriptor()->full_name();
  change.document = documents::Canonical(grant);
  change.expected_revision = revision;
  documents::Transaction transaction;
  transaction.actor = mover.actor;
  transaction.reason = move.reason;
  for (const std::string_view verb : move.verbs) {
    transaction.records.push_back(
        EventOf(mover, grant, revision + 1, verb, verb == move.verbs.back(), move.reason, change.document));
  }
  transaction.changes.push_back(std::move(change));
  AddNotices(grant, move, transaction);
  for (auto& other : move.more) transaction.changes.push_back(std::move(other));
  const auto versions = TRY(store_.Apply(std::move(transaction)));
  return GrantOf(versions.at(0));
}

absl::Status GrantWriter::Delete(const Mover& mover, const v1::Grant& grant, uint64_t revision) {
  documents::Change change;
  change.name = grant.name();
  change.type = grant.GetDescriptor()->full_name();
  change.deleted = true;
  change.expected_revision = revision;
  documents::Transaction transaction;
  transaction.actor = mover.actor;
  transaction.records.push_back(EventOf(mover, grant, revision + 1, "deleted", true, "", ""));
  transaction.changes.push_back(std::move(change));
  return store_.Apply(std::move(transaction)).status();
}

absl::Status GrantWriter::Note(const Mover& mover, const v1::Grant& grant, GrantMove move) {
  documents::Transaction transaction;
  transaction.actor = mover.actor;
  transaction.reason = move.reason;
  for (const std::string_view verb : move.verbs) {
    transaction.records.push_back(EventOf(mover, grant, grant.revision(), verb, true, move.reason, ""));
  }
  transaction.preconditions.push_back(documents::DocumentStore::StillAt(grant.name(), grant.revision()));
  AddNotices(grant, move, transaction);
  for (auto& other : move.more) transaction.changes.push_back(std::move(other));
  return store_.Apply(std::move(transaction)).status();
}

}  // namespace zhanqiao::access
