// The key that seals what accounts keep secret (password hashes, secrets of one-time codes): it lies in the directory of
// keys, apart from the store, so that whoever has a copy of the store alone cannot even try passwords against it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/ids.h"

namespace zhanqiao::access {

// XChaCha20-Poly1305 with random nonces. Thread-safe.
class AccountKey {
 public:
  // Reads `directory`/account.key (32 bytes in hex, mode 0600); makes it if it is missing and `may_create`, which is only
  // right while nothing is sealed. FAILED_PRECONDITION / ACCOUNT_KEY_MISSING or ACCOUNT_KEY_MODE, INVALID_ARGUMENT /
  // ACCOUNT_KEY_INVALID, UNAVAILABLE / ACCOUNT_KEY_NOT_WRITABLE (fact: file).
  static absl::StatusOr<std::unique_ptr<AccountKey>> Open(const std::filesystem::path& directory, Random& random, bool may_create);
  // A key that is kept nowhere.
  static std::unique_ptr<AccountKey> Fleeting(Random& random);

  // Nonce (24 bytes) and ciphertext; opens only together with the same `about`.
  std::string Seal(std::string_view plain, std::string_view about) const;
  // DATA_LOSS / ACCOUNT_SEAL_BROKEN (fact: about) for anything Seal did not make of this `about`.
  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view about) const;

 private:
  AccountKey(std::string key, Random& random) : key_(std::move(key)), random_(random) {}
  const std::string key_;
  Random& random_;
};

}  // namespace zhanqiao::access
