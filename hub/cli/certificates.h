// X.509 for a hub and its parties: an authority, the certificates it issues, and what is in one.
//
// Keys are P-256. The identity of a party is the one URI in the subject alternative name:
// zhanqiao://{city}/org/{code}/{system|person|connector}/{id}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::cli {

// A private key and the certificate for it, PEM.
struct Credentials {
  std::string certificate;
  std::string key;
};

// What a certificate is to say.
struct CertificateOrder {
  std::string common_name;  // required, at most 64 bytes
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  // IPv4 or IPv6
  bool server = false;                 // serverAuth instead of clientAuth
  absl::Time from;                     // valid from, inclusive
  absl::Time to;                       // valid to
};

// What a certificate says.
struct CertificateFacts {
  std::string subject;
  std::string issuer;
  std::string serial;       // hex
  std::string fingerprint;  // SHA-256 of the DER, lower-case hex
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
  absl::Time from;
  absl::Time to;
  bool authority = false;
};

// A self-signed authority that may sign end certificates only.
absl::StatusOr<Credentials> NewAuthority(const std::string& common_name, absl::Time from, absl::Time to);

// A new key and its certificate signed by `authority`. INVALID_ARGUMENT / CERTIFICATE_ORDER names what is
// wrong with the order, AUTHORITY_UNUSABLE what is wrong with the authority.
absl::StatusOr<Credentials> Issue(const Credentials& authority, const CertificateOrder& order);

// Reads the first certificate of `pem`. INVALID_ARGUMENT / CERTIFICATE_UNREADABLE.
absl::StatusOr<CertificateFacts> Describe(std::string_view pem);

// The URI of a party of `city` with resource name `subject`
// (organizations/{code}/{systems|persons|connectors}/{id}). INVALID_ARGUMENT / SUBJECT_INVALID.
absl::StatusOr<std::string> IdentityUri(std::string_view city, std::string_view subject);

// The inverse: the resource name in an identity URI; empty if it is none.
std::string SubjectOf(std::string_view uri);

// Writes `prefix`.key (0600), then `prefix`.crt (0644).
absl::Status WriteCredentials(const std::string& prefix, const Credentials& credentials);

}  // namespace zhanqiao::cli
