// How often one network address may download whole files, so that one harvester leaves room for the others. Rates, not people:
// nothing is written, a restart forgives.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "catalog/base/token_bucket.h"

namespace zhanqiao::portal {

// Thread-safe.
class DownloadLimits {
 public:
  struct Options {
    int per_minute = 120;         // of one network, in the long run; 0: no limit
    int burst = 60;               // at once
    size_t networks_max = 65536;  // further networks wait until others have been quiet
  };
  DownloadLimits(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // Counts one download of `network` (access::NetworkOf). Zero: it may; else how long to wait before the next.
  absl::Duration Take(std::string_view network);

 private:
  struct Entry {
    TokenBucket bucket;
    absl::Time last;  // asked
  };

  const Clock& clock_;
  const Options options_;
  absl::Mutex mu_;  // makes counting one step
  absl::flat_hash_map<std::string, Entry> networks_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::portal
