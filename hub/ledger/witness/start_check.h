// Before a hub serves, it asks the witnesses what they saw: they are a second place of the last checkpoint that nobody
// can set back together with the store.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "hub/ledger/log.h"
#include "hub/ledger/signers.h"
#include "hub/ledger/witness/policy.h"

namespace zhanqiao::ledger {

struct StartCheck {
  // True: witnesses that answer must meet the quorum, or the hub does not start. False: silence is logged.
  bool required = false;
  absl::Duration timeout = absl::Seconds(5);  // of one request; all witnesses are asked at once, four times at most
  std::string ca_file = {};                   // see WitnessClient
};

// Asks every witness of `policy` that has a URL to cosign the last checkpoint in the store (of a log that never
// signed: its head), which tells whether it saw more or other entries. Nothing may be appended meanwhile.
//   FAILED_PRECONDITION / LEDGER_BEHIND_CHECKPOINT, LEDGER_FORKED  as AskWitness, whatever `required` says
//   UNAVAILABLE         / WITNESSES_SILENT  too few answered, and that is required (facts: quorum, silent, cause)
//   INVALID_ARGUMENT    / WITNESS_URL
absl::Status CheckWithWitnesses(const Log& log, const Signers& signers, const Policy& policy, const StartCheck& check);

}  // namespace zhanqiao::ledger
