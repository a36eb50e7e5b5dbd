#include "catalog/model/resource_filter.h"

#include <algorithm>

#include "catalog/base/identifiers.h"
#include "catalog/model/base_database.h"
#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

// An enumeration that is unspecified lets everything through.
template <typename Enum>
bool Passes(Enum wanted, Enum held) {
  return static_cast<int>(wanted) == 0 || wanted == held;
}
bool Passes(const std::string& wanted, const std::string& held) { return wanted.empty() || wanted == held; }

bool IsCodePrefix(std::string_view text) {
  return text.size() <= 18 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::vector<Violation> CheckFilter(const v1::ListResourcesRequest& filter) {
  Violations found;
  found.Require(filter.provider().empty() || IsOrganizationName(filter.provider()), "provider", "ORGANIZATION_NAME",
                "Give organizations/{code}, or nothing for all.");
  found.Require(v1::ResourceState_IsValid(filter.state()), "state", "ENUM_VALUE", "Give a ResourceState, or nothing.");
  found.Require(v1::ShareType_IsValid(filter.share_type()), "share_type", "ENUM_VALUE", "Give a ShareType, or nothing.");
  found.Require(v1::OpenType_IsValid(filter.open_type()), "open_type", "ENUM_VALUE", "Give an OpenType, or nothing.");
  found.Require(v1::UpdateCycle_IsValid(filter.update_cycle()), "update_cycle", "ENUM_VALUE",
                "Give an UpdateCycle, or nothing.");
  found.Require(v1::FormatCategory_IsValid(filter.format_category()), "format_category", "ENUM_VALUE",
                "Give a FormatCategory, or nothing.");
  found.Require(filter.base_database().empty() || IsBaseDatabase(filter.base_database()), "base_database",
                "BASE_DATABASE", "Give 自然人, 法人, 公共信用, 空间地理 or 行政执法, or nothing.");
  found.Require(IsCodePrefix(filter.classification()), "classification", "CLASSIFICATION",
                "Give at most 18 digits a code begins with, or nothing.");
  found.Require(filter.source_system().empty() || IsMemberName(filter.source_system(), kSystems), "source_system",
                "SYSTEM_NAME", "Give organizations/{code}/systems/{id}, or nothing.");
  return found.Take();
}

bool Matches(const v1::Resource& resource, const v1::ListResourcesRequest& filter) {
  return Passes(filter.provider(), resource.provider()) && Passes(filter.state(), resource.state()) &&
         Passes(filter.share_type(), resource.share_type()) && Passes(filter.open_type(), resource.open_type()) &&
         Passes(filter.base_database(), resource.base_database()) &&
         Passes(filter.update_cycle(), resource.update_cycle()) &&
         Passes(filter.format_category(), resource.format_category()) &&
         Passes(filter.source_system(), resource.source_system()) &&
         resource.resource_code().starts_with(filter.classification()) &&
         (filter.legacy_code().empty() || NormalizeCode(filter.legacy_code()) == NormalizeCode(resource.legacy_code()));
}

}  // namespace zhanqiao::catalog
