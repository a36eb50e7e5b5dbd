#include "hub/portal/download_limits.h"

#include <chrono>

#include "catalog/base/text.h"

namespace zhanqiao::portal {
namespace {

// The hub's clock as the buckets count it; they look at differences alone.
TokenBucket::Moment MomentOf(absl::Time now) { return TokenBucket::Moment(std::chrono::nanoseconds(absl::ToUnixNanos(now))); }

}  // namespace

absl::Duration DownloadLimits::Take(std::string_view network) {
  if (options_.per_minute == 0) return absl::ZeroDuration();
  const double per_second = options_.per_minute / 60.0;
  const absl::Duration one = absl::Ceil(absl::Seconds(1 / per_second), absl::Seconds(1));
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mu_);
  auto found = networks_.find(Absl(network));
  if (found == networks_.end() && networks_.size() >= options_.networks_max) {
    const absl::Duration full = absl::Seconds(options_.burst / per_second);
    absl::erase_if(networks_, [&](const auto& entry) { return entry.second.last + full <= now; });  // theirs are full again
    if (networks_.size() >= options_.networks_max) return one;
  }
  if (found == networks_.end()) {
    found = networks_.emplace(std::string(network), Entry{TokenBucket(per_second, options_.burst), now}).first;
  }
  found->second.last = now;
  return found->second.bucket.Take(MomentOf(now)) ? absl::ZeroDuration() : one;
}

}  // namespace zhanqiao::portal
