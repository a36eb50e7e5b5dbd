// The log as files anyone can check, and the check: no hub, no store, only public formats (C2SP tlog-tiles).
//
// Layout under a directory: `checkpoint`, `log.vkey` (a line for each key that signed it, oldest first), `log.vkeys`
// (every key the log ever had, hub/ledger/log_keys.h; only if it had several), `tile/<level>/<number>[.p/<width>]`,
// `tile/entries/<number>[.p/<width>]` (each entry as big-endian u16 length and bytes).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/storage/store.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

struct ExportReport {
  uint64_t size = 0;  // entries written: those of the latest signed checkpoint
  std::string origin;
  std::string verifier_key;
};
// Writes the log in `reader` (of a running or stopped hub) into `dir`, at the size of its latest signed checkpoint.
// The same log and checkpoint give the same files. A directory that holds an earlier state of the log is brought
// up to date; `checkpoint` is written last. Full tiles are written as stored, so that VerifyExport compares them
// with the entries.
// FAILED_PRECONDITION / LEDGER_NO_CHECKPOINT    nothing signed yet
// FAILED_PRECONDITION / EXPORT_DIRECTORY_OTHER  the directory holds another log, a longer one, or something else
// DATA_LOSS / LEDGER_ENTRY_MISSING, LEDGER_TILE_MISSING, NOTE_SIGNATURE; UNAVAILABLE / FILE_WRITE_FAILED
absl::StatusOr<ExportReport> ExportLog(const storage::Reader& reader, const std::filesystem::path& dir);

// The first vkey of the log in `reader`, as its genesis entry states it. FAILED_PRECONDITION / LEDGER_EMPTY.
absl::StatusOr<VerifierKey> KeyOfLog(const storage::Reader& reader);

struct VerifyReport {
  bool ok = false;
  std::string origin;
  uint64_t size = 0;            // of the checkpoint; 0 when that could not be read
  Digest root{};
  // The first problem found; empty when ok.
  std::string problem;          // stable reason: CHECKPOINT, VERIFIER_KEY, FILE_MISSING, BUNDLE_FORM, ENTRY_FORM,
                                // ENTRY_TIME, GENESIS, ENTRY_ALTERED, TILE_ALTERED, ROOT, CONSISTENCY, SEQUENCE
  std::string description;      // one sentence for people
  std::string file;             // path under the directory, where one file is to blame
  std::optional<uint64_t> index;  // of the entry, where one is to blame
};
// Checks the export in `dir` against `key`, which must come from elsewhere to prove anything: signature, every
// bundle, every entry's canonical form and time, every tile of every level, the root; and, if `older` (a signed
// checkpoint kept from before) is given, that the log only grew since. Reads every byte; memory stays small.
VerifyReport VerifyExport(const std::filesystem::path& dir, const VerifierKey& key, std::string_view older = {});
// The same with any of the keys of one log. The entries must state the key that signed the checkpoint, and not that it
// was retired before (GENESIS otherwise).
VerifyReport VerifyExport(const std::filesystem::path& dir, absl::Span<const VerifierKey> keys,
                          std::string_view older = {});

}  // namespace zhanqiao::ledger
