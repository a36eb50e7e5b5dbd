#include "catalog/model/base_database.h"

#include "catalog/model/electronic_certificate.h"

namespace zhanqiao::catalog {

bool IsBaseDatabase(std::string_view name) {
  for (const BaseDatabase& base : kBaseDatabases) {
    if (base.name == name) return name != kCertificates;
  }
  return false;
}

std::string_view BaseDatabaseOf(std::string_view resource_code) {
  for (const BaseDatabase& base : kBaseDatabases) {
    const bool stands = !base.guide_item.empty() && resource_code.starts_with(base.guide_item);
    if (stands && base.name != kCertificates) return base.name;
  }
  return {};
}

bool CountsFor(const v1::Resource& resource, std::string_view name) {
  return name == kCertificates ? IsCertificateCode(resource.resource_code()) : resource.base_database() == name;
}

std::string_view ScopeOf(const v1::Resource& resource) {
  if (!resource.base_database().empty()) return resource.base_database();
  const std::string_view code = resource.resource_code();
  return code.starts_with('2') ? code.substr(0, 3) : std::string_view();
}

}  // namespace zhanqiao::catalog
