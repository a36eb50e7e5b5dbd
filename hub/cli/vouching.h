// Who vouches for the log: what zq shows and checks of witnesses and policies.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "hub/cli/session.h"
#include "hub/ledger/witness/policy.h"
#include "zhanqiao/v1/ledger.grpc.pb.h"

namespace zhanqiao::cli {

// Prints a checkpoint that a policy accepts: its size and root, and each witness with its time.
void PrintPolicyVerdict(Context& context, const ledger::Policy& policy, const ledger::PolicyVerdict& verdict);

// Verifies the hub's newest cosigned checkpoint under the policy in `policy_file` and that the log only grew
// since, and prints it. FAILED_PRECONDITION / QUORUM_NOT_MET when there is none or too few vouch for it.
absl::Status VerifyCosigned(Context& context, Session& session, absl::Span<const ledger::VerifierKey> keys,
                            const std::string& policy_file);

// FAILED_PRECONDITION / QUORUM_NOT_MET: the hub has no cosigned checkpoint.
absl::Status NotCosigned();

// The head of the log and who vouches for it, as of `now`.
void PrintHead(const v1::GetCheckpointResponse& head, const ledger::Checkpoint& checkpoint, absl::Time now,
               std::ostream& out);

}  // namespace zhanqiao::cli
