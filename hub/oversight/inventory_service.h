// InventoryService (proto/zhanqiao/v1/inventory.proto). Methods block on the store: on a worker. Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/oversight/records.h"
#include "zhanqiao/v1/inventory.pb.h"

namespace zhanqiao::oversight {

class InventoryService {
 public:
  // All of it outlives the service.
  InventoryService(documents::DocumentStore& store, const catalog::Catalog& catalog, const Records& records, const Clock& clock)
      : store_(store), catalog_(catalog), records_(records), clock_(clock) {}

  absl::StatusOr<v1::Facility> GetFacility(const Caller&, const v1::GetFacilityRequest&) const;
  absl::StatusOr<v1::ListFacilitiesResponse> ListFacilities(const Caller&, const v1::ListFacilitiesRequest&) const;
  absl::StatusOr<v1::Facility> CreateFacility(const Caller&, const v1::CreateFacilityRequest&);
  absl::StatusOr<v1::Facility> UpdateFacility(const Caller&, const v1::UpdateFacilityRequest&);
  absl::StatusOr<v1::ListCleanupProposalsResponse> ListCleanupProposals(const Caller&,
                                                                        const v1::ListCleanupProposalsRequest&) const;
  absl::StatusOr<v1::CleanupJudgement> JudgeCleanupProposal(const Caller&, const v1::JudgeCleanupProposalRequest&);
  absl::StatusOr<v1::ListMergeTreesResponse> ListMergeTrees(const Caller&, const v1::ListMergeTreesRequest&) const;
  absl::StatusOr<v1::Completeness> GetCompleteness(const Caller&, const v1::GetCompletenessRequest&) const;
  absl::StatusOr<v1::ListCloudComparisonsResponse> ListCloudComparisons(const Caller&,
                                                                        const v1::ListCloudComparisonsRequest&) const;

 private:
  absl::StatusOr<std::vector<v1::CleanupProposal>> Proposals() const;

  documents::DocumentStore& store_;
  const catalog::Catalog& catalog_;
  const Records& records_;
  const Clock& clock_;
};

}  // namespace zhanqiao::oversight
