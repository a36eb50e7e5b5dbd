// Resume tokens: where a fetch goes on, handed to the consumer so that the hub need not remember. Sealed, because a
// cursor may hold keys of persons; bound to the consumer and to what it asked, so that a token opens nothing else.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/base/ids.h"
#include "catalog/base/seal_key.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::exchange {

// Good across restarts of the hub, as long as its key file is kept. Thread-safe if `random` is.
class ResumeTokens {
 public:
  static constexpr absl::Duration kGoodFor = absl::Hours(7 * 24);

  // `random` must outlive it.
  ResumeTokens(SealKey key, Random& random) : key_(std::move(key)), random_(random) {}

  // `request` is the fetch as the consumer asked it, its token and chunk size aside.
  std::string Make(const v1::FetchPlace& place, std::string_view consumer, const v1::FetchRequest& request) const;
  // INVALID_ARGUMENT / RESUME_TOKEN_INVALID for another consumer or request, or altered bytes; FAILED_PRECONDITION /
  // RESUME_TOKEN_EXPIRED after seven days.
  absl::StatusOr<v1::FetchPlace> Open(std::string_view token, std::string_view consumer,
                                      const v1::FetchRequest& request, absl::Time now) const;

 private:
  const SealKey key_;
  Random& random_;
};

}  // namespace zhanqiao::exchange
