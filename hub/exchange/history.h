// What happened to grants as those outside saw it, held against what the ledger says: did any call get through that no
// order of the acts could have let through? A checker for tests; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::exchange {

// One act on one grant, from its invocation to its answer, in ticks of one counter shared by all threads: an act whose
// answer has a lower tick than another's invocation came before it for everybody.
struct Act {
  enum class Kind { kCall, kOpen, kClose };  // kOpen: activated, resumed; kClose: suspended, revoked, expired
  std::string grant;
  Kind kind = Kind::kCall;
  uint64_t invoked = 0;
  uint64_t answered = 0;
  bool done = false;          // a call: released; others: the verb took effect
  bool not_active = false;    // a call: refused because its grant was not in force
  uint64_t index = 0;         // of its entry, when done
};

// The sentences of what is wrong; none when the history is linearizable with the ledger's order as the order:
//   1. every Exchange entry stands where its grant was in force, at that revision;
//   2. of two acts of one grant that did not overlap, the first stands first in the ledger;
//   3. no call that began after a closing was answered, and ended before the grant was opened again, was released;
//   4. no call that ran while its grant was open, with no act on it meanwhile, was refused as not in force.
// `entries` is the whole log in order.
std::vector<std::string> CheckHistory(const std::vector<Act>& acts, const std::vector<v1::LedgerEntry>& entries);

}  // namespace zhanqiao::exchange
