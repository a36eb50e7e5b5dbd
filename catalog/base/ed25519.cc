#include "catalog/base/ed25519.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Unsigned(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

absl::Status Unusable(absl::StatusCode code, std::string_view reason, std::string_view message,
                      const std::string& path) {
  return Fail(code, reason, message, {{"file", path}});
}

}  // namespace

struct Ed25519Key::Key {
  KeyPtr pkey{nullptr, &EVP_PKEY_free};
};

Ed25519Key::Ed25519Key(std::shared_ptr<const Key> key) : key_(std::move(key)), public_key_(kKeyBytes, '\0') {
  size_t size = kKeyBytes;
  const int got = EVP_PKEY_get_raw_public_key(key_->pkey.get(),
                                              reinterpret_cast<unsigned char*>(public_key_.data()), &size);
  if (got != 1 || size != kKeyBytes) std::abort();  // an Ed25519 key has one
}

absl::StatusOr<Ed25519Key> Ed25519Key::Open(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  struct stat facts {};
  if (file == nullptr || ::fstat(::fileno(file.get()), &facts) != 0) {
    return Unusable(absl::StatusCode::kNotFound, "SIGNING_KEY_MISSING",
                    "The signing key cannot be read; make one with zq cert signing-key.", path);
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Unusable(absl::StatusCode::kFailedPrecondition, "SIGNING_KEY_MODE",
                    "Others may read the signing key; make its mode 0600.", path);
  }
  auto key = std::make_shared<Key>();
  key->pkey.reset(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  if (key->pkey == nullptr || EVP_PKEY_get_id(key->pkey.get()) != EVP_PKEY_ED25519) {
    return Unusable(absl::StatusCode::kInvalidArgument, "SIGNING_KEY_INVALID",
                    "The file does not hold an Ed25519 key in PEM form.", path);
  }
  return Ed25519Key(std::move(key));
}

Ed25519Key Ed25519Key::FromSeed(std::string_view seed) {
  assert(seed.size() == kKeyBytes);
  auto key = std::make_shared<Key>();
  key->pkey.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Unsigned(seed), kKeyBytes));
  if (key->pkey == nullptr) std::abort();  // out of memory
  return Ed25519Key(std::move(key));
}

std::string Ed25519Key::ToPem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (bio == nullptr || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_->pkey.get(), nullptr, nullptr, 0,
                                                      nullptr, nullptr) != 1) {
    std::abort();  // out of memory
  }
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

std::string Ed25519Key::Sign(std::string_view message) const {
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  const ContextPtr context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     Unsigned(message), message.size()) != 1) {
    std::abort();  // out of memory: Ed25519 cannot fail otherwise
  }
  return signature;
}

bool VerifyEd25519(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != kKeyBytes || signature.size() != kSignatureBytes) return false;
  const KeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Unsigned(public_key), kKeyBytes),
                   &EVP_PKEY_free);
  const ContextPtr context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(message),
                          message.size()) == 1;
}

}  // namespace zhanqiao
