// Who a caller is: registered systems, persons and connectors by the identity in their certificates, and the
// certificates that are refused; persons who signed in by their name. Kept in memory, changed with the commit. A person
// with an active break-glass (break_glass.proto) holds its role too, until the moment it ends.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::access {

// What the peer of a connection shows about itself.
struct Presented {
  std::vector<std::string> identities;            // SAN URIs of its certificate, or the configured identity
  std::string fingerprint;                        // lower-case hex SHA-256 of the DER; empty on a plain listener
  absl::Time not_after = absl::InfiniteFuture();  // expiry of the certificate
  std::string address;                            // network address, for the log
};

// An identity zhanqiao://{city}/org/{code}/{system|person|connector}/{id}, taken apart.
struct Identity {
  SubjectKind kind = SubjectKind::kNone;
  std::string city;
  std::string subject;       // resource name, "organizations/{code}/systems/{id}"
  std::string organization;  // "organizations/{code}"
};

// UNAUTHENTICATED / CALLER_UNIDENTIFIED unless `uri` has exactly that form.
absl::StatusOr<Identity> ParseIdentity(std::string_view uri);

// UNAUTHENTICATED / CERTIFICATE_EXPIRED, with link=caller.
absl::Status CertificateExpired(std::string_view identity);

// Thread-safe. A resolution is three hash look-ups under a shared lock.
class Directory {
 public:
  // Accepts identities of `city` only. `clock` must outlive it.
  Directory(std::string city, const Clock& clock);
  ~Directory();

  // Loads what `store` holds and follows its changes. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);

  // Takes one version in, as Follow does for every change; versions of other types are ignored.
  void Take(const documents::Version& version);

  // The caller behind one message; ask again for the next. `trace`, `deadline` are left for the edge to set.
  // UNAUTHENTICATED / CALLER_UNIDENTIFIED: not exactly one identity of this city.
  // UNAUTHENTICATED / CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED: also on connections that are already open.
  // PERMISSION_DENIED / CALLER_UNREGISTERED, CALLER_DISABLED. All carry the fact link=caller.
  absl::StatusOr<Caller> Resolve(const Presented& presented) const {
    return Resolve(presented.identities, presented.fingerprint, presented.not_after, presented.address);
  }
  // The same without a copy of what the peer shows: this is asked for every message.
  absl::StatusOr<Caller> Resolve(absl::Span<const std::string> identities, std::string_view fingerprint,
                                 absl::Time not_after, std::string_view address) const;

  // The caller of an earlier message as it is registered now, for a stream that goes on without new messages of its own.
  // The same refusals.
  absl::StatusOr<Caller> Again(const Caller& before) const;

  // The person called `person` who signed in without a certificate: PERMISSION_DENIED / CALLER_UNREGISTERED,
  // CALLER_DISABLED.
  absl::StatusOr<Caller> ResolvePerson(std::string_view person, std::string_view address) const;

 private:
  absl::StatusOr<Caller> Registered(const std::string& identity, std::string_view fingerprint, std::string_view address) const;

  struct State;
  const std::string city_;
  const Clock& clock_;
  std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this view
};

}  // namespace zhanqiao::access
