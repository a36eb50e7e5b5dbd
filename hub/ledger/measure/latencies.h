// Durations of many like operations. Not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace zhanqiao::ledger {

using SteadyTime = std::chrono::steady_clock::time_point;

inline double MicrosSince(SteadyTime start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

class Latencies {
 public:
  void Add(double micros) { micros_.push_back(micros); }
  // The value that a part `quantile` of them does not exceed; 0 without any.
  double At(double quantile) {
    if (micros_.empty()) return 0;
    std::sort(micros_.begin(), micros_.end());
    return micros_[std::min(micros_.size() - 1,
                            static_cast<size_t>(quantile * static_cast<double>(micros_.size())))];
  }

 private:
  std::vector<double> micros_;
};

}  // namespace zhanqiao::ledger
