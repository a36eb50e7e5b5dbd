// The resource methods of CatalogService: reading, creating and changing entries. Their states are in
// resource_states.cc.
#include <optional>

#include "catalog/base/identifiers.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/names.h"
#include "catalog/model/resource.h"
#include "catalog/model/resource_entry.h"
#include "catalog/model/resource_filter.h"
#include "catalog/model/resource_requests.h"
#include "catalog/model/resource_update.h"
#include "catalog/model/service_support.h"
#include "catalog/model/update_mask.h"

namespace zhanqiao::catalog {
namespace {

constexpr int kCodeAttemptsMax = 100;

// An entry of the past, beside nothing but itself.
v1::Resource ShownAlone(v1::Resource resource) {
  resource.clear_findings();
  for (v1::Finding& finding : FindingsOf(resource)) *resource.add_findings() = std::move(finding);
  return resource;
}

}  // namespace

v1::Resource CatalogService::ShownNow(v1::Resource resource) const {
  if (open_objections_) resource.set_open_objections(open_objections_(resource.name()));
  return Shown(std::move(resource), catalog_, Today());
}

absl::StatusOr<v1::Resource> CatalogService::GetResource(const Caller&, const v1::GetResourceRequest& request) {
  TRY(CheckResourceName(request.name()));
  if (IsPast(request.read_at())) {
    v1::Resource resource = TRY(Fetch<v1::Resource>(store_, request.name(), request.read_at()));
    return ShownAlone(std::move(resource));
  }
  const auto stored = catalog_.FindResource(request.name());
  if (stored == nullptr) return NotFound(request.name());
  return ShownNow(*stored);
}

absl::StatusOr<v1::ListResourcesResponse> CatalogService::ListResources(const Caller&,
                                                                        const v1::ListResourcesRequest& request) {
  TRY(BadFields(CheckFilter(request)));
  v1::ListResourcesResponse response;
  const auto keep = [&](const v1::Resource& resource) { return Matches(resource, request); };
  if (IsPast(request.read_at())) {
    TRY(PagePast(store_, kResourcesPrefix, request, keep, ShownAlone, response.mutable_resources(),
                 response.mutable_next_page_token()));
    return response;
  }
  const auto visit = [&](std::string_view last, const auto& each) {
    if (request.legacy_code().empty()) return catalog_.VisitResources(request.provider(), last, each);
    for (const std::string& name : catalog_.ResourcesWithLegacyCode(request.legacy_code())) {
      const auto found = catalog_.FindResource(name);
      if (name > last && found != nullptr && !each(found)) return;
    }
  };
  const auto show = [this](const v1::Resource& resource) { return ShownNow(resource); };
  TRY(PageNow(request, visit, keep, show, response.mutable_resources(), response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::Resource> CatalogService::CreateResource(const Caller& caller,
                                                            const v1::CreateResourceRequest& request) {
  v1::Resource resource = request.resource();
  TRY(RequireRole(caller, resource.provider(), {"org_clerk"}));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("resource", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) {
    v1::Resource before = TRY(DocumentOf<v1::Resource>(*made));
    return ShownNow(std::move(before));
  }
  Normalize(resource);
  ClearOutputs(resource);
  Derive(catalog_, resource);
  const std::string classification = IsClassification(resource.resource_code()) ? resource.resource_code() : "";
  for (int attempts = 0; attempts < kCodeAttemptsMax; ++attempts) {
    if (!classification.empty()) {
      const std::string taken = attempts == 0 ? "" : resource.resource_code();
      resource.set_resource_code(TRY(NextCode(catalog_, classification, taken)));
      resource.set_name(ResourceName(resource.resource_code()));
    }
    std::vector<Violation> violations = Below("resource", CheckEntry(resource, catalog_, Today()));
    CheckReason(request.reason(), false, violations);
    TRY(BadFields(violations));
    auto stored = Create(store_, caller, resource, key, request.reason());
    if (stored.ok()) return ShownNow(*std::move(stored));
    if (classification.empty() || ReasonOf(stored.status()) != "DOCUMENT_EXISTS") return stored;
  }
  return WithRetryAfter(Fail(absl::StatusCode::kAborted, "DOCUMENT_CONTENDED",
                             "Others keep taking the next code of this classification; try again a little later."),
                        100);
}

absl::StatusOr<v1::Resource> CatalogService::Replace(const Caller& caller, const v1::Resource& resource,
                                                     const v1::Resource& stored, const std::string& reason,
                                                     std::vector<documents::Change> more) {
  documents::Transaction transaction;
  transaction.changes.push_back(ChangeTo(resource, stored.revision()));
  for (documents::Change& change : more) transaction.changes.push_back(std::move(change));
  transaction.actor = caller.subject;
  transaction.reason = reason;
  const std::vector<documents::Version> versions = TRY(store_.Apply(std::move(transaction)));
  v1::Resource replaced = TRY(DocumentOf<v1::Resource>(versions.at(0)));
  return ShownNow(std::move(replaced));
}

std::vector<documents::Change> CatalogService::NoticesToGrantees(const NewNotice& notice) {
  std::vector<documents::Change> notices;
  if (!grantees_) return notices;
  for (const std::string& organization : grantees_(notice.subject)) {
    notices.push_back(NoticeTo(organization, notice, clock_.Now(), random_));
  }
  return notices;
}

absl::StatusOr<v1::Resource> CatalogService::UpdateResource(const Caller& caller,
                                                            const v1::UpdateResourceRequest& request) {
  TRY(RequireRole(caller, caller.organization, {"org_clerk", "org_approver"}));
  v1::Resource asked = request.resource();
  Normalize(asked);
  TRY(CheckResourceName(asked.name(), "resource.name"));
  TRY(RevisionInUpdate(asked.etag(), "resource.etag"));
  const auto stored = catalog_.FindResource(asked.name());
  if (stored == nullptr) return NotFound(asked.name());
  TRY(RequireWriter(caller, *stored));
  TRY(RequireEtag(asked.etag(), asked.name(), stored->revision()));
  v1::Resource resource = *stored;
  TRY(ApplyUpdate(request.update_mask(), asked, resource));
  KeepOutputs(*stored, resource);
  // Unless it is named, the code is what the organisation has now.
  if (!Names(request.update_mask(), "provider_code")) resource.clear_provider_code();
  Normalize(resource);
  Derive(catalog_, resource);
  std::vector<Violation> violations = Below("resource", CheckEntry(resource, catalog_, Today()));
  CheckReason(request.reason(), false, violations);
  if (resource.provider() != stored->provider()) {
    violations.push_back({"resource.provider", "PROVIDER_IMMUTABLE",
                          "An entry keeps its provider; withdraw it and create one of the other body."});
  }
  TRY(BadFields(violations));
  const std::optional<NewNotice> notice = TRY(Advance(caller, *stored, resource));
  return Replace(caller, resource, *stored, request.reason(),
                 notice ? NoticesToGrantees(*notice) : std::vector<documents::Change>());
}

}  // namespace zhanqiao::catalog
