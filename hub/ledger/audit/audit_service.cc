#include "hub/ledger/audit/audit_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "hub/ledger/audit/audit_checks.h"
#include "hub/ledger/audit/questions.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::ledger {
namespace {

constexpr absl::Duration kIndexWaitMax = absl::Seconds(1);

}  // namespace

bool AuditService::MaySee(const Caller& caller, const v1::LedgerEntry& entry) const {
  return caller.HasRole("auditor") || caller.HasRole("office") ||
         Concerns(entry, caller.organization, parts_.provider_of);
}

SegmentSet AuditService::Indexed(const Caller& caller) const {
  return parts_.index.Snapshot(std::min(caller.deadline, absl::Now() + kIndexWaitMax));
}

absl::StatusOr<uint64_t> AuditService::Write(const Caller& caller, v1::LedgerEntry entry,
                                             std::string_view subject) {
  v1::EntrySecret secret;
  if (!subject.empty()) {
    secret.set_seed(NewSeed(parts_.random));
    const Digest commitment = Commitment(secret.seed(), kRequestLabel, CanonicalQuestion(subject));
    entry.mutable_question()->set_commitment(std::string(Bytes(commitment)));
  }
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), secret.SerializeAsString()});
  const auto written = parts_.pipeline.Run(std::move(commit));
  if (!written.ok()) {
    return Fail(absl::StatusCode::kUnavailable, "LEDGER_UNAVAILABLE",
                "The ledger cannot be written, so the question is not answered; the operator is needed.",
                {{"link", std::string(kLinkHub)}});
  }
  return written->places.at(0).index;
}

absl::StatusOr<v1::QueryEntriesResponse> AuditService::QueryEntries(
    const Caller& caller, const v1::QueryEntriesRequest& request) const {
  TRY(CheckRegistered(caller));
  Clause party;
  if (!caller.HasRole("auditor") && !caller.HasRole("office")) {
    party.any_of.push_back(Term(IndexField::kParty, caller.organization));
    for (const char* event : {"genesis", "archive", "key"})
      party.any_of.push_back(Term(IndexField::kEvent, event));
    if (parts_.resources_of) {
      for (const auto& resource : parts_.resources_of(caller.organization)) {
        party.any_of.push_back(Term(IndexField::kResource, resource));
      }
    }
  }
  auto response = TRY(AnswerQuery(Indexed(caller), parts_.entries, request, party,
                                  [&](const v1::LedgerEntry& entry) { return MaySee(caller, entry); }));
  response.set_size(parts_.log.head()->size());
  return response;
}

absl::StatusOr<v1::ApprovalTrace> AuditService::TraceApproval(const Caller& caller,
                                                              const v1::TraceApprovalRequest& request) const {
  TRY(CheckRegistered(caller));
  return TraceGrant(Indexed(caller), parts_.entries, request.index(),
                    [&](const v1::LedgerEntry& entry) { return MaySee(caller, entry); });
}

absl::StatusOr<v1::QuerySubjectResponse> AuditService::QuerySubject(const Caller& caller,
                                                                    const v1::QuerySubjectRequest& request) {
  TRY(RequireRole(caller, {"auditor", "office"}));
  TRY(CheckWords("purpose", request.purpose()));
  const std::string id_number = TRY(CheckedIdNumber(request.id_number()));
  const int size = TRY(EntryPageSize(request.page_size()));
  v1::QuerySubjectRequest question = request;
  question.clear_page_size();
  question.clear_page_token();
  const std::string text = absl::StrCat(question.SerializeAsString(), caller.subject);
  const PageStart start = TRY(ReadPageToken(request.page_token(), text));

  v1::QueryEntriesRequest times;
  if (request.has_from_time()) *times.mutable_from_time() = request.from_time();
  if (request.has_to_time()) *times.mutable_to_time() = request.to_time();
  const SegmentSet segments = Indexed(caller);
  IndexQuery query = TRY(IndexQueryOf(times, segments, parts_.entries));
  Clause tokens;
  for (const std::string& token : parts_.subjects.TokensOf(id_number)) {
    tokens.any_of.push_back(Term(IndexField::kSubject, token));
  }
  query.all_of.push_back(std::move(tokens));
  const uint64_t reached = std::min(start.reached.value_or(segments.reached()), segments.reached());
  query.to = reached;

  v1::QuerySubjectResponse response;
  response.set_reached(reached);
  response.set_found(segments.Count(query));
  if (!start.resume) {
    v1::LedgerEntry entry;
    v1::Question& asked = *entry.mutable_question();
    asked.set_kind("subject");
    asked.set_purpose(request.purpose());
    asked.set_to(reached);
    asked.set_found(response.found());
    response.set_question_index(TRY(Write(caller, std::move(entry), id_number)));
  }
  EntryPage page = TRY(FindEntries(segments, parts_.entries, query, start.resume, size));
  for (v1::StoredEntry& stored : page.entries) *response.add_entries() = std::move(stored);
  if (page.next) response.set_next_page_token(PageTokenFor(*page.next, reached, text));
  return response;
}

absl::StatusOr<v1::GetRollupResponse> AuditService::GetRollup(const Caller& caller,
                                                              const v1::GetRollupRequest& request) const {
  TRY(RequireRole(caller, {"auditor", "office"}));
  return SumRollups(Indexed(caller), request, parts_.provider_of);
}

absl::StatusOr<v1::ListArchivesResponse> AuditService::ListArchives(
    const Caller& caller, const v1::ListArchivesRequest& request) const {
  TRY(RequireRole(caller, {"auditor", "office"}));
  const int size = TRY(EntryPageSize(request.page_size()));
  const PageStart start = TRY(ReadPageToken(request.page_token(), "archives"));
  const std::vector<v1::ArchiveUnit> units = parts_.archivist.archives();
  v1::ListArchivesResponse response;
  for (uint64_t at = start.resume.value_or(0); at < units.size(); ++at) {
    if (response.archives_size() == size) {
      response.set_next_page_token(PageTokenFor(at, 0, "archives"));
      break;
    }
    *response.add_archives() = units[at];
  }
  response.set_minimum_index(TRY(MinimumIndex(parts_.store)));
  return response;
}

}  // namespace zhanqiao::ledger
