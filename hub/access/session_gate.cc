#include "hub/access/session_gate.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

std::string_view HeaderOf(SessionGate::Headers headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view message) {
  return Fail(code, reason, message, {{"link", std::string(kLinkCaller)}});
}

// The value of the session's cookie; HTTP/2 may send the pairs as headers of their own (RFC 9113 section 8.2.3).
std::string CookieIn(SessionGate::Headers headers) {
  for (const auto& [name, value] : headers) {
    if (name != "cookie") continue;
    for (absl::string_view pair : absl::StrSplit(value, ';')) {
      while (absl::ConsumePrefix(&pair, " ")) {
      }
      if (absl::ConsumePrefix(&pair, Absl(kSessionCookie)) && absl::ConsumePrefix(&pair, "=")) return std::string(pair);
    }
  }
  return "";
}

// A browser adds the cookie to whatever any page sends here. A header of our own cannot be set across sites (the hub grants
// no CORS), and where the browser says which page it was, it must be one of ours.
absl::Status CheckSameSite(SessionGate::Headers headers) {
  if (HeaderOf(headers, kCsrfHeader) != "1") {
    return Refuse(absl::StatusCode::kPermissionDenied, "CSRF_HEADER_MISSING", "A session's cookie counts only with the header zhanqiao-csrf: 1.");
  }
  const std::string_view origin = HeaderOf(headers, "origin");
  const std::string_view site = HeaderOf(headers, "sec-fetch-site");
  const bool own_origin = origin.empty() || origin == absl::StrCat("https://", Absl(HeaderOf(headers, "host")));
  const bool own_site = site.empty() || site == "same-origin" || site == "none";
  if (own_origin && own_site) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "ORIGIN_FOREIGN", "The page that sent this is not of this hub; use the hub's own console.");
}

}  // namespace

std::string SessionCookie(std::string_view token) {
  // No Max-Age on a token: the browser forgets it when it closes, the hub when its time is over.
  return absl::StrCat(Absl(kSessionCookie), "=", Absl(token), token.empty() ? "; Max-Age=0" : "",
                      "; Path=/; Secure; HttpOnly; SameSite=Strict");
}

absl::StatusOr<Caller> SessionGate::Resolve(Headers headers, std::string_view address) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view authorization = HeaderOf(headers, "authorization");
  std::string token;
  if (absl::StartsWithIgnoreCase(Absl(authorization), Absl(kBearer))) {
    token = std::string(authorization.substr(kBearer.size()));
  } else if (token = CookieIn(headers); !token.empty()) {
    TRY(CheckSameSite(headers));
  }
  if (token.empty()) {
    return Refuse(absl::StatusCode::kUnauthenticated, "CALLER_UNIDENTIFIED",
                  "Present a certificate with exactly one SAN URI zhanqiao://{city}/org/{code}/{kind}/{id}, or, as a person, sign in "
                  "and send the session's token.");
  }
  const auto session = sessions_.Use(token);
  if (!session) {
    return Refuse(absl::StatusCode::kUnauthenticated, "SESSION_UNKNOWN", "The session is over or never was; sign in again.");
  }
  Caller caller = TRY(directory_.ResolvePerson(session->person(), address));
  caller.session = session->id();
  return caller;
}

}  // namespace zhanqiao::access
