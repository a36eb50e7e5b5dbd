#include "hub/access/account_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* U(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* U(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

absl::Status ReadKey(const fs::path& path, std::string& key) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || (info.st_mode & 077) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ACCOUNT_KEY_MODE",
                "The key of accounts may be read by others than its owner; set its mode to 0600.", {{"file", path.string()}});
  }
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto bytes = FromHex(text);
  if (bytes.ok() && bytes->size() == kKeyBytes) {
    key.assign(*bytes);
    return absl::OkStatus();
  }
  return Fail(absl::StatusCode::kInvalidArgument, "ACCOUNT_KEY_INVALID",
              "The key of accounts is 64 hexadecimal digits; restore the file.", {{"file", path.string()}});
}

// A new file, synced before it counts.
bool WriteNew(const fs::path& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  close(fd);
  const int directory = open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  if (directory >= 0) close(directory);
  return written && synced;
}

std::string NewKey(Random& random) {
  std::string key(kKeyBytes, '\0');
  random.Fill(key.data(), key.size());
  return key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccountKey>> AccountKey::Open(const fs::path& directory, Random& random, bool may_create) {
  const fs::path path = directory / "account.key";
  std::error_code error;
  if (!fs::exists(path, error)) {
    if (!may_create) {
      return Fail(absl::StatusCode::kFailedPrecondition, "ACCOUNT_KEY_MISSING",
                  "The store holds accounts, but not the key they are sealed with; restore the file.", {{"file", path.string()}});
    }
    if (!WriteNew(path, absl::StrCat(ToHex(NewKey(random)), "\n"))) {
      return Fail(absl::StatusCode::kUnavailable, "ACCOUNT_KEY_NOT_WRITABLE",
                  "The key of accounts cannot be made; check the key directory, its rights and its disk.", {{"file", path.string()}});
    }
  }
  std::string key;
  TRY(ReadKey(path, key));
  return std::unique_ptr<AccountKey>(new AccountKey(std::move(key), random));
}

std::unique_ptr<AccountKey> AccountKey::Fleeting(Random& random) {
  return std::unique_ptr<AccountKey>(new AccountKey(NewKey(random), random));
}

std::string AccountKey::Seal(std::string_view plain, std::string_view about) const {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  random_.Fill(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(U(sealed) + kNonceBytes, nullptr, U(plain), plain.size(), U(about), about.size(),
                                             nullptr, U(sealed), U(key_));
  return sealed;
}

absl::StatusOr<std::string> AccountKey::Open(std::string_view sealed, std::string_view about) const {
  const bool whole = sealed.size() >= kNonceBytes + kTagBytes;
  std::string plain(whole ? sealed.size() - kNonceBytes - kTagBytes : 0, '\0');
  if (whole && crypto_aead_xchacha20poly1305_ietf_decrypt(U(plain), nullptr, nullptr, U(sealed) + kNonceBytes,
                                                          sealed.size() - kNonceBytes, U(about), about.size(), U(sealed), U(key_)) == 0) {
    return plain;
  }
  return Fail(absl::StatusCode::kDataLoss, "ACCOUNT_SEAL_BROKEN",
              "What is sealed does not open with the hub's account key; restore the key that belongs to the store.",
              {{"link", std::string(kLinkHub)}, {"about", std::string(about)}});
}

}  // namespace zhanqiao::access
