#include "catalog/base/seal_key.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

namespace fs = std::filesystem;

constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* In(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* Out(std::string& bytes, size_t at) { return reinterpret_cast<unsigned char*>(bytes.data()) + at; }

// OpenSSL fails here only without memory or with a broken installation; going on would release plain text.
void Must(bool worked) {
  if (!worked) std::abort();
}

absl::Status Broken() {
  return Fail(absl::StatusCode::kInvalidArgument, "SEAL_BROKEN",
              "The sealed bytes were altered, cut short, or sealed under another key or for something else.");
}

absl::StatusOr<SealKey> ReadKey(const fs::path& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0 || (info.st_mode & 077) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SEAL_KEY_MODE",
                "A key may be read by others than its owner; set its mode to 0600.", {{"file", file.string()}});
  }
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const absl::StatusOr<std::string> key = FromHex(text);
  if (key.ok() && key->size() == kKeyBytes) return SealKey(*key);
  return Fail(absl::StatusCode::kInvalidArgument, "SEAL_KEY_INVALID",
              "A key is 64 hexadecimal digits; restore the file.", {{"file", file.string()}});
}

// Written beside and renamed, so that a crash leaves a whole key or none.
bool WriteKey(const fs::path& file, std::string_view text) {
  const fs::path fresh = file.string() + ".new";
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  close(fd);
  if (!written || rename(fresh.c_str(), file.c_str()) != 0) return false;
  const int directory = open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  if (directory >= 0) close(directory);
  return synced;
}

}  // namespace

SealKey::SealKey(std::string_view key) {
  Must(key.size() == kKeyBytes);
  key_ = DigestFrom(key);
}

absl::StatusOr<SealKey> SealKey::OpenOrMake(const fs::path& file, Random& random) {
  std::error_code error;
  if (!fs::exists(file, error)) {
    std::string key(kKeyBytes, '\0');
    random.Fill(key.data(), key.size());
    if (!WriteKey(file, absl::StrCat(ToHex(key), "\n"))) {
      return Fail(absl::StatusCode::kUnavailable, "SEAL_KEY_UNWRITABLE",
                  "A key cannot be made; check the key directory, its rights and its disk.", {{"file", file.string()}});
    }
  }
  return ReadKey(file);
}

Digest SealKey::Derive(std::string_view purpose) const { return HmacSha256(Bytes(key_), purpose); }

std::string SealKey::Seal(std::string_view plain, std::string_view context, Random& random) const {
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  random.Fill(sealed.data(), kNonceBytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  Must(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), In(sealed)) == 1);
  Must(EVP_EncryptUpdate(cipher.get(), nullptr, &length, In(context), static_cast<int>(context.size())) == 1);
  Must(EVP_EncryptUpdate(cipher.get(), Out(sealed, kNonceBytes), &length, In(plain), static_cast<int>(plain.size())) == 1);
  Must(EVP_EncryptFinal_ex(cipher.get(), Out(sealed, kNonceBytes + plain.size()), &length) == 1);
  Must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Out(sealed, kNonceBytes + plain.size())) == 1);
  return sealed;
}

absl::StatusOr<std::string> SealKey::Open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kNonceBytes + kTagBytes) return Broken();
  const size_t size = sealed.size() - kNonceBytes - kTagBytes;
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(size, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  Must(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key_.data(), In(sealed)) == 1);
  Must(EVP_DecryptUpdate(cipher.get(), nullptr, &length, In(context), static_cast<int>(context.size())) == 1);
  Must(EVP_DecryptUpdate(cipher.get(), Out(plain, 0), &length, In(sealed.substr(kNonceBytes)), static_cast<int>(size)) == 1);
  Must(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1);
  if (EVP_DecryptFinal_ex(cipher.get(), Out(plain, 0) + size, &length) != 1) return Broken();
  return plain;
}

}  // namespace zhanqiao
