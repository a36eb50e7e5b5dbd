#include "hub/exchange/resume.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::exchange {
namespace {

// What the token is good for.
std::string Context(std::string_view consumer, v1::FetchRequest request) {
  request.clear_resume_token();
  request.clear_chunk_rows();
  return absl::StrCat("ZQF1\n", Absl(consumer), "\n", Absl(Bytes(Sha256(documents::Canonical(request)))));
}

}  // namespace

std::string ResumeTokens::Make(const v1::FetchPlace& place, std::string_view consumer,
                               const v1::FetchRequest& request) const {
  return key_.Seal(place.SerializeAsString(), Context(consumer, request), random_);
}

absl::StatusOr<v1::FetchPlace> ResumeTokens::Open(std::string_view token, std::string_view consumer,
                                                  const v1::FetchRequest& request, absl::Time now) const {
  const absl::StatusOr<std::string> plain = key_.Open(token, Context(consumer, request));
  v1::FetchPlace place;
  if (!plain.ok() || !place.ParseFromString(*plain)) {
    return BadField("RESUME_TOKEN_INVALID", "resume_token",
                    "The token is not of this consumer and request, or was altered; repeat the request exactly as "
                    "before, or begin anew without a token.");
  }
  if (now - absl::FromUnixMicros(place.time_us()) > kGoodFor) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESUME_TOKEN_EXPIRED",
                "The token is older than seven days; begin the fetch anew without it.");
  }
  return place;
}

}  // namespace zhanqiao::exchange
