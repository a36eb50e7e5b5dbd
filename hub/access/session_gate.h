// The person behind a message that came without a client certificate: by the token of a session, in a header or a cookie.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/base/caller.h"
#include "hub/access/directory.h"
#include "hub/access/sessions.h"

namespace zhanqiao::access {

inline constexpr std::string_view kSessionCookie = "__Host-zhanqiao";
inline constexpr std::string_view kCsrfHeader = "zhanqiao-csrf";

// The set-cookie value that hands `token` to a browser, or takes it away when empty.
std::string SessionCookie(std::string_view token);

// Thread-safe.
class SessionGate {
 public:
  using Headers = absl::Span<const std::pair<std::string, std::string>>;  // lower-case names

  // Both outlive it.
  SessionGate(Sessions& sessions, const Directory& directory) : sessions_(sessions), directory_(directory) {}

  // Asked for every message, so that a session's end, a person's disabling and a role's loss stop the next one.
  // UNAUTHENTICATED / CALLER_UNIDENTIFIED without a token, SESSION_UNKNOWN for one that opens nothing (any more);
  // PERMISSION_DENIED / CSRF_HEADER_MISSING or ORIGIN_FOREIGN for a cookie another site may have had sent. As
  // Directory::ResolvePerson for the person. All carry the fact link=caller.
  absl::StatusOr<Caller> Resolve(Headers headers, std::string_view address) const;

 private:
  Sessions& sessions_;
  const Directory& directory_;
};

}  // namespace zhanqiao::access
