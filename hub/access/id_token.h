// ID tokens of an OpenID Connect provider: a signed statement of who signed in there. Signatures by libcjose.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::access {

// RFC 4648 base64url without padding, and back. INVALID_ARGUMENT / BASE64_INVALID.
std::string ToBase64Url(std::string_view bytes);
absl::StatusOr<std::string> FromBase64Url(std::string_view text);

// The public keys of a provider (RFC 7517). Immutable; thread-safe.
class JwkSet {
 public:
  // INVALID_ARGUMENT / OIDC_ANSWER_WRONG unless `json` is a key set. Keys of kinds not used here are left out.
  static absl::StatusOr<std::shared_ptr<const JwkSet>> Parse(std::string_view json);
  ~JwkSet();

  // True if one of the keys may sign with `alg` under the id `key_id` (empty: whichever) and did sign `token`. `known` says
  // whether there was such a key.
  bool Verifies(std::string_view token, std::string_view alg, std::string_view key_id, bool& known) const;

 private:
  struct Keys;
  explicit JwkSet(std::unique_ptr<Keys> keys);
  const std::unique_ptr<Keys> keys_;
};

// What a token must say.
struct Expected {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  std::string claim = "sub";  // whose value names the person
};

// The value of `expected.claim`, if `token` is signed by one of `keys` and says what is expected (OpenID Connect Core 1.0
// section 3.1.3.7), give or take a minute of clocks. Signatures RS, PS and ES with 256, 384 or 512; never none, never
// shared secrets. UNAUTHENTICATED / OIDC_TOKEN_REFUSED with the fact `rule`: form, alg, key (no such key: the provider may
// have new ones), signature, iss, aud, exp, iat, nonce, claim.
absl::StatusOr<std::string> VerifyIdToken(std::string_view token, const JwkSet& keys, const Expected& expected, absl::Time now);

}  // namespace zhanqiao::access
