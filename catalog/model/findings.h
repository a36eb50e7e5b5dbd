// What an entry should improve, seen beside all others: computed from the in-memory view whenever it is asked for, never
// stored, so that it cannot go stale when another document changes.
#pragma once

#include <vector>

#include "absl/time/civil_time.h"
#include "catalog/model/catalog.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Those of FindingsOf (resource.h), and DUPLICATE_NAME_LIKE (on both entries), SECOND_PROVIDER (一数一源: another body
// provides a 信息项 of the same name under the same base database or theme; keys aside), RELATED_CODE_UNKNOWN,
// CLASSIFICATION_UNKNOWN, CERTIFICATE_TYPE_UNKNOWN (where the code table is loaded) and UPDATE_OVERDUE as of `as_of`.
// CREDIT_CODE_MISSING only while the organisation has no code either. A withdrawn entry has none.
std::vector<v1::Finding> FindingsAmong(const v1::Resource& resource, const Catalog& catalog, absl::CivilDay as_of);

}  // namespace zhanqiao::catalog
