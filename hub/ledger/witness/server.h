// A witness over HTTP/1.1: `POST <any prefix>/add-checkpoint`. Small on purpose: one thread, bounded connections, bodies
// and times; keep-alive. TLS when a certificate is given; without one it listens on loopback only.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hub/ledger/witness/witness.h"

namespace zhanqiao::ledger {

// Thread-safe.
class WitnessServer {
 public:
  struct Options {
    std::string address = "127.0.0.1:7470";  // host:port by number; port 0 chooses a free one
    std::string certificate = {};            // PEM files; empty: plain HTTP, loopback only
    std::string key = {};
    size_t connections_max = 64;             // more are closed at once
    size_t body_bytes_max = 64 * 1024;       // more: 413
    absl::Duration idle = absl::Seconds(30);  // a connection that sends nothing whole for so long is closed
  };
  // `witness` must outlive it. INVALID_ARGUMENT / WITNESS_ADDRESS or CERTIFICATE_UNUSABLE, FAILED_PRECONDITION /
  // WITNESS_PLAIN_ADDRESS for an address other hosts reach without a certificate, UNAVAILABLE / LISTEN_FAILED.
  static absl::StatusOr<std::unique_ptr<WitnessServer>> Start(Witness& witness, Options options);
  // Closes every connection; a request under way is answered or not, its state is kept all the same.
  ~WitnessServer();
  WitnessServer(const WitnessServer&) = delete;
  WitnessServer& operator=(const WitnessServer&) = delete;

  std::string address() const;  // as bound, host:port

 private:
  class Core;
  explicit WitnessServer(std::unique_ptr<Core> core);
  const std::unique_ptr<Core> core_;
};

}  // namespace zhanqiao::ledger
