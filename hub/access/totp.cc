#include "hub/access/totp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/text.h"
#include "catalog/storage/store.h"

namespace zhanqiao::access {
namespace {

// Letters, digits and "-._~" stay (RFC 3986 section 2.3).
std::string PercentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

int64_t TotpStep(absl::Time time) { return absl::ToUnixSeconds(time) / kTotpStepSeconds; }

std::string TotpCode(std::string_view secret, int64_t step, int digits) {
  const std::string counter = storage::BigEndian(static_cast<uint64_t>(step));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(counter.data()),
       counter.size(), mac.data(), &size);
  // RFC 4226 section 5.3: dynamic truncation.
  const size_t at = mac[size - 1] & 0x0f;
  const uint32_t number = (static_cast<uint32_t>(mac[at] & 0x7f) << 24) | (static_cast<uint32_t>(mac[at + 1]) << 16) |
                          (static_cast<uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  return absl::StrFormat("%0*d", digits, number % modulus);
}

std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code, absl::Time now, int64_t used) {
  std::optional<int64_t> match;
  const int64_t present = TotpStep(now);
  for (int64_t step = present - 1; step <= present + 1; ++step) {
    const std::string expected = TotpCode(secret, step);
    const bool equal = code.size() == expected.size() && CRYPTO_memcmp(code.data(), expected.data(), expected.size()) == 0;
    if (equal && step > used && !match) match = step;
  }
  return match;
}

std::string ToBase32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[(held >> (bits - 5)) & 31];
  }
  if (bits > 0) out += kAlphabet[(held << (5 - bits)) & 31];
  return out;
}

std::string TotpUri(std::string_view issuer, std::string_view account, std::string_view secret) {
  const std::string by = PercentEncoded(issuer);
  return absl::StrCat("otpauth://totp/", by, ":", PercentEncoded(account), "?secret=", ToBase32(secret), "&issuer=", by,
                      "&algorithm=SHA1&digits=", kTotpDigits, "&period=", kTotpStepSeconds);
}

}  // namespace zhanqiao::access
