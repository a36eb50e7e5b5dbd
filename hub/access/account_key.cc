#include "hub/access/account_key.h"

#include "catalog/base/error.h"

namespace zhanqiao::access {

absl::StatusOr<std::unique_ptr<AccountKey>> AccountKey::Open(const std::filesystem::path& directory, Random& random, bool may_create) {
  const std::filesystem::path file = directory / "account.key";
  std::error_code error;
  if (!may_create && !std::filesystem::exists(file, error)) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ACCOUNT_KEY_MISSING",
                "The store holds accounts, but not the key they are sealed with; restore the file.", {{"file", file.string()}});
  }
  const SealKey key = TRY(SealKey::OpenOrMake(file, random));
  return std::unique_ptr<AccountKey>(new AccountKey(key, random));
}

std::unique_ptr<AccountKey> AccountKey::Fleeting(Random& random) {
  std::string key(32, '\0');
  random.Fill(key.data(), key.size());
  return std::unique_ptr<AccountKey>(new AccountKey(SealKey(key), random));
}

absl::StatusOr<std::string> AccountKey::Open(std::string_view sealed, std::string_view about) const {
  auto plain = key_.Open(sealed, about);
  if (plain.ok()) return plain;
  return Fail(absl::StatusCode::kDataLoss, "ACCOUNT_SEAL_BROKEN",
              "What is sealed does not open with the hub's account key; restore the key that belongs to the store.",
              {{"link", std::string(kLinkHub)}, {"about", std::string(about)}});
}

}  // namespace zhanqiao::access
