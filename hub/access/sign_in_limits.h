// How often one network address may fail to sign in, so that nobody tries one password on every account, or keeps the hub
// hashing.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/clock.h"

namespace zhanqiao::access {

// "192.0.2.7" of "192.0.2.7:51234"; of IPv6 the network of 64 bits one subscriber has. Anything else as it is.
std::string NetworkOf(std::string_view address);

// Counts in memory: a restart forgives. Thread-safe.
class SignInLimits {
 public:
  struct Options {
    int failures_max = 30;                        // of one network in a window; a whole office may share an address
    absl::Duration window = absl::Minutes(10);    // from its first failure
    size_t networks_max = 65536;                  // further networks are refused until a window ends
  };
  SignInLimits(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // How long `network` has to wait; zero when it may try.
  absl::Duration Wait(std::string_view network);
  void Failed(std::string_view network);

 private:
  struct Window {
    absl::Time end;
    int failures = 0;
  };
  void Forget(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Clock& clock_;
  const Options options_;
  absl::Mutex mu_;  // makes counting one step
  absl::flat_hash_map<std::string, Window> windows_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::access
