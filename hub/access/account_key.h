// The key that seals what accounts keep secret (password hashes, secrets of one-time codes): it lies in the directory of
// keys, apart from the store, so that whoever has a copy of the store alone cannot even try passwords against it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/ids.h"
#include "catalog/base/seal_key.h"

namespace zhanqiao::access {

// Thread-safe.
class AccountKey {
 public:
  // Reads `directory`/account.key as SealKey does; makes it if it is missing and `may_create`, which is only right while
  // nothing is sealed: else FAILED_PRECONDITION / ACCOUNT_KEY_MISSING (fact: file). `random` must outlive it.
  static absl::StatusOr<std::unique_ptr<AccountKey>> Open(const std::filesystem::path& directory, Random& random, bool may_create);
  // A key that is kept nowhere.
  static std::unique_ptr<AccountKey> Fleeting(Random& random);

  // Opens only together with the same `about`.
  std::string Seal(std::string_view plain, std::string_view about) const { return key_.Seal(plain, about, random_); }
  // DATA_LOSS / ACCOUNT_SEAL_BROKEN (fact: about) for anything Seal did not make of this `about`.
  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view about) const;

 private:
  AccountKey(const SealKey& key, Random& random) : key_(key), random_(random) {}
  const SealKey key_;
  Random& random_;
};

}  // namespace zhanqiao::access
