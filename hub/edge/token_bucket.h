// Rates: what may be done so many times at once and so many times a second. Not thread-safe.
#pragma once

#include <chrono>

#include "hub/edge/protocol.h"

namespace zhanqiao::edge {

class TokenBucket {
 public:
  TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
  bool Take(SteadyTime now, double tokens = 1) {
    if (last_ != SteadyTime()) {
      tokens_ += per_second_ * std::chrono::duration<double>(now - last_).count();
      if (tokens_ > burst_) tokens_ = burst_;
    }
    last_ = now;
    tokens_ -= tokens;
    if (tokens_ >= 0) return true;
    tokens_ = 0;
    return false;
  }

 private:
  const double per_second_;
  const double burst_;
  double tokens_;
  SteadyTime last_{};
};

}  // namespace zhanqiao::edge
