// Asks one witness for its cosignature over HTTP or HTTPS, within a bounded time.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hub/http/client.h"

namespace zhanqiao::ledger {

// Where a witness is: `http://host[:port][/prefix]` or `https://…`, without a query or a slash at the end. INVALID_ARGUMENT /
// WITNESS_URL (fact: url).
absl::StatusOr<http::Url> ParseWitnessUrl(std::string_view url);

// Thread-safe; one call at a time is under way, others wait.
class WitnessClient {
 public:
  // `ca_file`: PEM file of the authorities of HTTPS witnesses; empty: those of the machine.
  WitnessClient(http::Url url, std::string ca_file) : url_(std::move(url)), client_(std::move(ca_file)) {}

  // `POST <prefix>/add-checkpoint`. UNAVAILABLE / WITNESS_UNREACHABLE (facts: witness, cause), also after `timeout`.
  absl::StatusOr<http::Response> AddCheckpoint(const std::string& body, absl::Duration timeout);
  // The call under way and every later one fails at once.
  void Cancel() { client_.Cancel(); }

 private:
  const http::Url url_;
  http::Client client_;
};

}  // namespace zhanqiao::ledger
