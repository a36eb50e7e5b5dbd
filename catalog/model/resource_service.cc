// The resource methods of CatalogService: references to other documents, findings, and the states of an entry.
#include "catalog/base/identifiers.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/names.h"
#include "catalog/model/resource.h"
#include "catalog/model/resource_entry.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::catalog {
namespace {

absl::Status CheckResourceName(std::string_view name) {
  if (ResourceCodeOf(name).has_value()) return absl::OkStatus();
  return BadField("RESOURCE_NAME", "name",
                  "Give resources/{code with / written ~}, for example resources/308001370200~000001.");
}

absl::Status CheckAll(const v1::Resource& resource, std::string_view path, const Catalog& catalog, const Clock& clock,
                      std::vector<Violation> further) {
  std::vector<Violation> violations = CheckEntry(resource, catalog, CivilDayOf(clock.Now()));
  for (Violation& violation : violations) violation.field = std::string(path) + violation.field;
  for (Violation& violation : further) violations.push_back(std::move(violation));
  return BadFields(violations);
}

absl::Status WrongState(const v1::Resource& resource, std::string_view reason, std::string_view message) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message,
              {{"document", resource.name()}, {"state", v1::ResourceState_Name(resource.state())}});
}

// Refuses at once who could move no entry at all, so that names cannot be tried out.
absl::Status RequireApproverSomewhere(const Caller& caller) {
  return RequireRole(caller, caller.organization, {"org_approver"});
}

}  // namespace

absl::StatusOr<v1::Resource> CatalogService::GetResource(const Caller&, const v1::GetResourceRequest& request) {
  TRY(CheckResourceName(request.name()));
  return Fetch<v1::Resource>(store_, request.name(), request.read_at());
}

absl::StatusOr<v1::ListResourcesResponse> CatalogService::ListResources(const Caller&,
                                                                        const v1::ListResourcesRequest& request) {
  if (!request.provider().empty() && !IsOrganizationName(request.provider())) {
    return BadField("ORGANIZATION_NAME", "provider", "Give organizations/{code}, or nothing for all.");
  }
  const documents::ReadAt read_at = TRY(ReadAtOf(request.read_at()));
  const auto keep = [&](const documents::Version& version) {
    v1::Resource resource;
    return resource.ParseFromString(version.document) &&
           (request.provider().empty() || resource.provider() == request.provider());
  };
  documents::DocumentStore::Page page = TRY(store_.List("resources/", request.page_size(), request.page_token(), read_at, keep));
  v1::ListResourcesResponse response;
  for (const auto& version : page.versions) *response.add_resources() = TRY(DocumentOf<v1::Resource>(version));
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

absl::StatusOr<v1::Resource> CatalogService::CreateResource(const Caller& caller,
                                                            const v1::CreateResourceRequest& request) {
  v1::Resource resource = request.resource();
  TRY(RequireRole(caller, resource.provider(), {"org_clerk"}));
  Normalize(resource);
  resource.set_state(v1::RESOURCE_STATE_DRAFT);
  Derive(catalog_, resource);
  std::vector<Violation> further;
  CheckReason(request.reason(), false, further);
  TRY(CheckAll(resource, "resource.", catalog_, clock_, std::move(further)));
  return Put(store_, caller, resource, 0, request.reason());
}

absl::StatusOr<v1::Resource> CatalogService::UpdateResource(const Caller& caller,
                                                            const v1::UpdateResourceRequest& request) {
  v1::Resource resource = request.resource();
  TRY(RequireRole(caller, resource.provider(), {"org_clerk", "org_approver"}));
  Normalize(resource);
  const uint64_t revision = TRY(RevisionInUpdate(resource.etag(), "resource.etag"));
  const auto stored = catalog_.FindResource(resource.name());
  if (stored == nullptr) return NotFound(resource.name());
  // A published entry is in force: who may not publish may not change it either.
  if (stored->state() == v1::RESOURCE_STATE_PUBLISHED) {
    TRY(RequireRole(caller, stored->provider(), {"org_approver"}));
  } else if (stored->state() == v1::RESOURCE_STATE_WITHDRAWN) {
    return WrongState(*stored, "RESOURCE_WITHDRAWN", "The entry is withdrawn and cannot change; create one with a new code.");
  }
  TRY(RequireEtag(resource.etag(), resource.name(), stored->revision()));
  resource.set_state(stored->state());
  Derive(catalog_, resource);
  std::vector<Violation> further;
  CheckReason(request.reason(), false, further);
  if (resource.provider() != stored->provider()) {
    further.push_back({"resource.provider", "PROVIDER_IMMUTABLE",
                       "An entry keeps its provider; withdraw it and create one of the other body."});
  }
  if (stored->state() == v1::RESOURCE_STATE_PUBLISHED && resource.release_date().empty()) {
    resource.set_release_date(stored->release_date());
  }
  TRY(CheckAll(resource, "resource.", catalog_, clock_, std::move(further)));
  return Put(store_, caller, resource, revision, request.reason());
}

absl::StatusOr<v1::Resource> CatalogService::PublishResource(const Caller& caller,
                                                             const v1::PublishResourceRequest& request) {
  TRY(RequireApproverSomewhere(caller));
  TRY(CheckResourceName(request.name()));
  const auto stored = catalog_.FindResource(request.name());
  if (stored == nullptr) return NotFound(request.name());
  TRY(RequireRole(caller, stored->provider(), {"org_approver"}));
  TRY(RequireEtag(request.etag(), request.name(), stored->revision()));
  if (stored->state() != v1::RESOURCE_STATE_DRAFT) {
    return WrongState(*stored, "RESOURCE_NOT_DRAFT", "Only a draft can be published; look at the entry's state.");
  }
  v1::Resource resource = *stored;
  resource.set_state(v1::RESOURCE_STATE_PUBLISHED);
  if (resource.release_date().empty()) resource.set_release_date(FormatDay(CivilDayOf(clock_.Now())));
  Derive(catalog_, resource);
  std::vector<Violation> further;
  CheckReason(request.reason(), false, further);
  TRY(CheckAll(resource, "", catalog_, clock_, std::move(further)));
  return Put(store_, caller, resource, stored->revision(), request.reason());
}

absl::StatusOr<v1::Resource> CatalogService::WithdrawResource(const Caller& caller,
                                                              const v1::WithdrawResourceRequest& request) {
  TRY(RequireApproverSomewhere(caller));
  TRY(CheckResourceName(request.name()));
  std::vector<Violation> violations;
  CheckReason(request.reason(), /*required=*/true, violations);
  TRY(BadFields(violations));
  const auto stored = catalog_.FindResource(request.name());
  if (stored == nullptr) return NotFound(request.name());
  TRY(RequireRole(caller, stored->provider(), {"org_approver"}));
  TRY(RequireEtag(request.etag(), request.name(), stored->revision()));
  if (stored->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return WrongState(*stored, "RESOURCE_NOT_PUBLISHED",
                      "Only a published entry can be withdrawn; look at the entry's state.");
  }
  v1::Resource resource = *stored;
  resource.set_state(v1::RESOURCE_STATE_WITHDRAWN);
  return Put(store_, caller, resource, stored->revision(), request.reason());
}

}  // namespace zhanqiao::catalog
