// TraceApproval: from something done under a grant to the people behind the grant.
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/audit/questions.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::ledger {
namespace {

constexpr int kStepsMax = 1000;

const std::string& GrantOf(const v1::LedgerEntry& entry) {
  if (entry.has_exchange()) return entry.exchange().grant();
  if (entry.has_denial()) return entry.denial().grant();
  return entry.grant_event().grant();
}

// The revision of the grant in force at the entry; 0 when the entry does not tell.
uint64_t RevisionOf(const v1::LedgerEntry& entry) {
  if (entry.has_exchange()) return entry.exchange().grant_revision();
  return entry.grant_event().revision();
}

void AddStep(const v1::StoredEntry& stored, v1::ApprovalTrace& trace) {
  const v1::LedgerEntry& entry = stored.decoded();
  auto& step = *trace.add_steps();
  step.set_verb(entry.grant_event().verb());
  step.set_person(entry.actor());
  step.set_index(stored.index());
  step.mutable_time()->set_seconds(static_cast<int64_t>(entry.time_us() / 1'000'000));
  step.mutable_time()->set_nanos(static_cast<int32_t>(entry.time_us() % 1'000'000 * 1000));
  *step.mutable_entry() = stored;
}

// What the moves up to the revision in force say of the people.
void Summarise(uint64_t revision, v1::ApprovalTrace& trace) {
  for (const v1::ApprovalStep& step : trace.steps()) {
    const v1::GrantEvent& event = step.entry().decoded().grant_event();
    if (event.verb() == "created") trace.set_applicant(step.person());
    const bool in_force =
        revision == 0 ? step.index() <= trace.entry().index() : event.revision() <= revision;
    if (!in_force || event.verb() == "expiring" || event.verb() == "undelivered") continue;  // a warning moves nothing
    if (event.verb() == "proposed") trace.set_proposer(step.person());
    if (event.verb() == "approved" || event.verb() == "rejected") {
      trace.set_decider(step.person());
      trace.set_working_days(event.working_days());
    }
    trace.set_purpose(event.purpose());
    trace.set_legal_basis(event.legal_basis());
    trace.set_grant_index(step.index());
  }
}

}  // namespace

absl::StatusOr<v1::ApprovalTrace> TraceGrant(const SegmentSet& segments, const Entries& entries,
                                             uint64_t index, const MaySeeEntry& may_see) {
  if (index < segments.begins() || index >= segments.reached()) {
    return Fail(absl::StatusCode::kOutOfRange, "ENTRY_INDEX",
                "There is no such entry yet; the index is below the size.",
                {{"size", absl::StrCat(segments.reached())}});
  }
  const std::string bytes = TRY(entries.Entry(index));
  v1::ApprovalTrace trace;
  *trace.mutable_entry() = TRY(StoredOf(index, bytes));
  const v1::LedgerEntry entry = trace.entry().decoded();
  if (may_see && !may_see(entry)) {
    return Fail(absl::StatusCode::kPermissionDenied, "ENTRY_NOT_YOURS",
                "The entry does not concern your organisation; an auditor may read it.");
  }
  if (GrantOf(entry).empty()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "NO_GRANT",
                "Nothing was done under a grant here; ask about a release, a refusal or a grant event.",
                {{"event", std::string(EventKind(entry))}});
  }
  trace.set_grant(GrantOf(entry));
  IndexQuery moves;
  moves.all_of = {{{Term(IndexField::kEvent, "grant")}}, {{Term(IndexField::kGrant, trace.grant())}}};
  moves.oldest_first = true;
  const EntryPage page = TRY(FindEntries(segments, entries, moves, {}, kStepsMax, may_see));
  for (const v1::StoredEntry& stored : page.entries) AddStep(stored, trace);
  Summarise(RevisionOf(entry), trace);
  if (entry.has_exchange()) trace.set_grant_index(entry.exchange().grant_index());
  trace.set_reached(segments.reached());
  return trace;
}

}  // namespace zhanqiao::ledger
