// Pauses between attempts: capped exponential with full jitter, so that a thousand connectors do not return at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "catalog/base/ids.h"

namespace zhanqiao::connectors {

// Not thread-safe.
class Backoff {
 public:
  Backoff(absl::Duration base, absl::Duration max, Random& random) : base_(base), max_(max), random_(random) {}

  // A pause drawn evenly from 0 to the present ceiling, which doubles up to the cap.
  absl::Duration Next() {
    uint32_t draw = 0;
    random_.Fill(&draw, sizeof draw);
    const absl::Duration ceiling = std::min(max_, base_ * (int64_t{1} << std::min(attempts_++, 30)));
    return ceiling * (draw / 4294967296.0);
  }

  // A connection lasted: start again from the base.
  void Reset() { attempts_ = 0; }

 private:
  const absl::Duration base_;
  const absl::Duration max_;
  Random& random_;
  int attempts_ = 0;
};

}  // namespace zhanqiao::connectors
