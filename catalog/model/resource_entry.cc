#include "catalog/model/resource_entry.h"

#include "catalog/model/names.h"
#include "catalog/model/resource.h"
#include "catalog/model/resource_fields.h"

namespace zhanqiao::catalog {
namespace {

// What an entry refers to and does not fit with.
void CheckReferences(const v1::Resource& resource, const Catalog& catalog, std::vector<Violation>& violations) {
  const auto provider = catalog.FindOrganization(resource.provider());
  if (provider == nullptr) {
    if (IsOrganizationName(resource.provider())) {
      violations.push_back({"provider", "ORGANIZATION_UNKNOWN", "No such organisation is stored; create it first."});
    }
  } else if (!provider->unified_credit_code().empty() && resource.provider_code() != provider->unified_credit_code()) {
    violations.push_back({"provider_code", "PROVIDER_CODE_MISMATCH",
                          "Is not the provider's 统一社会信用代码; leave it empty to take the stored one."});
  }
  if (IsMemberName(resource.source_system(), kSystems) && catalog.FindSystem(resource.source_system()) == nullptr) {
    violations.push_back({"source_system", "SYSTEM_UNKNOWN", "No such information system is stored; register it first."});
  }
  if (catalog.FindSystemNamed(resource.display_name()) != nullptr) {
    violations.push_back({"display_name", "NAME_IS_SYSTEM",
                          "Is the name of an information system; name the content of the data instead."});
  }
}

}  // namespace

void Derive(const Catalog& catalog, v1::Resource& resource) {
  const auto provider = catalog.FindOrganization(resource.provider());
  if (provider != nullptr && resource.provider_code().empty()) {
    resource.set_provider_code(provider->unified_credit_code());
  }
  resource.set_schema_fingerprint(SchemaFingerprintOf(resource));
  resource.clear_findings();
  for (v1::Finding& finding : FindingsOf(resource)) *resource.add_findings() = std::move(finding);
  for (const std::string& other : catalog.ResourcesNamedLike(resource.display_name(), resource.name())) {
    *resource.add_findings() =
        MakeFinding("DUPLICATE_NAME_LIKE", "display_name",
                    "Differs from the name of " + other + " only by punctuation or blanks; merge them or rename one.");
  }
}

std::vector<Violation> CheckEntry(const v1::Resource& resource, const Catalog& catalog, absl::CivilDay) {
  std::vector<Violation> violations = Check(resource);
  CheckReferences(resource, catalog, violations);
  return violations;
}

}  // namespace zhanqiao::catalog
