#include "hub/ledger/restart.h"

#include "catalog/base/error.h"
#include "hub/ledger/log.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

using storage::Table;

absl::Status PrepareNewLog(storage::Store& fresh, std::string_view previous_checkpoint) {
  const Note note = TRY(ParseNote(previous_checkpoint));
  TRY(ParseCheckpoint(note.text));
  if (TRY(fresh.Get(Table::kMeta, kHeadKey)).has_value()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_NOT_EMPTY",
                "The store holds a log already; a new one begins in a store of its own.");
  }
  storage::Batch batch;
  batch.Put(Table::kMeta, std::string(kPreviousKey), std::string(previous_checkpoint));
  return fresh.Apply(batch);
}

absl::StatusOr<storage::LogRecord> FirstRecord(const storage::Reader& reader, std::string_view origin,
                                               std::string_view public_key) {
  const auto previous = TRY(reader.Get(Table::kMeta, kPreviousKey));
  if (!previous) return GenesisRecord(origin, public_key);
  const Note note = TRY(ParseNote(*previous));
  const Checkpoint checkpoint = TRY(ParseCheckpoint(note.text));
  if (checkpoint.origin != origin) return GenesisRecord(origin, public_key, *previous);
  return Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_ORIGIN_REUSED",
              "The new log would bear the origin of the old one; give it another in the configuration.",
              {{"log_origin", checkpoint.origin}});
}

}  // namespace zhanqiao::ledger
