// A timing wheel: deadlines of calls, O(1) to set and to forget, no allocation. Not thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "hub/edge/protocol.h"

namespace zhanqiao::edge {

// Something that expires; at most in one wheel, forgotten by its destructor.
class Expiring {
 public:
  virtual ~Expiring() { Unlink(); }
  virtual void OnExpired() = 0;
  void Unlink();

 private:
  friend class Deadlines;
  Expiring* next_ = nullptr;
  Expiring** link_ = nullptr;  // what points at this; null when in no wheel
  size_t* count_ = nullptr;
  SteadyTime due_;
};

class Deadlines {
 public:
  static constexpr std::chrono::milliseconds kTick{4};

  explicit Deadlines(SteadyTime start) : swept_(start) {}
  ~Deadlines();
  void Set(Expiring& expiring, SteadyTime due);
  // Expires everything due by `now`, never early.
  void Advance(SteadyTime now);
  bool empty() const { return count_ == 0; }

 private:
  static constexpr size_t kSlots = 1024;  // about four seconds a turn; what is due later stays in its slot
  size_t SlotOf(SteadyTime time) const;
  void Expire(size_t slot, SteadyTime now);

  SteadyTime swept_;
  size_t count_ = 0;
  std::array<Expiring*, kSlots> slots_{};
};

}  // namespace zhanqiao::edge
