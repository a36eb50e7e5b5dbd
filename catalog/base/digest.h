// SHA-256, HMAC-SHA-256 and the text forms of bytes. Fast paths avoid OpenSSL's per-call algorithm fetch.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao {

using Digest = std::array<uint8_t, 32>;

// The bytes of a digest as a string view into it.
inline std::string_view Bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// A digest from 32 bytes; asserts the size.
Digest DigestFrom(std::string_view bytes);

Digest Sha256(std::string_view data);
// SHA-256 over the concatenation of two or three parts, without copying them together.
Digest Sha256(std::string_view a, std::string_view b);
Digest Sha256(std::string_view a, std::string_view b, std::string_view c);

// RFC 2104 with SHA-256.
Digest HmacSha256(std::string_view key, std::string_view data);

std::string ToHex(std::string_view bytes);
// INVALID_ARGUMENT / HEX_INVALID for odd length or a character outside [0-9a-fA-F].
absl::StatusOr<std::string> FromHex(std::string_view text);

// Standard alphabet with padding (RFC 4648 section 4).
std::string ToBase64(std::string_view bytes);
// INVALID_ARGUMENT / BASE64_INVALID unless canonical: right alphabet, padding and zero trailing bits.
absl::StatusOr<std::string> FromBase64(std::string_view text);

}  // namespace zhanqiao
