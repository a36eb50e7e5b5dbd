// Page sizes and page tokens of lists (AIP-158). A token says what came last and which list it continues, so that a
// token of another list, filter or date is refused instead of giving a page of something else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao::documents {

// Items of a page: `asked`, 50 for 0, at most 1000. INVALID_ARGUMENT / PAGE_SIZE_INVALID below 0.
absl::StatusOr<size_t> PageSize(int asked);

// The tag of the list described by `list` (everything that decides what is in it and in which order).
std::string PageTag(std::string_view list);

// The token of a page of the list `tag` whose last item is `last`.
std::string PageToken(std::string_view tag, std::string_view last);

// The last item of the page before; empty for the first page. INVALID_ARGUMENT / PAGE_TOKEN_INVALID for a foreign
// token.
absl::StatusOr<std::string> LastOfPage(std::string_view token, std::string_view tag);

}  // namespace zhanqiao::documents
