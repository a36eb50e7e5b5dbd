// Verifying the hub's log from outside, over gRPC: nothing the hub says is believed but its signature.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/cli/session.h"
#include "hub/ledger/note.h"
#include "hub/ledger/verify.h"
#include "zhanqiao/v1/ledger.grpc.pb.h"

namespace zhanqiao::cli {

// What is to be proved.
struct Claims {
  // Trusted, all of one log; empty: the key the hub gives, which proves only consistency.
  std::vector<ledger::VerifierKey> keys;
  std::string old_checkpoint;     // signed note kept from before; empty: none
  std::vector<uint64_t> indexes;  // entries that must be included
  bool whole = true;              // hash every entry and compare the root
};

// What was proved.
struct Verdict {
  ledger::VerifierKey key;
  bool key_trusted = false;
  std::string note;
  ledger::Checkpoint checkpoint;
  std::optional<uint64_t> old_size;  // the checkpoint kept from before is a prefix
  size_t included = 0;
  bool whole = false;
};

// Fails with DATA_LOSS where something does not verify (reasons of hub/ledger/note.h and merkle.h, or
// LEDGER_UNPROVED_ROOT), with PERMISSION_DENIED / AUDITOR_REQUIRED where the caller may not read every entry.
absl::StatusOr<Verdict> VerifyOnline(Session& session, const Claims& claims);

// A verifier key from its text or from a file that holds it; nothing for an empty argument.
absl::StatusOr<std::optional<ledger::VerifierKey>> VerifierKeyArgument(const std::string& text);

// The same for several: a file may hold a key on each line, also in the form of log.vkeys.
absl::StatusOr<std::vector<ledger::VerifierKey>> VerifierKeysArgument(const std::string& text);

// Gives entries from an index on, at least one, at most `limit`.
using EntrySource = std::function<absl::StatusOr<std::vector<std::string>>(uint64_t from, uint64_t limit)>;

// Entries as the hub gives them to this caller.
EntrySource HubEntries(Session& session);

// The root over the first `size` entries of `source`.
absl::StatusOr<Digest> RootOf(const EntrySource& source, uint64_t size);

// Writes the log below `directory` in the layout of C2SP tlog-tiles, with log.vkey; the checkpoint comes
// last, so that an export without one is an unfinished one. Fails with DATA_LOSS if the entries do not give
// its root.
absl::Status WriteExport(const std::string& directory, const std::string& note,
                         absl::Span<const ledger::VerifierKey> keys, const EntrySource& source);

// An export checked offline by hub/ledger/verify.h. DATA_LOSS / EXPORT_UNPROVED with the facts `problem`,
// `file` and `index` (where one is to blame). `older`: a checkpoint kept from before, or empty.
absl::StatusOr<ledger::VerifyReport> CheckExport(const std::string& directory,
                                                 absl::Span<const ledger::VerifierKey> keys,
                                                 std::string_view older);

}  // namespace zhanqiao::cli
