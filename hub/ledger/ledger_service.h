// LedgerService (proto/zhanqiao/v1/ledger.proto): checkpoints, entries and proofs, for those who may see them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/log.h"
#include "hub/ledger/vouching.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {

// True if `entry` names `organization` or something of it as actor, consumer, provider, document or connector, or
// is about a resource that `provider_of` says is its own.
using ProviderOf = std::function<std::string(std::string_view resource)>;  // organisation, or empty if unknown
bool Concerns(const v1::LedgerEntry& entry, std::string_view organization, const ProviderOf& provider_of);

// Thread-safe; methods may block (GetCheckpoint up to a second) and belong on a worker.
//
// Every method: PERMISSION_DENIED / CALLER_UNREGISTERED unless the caller is a registered subject. Entries: the
// roles auditor and office see all, others those that concern their organisation.
class LedgerService {
 public:
  // All references must outlive the service. Without `provider_of` a provider sees no grants and denials of its
  // resources that do not name it.
  LedgerService(const Log& log, const Checkpointer& checkpointer, ProviderOf provider_of = {});

  // From now on checkpoints come with what the witnesses say. `source` must outlive the service. Before traffic.
  void ShowWitnesses(const VouchingSource& source) { witnesses_ = &source; }

  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(const Caller& caller,
                                                          const v1::GetCheckpointRequest& request) const;
  // OUT_OF_RANGE / ENTRY_INDEX (fact: size), PERMISSION_DENIED / ENTRY_NOT_YOURS, FAILED_PRECONDITION / ENTRY_RETIRED
  // (fact: minimum_index) for one that lies in an archive only, as in ListEntries.
  absl::StatusOr<v1::StoredEntry> GetEntry(const Caller& caller, const v1::GetEntryRequest& request) const;
  // Reads at most 10,000 entries and answers at most about a megabyte; `next` says where to go on.
  absl::StatusOr<v1::ListEntriesResponse> ListEntries(const Caller& caller,
                                                      const v1::ListEntriesRequest& request) const;
  // OUT_OF_RANGE / ENTRY_INDEX or TREE_SIZE (facts: size of the newest checkpoint or the log).
  absl::StatusOr<v1::InclusionProof> GetInclusionProof(const Caller& caller,
                                                       const v1::GetInclusionProofRequest& request) const;
  absl::StatusOr<v1::ConsistencyProof> GetConsistencyProof(const Caller& caller,
                                                           const v1::GetConsistencyProofRequest& request) const;

 private:
  bool MaySee(const Caller& caller, const v1::LedgerEntry& entry) const;
  const Log& log_;
  const Checkpointer& checkpointer_;
  const ProviderOf provider_of_;
  const VouchingSource* witnesses_ = nullptr;
};

}  // namespace zhanqiao::ledger
