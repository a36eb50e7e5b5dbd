#include "catalog/model/catalog_service.h"

#include "catalog/model/information_system.h"
#include "catalog/model/names.h"
#include "catalog/model/organization.h"
#include "catalog/model/organization_import.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::catalog {
namespace {

constexpr std::string_view kOrganizationsPrefix = "organizations/";

absl::Status CheckOrganizationName(std::string_view name, std::string_view field) {
  if (IsOrganizationName(name)) return absl::OkStatus();
  return BadField("ORGANIZATION_NAME", field, "Give organizations/{code}, for example organizations/370200-FGW.");
}

absl::Status CheckSystemName(std::string_view name) {
  if (IsMemberName(name, kSystems)) return absl::OkStatus();
  return BadField("SYSTEM_NAME", "name", "Give organizations/{code}/systems/{id}.");
}

// Paths of a document inside its request.
std::vector<Violation> Below(std::string_view path, std::vector<Violation> violations) {
  for (Violation& violation : violations) violation.field = std::string(path) + "." + violation.field;
  return violations;
}

// Violations of an organisation and of its place under its parent.
std::vector<Violation> CheckPlaced(const v1::Organization& organization, const Catalog& catalog) {
  std::vector<Violation> violations = Check(organization);
  if (organization.parent().empty() || !violations.empty()) return violations;
  if (catalog.FindOrganization(organization.parent()) == nullptr) {
    return {{"parent", "PARENT_UNKNOWN", "No such organisation is stored; create it first or correct the name."}};
  }
  std::string above = organization.parent();
  for (int steps = 0; !above.empty() && steps < 64; ++steps) {
    if (above == organization.name()) {
      return {{"parent", "PARENT_CYCLE", "The chain of parents comes back to this body; give another."}};
    }
    const auto body = catalog.FindOrganization(above);
    above = body == nullptr ? "" : body->parent();
  }
  return violations;
}

// Violations of a system and of what its inventory refers to.
std::vector<Violation> CheckReferring(const v1::InformationSystem& system, const Catalog& catalog) {
  std::vector<Violation> violations = Check(system);
  const auto check = [&](const std::string& other, std::string_view element) {
    if (!IsMemberName(other, kSystems) || catalog.FindSystem(other) != nullptr) return;
    violations.push_back({std::string(element), "SYSTEM_UNKNOWN", "No such information system is stored; register it first."});
  };
  check(system.inventory().substitute_system(), "inventory.substitute_system");
  check(system.inventory().merged_into(), "inventory.merged_into");
  return violations;
}

// A page of documents of one type.
template <typename Message>
absl::Status ListInto(const documents::DocumentStore& store, std::string_view prefix, int page_size,
                      std::string_view page_token, const v1::ReadAt& at,
                      google::protobuf::RepeatedPtrField<Message>* out, std::string* next) {
  const documents::ReadAt read_at = TRY(ReadAtOf(at));
  const std::string& type = Message::descriptor()->full_name();
  documents::DocumentStore::Page page = TRY(store.List(
      prefix, page_size, page_token, read_at, [&](const documents::Version& version) { return version.type == type; }));
  for (const documents::Version& version : page.versions) *out->Add() = TRY(DocumentOf<Message>(version));
  *next = std::move(page.next_page_token);
  return absl::OkStatus();
}

}  // namespace

CatalogService::CatalogService(documents::DocumentStore& store, const Catalog& catalog, const Clock& clock)
    : store_(store), catalog_(catalog), clock_(clock) {}

absl::StatusOr<v1::Organization> CatalogService::GetOrganization(const Caller&,
                                                                 const v1::GetOrganizationRequest& request) {
  TRY(CheckOrganizationName(request.name(), "name"));
  return Fetch<v1::Organization>(store_, request.name(), request.read_at());
}

absl::StatusOr<v1::ListOrganizationsResponse> CatalogService::ListOrganizations(
    const Caller&, const v1::ListOrganizationsRequest& request) {
  v1::ListOrganizationsResponse response;
  TRY(ListInto(store_, kOrganizationsPrefix, request.page_size(), request.page_token(), request.read_at(),
               response.mutable_organizations(), response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::Organization> CatalogService::CreateOrganization(const Caller& caller,
                                                                    const v1::CreateOrganizationRequest& request) {
  TRY(RequireRole(caller, "", {}));
  v1::Organization organization = request.organization();
  Normalize(organization);
  std::vector<Violation> violations = Below("organization", CheckPlaced(organization, catalog_));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  return Put(store_, caller, organization, 0, request.reason());
}

absl::StatusOr<v1::Organization> CatalogService::UpdateOrganization(const Caller& caller,
                                                                    const v1::UpdateOrganizationRequest& request) {
  TRY(RequireRole(caller, "", {}));
  v1::Organization organization = request.organization();
  Normalize(organization);
  std::vector<Violation> violations = Below("organization", CheckPlaced(organization, catalog_));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  const uint64_t revision = TRY(RevisionInUpdate(organization.etag(), "organization.etag"));
  if (catalog_.FindOrganization(organization.name()) == nullptr) return NotFound(organization.name());
  return Put(store_, caller, organization, revision, request.reason());
}

absl::StatusOr<v1::ImportOrganizationsResponse> CatalogService::ImportOrganizations(
    const Caller& caller, const v1::ImportOrganizationsRequest& request) {
  TRY(RequireRole(caller, "", {}));
  std::vector<Violation> violations;
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  const OrganizationPlan plan = PlanOrganizations(request.csv(), catalog_);
  v1::ImportOrganizationsResponse response;
  if (!plan.problems.empty()) {
    response.mutable_problems()->Add(plan.problems.begin(), plan.problems.end());
    return response;
  }
  response.set_created(static_cast<int>(plan.created.size()));
  response.set_updated(static_cast<int>(plan.updated.size()));
  response.set_unchanged(plan.unchanged);
  if (request.validate_only() || plan.created.size() + plan.updated.size() == 0) return response;
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = request.reason();
  for (const auto& organization : plan.created) transaction.changes.push_back(ChangeTo(organization, 0));
  for (const auto& organization : plan.updated) {
    const uint64_t revision = TRY(documents::RevisionOf(organization.etag()));
    transaction.changes.push_back(ChangeTo(organization, revision));
  }
  TRY(store_.Apply(std::move(transaction)));
  return response;
}

absl::StatusOr<v1::InformationSystem> CatalogService::GetInformationSystem(
    const Caller&, const v1::GetInformationSystemRequest& request) {
  TRY(CheckSystemName(request.name()));
  return Fetch<v1::InformationSystem>(store_, request.name(), request.read_at());
}

absl::StatusOr<v1::ListInformationSystemsResponse> CatalogService::ListInformationSystems(
    const Caller&, const v1::ListInformationSystemsRequest& request) {
  std::string prefix(kOrganizationsPrefix);
  if (request.parent() != "organizations/-") {
    TRY(CheckOrganizationName(request.parent(), "parent"));
    prefix = request.parent() + "/systems/";
  }
  v1::ListInformationSystemsResponse response;
  TRY(ListInto(store_, prefix, request.page_size(), request.page_token(), request.read_at(),
               response.mutable_information_systems(), response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::InformationSystem> CatalogService::CreateInformationSystem(
    const Caller& caller, const v1::CreateInformationSystemRequest& request) {
  const v1::InformationSystem& system = request.information_system();
  const std::string_view organization = OrganizationOf(system.name());
  TRY(RequireRole(caller, organization, {"org_clerk"}));
  std::vector<Violation> violations = CheckReferring(system, catalog_);
  if (violations.empty() && catalog_.FindOrganization(organization) == nullptr) {
    violations = {{"name", "ORGANIZATION_UNKNOWN", "No such organisation is stored; create it first."}};
  }
  violations = Below("information_system", std::move(violations));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  return Put(store_, caller, system, 0, request.reason());
}

absl::StatusOr<v1::InformationSystem> CatalogService::UpdateInformationSystem(
    const Caller& caller, const v1::UpdateInformationSystemRequest& request) {
  const v1::InformationSystem& system = request.information_system();
  TRY(RequireRole(caller, OrganizationOf(system.name()), {"org_clerk"}));
  std::vector<Violation> violations = Below("information_system", CheckReferring(system, catalog_));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  const uint64_t revision = TRY(RevisionInUpdate(system.etag(), "information_system.etag"));
  if (catalog_.FindSystem(system.name()) == nullptr) return NotFound(system.name());
  return Put(store_, caller, system, revision, request.reason());
}

}  // namespace zhanqiao::catalog
