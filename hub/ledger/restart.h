// A new log in place of one that lost entries: after a restore from a copy that is older than what was signed, the old
// log must not go on (it would sign a second history). The new one bears another origin, and its entry 0 holds the old
// log's last checkpoint known outside, so that anyone can see where the one ended and the other began.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/storage/pipeline.h"
#include "catalog/storage/store.h"

namespace zhanqiao::ledger {

inline constexpr std::string_view kPreviousKey = "ledger/previous";  // Table::kMeta: signed note, until entry 0 holds it

// Writes `previous_checkpoint` into `fresh`, a store without a log, for the hub that starts on it first.
//   FAILED_PRECONDITION / LEDGER_NOT_EMPTY    `fresh` holds a log
//   INVALID_ARGUMENT    / NOTE_MALFORMED, CHECKPOINT_MALFORMED
absl::Status PrepareNewLog(storage::Store& fresh, std::string_view previous_checkpoint);

// Entry 0 of the new log in `reader`: origin, key, and the previous log's checkpoint if one was prepared.
// FAILED_PRECONDITION / LEDGER_ORIGIN_REUSED when that is of the same origin (fact: origin).
absl::StatusOr<storage::LogRecord> FirstRecord(const storage::Reader& reader, std::string_view origin,
                                               std::string_view public_key);

}  // namespace zhanqiao::ledger
