#include "catalog/base/digest.h"

// The low-level SHA256_* functions are deprecated in OpenSSL 3 but skip its per-call fetch, which costs more
// than hashing a ledger entry (measured: 0.3 against 1.3 microseconds for 200 bytes).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

class Hasher {
 public:
  Hasher() { SHA256_Init(&context_); }
  Hasher& Add(std::string_view part) {
    SHA256_Update(&context_, part.data(), part.size());
    return *this;
  }
  Digest Done() {
    Digest digest;
    SHA256_Final(digest.data(), &context_);
    return digest;
  }

 private:
  SHA256_CTX context_;
};

bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

}  // namespace

Digest DigestFrom(std::string_view bytes) {
  Digest digest{};
  assert(bytes.size() == digest.size());
  std::memcpy(digest.data(), bytes.data(), std::min(bytes.size(), digest.size()));
  return digest;
}

Digest Sha256(std::string_view data) { return Hasher().Add(data).Done(); }
Digest Sha256(std::string_view a, std::string_view b) { return Hasher().Add(a).Add(b).Done(); }
Digest Sha256(std::string_view a, std::string_view b, std::string_view c) {
  return Hasher().Add(a).Add(b).Add(c).Done();
}

Digest HmacSha256(std::string_view key, std::string_view data) {
  constexpr size_t kBlock = 64;
  char inner[kBlock] = {};
  char outer[kBlock] = {};
  Digest shortened;
  if (key.size() > kBlock) {
    shortened = Sha256(key);
    key = Bytes(shortened);
  }
  std::memcpy(inner, key.data(), key.size());
  std::memcpy(outer, key.data(), key.size());
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  const Digest first = Sha256({inner, kBlock}, data);
  return Sha256({outer, kBlock}, Bytes(first));
}

std::string ToHex(std::string_view bytes) { return absl::BytesToHexString(Absl(bytes)); }

absl::StatusOr<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0 || !std::all_of(text.begin(), text.end(), IsHex)) {
    return Fail(absl::StatusCode::kInvalidArgument, "HEX_INVALID",
                "Hexadecimal text has an even number of characters 0-9 a-f.");
  }
  return absl::HexStringToBytes(Absl(text));
}

std::string ToBase64(std::string_view bytes) { return absl::Base64Escape(Absl(bytes)); }

absl::StatusOr<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(Absl(text), &bytes) || ToBase64(bytes) != text) {
    return Fail(absl::StatusCode::kInvalidArgument, "BASE64_INVALID",
                "Base64 text uses the standard alphabet with padding (RFC 4648 section 4).");
  }
  return bytes;
}

}  // namespace zhanqiao
