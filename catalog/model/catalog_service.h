// CatalogService (proto/zhanqiao/v1/catalog.proto) over the document store: one method per RPC, transport-neutral.
//
// Roles are asked for before anything is looked up. Writes check every element, then references to other documents
// in the in-memory view, then commit with the expected revision, so that two writers cannot both succeed from one
// version. Documents are never deleted here, so what a check saw to exist still exists at the commit.
// Methods block until durable. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/model/notices.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

class CatalogService {
 public:
  // Organisations that hold a grant in force of a resource; hub/access knows them.
  using Grantees = std::function<std::vector<std::string>(std::string_view resource)>;

  // `store`, `catalog` (which must follow `store`), `clock` and `random` must outlive it.
  CatalogService(documents::DocumentStore& store, const Catalog& catalog, const Clock& clock, Random& random,
                 Grantees grantees = {});

  // How many objections to records of a resource are being checked; hub/access knows them. Before traffic starts.
  using OpenObjections = std::function<int(std::string_view resource)>;
  void ShowObjections(OpenObjections open) { open_objections_ = std::move(open); }

  absl::StatusOr<v1::Organization> GetOrganization(const Caller&, const v1::GetOrganizationRequest&);
  absl::StatusOr<v1::ListOrganizationsResponse> ListOrganizations(const Caller&, const v1::ListOrganizationsRequest&);
  absl::StatusOr<v1::Organization> CreateOrganization(const Caller&, const v1::CreateOrganizationRequest&);
  absl::StatusOr<v1::Organization> UpdateOrganization(const Caller&, const v1::UpdateOrganizationRequest&);
  absl::StatusOr<v1::ImportOrganizationsResponse> ImportOrganizations(const Caller&,
                                                                      const v1::ImportOrganizationsRequest&);

  absl::StatusOr<v1::InformationSystem> GetInformationSystem(const Caller&, const v1::GetInformationSystemRequest&);
  absl::StatusOr<v1::ListInformationSystemsResponse> ListInformationSystems(
      const Caller&, const v1::ListInformationSystemsRequest&);
  absl::StatusOr<v1::InformationSystem> CreateInformationSystem(const Caller&,
                                                                const v1::CreateInformationSystemRequest&);
  absl::StatusOr<v1::InformationSystem> UpdateInformationSystem(const Caller&,
                                                                const v1::UpdateInformationSystemRequest&);

  absl::StatusOr<v1::Resource> GetResource(const Caller&, const v1::GetResourceRequest&);
  absl::StatusOr<v1::ListResourcesResponse> ListResources(const Caller&, const v1::ListResourcesRequest&);
  absl::StatusOr<v1::Resource> CreateResource(const Caller&, const v1::CreateResourceRequest&);
  absl::StatusOr<v1::Resource> UpdateResource(const Caller&, const v1::UpdateResourceRequest&);
  absl::StatusOr<v1::Resource> SubmitResource(const Caller&, const v1::SubmitResourceRequest&);
  absl::StatusOr<v1::Resource> ReviewResource(const Caller&, const v1::ReviewResourceRequest&);
  absl::StatusOr<v1::Resource> PublishResource(const Caller&, const v1::PublishResourceRequest&);
  absl::StatusOr<v1::Resource> WithdrawResource(const Caller&, const v1::WithdrawResourceRequest&);
  absl::StatusOr<v1::Resource> ReportDataUpdate(const Caller&, const v1::ReportDataUpdateRequest&);

  absl::StatusOr<v1::ListFindingsResponse> ListFindings(const Caller&, const v1::ListFindingsRequest&);
  absl::StatusOr<v1::GetBaseDatabaseCoverageResponse> GetBaseDatabaseCoverage(
      const Caller&, const v1::GetBaseDatabaseCoverageRequest&);

  // Revisions of catalogue documents are for every registered subject; those of other documents for auditor and
  // office, and for the organisation the document belongs to or names as consumer or provider.
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const Caller&, const v1::ListRevisionsRequest&);

  // The changes that tell everybody who holds a grant of the notice's resource.
  std::vector<documents::Change> NoticesToGrantees(const NewNotice& notice);

 private:
  absl::CivilDay Today() const { return CivilDayOf(clock_.Now()); }
  v1::Resource ShownNow(v1::Resource resource) const;
  // Replaces the entry `stored` by `resource`, with `more` in the same commit.
  absl::StatusOr<v1::Resource> Replace(const Caller& caller, const v1::Resource& resource, const v1::Resource& stored,
                                       const std::string& reason, std::vector<documents::Change> more = {});

  documents::DocumentStore& store_;
  const Catalog& catalog_;
  const Clock& clock_;
  Random& random_;
  const Grantees grantees_;
  OpenObjections open_objections_;
};

}  // namespace zhanqiao::catalog
