#include "hub/ledger/receipt_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/receipt.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

constexpr int kAcknowledgedMax = 1000;   // indexes in one entry
constexpr size_t kRememberedMax = 4096;  // acknowledgements whose repetition is recognised
constexpr absl::Duration kCheckpointWaitMax = absl::Seconds(1);

absl::Status NotYours(uint64_t index) {
  return Fail(absl::StatusCode::kPermissionDenied, "RELEASE_NOT_YOURS",
              "The index is not that of a release to the calling system; acknowledge your own answers.",
              {{"link", std::string(kLinkCaller)}, {"index", absl::StrCat(index)}});
}

}  // namespace

std::vector<std::string_view> LabelsFor(const Caller& caller, const v1::LedgerEntry& entry,
                                        const ProviderOf& provider_of) {
  switch (entry.event_case()) {
    case v1::LedgerEntry::kExchange:
      if (caller.organization == entry.exchange().provider())
        return {kRequestLabel, kAnswerLabel, kReleasedLabel};
      if (caller.subject == entry.exchange().consumer()) return {kRequestLabel, kReleasedLabel};
      return {};
    case v1::LedgerEntry::kDenial:
      if (caller.subject == entry.actor()) return {kRequestLabel};
      return {};
    case v1::LedgerEntry::kQuestion:
    case v1::LedgerEntry::kErasure:
      if (caller.subject == entry.actor()) return {kRequestLabel};
      return {};
    case v1::LedgerEntry::kGrantEvent:
    case v1::LedgerEntry::kDocumentChange:
    case v1::LedgerEntry::kObjectionEvent:
    case v1::LedgerEntry::kDemandEvent:
      if (Concerns(entry, caller.organization, provider_of)) return {kDocumentLabel};
      return {};
    default:
      return {};
  }
}

ReceiptService::ReceiptService(const Log& log, const Checkpointer& checkpointer,
                               storage::CommitPipeline& pipeline, std::string origin, ProviderOf provider_of)
    : log_(log),
      checkpointer_(checkpointer),
      pipeline_(pipeline),
      origin_(std::move(origin)),
      provider_of_(provider_of),
      reads_(log, checkpointer, std::move(provider_of)) {}

absl::StatusOr<v1::Receipt> ReceiptService::GetReceipt(const Caller& caller,
                                                       const v1::GetReceiptRequest& request) const {
  v1::GetEntryRequest get;
  get.set_index(request.index());
  v1::StoredEntry stored = TRY(reads_.GetEntry(caller, get));
  const absl::Time deadline = std::min(caller.deadline, absl::Now() + kCheckpointWaitMax);
  const SignedCheckpointPtr latest = TRY(checkpointer_.WaitFor(request.index() + 1, deadline));
  TlogProof proof;
  proof.index = request.index();
  proof.hashes =
      TRY(InclusionProof(HeadHashes(log_.store(), log_.head()), request.index(), latest->checkpoint.size));
  proof.checkpoint = latest->note;
  v1::Receipt receipt;
  receipt.set_index(request.index());
  receipt.set_proof(proof.ToText());
  TRY(AddSecrets(caller, stored.decoded(), receipt));
  receipt.set_entry(std::move(*stored.mutable_entry()));
  return receipt;
}

absl::Status ReceiptService::AddSecrets(const Caller& caller, const v1::LedgerEntry& entry,
                                        v1::Receipt& receipt) const {
  const std::optional<std::string> bytes =
      TRY(log_.store().Get(Table::kSalts, storage::BigEndian(receipt.index())));
  v1::EntrySecret secret;
  if (bytes && !secret.ParseFromString(*bytes)) {
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_SECRET_DAMAGED",
                "What is kept beside the entry is damaged; the hub's operator has to restore it.",
                {{"index", absl::StrCat(receipt.index())}});
  }
  for (const std::string_view label : {kRequestLabel, kAnswerLabel, kReleasedLabel, kDocumentLabel}) {
    if (secret.seed().empty() && !CommitmentIn(entry, label).empty()) receipt.set_erased(true);
  }
  const std::vector<std::string_view> labels = LabelsFor(caller, entry, provider_of_);
  for (const std::string_view label : labels) {
    if (secret.seed().empty() || CommitmentIn(entry, label).empty()) continue;
    v1::Salt& salt = *receipt.add_salts();
    salt.set_label(std::string(label));
    salt.set_salt(std::string(Bytes(SaltFor(secret.seed(), label))));
  }
  if (secret.has_request_signature()) *receipt.mutable_request_signature() = secret.request_signature();
  if (secret.has_answer_signature()) *receipt.mutable_answer_signature() = secret.answer_signature();
  return absl::OkStatus();
}

absl::Status ReceiptService::CheckOwn(const Caller& caller, const std::vector<uint64_t>& indexes) const {
  const uint64_t size = log_.head()->size();
  for (const uint64_t index : indexes) {
    if (index >= size) return NotYours(index);
    const std::optional<std::string> bytes =
        TRY(log_.store().Get(Table::kEntries, storage::BigEndian(index)));
    v1::LedgerEntry entry;
    if (!bytes || !entry.ParseFromString(*bytes) || entry.exchange().consumer() != caller.subject)
      return NotYours(index);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::AcknowledgeResponse> ReceiptService::Acknowledge(const Caller& caller,
                                                                    const v1::AcknowledgeRequest& request) {
  if (caller.kind != SubjectKind::kSystem) {
    return Fail(absl::StatusCode::kPermissionDenied, "CALLER_NOT_SYSTEM",
                "Answers go to registered systems, so systems acknowledge them.",
                {{"link", std::string(kLinkCaller)}});
  }
  if (request.indexes().empty() || request.indexes_size() > kAcknowledgedMax) {
    return BadField("INDEXES_COUNT", "indexes", "Name 1 to 1000 releases.");
  }
  std::vector<uint64_t> indexes(request.indexes().begin(), request.indexes().end());
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  TRY(CheckOwn(caller, indexes));
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.mutable_acknowledgement()->set_consumer(caller.subject);
  for (const uint64_t index : indexes) entry.mutable_acknowledgement()->add_indexes(index);
  const std::string key = entry.SerializeAsString();
  {
    absl::MutexLock lock(&mu_);
    const auto before = acknowledged_.find(key);
    if (before != acknowledged_.end()) return before->second;
  }
  entry.set_trace(caller.trace);
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), ""});
  const storage::CommitResult written = TRY(pipeline_.Run(std::move(commit)));
  v1::AcknowledgeResponse response;
  response.set_acknowledged(static_cast<uint32_t>(indexes.size()));
  response.mutable_receipt()->set_origin(origin_);
  response.mutable_receipt()->set_index(written.places.at(0).index);
  response.mutable_receipt()->set_leaf_hash(std::string(Bytes(written.places.at(0).leaf)));
  absl::MutexLock lock(&mu_);
  if (acknowledged_.size() >= kRememberedMax) acknowledged_.clear();
  acknowledged_.emplace(key, response);
  return response;
}

}  // namespace zhanqiao::ledger
