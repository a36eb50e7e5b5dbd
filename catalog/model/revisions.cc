// CatalogService::ListRevisions: the history of any document, in protobuf JSON.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include "catalog/base/clock.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/code_table.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::catalog {
namespace {

bool IsCatalogueName(std::string_view name) {
  return IsOrganizationName(name) || IsMemberName(name, kSystems) || ResourceCodeOf(name).has_value() ||
         IsCodeTableName(name);
}

// The document in protobuf JSON with the names of the proto; empty for a deletion.
absl::StatusOr<std::string> JsonOf(const documents::Version& version) {
  std::string json;
  if (version.deleted) return json;
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(version.type);
  const auto* prototype = descriptor == nullptr
                              ? nullptr
                              : google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  std::unique_ptr<google::protobuf::Message> message(prototype == nullptr ? nullptr : prototype->New());
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (message == nullptr || !message->ParseFromString(version.document) ||
      !google::protobuf::util::MessageToJsonString(*message, &json, options).ok()) {
    return Fail(absl::StatusCode::kInternal, "DOCUMENT_TYPE", "The stored document is of a type this hub does not know.",
                {{"document", version.name}, {"type", version.type}});
  }
  return json;
}

// True if the newest version belongs to `organization`: under its name, or a grant it is a party of.
bool Concerns(const documents::Version& version, std::string_view organization, const Catalog& catalog) {
  if (organization.empty()) return false;
  if (OrganizationOf(version.name) == organization) return true;
  if (version.type != v1::Grant::descriptor()->full_name()) return false;
  v1::Grant grant;
  if (!grant.ParseFromString(version.document)) return false;
  const auto resource = catalog.FindResource(grant.resource());
  return OrganizationOf(grant.consumer()) == organization ||
         (resource != nullptr && resource->provider() == organization);
}

absl::Status NotYours() {
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
              "The history of this document is for auditor, office and the organisations it concerns.",
              {{"link", std::string(kLinkCaller)}, {"roles", "auditor, office"}});
}

absl::StatusOr<v1::Revision> RevisionFrom(const documents::Version& version) {
  v1::Revision revision;
  revision.set_name(version.name);
  revision.set_revision(version.revision);
  revision.set_type(version.type);
  revision.set_document_json(TRY(JsonOf(version)));
  revision.set_deleted(version.deleted);
  revision.set_effective_date(FormatDay(version.effective));
  revision.set_ledger_index(version.known_at);
  *revision.mutable_change_time() = ToTimestamp(version.change_time);
  revision.set_actor(version.actor);
  revision.set_reason(version.reason);
  return revision;
}

}  // namespace

absl::StatusOr<v1::ListRevisionsResponse> CatalogService::ListRevisions(const Caller& caller,
                                                                        const v1::ListRevisionsRequest& request) {
  if (request.name().empty()) return BadField("DOCUMENT_NAME", "name", "Required; give the name of a document.");
  if (!IsCatalogueName(request.name()) && !caller.HasRole("auditor") && !caller.HasRole("office")) {
    const auto newest = store_.Get(request.name());
    if (!newest.ok() || !Concerns(*newest, caller.organization, catalog_)) return NotYours();
  }
  const documents::DocumentStore::Page page = TRY(store_.History(request.name(), request.page_size(), request.page_token()));
  if (page.versions.empty() && request.page_token().empty()) return NotFound(request.name());
  v1::ListRevisionsResponse response;
  for (const documents::Version& version : page.versions) *response.add_revisions() = TRY(RevisionFrom(version));
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace zhanqiao::catalog
