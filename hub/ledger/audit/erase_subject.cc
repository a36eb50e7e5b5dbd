// EraseSubject: what ties entries to one person goes; the entries stay.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "hub/ledger/audit/audit_checks.h"
#include "hub/ledger/audit/audit_service.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

constexpr size_t kRowsAtOnce = 1024;
constexpr size_t kEntriesMax = 1'000'000;  // of one person

// What stays of a secret once some persons are taken out: the tokens of others. The seed goes in any case,
// for it opens the commitments over the rows of all of them; so do the signatures over those rows.
std::optional<std::string> Remainder(std::string_view secret, const std::vector<std::string>& tokens) {
  v1::EntrySecret left;
  for (const std::string& token : SubjectsIn(secret)) {
    if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) left.add_subjects(token);
  }
  if (left.subjects().empty()) return std::nullopt;
  return left.SerializeAsString();
}

}  // namespace

absl::StatusOr<v1::EraseSubjectResponse> AuditService::EraseSubject(const Caller& caller,
                                                                    const v1::EraseSubjectRequest& request) {
  TRY(RequireRole(caller, {"office"}));
  TRY(CheckWords("legal_basis", request.legal_basis()));
  TRY(CheckWords("reason", request.reason()));
  const std::string id_number = TRY(CheckedIdNumber(request.id_number()));
  const std::vector<std::string> tokens = parts_.subjects.TokensOf(id_number);
  std::vector<std::string> terms;
  for (const std::string& token : tokens) terms.push_back(Term(IndexField::kSubject, token));

  absl::MutexLock erasing(&erasing_);
  const SegmentSet segments = Indexed(caller);
  if (segments.reached() < parts_.log.head()->size()) {
    return Fail(absl::StatusCode::kUnavailable, "INDEX_BEHIND",
                "The index has not reached the end of the log, so entries could be missed; ask again soon.");
  }
  IndexQuery query;
  query.all_of.push_back({terms});
  std::vector<uint64_t> indexes;
  segments.Walk(query, {}, [&](uint64_t index) {
    indexes.push_back(index);
    return indexes.size() <= kEntriesMax;
  });
  if (indexes.size() > kEntriesMax) {
    return Fail(absl::StatusCode::kResourceExhausted, "ERASURE_LARGE",
                "The person stands in more than a million entries; the operator has to look at this.");
  }

  // The entry is written together with the first rows that go, so that no erasure is without one.
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  v1::EntrySecret secret;
  secret.set_seed(NewSeed(parts_.random));
  v1::Erasure& erasure = *entry.mutable_erasure();
  erasure.set_legal_basis(request.legal_basis());
  erasure.set_reason(request.reason());
  erasure.set_entries(indexes.size());
  erasure.set_commitment(
      std::string(Bytes(Commitment(secret.seed(), kRequestLabel, CanonicalQuestion(id_number)))));
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), secret.SerializeAsString()});
  v1::EraseSubjectResponse response;
  response.set_entries(indexes.size());
  for (size_t done = 0; done < indexes.size() || !commit.records.empty();) {
    const size_t end = std::min(done + kRowsAtOnce, indexes.size());
    for (; done < end; ++done) {
      std::string key = storage::BigEndian(indexes[done]);
      const std::optional<std::string> stored = TRY(parts_.store.Get(Table::kSalts, key));
      if (!stored) continue;
      commit.writes.Delete(Table::kSalts, key);
      if (auto left = Remainder(*stored, tokens))
        commit.writes.Put(Table::kSalts, std::move(key), *std::move(left));
    }
    const storage::CommitResult result = TRY(parts_.pipeline.Run(std::move(commit)));
    if (!result.places.empty()) response.set_index(result.places[0].index);
    commit = {};
  }
  TRY(parts_.index.Forget(terms));
  TRY(parts_.store.Compact(Table::kSalts, "", ""));
  return response;
}

}  // namespace zhanqiao::ledger
