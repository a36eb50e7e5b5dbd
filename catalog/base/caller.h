// Who makes a request, as every service method sees it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace zhanqiao {

enum class SubjectKind { kNone, kSystem, kConnector, kPerson };

// The resolved caller of one request. Made by hub/access from the peer's certificate (or a plain listener's
// configured identity); a value, cheap to copy, valid for one message only: it is resolved again for the next.
struct Caller {
  SubjectKind kind = SubjectKind::kNone;
  std::string subject;       // resource name: "organizations/370200-ZWFWB/systems/approval", ".../persons/…", ".../connectors/…"
  std::string organization;  // "organizations/370200-ZWFWB"
  std::string identity;      // SAN URI as presented
  std::string fingerprint;   // hex SHA-256 of the certificate, empty on plain listeners
  absl::Time not_after = absl::InfiniteFuture();  // end of the certificate; a stream that is open longer is refused then
  std::vector<std::string> roles;  // of persons: "office", "org_clerk", "org_approver", "auditor", "system_admin", "security_admin"
  uint64_t revision = 0;     // of the subject's registration, a precondition of releases
  std::string signing_key;   // Ed25519 public key registered for a system or connector, 32 bytes, or empty
  std::string session;       // id of the session a person acts in; empty with a certificate
  std::string address;       // network address of the peer
  std::string trace;         // W3C trace id or the edge's request number
  absl::Time deadline = absl::InfiniteFuture();

  bool HasRole(std::string_view role) const {
    for (const auto& held : roles) {
      if (held == role) return true;
    }
    return false;
  }
};

}  // namespace zhanqiao
