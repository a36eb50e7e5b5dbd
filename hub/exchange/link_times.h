// What an entry cannot tell of itself, because it is over only after the entry was written: how long writing took.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace zhanqiao::exchange {

// The newest 16,384 releases, in memory. Thread-safe without a lock; a release costs two stores.
class LinkTimes {
 public:
  // The entry `index` was written and synced `ledger` after its answer had been checked.
  void Note(uint64_t index, absl::Duration ledger) {
    const auto us = static_cast<uint64_t>(std::clamp<int64_t>(absl::ToInt64Microseconds(ledger), 0, kUsMax));
    slots_[index % kSlots].store((index / kSlots + 1) << kUsBits | us, std::memory_order_relaxed);
  }
  // Empty: older, or of before the hub started.
  std::optional<absl::Duration> Ledger(uint64_t index) const {
    const uint64_t slot = slots_[index % kSlots].load(std::memory_order_relaxed);
    if (slot >> kUsBits != index / kSlots + 1) return std::nullopt;
    return absl::Microseconds(static_cast<int64_t>(slot & kUsMax));
  }

 private:
  static constexpr size_t kSlots = 16384;
  static constexpr int kUsBits = 26;  // 67 seconds
  static constexpr int64_t kUsMax = (int64_t{1} << kUsBits) - 1;
  std::array<std::atomic<uint64_t>, kSlots> slots_{};  // round of the index, from 1, and the time
};

}  // namespace zhanqiao::exchange
