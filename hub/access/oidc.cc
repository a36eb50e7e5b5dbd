#include "hub/access/oidc.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

namespace json = boost::json;

absl::Status Unreachable(std::string_view cause) {
  return Fail(absl::StatusCode::kUnavailable, "OIDC_UNREACHABLE", "The identity provider does not answer; sign in with a password, or later.",
              {{"link", std::string(kLinkHub)}, {"cause", std::string(cause)}});
}

absl::Status Wrong(std::string_view cause) {
  return Fail(absl::StatusCode::kUnavailable, "OIDC_ANSWER_WRONG", "The identity provider does not answer as OpenID Connect asks; the operator is needed.",
              {{"link", std::string(kLinkHub)}, {"cause", std::string(cause)}});
}

// application/x-www-form-urlencoded.
std::string FormEncoded(std::string_view text) {
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

std::string Form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string form;
  for (const auto& [name, value] : fields) absl::StrAppend(&form, form.empty() ? "" : "&", Absl(name), "=", FormEncoded(value));
  return form;
}

absl::StatusOr<json::object> ObjectOf(std::string_view text, std::string_view what) {
  json::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return Wrong(absl::StrCat(Absl(what), " is no JSON object"));
  return std::move(value.as_object());
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

bool MayBeAsked(const http::Url& url) { return url.tls || http::IsLoopback(url); }

}  // namespace

absl::StatusOr<std::unique_ptr<OidcProvider>> OidcProvider::Create(OidcOptions options, Fetch fetch, const Clock& clock) {
  const auto url = http::ParseUrl(options.issuer);
  if (!url.ok() || !MayBeAsked(*url)) {
    return Fail(absl::StatusCode::kInvalidArgument, "OIDC_ISSUER", "An identity provider is at an https URL (http on loopback only).",
                {{"key", "oidc.issuer"}});
  }
  return std::unique_ptr<OidcProvider>(new OidcProvider(std::move(options), std::move(fetch), clock));
}

absl::StatusOr<std::string> OidcProvider::Get(const http::Url& url) const {
  http::Request request;
  request.url = url;
  request.headers = {{"accept", "application/json"}};
  auto answer = fetch_(request);
  if (!answer.ok()) return Unreachable(FactOf(answer.status(), "cause"));
  if (answer->status != 200) return Wrong(absl::StrCat(url.path, " answers ", answer->status));
  return std::move(answer->body);
}

absl::StatusOr<http::Url> OidcProvider::Trusted(std::string_view text) const {
  auto url = http::ParseUrl(text);
  if (!url.ok() || !MayBeAsked(*url)) return Wrong("an endpoint is no https URL");
  return url;
}

absl::Status OidcProvider::Discover() {
  std::string base = options_.issuer;
  while (base.ends_with('/')) base.pop_back();
  const http::Url url = TRY(Trusted(base + "/.well-known/openid-configuration"));
  const std::string text = TRY(Get(url));
  const json::object document = TRY(ObjectOf(text, "the discovery document"));
  if (TextOf(document, "issuer") != options_.issuer) return Wrong("the issuer names itself otherwise");
  Endpoints endpoints;
  endpoints.authorization = TextOf(document, "authorization_endpoint");
  TRY(Trusted(endpoints.authorization));
  endpoints.token = TRY(Trusted(TextOf(document, "token_endpoint")));
  endpoints.keys = TRY(Trusted(TextOf(document, "jwks_uri")));
  endpoints_ = std::move(endpoints);
  return absl::OkStatus();
}

absl::Status OidcProvider::FetchKeys() {
  keys_time_ = clock_.Now();
  const std::string text = TRY(Get(endpoints_.keys));
  auto keys = JwkSet::Parse(text);
  if (!keys.ok()) return Wrong("the keys are no key set");
  keys_ = *std::move(keys);
  return absl::OkStatus();
}

absl::Status OidcProvider::Refresh() {
  const absl::Time now = clock_.Now();
  if (now < fresh_until_) return absl::OkStatus();
  if (now < retry_at_) return failed_;
  failed_ = Discover();
  if (failed_.ok()) failed_ = FetchKeys();
  if (failed_.ok()) {
    fresh_until_ = now + options_.fresh;
  } else {
    retry_at_ = now + options_.retry;
  }
  return failed_;
}

absl::StatusOr<std::string> OidcProvider::AuthorizationUrl(std::string_view state, std::string_view nonce,
                                                           std::string_view verifier) {
  absl::MutexLock lock(&mu_);
  TRY(Refresh());
  const std::string challenge = ToBase64Url(Bytes(Sha256(verifier)));
  const std::string query = Form({{"response_type", "code"},
                                  {"client_id", options_.client_id},
                                  {"redirect_uri", options_.redirect_uri},
                                  {"scope", options_.scope},
                                  {"state", state},
                                  {"nonce", nonce},
                                  {"code_challenge", challenge},
                                  {"code_challenge_method", "S256"}});
  return absl::StrCat(endpoints_.authorization, endpoints_.authorization.find('?') == std::string::npos ? "?" : "&", query);
}

absl::StatusOr<std::string> OidcProvider::IdTokenFor(std::string_view code, std::string_view verifier) {
  http::Request request;
  request.method = "POST";
  request.url = endpoints_.token;
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}};
  request.body = Form({{"grant_type", "authorization_code"},
                       {"code", code},
                       {"redirect_uri", options_.redirect_uri},
                       {"client_id", options_.client_id},
                       {"code_verifier", verifier}});
  if (!options_.client_secret.empty()) {
    // RFC 6749 section 2.3.1: both parts are form-encoded first.
    request.headers.emplace_back("authorization", "Basic " + ToBase64(absl::StrCat(FormEncoded(options_.client_id), ":",
                                                                                    FormEncoded(options_.client_secret))));
  }
  const auto answer = fetch_(request);
  if (!answer.ok()) return Unreachable(FactOf(answer.status(), "cause"));
  // RFC 6749 section 5.2 has 400 for a code that is not good; glewlwyd says 403. 401 is about the hub's own secret.
  if (answer->status == 400 || answer->status == 403) {
    return Fail(absl::StatusCode::kUnauthenticated, "OIDC_TOKEN_REFUSED", "The identity provider does not take the code; sign in again.",
                {{"link", std::string(kLinkCaller)}, {"rule", "code"}});
  }
  if (answer->status != 200) return Wrong(absl::StrCat("the token endpoint answers ", answer->status));
  const json::object document = TRY(ObjectOf(answer->body, "the token endpoint's answer"));
  std::string token = TextOf(document, "id_token");
  if (token.empty()) return Wrong("the token endpoint gives no ID token");
  return token;
}

absl::StatusOr<std::string> OidcProvider::Redeem(std::string_view code, std::string_view nonce, std::string_view verifier) {
  absl::MutexLock lock(&mu_);
  TRY(Refresh());
  const std::string token = TRY(IdTokenFor(code, verifier));
  const Expected expected{options_.issuer, options_.client_id, std::string(nonce), options_.claim};
  auto subject = VerifyIdToken(token, *keys_, expected, clock_.Now());
  // Signed with a key that came since: the provider is asked for its keys, but not by everyone who invents a key's id.
  if (FactOf(subject.status(), "rule") != "key" || clock_.Now() < keys_time_ + options_.new_keys_min) return subject;
  TRY(FetchKeys());
  return VerifyIdToken(token, *keys_, expected, clock_.Now());
}

}  // namespace zhanqiao::access
