// Counters of one edge thread: written by it alone, read by anyone.
#pragma once

#include <atomic>
#include <cstdint>

namespace zhanqiao::edge {

class Counter {
 public:
  void Add(uint64_t by = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void Subtract(uint64_t by = 1) { Add(~by + 1); }
  uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct Counters {
  Counter calls_open, connections_refused, handshakes_failed, calls_started, calls_refused, http_requests,
      resets_received, connections_calmed, bytes_received, bytes_sent;
};

}  // namespace zhanqiao::edge
