#include "hub/exchange/quotas.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

std::string KeyOf(std::string_view consumer, std::string_view request_id) {
  return absl::StrCat(Absl(consumer), "\n", Absl(request_id));
}

// The limit of the day is reached; the next one begins at midnight.
absl::Status Exceeded(std::string_view limit, int64_t max, absl::Time now) {
  const absl::Duration left = absl::FromCivil(CivilDayOf(now) + 1, Shanghai()) - now;
  return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "QUOTA_EXCEEDED",
                             "The grant's limit of this day is used up; go on tomorrow or ask for more.",
                             {{"link", std::string(kLinkGrant)}, {std::string(limit), absl::StrCat(max)}}),
                        static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)))));
}

uint64_t PersonOf(std::string_view token) {
  uint64_t person = 0;
  std::memcpy(&person, token.data(), std::min(sizeof person, token.size()));
  return person;
}

}  // namespace

absl::Status Quotas::Count(const access::GrantInForce& grant, bool repeated, absl::Time now) {
  if (grant.rate_per_second == 0 && grant.daily_calls_max == 0 && !grant.LimitsReleases()) return absl::OkStatus();
  const int64_t second = absl::ToUnixSeconds(now);
  absl::MutexLock lock(&mu_);
  Use& use = UseOn(grant.name, CivilDayOf(now));
  if (use.second != second) use.second = second, use.in_second = 0;
  if (grant.rate_per_second > 0 && use.in_second >= grant.rate_per_second) {
    return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "RATE_EXCEEDED",
                               "The grant allows fewer calls a second; slow down.",
                               {{"link", std::string(kLinkGrant)}, {"rate_per_second", absl::StrCat(grant.rate_per_second)}}),
                          1000);
  }
  if (grant.daily_calls_max > 0 && !repeated && use.calls >= grant.daily_calls_max) {
    return Exceeded("daily_calls_max", grant.daily_calls_max, now);
  }
  // Nobody is asked for what could not be released. New persons are known only once there is an answer.
  if (grant.daily_rows_max > 0 && use.rows >= grant.daily_rows_max) return Exceeded("daily_rows_max", grant.daily_rows_max, now);
  if (grant.daily_bytes_max > 0 && use.bytes >= grant.daily_bytes_max) {
    return Exceeded("daily_bytes_max", grant.daily_bytes_max, now);
  }
  ++use.in_second;
  if (!repeated) ++use.calls;
  return absl::OkStatus();
}

absl::Status Quotas::Take(const access::GrantInForce& grant, const Usage& usage, absl::Time received) {
  if (!grant.LimitsReleases()) return absl::OkStatus();
  absl::MutexLock lock(&mu_);
  Use& use = UseOn(grant.name, CivilDayOf(received));
  if (grant.daily_rows_max > 0 && use.rows + usage.rows > grant.daily_rows_max) {
    return Exceeded("daily_rows_max", grant.daily_rows_max, received);
  }
  if (grant.daily_bytes_max > 0 && use.bytes + usage.bytes > grant.daily_bytes_max) {
    return Exceeded("daily_bytes_max", grant.daily_bytes_max, received);
  }
  if (grant.daily_persons_max > 0) {
    absl::flat_hash_set<uint64_t> added;
    for (const std::string& token : usage.subjects) {
      if (!use.persons.contains(PersonOf(token))) added.insert(PersonOf(token));
    }
    if (static_cast<int64_t>(use.persons.size() + added.size()) > grant.daily_persons_max) {
      return Exceeded("daily_persons_max", grant.daily_persons_max, received);
    }
    use.persons.insert(added.begin(), added.end());
  }
  use.rows += usage.rows;
  use.bytes += usage.bytes;
  return absl::OkStatus();
}

void Quotas::Restore(std::string_view grant, absl::CivilDay day, const Usage& usage) {
  absl::MutexLock lock(&mu_);
  Use& use = UseOn(grant, day);
  use.calls += usage.calls;
  use.rows += usage.rows;
  use.bytes += usage.bytes;
  for (const std::string& token : usage.subjects) use.persons.insert(PersonOf(token));
}

// A call received before midnight and released after it counts with the new day: counts never go back.
Quotas::Use& Quotas::UseOn(std::string_view grant, absl::CivilDay day) {
  Use& use = uses_[Absl(grant)];
  if (day > use.day) {
    use.day = day;
    use.calls = use.rows = use.bytes = 0;
    use.persons.clear();
  }
  return use;
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
