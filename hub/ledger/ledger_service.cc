#include "hub/ledger/ledger_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

constexpr uint64_t kEntriesReadMax = 10'000;
constexpr size_t kPageBytesMax = 1 << 20;
constexpr absl::Duration kCheckpointWaitMax = absl::Seconds(1);

absl::Status CheckRegistered(const Caller& caller) {
  if (caller.kind != SubjectKind::kNone) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "CALLER_UNREGISTERED",
              "The certificate is not of a registered subject; have it registered by the security administrator.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status OutOfRange(std::string_view reason, std::string_view message, uint64_t size) {
  return Fail(absl::StatusCode::kOutOfRange, reason, message, {{"size", absl::StrCat(size)}});
}

absl::Status BadIndex(uint64_t size) {
  return OutOfRange("ENTRY_INDEX", "The index is not below the size of the log; ask with a smaller one.", size);
}

absl::Status BadSize(uint64_t size) {
  return OutOfRange("TREE_SIZE", "The tree size is not within the log; take the sizes of signed checkpoints.", size);
}

absl::Status Damaged(uint64_t index) {
  return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_DAMAGED",
              "An entry of the log is missing or damaged; the hub's operator has to verify the log.",
              {{"index", absl::StrCat(index)}});
}

absl::Status Retired(uint64_t minimum) {
  return Fail(absl::StatusCode::kFailedPrecondition, "ENTRY_RETIRED",
              "The entry has left the store by the retention policy; it lies in the archive of its segment and is found "
              "with AuditService.QueryEntries.",
              {{"minimum_index", absl::StrCat(minimum)}});
}

absl::StatusOr<v1::StoredEntry> Decode(uint64_t index, std::string_view bytes) {
  v1::StoredEntry stored;
  stored.set_index(index);
  if (!stored.mutable_decoded()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Damaged(index);
  stored.set_entry(bytes.data(), bytes.size());
  stored.set_leaf_hash(std::string(Bytes(LeafHash(bytes))));
  return stored;
}

// `name` is the organisation itself or something of it.
bool BelongsTo(std::string_view name, std::string_view organization) {
  return name.starts_with(organization) && (name.size() == organization.size() || name[organization.size()] == '/');
}

template <typename Hashes>
void CopyProof(const Proof& proof, Hashes* hashes) {
  for (const Digest& hash : proof) *hashes->Add() = std::string(Bytes(hash));
}

void Describe(const Vouching& vouching, v1::GetCheckpointResponse& response) {
  response.set_quorum(vouching.quorum);
  if (vouching.cosigned) {
    response.set_cosigned_checkpoint(vouching.cosigned->note);
    response.set_cosigned_size(vouching.cosigned->checkpoint.size);
  }
  for (const Vouch& vouch : vouching.witnesses) {
    v1::WitnessWord& word = *response.add_witnesses();
    word.set_name(vouch.name);
    word.set_verifier_key(vouch.key.ToText());
    word.set_size(vouch.size);
    word.set_time_s(vouch.time_s);
    word.set_problem(vouch.problem);
  }
}

}  // namespace

bool Concerns(const v1::LedgerEntry& entry, std::string_view organization, const ProviderOf& provider_of) {
  if (organization.empty()) return false;
  const auto own = [&](std::string_view name) { return BelongsTo(name, organization); };
  const auto provides = [&](std::string_view resource) {
    return provider_of && !resource.empty() && provider_of(resource) == organization;
  };
  if (own(entry.actor())) return true;
  switch (entry.event_case()) {
    case v1::LedgerEntry::kGenesis:
      return true;
    case v1::LedgerEntry::kDocumentChange:
      return own(entry.document_change().name()) || provides(entry.document_change().name());
    case v1::LedgerEntry::kGrantEvent:
      return own(entry.grant_event().consumer()) || provides(entry.grant_event().resource());
    case v1::LedgerEntry::kExchange:
      return own(entry.exchange().consumer()) || own(entry.exchange().provider());
    case v1::LedgerEntry::kDenial:
      return own(entry.denial().consumer()) || provides(entry.denial().resource());
    case v1::LedgerEntry::kCertificateEvent:
      return own(entry.certificate_event().subject());
    case v1::LedgerEntry::kConnectorEvent:
      return own(entry.connector_event().connector());
    case v1::LedgerEntry::kAcknowledgement:
      return own(entry.acknowledgement().consumer());
    case v1::LedgerEntry::kArchiveEvent:
    case v1::LedgerEntry::kKeyEvent:
      return true;  // tell of the log itself: every party needs them to verify it
    case v1::LedgerEntry::kRoleEvent:
      return own(entry.role_event().person());
    case v1::LedgerEntry::kSignIn:
      return own(entry.sign_in().person());
    case v1::LedgerEntry::kFetchClosed:
      return own(entry.fetch_closed().consumer()) || provides(entry.fetch_closed().resource());
    case v1::LedgerEntry::kAccountEvent:
      return own(entry.account_event().person());
    case v1::LedgerEntry::kBreakGlassEvent:
      return own(entry.break_glass_event().person());
    case v1::LedgerEntry::kObjectionEvent:
      return own(entry.objection_event().consumer()) || own(entry.objection_event().provider());
    case v1::LedgerEntry::kDemandEvent:
      if (own(entry.demand_event().consumer())) return true;
      return std::any_of(entry.demand_event().providers().begin(), entry.demand_event().providers().end(), own);
    case v1::LedgerEntry::kFeedEvent:
      return provides(entry.feed_event().resource());
    case v1::LedgerEntry::kFileEvent:
      return provides(entry.file_event().resource());
    case v1::LedgerEntry::kQuestion:
    case v1::LedgerEntry::kErasure:
    case v1::LedgerEntry::EVENT_NOT_SET:
      return false;
  }
  return false;
}

LedgerService::LedgerService(const Log& log, const Checkpointer& checkpointer, ProviderOf provider_of)
    : log_(log), checkpointer_(checkpointer), provider_of_(std::move(provider_of)) {}

bool LedgerService::MaySee(const Caller& caller, const v1::LedgerEntry& entry) const {
  return caller.HasRole("auditor") || caller.HasRole("office") || Concerns(entry, caller.organization, provider_of_);
}

absl::StatusOr<v1::GetCheckpointResponse> LedgerService::GetCheckpoint(const Caller& caller,
                                                                       const v1::GetCheckpointRequest& request) const {
  TRY(CheckRegistered(caller));
  // Asked for nothing: the newest there is, but not none at all.
  const uint64_t size_min = std::max<uint64_t>(request.size_min(), 1);
  // More than the log holds cannot be waited for in a second's time with any reason to hope.
  if (const uint64_t size = log_.head()->size(); size_min > size) return BadSize(size);
  const absl::Time deadline = std::min(caller.deadline, absl::Now() + kCheckpointWaitMax);
  const SignedCheckpointPtr latest = TRY(checkpointer_.WaitFor(size_min, deadline));
  v1::GetCheckpointResponse response;
  response.set_checkpoint(latest->note);
  response.set_verifier_key(checkpointer_.key().ToText());
  for (const VerifierKey& key : checkpointer_.active_keys()) response.add_verifier_keys(key.ToText());
  if (witnesses_ != nullptr) Describe(witnesses_->vouching(), response);
  return response;
}

absl::StatusOr<v1::StoredEntry> LedgerService::GetEntry(const Caller& caller,
                                                        const v1::GetEntryRequest& request) const {
  TRY(CheckRegistered(caller));
  const uint64_t size = log_.head()->size();
  if (request.index() >= size) return BadIndex(size);
  const std::optional<std::string> bytes =
      TRY(log_.store().Get(Table::kEntries, storage::BigEndian(request.index())));
  if (!bytes) {
    const uint64_t minimum = TRY(MinimumIndex(log_.store()));
    return request.index() < minimum ? Retired(minimum) : Damaged(request.index());
  }
  v1::StoredEntry stored = TRY(Decode(request.index(), *bytes));
  if (MaySee(caller, stored.decoded())) return stored;
  return Fail(absl::StatusCode::kPermissionDenied, "ENTRY_NOT_YOURS",
              "The entry does not concern your organisation; auditors and the office see all entries.",
              {{"link", std::string(kLinkCaller)}});
}

absl::StatusOr<v1::ListEntriesResponse> LedgerService::ListEntries(const Caller& caller,
                                                                   const v1::ListEntriesRequest& request) const {
  TRY(CheckRegistered(caller));
  if (request.page_size() < 0) {
    return BadField("PAGE_SIZE_INVALID", "page_size", "The page size is negative; give 1 to 1000, or 0 for 50.");
  }
  const int limit = request.page_size() == 0 ? 50 : std::min(request.page_size(), 1000);
  const uint64_t size = log_.head()->size();
  const uint64_t from = std::min(request.from(), size);
  const uint64_t to = std::min(size, from + kEntriesReadMax);
  const uint64_t minimum = TRY(MinimumIndex(log_.store()));
  if (from < minimum) return Retired(minimum);
  v1::ListEntriesResponse response;
  response.set_size(size);
  uint64_t next = from;
  size_t bytes = 0;
  absl::Status broken;
  TRY(log_.store().Scan(Table::kEntries, storage::BigEndian(from), storage::BigEndian(to),
                        [&](std::string_view key, std::string_view value) {
    absl::StatusOr<v1::StoredEntry> stored = Decode(next, value);
    if (key != storage::BigEndian(next)) stored = Damaged(next);
    if (!stored.ok()) {
      broken = stored.status();
      return false;
    }
    ++next;
    if (!MaySee(caller, stored->decoded())) return true;
    bytes += 2 * value.size() + 64;
    *response.add_entries() = *std::move(stored);
    return response.entries_size() < limit && bytes < kPageBytesMax;
  }));
  TRY(std::move(broken));
  response.set_next(next);
  return response;
}

absl::StatusOr<v1::InclusionProof> LedgerService::GetInclusionProof(const Caller& caller,
                                                                    const v1::GetInclusionProofRequest& request) const {
  TRY(CheckRegistered(caller));
  const SignedCheckpointPtr latest = checkpointer_.Latest();
  const HeadPtr head = log_.head();
  const uint64_t newest = latest ? latest->checkpoint.size : 0;
  const uint64_t size = request.tree_size() == 0 ? newest : request.tree_size();
  if (size > head->size()) return BadSize(head->size());
  if (request.index() >= size) return BadIndex(size);
  const HeadHashes hashes(log_.store(), head);
  const Digest leaf = TRY(hashes.HashAt(0, request.index()));
  const Proof proof = TRY(InclusionProof(hashes, request.index(), size));
  v1::InclusionProof response;
  response.set_index(request.index());
  response.set_tree_size(size);
  response.set_leaf_hash(std::string(Bytes(leaf)));
  CopyProof(proof, response.mutable_hashes());
  if (size == newest && latest) response.set_checkpoint(latest->note);
  return response;
}

absl::StatusOr<v1::ConsistencyProof> LedgerService::GetConsistencyProof(
    const Caller& caller, const v1::GetConsistencyProofRequest& request) const {
  TRY(CheckRegistered(caller));
  const SignedCheckpointPtr latest = checkpointer_.Latest();
  const HeadPtr head = log_.head();
  const uint64_t newest = latest ? latest->checkpoint.size : 0;
  const uint64_t size = request.new_size() == 0 ? newest : request.new_size();
  if (size > head->size() || request.old_size() > size) return BadSize(std::min(size, head->size()));
  const Proof proof = TRY(ConsistencyProof(HeadHashes(log_.store(), head), request.old_size(), size));
  v1::ConsistencyProof response;
  response.set_old_size(request.old_size());
  response.set_new_size(size);
  CopyProof(proof, response.mutable_hashes());
  if (size == newest && latest) response.set_checkpoint(latest->note);
  return response;
}

}  // namespace zhanqiao::ledger
