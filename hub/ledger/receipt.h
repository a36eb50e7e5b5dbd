// Receipts: the C2SP tlog-proof text, and the check of a receipt with nothing but the log's verifier key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hub/ledger/merkle.h"
#include "hub/ledger/note.h"
#include "zhanqiao/v1/ledger.pb.h"
#include "zhanqiao/v1/receipt.pb.h"

namespace zhanqiao::ledger {

// A tlog-proof (c2sp.org/tlog-proof@v1): an entry's place in the tree of a checkpoint.
struct TlogProof {
  uint64_t index = 0;
  Proof hashes;
  std::string checkpoint;  // the signed note, verbatim
  std::string ToText() const;
};

// INVALID_ARGUMENT / PROOF_MALFORMED for anything but a tlog-proof; an `extra` line is accepted and ignored.
absl::StatusOr<TlogProof> ParseTlogProof(std::string_view text);

// What a receipt proves.
struct ProvedEntry {
  v1::LedgerEntry entry;
  Checkpoint checkpoint;  // that covers it
};

// Checks a receipt offline: the checkpoint is signed by `key`, the entry is in its tree at the receipt's
// index and in its canonical form, each signature beside it is valid and the one whose hash the entry
// carries. DATA_LOSS with the reason: PROOF_INVALID, NOTE_SIGNATURE, CHECKPOINT_ORIGIN, RECEIPT_INDEX,
// RECEIPT_ENTRY, RECEIPT_SIGNATURE (fact: of); INVALID_ARGUMENT / PROOF_MALFORMED, NOTE_MALFORMED. What was
// signed is opened with OpenReceipt.
absl::StatusOr<ProvedEntry> CheckReceipt(const v1::Receipt& receipt, const VerifierKey& key);

// The salt for `label`, or empty.
std::string SaltIn(const v1::Receipt& receipt, std::string_view label);
// The commitment that `entry` carries under `label`, or empty.
std::string CommitmentIn(const v1::LedgerEntry& entry, std::string_view label);

// OK if `payload` is what the entry commits to under `label`. FAILED_PRECONDITION / SALT_MISSING (fact:
// label) if the receipt has no salt for it, NOT_FOUND / COMMITMENT_MISSING if the entry has no such
// commitment, DATA_LOSS / COMMITMENT_DIFFERENT; and, where the payload is signed, DATA_LOSS / SIGNATURE_WRONG
// unless it is what was signed.
absl::Status OpenReceipt(const v1::Receipt& receipt, std::string_view label, std::string_view payload);

}  // namespace zhanqiao::ledger
