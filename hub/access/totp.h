// Time-based one-time codes: RFC 6238 over RFC 4226 with HMAC-SHA-1, steps of 30 seconds from 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace zhanqiao::access {

inline constexpr int kTotpDigits = 6;
inline constexpr int64_t kTotpStepSeconds = 30;
inline constexpr size_t kTotpSecretBytes = 20;  // RFC 4226 section 4: as long as the hash

// The time step of `time`.
int64_t TotpStep(absl::Time time);
// The code of a step, with leading zeros.
std::string TotpCode(std::string_view secret, int64_t step, int digits = kTotpDigits);
// The step whose code `code` is, among that of `now` and its two neighbours; nothing when it is none of them or not later
// than `used`, the step whose code was accepted last. Takes the same time whichever digit is wrong.
std::optional<int64_t> MatchTotp(std::string_view secret, std::string_view code, absl::Time now, int64_t used);

// RFC 4648 base32 without padding, as authenticator apps take it.
std::string ToBase32(std::string_view bytes);
// otpauth://totp/{issuer}:{account}?secret=…, for a QR code.
std::string TotpUri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace zhanqiao::access
