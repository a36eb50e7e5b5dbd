#include "catalog/model/catalog_service.h"

#include "catalog/model/information_system.h"
#include "catalog/model/names.h"
#include "catalog/model/organization.h"
#include "catalog/model/organization_import.h"
#include "catalog/model/service_support.h"
#include "catalog/model/update_mask.h"

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

// Violations of who takes over from an organisation.
std::vector<Violation> CheckSucceeded(const v1::Organization& organization, const Catalog& catalog) {
  std::string next = organization.successor();
  if (!next.empty() && catalog.FindOrganization(next) == nullptr) {
    return {{"successor", "SUCCESSOR_UNKNOWN", "No such organisation is stored; create it first or correct the name."}};
  }
  for (int steps = 0; !next.empty() && steps < 64; ++steps) {
    if (next == organization.name()) {
      return {{"successor", "SUCCESSOR_CYCLE", "The chain of successors comes back to this body; give another."}};
    }
    const auto body = catalog.FindOrganization(next);
    next = body == nullptr ? "" : body->successor();
  }
  return {};
}

// Violations of an organisation and of its place under its parent and before its successor.
std::vector<Violation> CheckPlaced(const v1::Organization& organization, const Catalog& catalog) {
  std::vector<Violation> violations = Check(organization);
  if (violations.empty()) violations = CheckSucceeded(organization, catalog);
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

constexpr auto kAsItIs = [](const auto& document) { return document; };

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

}  // namespace

CatalogService::CatalogService(documents::DocumentStore& store, const Catalog& catalog, const Clock& clock,
                               Random& random, Grantees grantees)
    : store_(store), catalog_(catalog), clock_(clock), random_(random), grantees_(std::move(grantees)) {}

absl::StatusOr<v1::Organization> CatalogService::GetOrganization(const Caller&,
                                                                 const v1::GetOrganizationRequest& request) {
  TRY(CheckOrganizationName(request.name(), "name"));
  return Fetch<v1::Organization>(store_, request.name(), request.read_at());
}

absl::StatusOr<v1::ListOrganizationsResponse> CatalogService::ListOrganizations(
    const Caller&, const v1::ListOrganizationsRequest& request) {
  if (!v1::OrganizationKind_IsValid(request.kind())) {
    return BadField("ENUM_VALUE", "kind", "Give an OrganizationKind, or nothing.");
  }
  if (!request.parent().empty()) TRY(CheckOrganizationName(request.parent(), "parent"));
  const auto keep = [&](const v1::Organization& body) {
    return (request.kind() == v1::ORGANIZATION_KIND_UNSPECIFIED || body.kind() == request.kind()) &&
           (request.parent().empty() || body.parent() == request.parent());
  };
  v1::ListOrganizationsResponse response;
  if (IsPast(request.read_at())) {
    TRY(PagePast(store_, kOrganizationsPrefix, request, keep, kAsItIs, response.mutable_organizations(),
                 response.mutable_next_page_token()));
    return response;
  }
  TRY(PageNow(
      request, [&](std::string_view last, const auto& each) { catalog_.VisitOrganizations(last, each); }, keep, kAsItIs,
      response.mutable_organizations(), response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::Organization> CatalogService::CreateOrganization(const Caller& caller,
                                                                    const v1::CreateOrganizationRequest& request) {
  TRY(RequireRole(caller, "", {}));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("organization", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return DocumentOf<v1::Organization>(*made);
  v1::Organization organization = request.organization();
  Normalize(organization);
  std::vector<Violation> violations = Below("organization", CheckPlaced(organization, catalog_));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  return Create(store_, caller, organization, key, request.reason());
}

absl::StatusOr<v1::Organization> CatalogService::UpdateOrganization(const Caller& caller,
                                                                    const v1::UpdateOrganizationRequest& request) {
  TRY(RequireRole(caller, "", {}));
  const v1::Organization& asked = request.organization();
  TRY(CheckOrganizationName(asked.name(), "organization.name"));
  const uint64_t revision = TRY(RevisionInUpdate(asked.etag(), "organization.etag"));
  const auto stored = catalog_.FindOrganization(asked.name());
  if (stored == nullptr) return NotFound(asked.name());
  v1::Organization organization = *stored;
  TRY(ApplyUpdate(request.update_mask(), asked, organization));
  organization.set_name(stored->name());
  Normalize(organization);
  std::vector<Violation> violations = Below("organization", CheckPlaced(organization, catalog_));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
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
  const bool all = request.parent() == "organizations/-";
  if (!all) TRY(CheckOrganizationName(request.parent(), "parent"));
  if (!v1::RegistrationState_IsValid(request.state())) {
    return BadField("ENUM_VALUE", "state", "Give a RegistrationState, or nothing.");
  }
  const auto keep = [&](const v1::InformationSystem& system) {
    return request.state() == v1::REGISTRATION_STATE_UNSPECIFIED || system.state() == request.state();
  };
  v1::ListInformationSystemsResponse response;
  if (IsPast(request.read_at())) {
    const std::string prefix = all ? std::string(kOrganizationsPrefix) : request.parent() + "/systems/";
    TRY(PagePast(store_, prefix, request, keep, kAsItIs, response.mutable_information_systems(),
                 response.mutable_next_page_token()));
    return response;
  }
  const std::string_view organization = all ? std::string_view() : std::string_view(request.parent());
  TRY(PageNow(
      request, [&](std::string_view last, const auto& each) { catalog_.VisitSystems(organization, last, each); }, keep,
      kAsItIs, response.mutable_information_systems(), response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::InformationSystem> CatalogService::CreateInformationSystem(
    const Caller& caller, const v1::CreateInformationSystemRequest& request) {
  const v1::InformationSystem& system = request.information_system();
  const std::string_view organization = OrganizationOf(system.name());
  TRY(RequireRole(caller, organization, {"org_clerk"}));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("system", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return DocumentOf<v1::InformationSystem>(*made);
  std::vector<Violation> violations = CheckReferring(system, catalog_);
  if (violations.empty() && catalog_.FindOrganization(organization) == nullptr) {
    violations = {{"name", "ORGANIZATION_UNKNOWN", "No such organisation is stored; create it first."}};
  }
  violations = Below("information_system", std::move(violations));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  return Create(store_, caller, system, key, request.reason());
}

absl::StatusOr<v1::InformationSystem> CatalogService::UpdateInformationSystem(
    const Caller& caller, const v1::UpdateInformationSystemRequest& request) {
  const v1::InformationSystem& asked = request.information_system();
  TRY(RequireRole(caller, OrganizationOf(asked.name()), {"org_clerk"}));
  const uint64_t revision = TRY(RevisionInUpdate(asked.etag(), "information_system.etag"));
  const auto stored = catalog_.FindSystem(asked.name());
  if (stored == nullptr) return NotFound(asked.name());
  v1::InformationSystem system = *stored;
  TRY(ApplyUpdate(request.update_mask(), asked, system));
  system.set_name(stored->name());
  std::vector<Violation> violations = Below("information_system", CheckReferring(system, catalog_));
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  return Put(store_, caller, system, revision, request.reason());
}

}  // namespace zhanqiao::catalog
