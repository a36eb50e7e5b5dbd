#include "hub/access/id_token.h"

extern "C" {
#include <cjose/cjose.h>
}

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

namespace json = boost::json;

constexpr absl::Duration kSkew = absl::Minutes(1);
constexpr size_t kTokenBytesMax = 16 << 10;
constexpr size_t kRsaBitsMin = 2048;
constexpr size_t kKeysMax = 64;
constexpr std::string_view kAlgorithms[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"};

absl::Status Refuse(std::string_view rule) {
  return Fail(absl::StatusCode::kUnauthenticated, "OIDC_TOKEN_REFUSED", "The identity provider's token does not hold; sign in again.",
              {{"link", std::string(kLinkCaller)}, {"rule", std::string(rule)}});
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

// A NumericDate (RFC 7519 section 2), if it is one that makes sense.
std::optional<absl::Time> TimeOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->to_number<double>();
  if (!(seconds > 0 && seconds < 1e11)) return std::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

std::optional<json::object> ObjectIn(std::string_view segment) {
  const auto text = FromBase64Url(segment);
  if (!text.ok()) return std::nullopt;
  json::error_code error;
  json::value value = json::parse(*text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

bool NamesAudience(const json::object& claims, const std::string& client_id) {
  const json::value* audience = claims.if_contains("aud");
  if (audience == nullptr) return false;
  if (audience->is_string()) return audience->as_string() == client_id;
  if (!audience->is_array()) return false;
  bool named = false;
  for (const json::value& one : audience->as_array()) named = named || (one.is_string() && one.as_string() == client_id);
  // Of a token for several, the one it was made for must be us.
  return named && (audience->as_array().size() == 1 || TextOf(claims, "azp") == client_id);
}

absl::Status CheckClaims(const json::object& claims, const Expected& expected, absl::Time now) {
  if (TextOf(claims, "iss") != expected.issuer) return Refuse("iss");
  if (!NamesAudience(claims, expected.client_id)) return Refuse("aud");
  const auto expires = TimeOf(claims, "exp");
  if (!expires || now >= *expires + kSkew) return Refuse("exp");
  const auto issued = TimeOf(claims, "iat");
  if (!issued || *issued > now + kSkew) return Refuse("iat");
  if (claims.contains("nbf") && (!TimeOf(claims, "nbf") || *TimeOf(claims, "nbf") > now + kSkew)) return Refuse("iat");
  if (expected.nonce.empty() || TextOf(claims, "nonce") != expected.nonce) return Refuse("nonce");
  return absl::OkStatus();
}

}  // namespace

std::string ToBase64Url(std::string_view bytes) {
  std::string text = absl::StrReplaceAll(ToBase64(bytes), {{"+", "-"}, {"/", "_"}});
  while (text.ends_with('=')) text.pop_back();
  return text;
}

absl::StatusOr<std::string> FromBase64Url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) {
    return Fail(absl::StatusCode::kInvalidArgument, "BASE64_INVALID", "Not base64url without padding.");
  }
  std::string standard = absl::StrReplaceAll(Absl(text), {{"-", "+"}, {"_", "/"}});
  while (standard.size() % 4 != 0) standard += '=';
  return FromBase64(standard);
}

struct JwkSet::Keys {
  struct Key {
    cjose_jwk_t* jwk = nullptr;
    std::string id;
    std::string alg;  // the only one it is for; empty: any of its kind
    bool rsa = false;
  };
  std::vector<Key> all;
  ~Keys() {
    for (const Key& key : all) cjose_jwk_release(key.jwk);
  }
};

JwkSet::JwkSet(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
JwkSet::~JwkSet() = default;

absl::StatusOr<std::shared_ptr<const JwkSet>> JwkSet::Parse(std::string_view text) {
  json::error_code error;
  const json::value root = json::parse({text.data(), text.size()}, error);
  const json::value* list = !error && root.is_object() ? root.as_object().if_contains("keys") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return Fail(absl::StatusCode::kInvalidArgument, "OIDC_ANSWER_WRONG", "The identity provider's keys are no key set.");
  }
  auto keys = std::make_unique<Keys>();
  for (const json::value& one : list->as_array()) {
    if (!one.is_object() || keys->all.size() == kKeysMax) continue;
    const std::string use = TextOf(one.as_object(), "use");
    if (!use.empty() && use != "sig") continue;
    const std::string single = json::serialize(one);
    cjose_err failed{};
    cjose_jwk_t* const jwk = cjose_jwk_import(single.data(), single.size(), &failed);
    if (jwk == nullptr) continue;
    const cjose_jwk_kty_t kind = cjose_jwk_get_kty(jwk, &failed);
    const bool rsa = kind == CJOSE_JWK_KTY_RSA && cjose_jwk_get_keysize(jwk, &failed) >= kRsaBitsMin;
    if (!rsa && kind != CJOSE_JWK_KTY_EC) {
      cjose_jwk_release(jwk);
      continue;
    }
    keys->all.push_back({jwk, TextOf(one.as_object(), "kid"), TextOf(one.as_object(), "alg"), rsa});
  }
  return std::shared_ptr<const JwkSet>(new JwkSet(std::move(keys)));
}

bool JwkSet::Verifies(std::string_view token, std::string_view alg, std::string_view key_id, bool& known) const {
  known = false;
  for (const Keys::Key& key : keys_->all) {
    if (!key_id.empty() && key.id != key_id) continue;
    if (!key.alg.empty() && key.alg != alg) continue;
    if (key.rsa != (alg.front() != 'E')) continue;
    known = true;
    cjose_err failed{};
    cjose_jws_t* const jws = cjose_jws_import(token.data(), token.size(), &failed);
    if (jws == nullptr) return false;
    const bool verified = cjose_jws_verify(jws, key.jwk, &failed);
    cjose_jws_release(jws);
    if (verified) return true;
  }
  return false;
}

absl::StatusOr<std::string> VerifyIdToken(std::string_view token, const JwkSet& keys, const Expected& expected, absl::Time now) {
  const std::vector<std::string> segments = absl::StrSplit(Absl(token), '.');
  if (token.size() > kTokenBytesMax || segments.size() != 3) return Refuse("form");
  const auto header = ObjectIn(segments[0]);
  const auto claims = ObjectIn(segments[1]);
  if (!header || !claims || header->contains("crit")) return Refuse("form");
  const std::string alg = TextOf(*header, "alg");
  if (std::find(std::begin(kAlgorithms), std::end(kAlgorithms), alg) == std::end(kAlgorithms)) return Refuse("alg");
  bool known = false;
  const bool signed_by_them = keys.Verifies(token, alg, TextOf(*header, "kid"), known);
  if (!known) return Refuse("key");
  if (!signed_by_them) return Refuse("signature");
  TRY(CheckClaims(*claims, expected, now));
  std::string value = TextOf(*claims, expected.claim);
  if (value.empty()) return Refuse("claim");
  return value;
}

}  // namespace zhanqiao::access
