// Pages of a search: a token says which request it continues, how many hits came before and which was the
// last, so that the next page goes on behind it even when the index changed in between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "zhanqiao/v1/search.pb.h"

namespace zhanqiao::search {

struct PageStart {
  uint32_t rank = 0;  // hits before the page
  std::string last;   // name of the last of them; empty on the first page
};

// Where `request` wants to go on. INVALID_ARGUMENT / PAGE_TOKEN_INVALID for a token of another request or
// caller.
absl::StatusOr<PageStart> PageStartOf(const Caller& caller, const v1::SearchResourcesRequest& request);

std::string TokenFor(const Caller& caller, const v1::SearchResourcesRequest& request, const PageStart& next);

}  // namespace zhanqiao::search
