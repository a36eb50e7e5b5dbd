// Identifiers the hub gives out.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace zhanqiao {

// Source of random bytes; handed in so that a simulation can be replayed from its seed. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(void* out, size_t size) = 0;
};

// The operating system's cryptographic generator (OpenSSL RAND_bytes).
class SystemRandom final : public Random {
 public:
  void Fill(void* out, size_t size) override;
};

// A repeatable generator for tests and demonstration data; never for keys or salts of a real hub.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void Fill(void* out, size_t size) override;

 private:
  uint64_t state_;  // splitmix64; not thread-safe by design
};

// A 26-character lower-case ULID: 48 bits of `now` in milliseconds, then 80 random bits. Sorts by time.
std::string NewId(absl::Time now, Random& random);

}  // namespace zhanqiao
