// Limits of a grant (calls a second, calls a civil day) and the memory of request ids, both since the hub
// started. Thread-safe.
#pragma once

#include <array>
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

class Quotas {
 public:
  // Counts one call. RESOURCE_EXHAUSTED / RATE_EXCEEDED or QUOTA_EXCEEDED, link=grant. A repeated request id is
  // counted against the rate, not against the day.
  absl::Status Count(const access::GrantInForce& grant, bool repeated, absl::Time now, absl::CivilDay today);

  // True if the consumer's request id was released before, among the last 65,536 released.
  bool Seen(std::string_view consumer, std::string_view request_id) const;
  void Remember(std::string_view consumer, std::string_view request_id);

 private:
  struct Use {
    int64_t second = 0;  // Unix second of `in_second`
    int in_second = 0;
    absl::CivilDay day;
    int64_t in_day = 0;
  };
  static constexpr size_t kRemembered = 65536;

  mutable absl::Mutex mu_;  // makes counting one call one step
  absl::flat_hash_map<std::string, Use> uses_ ABSL_GUARDED_BY(mu_);  // by grant, limited grants only
  absl::flat_hash_set<std::string> released_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> order_ ABSL_GUARDED_BY(mu_);  // ring of what is in released_
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::exchange
