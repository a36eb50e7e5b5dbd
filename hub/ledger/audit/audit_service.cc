#include "hub/ledger/audit/audit_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "hub/ledger/archive/part.h"
#include "hub/ledger/audit/questions.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/verify.h"

namespace zhanqiao::ledger {
namespace {

constexpr absl::Duration kIndexWaitMax = absl::Seconds(1);
constexpr size_t kExportBytesMax = 2 << 20;
constexpr size_t kErasedMax = 1'000'000;  // entries of one person

absl::Status CheckRegistered(const Caller& caller) {
  if (caller.kind != SubjectKind::kNone) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "CALLER_UNREGISTERED",
              "The ledger answers registered subjects; use a registered certificate.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status RequireRole(const Caller& caller, std::initializer_list<std::string_view> roles) {
  TRY(CheckRegistered(caller));
  std::string names;
  for (const std::string_view role : roles) {
    if (caller.HasRole(role)) return absl::OkStatus();
    absl::StrAppend(&names, names.empty() ? "" : ", ", Absl(role));
  }
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED", "This needs another role; ask someone who holds it.",
              {{"link", std::string(kLinkCaller)}, {"roles", names}});
}

absl::Status CheckWords(std::string_view field, std::string_view text) {
  if (!text.empty() && IsCleanText(text) && CodePoints(text) <= 500) return absl::OkStatus();
  return BadField("TEXT_REQUIRED", field, "Say why, in 1 to 500 characters without control characters.");
}

absl::StatusOr<std::string> CheckedIdNumber(std::string_view text) {
  std::string id_number = NormalizeCode(text);
  if (!IsIdNumber(id_number)) {
    return BadField("ID_NUMBER", "id_number", "Give an 18-character 居民身份证号 with a right check character.");
  }
  return id_number;
}

// What a question's commitment is made over (FORMAT.md): nothing of it stands in the log.
std::string CanonicalQuestion(std::string_view subject) {
  std::string out = "ZQS1";
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(subject.size() >> shift);
  out += subject;
  return out;
}

}  // namespace

bool AuditService::MaySee(const Caller& caller, const v1::LedgerEntry& entry) const {
  return caller.HasRole("auditor") || caller.HasRole("office") ||
         Concerns(entry, caller.organization, parts_.provider_of);
}

SegmentSet AuditService::Indexed(const Caller& caller) const {
  return parts_.index.Snapshot(std::min(caller.deadline, absl::Now() + kIndexWaitMax));
}

absl::StatusOr<uint64_t> AuditService::Write(const Caller& caller, v1::LedgerEntry entry, std::string_view question,
                                             std::string* commitment) {
  v1::EntrySecret secret;
  secret.set_seed(NewSeed(parts_.random));
  if (commitment != nullptr) commitment->assign(Bytes(Commitment(secret.seed(), kRequestLabel, question)));
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

absl::StatusOr<v1::QueryEntriesResponse> AuditService::QueryEntries(const Caller& caller,
                                                                    const v1::QueryEntriesRequest& request) const {
  TRY(CheckRegistered(caller));
  Clause party;
  if (!caller.HasRole("auditor") && !caller.HasRole("office")) {
    party.any_of.push_back(Term(IndexField::kParty, caller.organization));
    for (const char* event : {"genesis", "archive", "key"}) party.any_of.push_back(Term(IndexField::kEvent, event));
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
    response.set_question_index(
        TRY(Write(caller, std::move(entry), CanonicalQuestion(id_number), asked.mutable_commitment())));
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

absl::StatusOr<v1::ExportRangeResponse> AuditService::ExportRange(const Caller& caller,
                                                                  const v1::ExportRangeRequest& request) {
  TRY(RequireRole(caller, {"auditor", "office"}));
  TRY(CheckWords("purpose", request.purpose()));
  const SignedCheckpointPtr checkpoint = parts_.checkpointer.Latest();
  if (!checkpoint) {
    return Fail(absl::StatusCode::kUnavailable, "CHECKPOINT_PENDING", "No checkpoint is signed yet; ask again soon.");
  }
  v1::ExportRangeRequest question = request;
  question.clear_page_token();
  const std::string text = absl::StrCat(question.SerializeAsString(), caller.subject);
  const PageStart start = TRY(ReadPageToken(request.page_token(), text));
  // Later pages hang from the checkpoint of the first. It is the newest one or gone: then the export begins anew.
  const uint64_t size = checkpoint->checkpoint.size;
  if (start.reached && *start.reached != size) {
    const auto kept = exports_.Find(*start.reached);
    if (!kept) {
      return Fail(absl::StatusCode::kAborted, "EXPORT_STALE", "The export was left for too long; begin it anew.");
    }
    return GiveExport(request, kept, start, text);
  }
  exports_.Keep(checkpoint);
  if (!start.resume) TRY(LogExport(caller, request, *checkpoint));
  return GiveExport(request, checkpoint, start, text);
}

}  // namespace zhanqiao::ledger
