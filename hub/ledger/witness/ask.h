// One question to one witness: "here is a checkpoint, and the proof that it continues what you last saw; cosign it".
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/log.h"
#include "hub/ledger/witness/client.h"
#include "hub/ledger/witness/policy.h"

namespace zhanqiao::ledger {

// Sends `checkpoint` with the proof from `known_size`, the size the witness cosigned last (a guess: the witness
// corrects it, once more is asked then), and returns its verified cosignature. `known_size` is what the witness knows
// now. At most two requests of `timeout` each.
//   UNAVAILABLE         / WITNESS_UNREACHABLE       no answer (facts: witness, cause)
//   FAILED_PRECONDITION / LEDGER_BEHIND_CHECKPOINT  it knows more entries than the log has: the log was set back
//   FAILED_PRECONDITION / LEDGER_FORKED             it saw another history
//   FAILED_PRECONDITION / CHECKPOINT_OUTRUN         it knows more than `checkpoint`, but not more than the log
//   FAILED_PRECONDITION / WITNESS_LOG_UNKNOWN, WITNESS_KEY_UNKNOWN  it does not follow this log, or not under this key
//   DATA_LOSS           / WITNESS_ANSWER_WRONG      anything else (fact: status)
// Facts of the log's fault: place, checkpoint_size (of the witness), log_size.
absl::StatusOr<VerifiedSignature> AskWitness(WitnessClient& client, const Policy::Witness& witness, const Log& log,
                                             const SignedCheckpoint& checkpoint, absl::Duration timeout,
                                             uint64_t& known_size);

}  // namespace zhanqiao::ledger
