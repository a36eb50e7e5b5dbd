#include "catalog/base/file_digests.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace zhanqiao {

FileDigests::FileDigests(bool sm3) : sha256_(EVP_MD_CTX_new()) {
  if (EVP_DigestInit_ex(sha256_.get(), EVP_sha256(), nullptr) != 1) std::abort();  // no memory, or a broken installation
  const EVP_MD* kind = sm3 ? EVP_get_digestbyname("SM3") : nullptr;
  if (kind == nullptr) return;
  sm3_.reset(EVP_MD_CTX_new());
  if (EVP_DigestInit_ex(sm3_.get(), kind, nullptr) != 1) sm3_.reset();
}

FileDigests::~FileDigests() = default;

void FileDigests::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void FileDigests::Add(std::string_view bytes) {
  EVP_DigestUpdate(sha256_.get(), bytes.data(), bytes.size());
  if (sm3_) EVP_DigestUpdate(sm3_.get(), bytes.data(), bytes.size());
}

std::string FileDigests::Of(const Context& context) {
  if (!context) return {};
  const Context copy(EVP_MD_CTX_new());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_MD_CTX_copy_ex(copy.get(), context.get()) != 1 || EVP_DigestFinal_ex(copy.get(), digest, &size) != 1) std::abort();
  return {reinterpret_cast<const char*>(digest), size};
}

std::string FileDigests::sha256() const { return Of(sha256_); }
std::string FileDigests::sm3() const { return Of(sm3_); }

}  // namespace zhanqiao
