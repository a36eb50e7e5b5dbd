// The city's identity provider, by OpenID Connect: authorization code with PKCE (RFC 7636). The provider says who signed in;
// which person of the hub that is, and what they may do, is the hub's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "hub/access/id_token.h"
#include "hub/http/client.h"

namespace zhanqiao::access {

// [oidc] of the configuration.
struct OidcOptions {
  std::string issuer;         // exactly as its discovery document names itself; https, or http on loopback
  std::string client_id;
  std::string client_secret;  // empty: a public client, which PKCE protects
  std::string redirect_uri;   // where the provider sends the person back: a page of the console
  std::string scope = "openid";
  std::string claim = "sub";  // whose value an account is linked to
  absl::Duration fresh = absl::Hours(1);          // discovery and keys are asked for again after it
  absl::Duration retry = absl::Seconds(5);        // an unreachable provider is not asked again sooner
  absl::Duration new_keys_min = absl::Minutes(1);  // an unknown key has the keys fetched at most so often
};

// Thread-safe; one question to the provider at a time. Blocks: on a thread of its own.
class OidcProvider {
 public:
  using Fetch = std::function<absl::StatusOr<http::Response>(const http::Request&)>;  // bounded in time and size

  // INVALID_ARGUMENT / OIDC_ISSUER unless the issuer is a URL that may be trusted.
  static absl::StatusOr<std::unique_ptr<OidcProvider>> Create(OidcOptions options, Fetch fetch, const Clock& clock);

  // Where a person signs in. UNAVAILABLE / OIDC_UNREACHABLE or OIDC_ANSWER_WRONG (fact: cause).
  absl::StatusOr<std::string> AuthorizationUrl(std::string_view state, std::string_view nonce, std::string_view verifier);

  // Whom the provider names for `code`: the value of the configured claim in a verified ID token.
  // UNAUTHENTICATED / OIDC_TOKEN_REFUSED (fact: rule, as VerifyIdToken, or `code`), UNAVAILABLE as above.
  absl::StatusOr<std::string> Redeem(std::string_view code, std::string_view nonce, std::string_view verifier);

 private:
  struct Endpoints {
    std::string authorization;
    http::Url token;
    http::Url keys;
  };
  OidcProvider(OidcOptions options, Fetch fetch, const Clock& clock)
      : options_(std::move(options)), fetch_(std::move(fetch)), clock_(clock) {}
  absl::StatusOr<std::string> Get(const http::Url& url) const;
  absl::StatusOr<http::Url> Trusted(std::string_view url) const;
  absl::Status Discover() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status FetchKeys() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<std::string> IdTokenFor(std::string_view code, std::string_view verifier) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const OidcOptions options_;
  const Fetch fetch_;
  const Clock& clock_;
  absl::Mutex mu_;  // held while the provider is asked, so that many callers ask once
  Endpoints endpoints_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const JwkSet> keys_ ABSL_GUARDED_BY(mu_);
  absl::Time fresh_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time keys_time_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time retry_at_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Status failed_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::access
