// Asks one witness for its cosignature over HTTP or HTTPS, within a bounded time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::ledger {

// Where a witness is: `http://host[:port][/prefix]` or `https://…`.
struct WitnessUrl {
  bool tls = false;
  std::string host;
  std::string port;    // by number
  std::string prefix;  // "" or "/…" without a slash at the end
};
// INVALID_ARGUMENT / WITNESS_URL (fact: url).
absl::StatusOr<WitnessUrl> ParseWitnessUrl(std::string_view url);

struct HttpAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Thread-safe; one call at a time is under way, others wait.
class WitnessClient {
 public:
  // `ca_file`: PEM file of the authorities of HTTPS witnesses; empty: those of the machine.
  WitnessClient(WitnessUrl url, std::string ca_file);
  ~WitnessClient();
  WitnessClient(const WitnessClient&) = delete;
  WitnessClient& operator=(const WitnessClient&) = delete;

  // `POST <prefix>/add-checkpoint`. UNAVAILABLE / WITNESS_UNREACHABLE (facts: witness, cause), also after `timeout`.
  absl::StatusOr<HttpAnswer> AddCheckpoint(const std::string& body, absl::Duration timeout);
  // The call under way and every later one fails at once.
  void Cancel();

 private:
  struct State;
  const WitnessUrl url_;
  const std::string ca_file_;
  const std::unique_ptr<State> state_;
};

}  // namespace zhanqiao::ledger
