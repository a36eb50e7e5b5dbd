// How a stored entry may change: who, what, and what follows from it. Shared by its writers (CatalogService, imports).
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/model/notices.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// OK if `caller` may change the entry in its state. FAILED_PRECONDITION / RESOURCE_WITHDRAWN, RESOURCE_SUBMITTED;
// PERMISSION_DENIED / ROLE_REQUIRED.
absl::Status RequireWriter(const Caller& caller, const v1::Resource& stored);

// Gives `resource` what only the hub writes, and what an update that leaves it empty keeps.
void KeepOutputs(const v1::Resource& stored, v1::Resource& resource);
// The same for an entry that is new: a draft.
void ClearOutputs(v1::Resource& resource);

// The last step of a change that is right in itself: a published entry keeps how it is shared unless the office changes it
// (FAILED_PRECONDITION / RESOURCE_REVIEW_REQUIRED), and changed 信息项 are a new schema version. Gives the notice to those
// who hold grants, if one is due; it points into `resource`.
absl::StatusOr<std::optional<NewNotice>> Advance(const Caller& caller, const v1::Resource& stored, v1::Resource& resource);

}  // namespace zhanqiao::catalog
