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

// The next code under `classification` that was never used: 顺序码 of six digits, more when those are used up. Another
// may take it before it is stored: then storing fails with DOCUMENT_EXISTS, and the next is asked for with that one as
// `taken`. INVALID_ARGUMENT / CLASSIFICATION_UNKNOWN unless the code table lists it; RESOURCE_EXHAUSTED /
// CODES_EXHAUSTED.
absl::StatusOr<std::string> NextCode(const Catalog& catalog, std::string_view classification, std::string_view taken);

// The entry as it is shown now: with its findings as of `today`, and its provider's code where the organisation got one
// since.
v1::Resource Shown(v1::Resource resource, const Catalog& catalog, absl::CivilDay today);

}  // namespace zhanqiao::catalog
