// Passwords: which are taken, and how they are kept (argon2id, libsodium).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace zhanqiao::access {

// Cost of one hash; a change takes effect for each password at its next use.
struct PasswordCost {
  int passes = 3;            // argon2id t
  int memory_kib = 64 << 10;  // argon2id m; each sign-in under way takes so much
};

struct PasswordPolicy {
  size_t length_min = 12;   // code points
  size_t bytes_max = 256;   // of a new password; longer tries are wrong without being hashed
};

// INVALID_ARGUMENT / PASSWORD_WEAK (fact `rule`: text, length, repetitive, personal or common) unless `password` is clean
// text of the policy's length that is more than one of `personal` (own id, organisation, name), a word of the list
// everybody tries first, or a run such as abcdefgh or 12345678, with something short around it.
absl::Status CheckPassword(const PasswordPolicy& policy, std::string_view password, const std::vector<std::string>& personal,
                           std::string_view field);

// Hashes and verifies. Each call takes `cost.memory_kib` and tens of milliseconds of a core: whoever calls bounds how many
// run at once. Thread-safe.
class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordCost cost);

  // libsodium's text form of argon2id. RESOURCE_EXHAUSTED / PASSWORD_MEMORY when there is no memory for it.
  absl::StatusOr<std::string> Hash(std::string_view password) const;
  // True if `hash` is of `password`. An empty hash is nobody's: the same work is done and the answer is false.
  absl::StatusOr<bool> Verify(std::string_view hash, std::string_view password) const;
  // True if `hash` was made at another cost.
  bool Outdated(const std::string& hash) const;

 private:
  const PasswordCost cost_;
  const std::string nobody_;  // a hash of nothing anybody knows
};

}  // namespace zhanqiao::access
