// An entry among the other documents of the hub: what its writers (CatalogService, imports) and readers share.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/error.h"
#include "catalog/model/catalog.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Sets what the hub derives: the provider's code where it is empty, the schema's fingerprint. After Normalize, before
// CheckEntry.
void Derive(const Catalog& catalog, v1::Resource& resource);

// Every violation of the elements (resource.h) and of what the entry refers to: provider, source system, a name that is
// a system's, a date of data after `today`. None: it may be stored. Paths begin with the element's name.
std::vector<Violation> CheckEntry(const v1::Resource& resource, const Catalog& catalog, absl::CivilDay today);

}  // namespace zhanqiao::catalog
