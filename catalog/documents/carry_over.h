// Takes every document with all its versions from one store into another that begins a new log.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "catalog/storage/store.h"

namespace zhanqiao::documents {

// Copies the documents in `from` to `to`, which holds none (FAILED_PRECONDITION / DOCUMENTS_NOT_EMPTY), and returns
// how many versions those are. Positions in the old log mean nothing in the new one: every version is known at 0, its
// first entry, which names the old log; their order stays. Revisions, times, actors and reasons stay as they are.
// Batches are written one after the other: a copy that failed half way is thrown away, not used.
absl::StatusOr<uint64_t> CarryOver(const storage::Reader& from, storage::Store& to);

}  // namespace zhanqiao::documents
