// Whose word counts: a trust policy (C2SP tlog-policy) says which logs and witnesses are known and which of the
// witnesses must have cosigned a checkpoint.
//
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> <k>|any|all <member>...
//   quorum <name>|none
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

// An immutable policy. Thread-safe.
class Policy {
 public:
  struct Witness {
    std::string name;  // in this file only
    VerifierKey key;
    std::string url;  // submission prefix of tlog-witness; empty: only for verifying
  };
  // INVALID_ARGUMENT / POLICY_INVALID (facts: line, expected). At most 64 logs, witnesses and groups each.
  static absl::StatusOr<Policy> Parse(std::string_view text);
  // The same from a file; NOT_FOUND / POLICY_NOT_READABLE (fact: file).
  static absl::StatusOr<Policy> Load(const std::filesystem::path& file);

  const std::vector<VerifierKey>& logs() const { return logs_; }
  const std::vector<Witness>& witnesses() const { return witnesses_; }
  std::vector<VerifierKey> witness_keys() const;
  const std::string& quorum() const { return quorum_name_; }  // as written

  // True if the witnesses whose place among `witnesses()` is set in `cosigned` are enough.
  bool MetBy(const std::vector<bool>& cosigned) const;
  // True if `verified` (from VerifySignatures with witness_keys()) is enough.
  bool MetBy(absl::Span<const VerifiedSignature> verified) const;

 private:
  // A witness or a group, in the order of the file; members stand before their group.
  struct Node {
    std::string name;
    size_t witness = 0;            // place among the witnesses, of a witness
    std::vector<size_t> members;   // places among the nodes, of a group
    size_t threshold = 0;
  };
  class Parser;

  std::vector<VerifierKey> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Node> nodes_;
  size_t quorum_ = 0;  // place among the nodes; beyond them: none
  std::string quorum_name_;
};

// What a checkpoint is worth under a policy, offline.
struct PolicyVerdict {
  Checkpoint checkpoint;
  std::vector<VerifiedSignature> cosignatures;  // one for each witness at most, in the order of the policy
  std::vector<std::string> names;               // of those witnesses, as the policy calls them
};
// Checks `note` against `policy`: signed by one of its logs, cosigned by its quorum. DATA_LOSS / NOTE_SIGNATURE or
// CHECKPOINT_ORIGIN when no log of the policy signed it; FAILED_PRECONDITION / QUORUM_NOT_MET (facts: quorum,
// witnesses) when too few vouch for it. `also_logs`: keys trusted besides those of the policy.
absl::StatusOr<PolicyVerdict> VerifyUnderPolicy(std::string_view note, const Policy& policy,
                                                absl::Span<const VerifierKey> also_logs = {});

}  // namespace zhanqiao::ledger
