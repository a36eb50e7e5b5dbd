#include "hub/exchange/quotas.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

std::string KeyOf(std::string_view consumer, std::string_view request_id) {
  return absl::StrCat(Absl(consumer), "\n", Absl(request_id));
}

}  // namespace

absl::Status Quotas::Count(const access::GrantInForce& grant, bool repeated, absl::Time now, absl::CivilDay today) {
  if (grant.rate_per_second == 0 && grant.daily_calls_max == 0) return absl::OkStatus();
  const int64_t second = absl::ToUnixSeconds(now);
  absl::MutexLock lock(&mu_);
  Use& use = uses_[grant.name];
  if (use.second != second) use.second = second, use.in_second = 0;
  if (use.day != today) use.day = today, use.in_day = 0;
  if (grant.rate_per_second > 0 && use.in_second >= grant.rate_per_second) {
    return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "RATE_EXCEEDED",
                               "The grant allows fewer calls a second; slow down.",
                               {{"link", std::string(kLinkGrant)}, {"rate_per_second", absl::StrCat(grant.rate_per_second)}}),
                          1000);
  }
  if (grant.daily_calls_max > 0 && !repeated && use.in_day >= grant.daily_calls_max) {
    return Fail(absl::StatusCode::kResourceExhausted, "QUOTA_EXCEEDED",
                "The grant's calls of this day are used up; go on tomorrow or ask for more.",
                {{"link", std::string(kLinkGrant)}, {"daily_calls_max", absl::StrCat(grant.daily_calls_max)}});
  }
  ++use.in_second;
  if (!repeated) ++use.in_day;
  return absl::OkStatus();
}

bool Quotas::Seen(std::string_view consumer, std::string_view request_id) const {
  if (request_id.empty()) return false;
  const std::string key = KeyOf(consumer, request_id);
  absl::MutexLock lock(&mu_);
  return released_.contains(key);
}

void Quotas::Remember(std::string_view consumer, std::string_view request_id) {
  if (request_id.empty()) return;
  std::string key = KeyOf(consumer, request_id);
  absl::MutexLock lock(&mu_);
  if (!released_.insert(key).second) return;
  if (order_.size() < kRemembered) {
    order_.push_back(std::move(key));
    return;
  }
  released_.erase(order_[next_]);
  order_[next_] = std::move(key);
  next_ = (next_ + 1) % kRemembered;
}

}  // namespace zhanqiao::exchange
