// Limits of a grant (calls a second; calls, rows, bytes and distinct persons a civil day) and the memory of request ids.
// The day's counts survive a restart: quota_recovery.h takes them from the ledger. Request ids are remembered since the
// hub started. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hub/access/grant_view.h"

namespace zhanqiao::exchange {

// What was released under a grant.
struct Usage {
  int64_t calls = 0;
  int64_t rows = 0;
  int64_t bytes = 0;                  // of canonical rows
  std::vector<std::string> subjects;  // 16-byte tokens of the persons concerned
};

// A grant without limits is never looked up: it costs one comparison.
class Quotas {
 public:
  // Counts one call before it is sent on. RESOURCE_EXHAUSTED / RATE_EXCEEDED or QUOTA_EXCEEDED (facts: link=grant, the
  // limit by its name), with RetryInfo: the next second, or the next civil day. A repeated request id is counted against
  // the rate, not against the calls of the day.
  absl::Status Count(const access::GrantInForce& grant, bool repeated, absl::Time now);

  // Counts what is about to be released, for a call received at `received`; all or nothing. QUOTA_EXCEEDED as above when
  // it does not fit. Retries count: an id cannot be used to get more. What then fails to be written stays counted.
  absl::Status Take(const access::GrantInForce& grant, const Usage& usage, absl::Time received);

  // Adds what was released on `day` before the hub started. Before traffic.
  void Restore(std::string_view grant, absl::CivilDay day, const Usage& usage);

  // True if the consumer's request id was released before, among the last 65,536 released.
  bool Seen(std::string_view consumer, std::string_view request_id) const;
  void Remember(std::string_view consumer, std::string_view request_id);

 private:
  struct Use {
    int64_t second = 0;  // Unix second of `in_second`
    int in_second = 0;
    absl::CivilDay day;  // of what follows
    int64_t calls = 0;
    int64_t rows = 0;
    int64_t bytes = 0;
    absl::flat_hash_set<uint64_t> persons;  // first half of each token: keyed and uniform, so that halves do not meet
  };
  static constexpr size_t kRemembered = 65536;

  Use& UseOn(std::string_view grant, absl::CivilDay day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;  // makes counting one call one step
  absl::flat_hash_map<std::string, Use> uses_ ABSL_GUARDED_BY(mu_);  // by grant, limited grants only
  absl::flat_hash_set<std::string> released_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> order_ ABSL_GUARDED_BY(mu_);  // ring of what is in released_
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::exchange
