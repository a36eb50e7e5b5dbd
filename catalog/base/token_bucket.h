// Rates: what may be done so many times at once and so many times a second. Not thread-safe.
#pragma once

#include <chrono>

namespace zhanqiao {

class TokenBucket {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  TokenBucket(double per_second, double burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
  bool Take(Moment now, double tokens = 1) {
    if (last_ != Moment()) {
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
  Moment last_{};
};

}  // namespace zhanqiao
