#include "catalog/model/findings.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "catalog/model/base_database.h"
#include "catalog/model/names.h"
#include "catalog/model/resource.h"
#include "catalog/model/resource_fields.h"
#include "catalog/model/update_cycle.h"

namespace zhanqiao::catalog {
namespace {

using Findings = std::vector<v1::Finding>;

void AddDuplicate(const v1::Resource& resource, const Catalog& catalog, Findings& findings) {
  const auto other = catalog.ResourceNamedLike(resource.display_name(), resource.name());
  if (!other) return;
  findings.push_back(MakeFinding("DUPLICATE_NAME_LIKE", "display_name",
                                 absl::StrCat("Differs from the name of ", *other,
                                              " only by punctuation, blanks or case; merge them or rename one.")));
}

void AddSecondProviders(const v1::Resource& resource, const Catalog& catalog, Findings& findings) {
  const std::string_view scope = ScopeOf(resource);
  if (scope.empty()) return;
  for (int i = 0; i < resource.fields_size(); ++i) {
    const v1::Field& field = resource.fields(i);
    if (field.key() || field.person_key()) continue;
    const auto other = catalog.OtherProviderOf(scope, field.display_name(), resource.provider());
    if (!other) continue;
    findings.push_back(MakeFinding("SECOND_PROVIDER", absl::StrCat("fields[", i, "].display_name"),
                                   absl::StrCat(other->provider, " provides ", field.display_name(), " too, in ",
                                                other->resource, "; agree which is its one source (一数一源).")));
  }
}

void AddUnknownCodes(const v1::Resource& resource, const Catalog& catalog, Findings& findings) {
  for (int i = 0; i < resource.related_codes_size(); ++i) {
    const auto related = catalog.FindResource(ResourceName(resource.related_codes(i)));
    if (related != nullptr && related->state() != v1::RESOURCE_STATE_WITHDRAWN) continue;
    findings.push_back(MakeFinding("RELATED_CODE_UNKNOWN", absl::StrCat("related_codes[", i, "]"),
                                   "No entry in force has this code; correct or remove it."));
  }
  const std::string& code = resource.resource_code();
  const auto classes = catalog.FindCodeTable(kClassificationTable);
  if (!classes->KnowsClassification(std::string_view(code).substr(0, code.find('/')))) {
    findings.push_back(MakeFinding("CLASSIFICATION_UNKNOWN", "resource_code",
                                   "The city's table of 类项目细目 does not list it; have the office check it."));
  }
  const auto types = catalog.FindCodeTable(kCertificateTypesTable);
  if (resource.has_electronic_certificate() && types->loaded() &&
      types->Find(resource.electronic_certificate().type_code()) == nullptr) {
    findings.push_back(MakeFinding("CERTIFICATE_TYPE_UNKNOWN", "electronic_certificate.type_code",
                                   "The table of 证照类型 does not list it; have the office check it."));
  }
}

void AddOverdue(const v1::Resource& resource, absl::CivilDay as_of, Findings& findings) {
  if (!IsOverdue(resource, as_of)) return;
  const std::string last = resource.data_update_date().empty()
                               ? absl::StrCat("published on ", resource.release_date(), ", never reported since")
                               : absl::StrCat("last reported for ", resource.data_update_date());
  findings.push_back(MakeFinding("UPDATE_OVERDUE", "data_update_date",
                                 absl::StrCat("Was due on ", FormatDay(*UpdateDue(resource)), " (", last,
                                              "); update the data and report it.")));
}

}  // namespace

std::vector<v1::Finding> FindingsAmong(const v1::Resource& resource, const Catalog& catalog, absl::CivilDay as_of) {
  if (resource.state() == v1::RESOURCE_STATE_WITHDRAWN) return {};
  Findings findings = FindingsOf(resource);
  const auto provider = catalog.FindOrganization(resource.provider());
  if (provider != nullptr && !provider->unified_credit_code().empty()) {
    std::erase_if(findings, [](const auto& finding) { return finding.reason() == "CREDIT_CODE_MISSING"; });
  }
  AddDuplicate(resource, catalog, findings);
  AddSecondProviders(resource, catalog, findings);
  AddUnknownCodes(resource, catalog, findings);
  AddOverdue(resource, as_of, findings);
  return findings;
}

}  // namespace zhanqiao::catalog
