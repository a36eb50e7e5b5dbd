// Which outside bodies vouch for the log, and until where.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/ledger/checkpointer.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

inline constexpr std::string_view kCosignedKey = "ledger/cosigned";   // newest checkpoint that met the quorum
inline constexpr std::string_view kWitnessKey = "ledger/witness/";    // + key id: newest checkpoint a witness cosigned

// What one witness says.
struct Vouch {
  std::string name;      // as the policy calls it
  VerifierKey key;
  uint64_t size = 0;     // entries it vouches for; 0: none yet
  uint64_t time_s = 0;   // when it last said so, seconds since 1970
  std::string problem;   // stable reason why nothing newer came; empty: none
};

// What all of them say.
struct Vouching {
  std::string quorum;             // as the policy names it
  SignedCheckpointPtr cosigned;   // newest that met the quorum, its note with the cosignatures; null: none yet
  std::vector<Vouch> witnesses;   // in the order of the policy
};

class VouchingSource {
 public:
  virtual ~VouchingSource() = default;
  virtual Vouching vouching() const = 0;  // thread-safe
};

}  // namespace zhanqiao::ledger
