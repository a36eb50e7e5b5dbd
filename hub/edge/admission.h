// Who may have how many connections. Asked when a connection comes, identifies itself, and goes; never by
// calls.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {

// Thread-safe.
class Admission {
 public:
  explicit Admission(const Limits& limits) : limits_(limits) {}

  // Admits a connection from `address` (empty: not counted by address) and returns its ticket; 0 when there
  // are too many. When the address has too many that have not yet shown what they are, the oldest is told to
  // `give_way`.
  uint64_t Admit(const std::string& address, std::function<void()> give_way);
  // The connection has shown that it means business.
  void Settle(uint64_t ticket);
  // False when `identity` has too many connections already.
  bool Identify(uint64_t ticket, const std::string& identity);
  void Leave(uint64_t ticket);

  uint64_t open() const;
  // Waits until no connection is open or `patience` has passed; true if none is.
  bool AwaitEmpty(absl::Duration patience) const;

 private:
  struct Entry {
    std::string address;
    std::string identity;
    std::function<void()> give_way;  // empty once settled
  };
  struct Address {
    size_t open = 0;
    std::map<uint64_t, bool> pending;  // by age
  };
  bool IsEmpty() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return entries_.empty(); }

  const Limits& limits_;
  mutable absl::Mutex mu_;
  uint64_t last_ticket_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_map<uint64_t, Entry> entries_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Address> addresses_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, size_t> identities_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::edge
