#include "catalog/model/resource_entry.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "catalog/base/clock.h"
#include "catalog/model/findings.h"
#include "catalog/model/names.h"
#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

constexpr uint64_t kSequenceMax = 999'999'999'999;  // 顺序码 has at most 12 digits

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

void TakeProviderCode(const Catalog& catalog, v1::Resource& resource) {
  if (!resource.provider_code().empty()) return;
  const auto provider = catalog.FindOrganization(resource.provider());
  if (provider != nullptr) resource.set_provider_code(provider->unified_credit_code());
}

}  // namespace

void Derive(const Catalog& catalog, v1::Resource& resource) {
  TakeProviderCode(catalog, resource);
  resource.set_schema_fingerprint(SchemaFingerprintOf(resource));
}

std::vector<Violation> CheckEntry(const v1::Resource& resource, const Catalog& catalog, absl::CivilDay today) {
  std::vector<Violation> violations = Check(resource);
  CheckReferences(resource, catalog, violations);
  const auto updated = ParseDay(resource.data_update_date());
  if (updated.ok() && *updated > today) {
    violations.push_back({"data_update_date", "DATE_IN_FUTURE", "Lies after today; give the day the data were updated."});
  }
  return violations;
}

absl::StatusOr<std::string> NextCode(const Catalog& catalog, std::string_view classification, std::string_view taken) {
  if (!catalog.FindCodeTable(kClassificationTable)->KnowsClassification(classification)) {
    return BadField("CLASSIFICATION_UNKNOWN", "resource.resource_code",
                    "The city's table of 类项目细目 does not list this classification; give one of it, or have the office "
                    "load the table.");
  }
  // What is taken stands in the store, though perhaps not yet in the view.
  uint64_t last = 0;
  if (!absl::SimpleAtoi(Absl(taken.substr(taken.find('/') + 1)), &last)) last = 0;
  last = std::max(last, catalog.LastSequence(classification));
  if (last >= kSequenceMax) {
    return Fail(absl::StatusCode::kResourceExhausted, "CODES_EXHAUSTED",
                "Every 顺序码 of this classification is used; choose another 细目.",
                {{"classification", std::string(classification)}});
  }
  return absl::StrFormat("%s/%06d", Absl(classification), last + 1);
}

v1::Resource Shown(v1::Resource resource, const Catalog& catalog, absl::CivilDay today) {
  TakeProviderCode(catalog, resource);
  resource.clear_findings();
  for (v1::Finding& finding : FindingsAmong(resource, catalog, today)) *resource.add_findings() = std::move(finding);
  return resource;
}

}  // namespace zhanqiao::catalog
