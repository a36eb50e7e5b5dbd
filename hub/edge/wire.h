// The text forms of gRPC over HTTP/2: pure functions, no state. Sources: the gRPC HTTP/2 protocol document
// and what grpc::Server 1.51 answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::edge {

// "100m" and the like: 1 to 8 digits and one of H M S m u n. Nothing else is a timeout.
std::optional<absl::Duration> ParseTimeout(std::string_view text);

// grpc-message: every byte outside printable ASCII, and '%', becomes %XX; and back (bad escapes stay as they
// are).
std::string PercentEncode(std::string_view text);
std::string PercentDecode(std::string_view text);

// "-bin" values: standard or URL-safe alphabet, padded or not; nullopt when it is neither. Sent without
// padding.
std::optional<std::string> DecodeBinary(std::string_view text);
std::string EncodeBinary(std::string_view bytes);

enum class ContentKind {
  kGrpc,     // application/grpc, application/grpc+proto, application/grpc;...
  kGrpcWeb,  // a relative that is not served
  kOther,    // anything else, or nothing
};
ContentKind ClassifyContent(std::string_view content_type);

enum class Encoding { kIdentity, kGzip, kDeflate, kUnknown };
Encoding ParseEncoding(std::string_view name);
inline constexpr std::string_view kAcceptEncoding = "identity, deflate, gzip";

// Adds a received header to `metadata`: "-bin" values are split at commas and decoded, one entry each.
// False when a "-bin" value does not decode.
bool AddReceived(std::string_view name, std::string_view value, Metadata& metadata);

// True when a handler may send this name as metadata: lower case, legal, not reserved.
bool MaySend(std::string_view name);

// The value of a name to be sent, encoded if it ends in "-bin"; nullopt when it cannot be sent.
std::optional<std::string> ValueToSend(std::string_view name, std::string_view value);

// True for names that gRPC and HTTP/2 keep for themselves (never in Call::metadata).
bool IsReserved(std::string_view name);

// Inflates a gzip or deflate body. RESOURCE_EXHAUSTED as soon as it passes `bytes_max`, INTERNAL when it is
// not what it claims.
absl::Status Inflate(Encoding encoding, std::string_view body, size_t bytes_max, std::string& out);

}  // namespace zhanqiao::edge
