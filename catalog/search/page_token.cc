#include "catalog/search/page_token.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::search {
namespace {

constexpr size_t kTagBytes = 8;
constexpr size_t kRankBytes = 4;

// Ties a token to what is asked and to whose eyes.
std::string TagOf(const Caller& caller, const v1::SearchResourcesRequest& request) {
  v1::SearchResourcesRequest asked = request;
  asked.clear_page_size();
  asked.clear_page_token();
  asked.clear_min_ledger_index();
  asked.clear_facets();
  const Digest digest = Sha256(
      absl::StrCat(asked.SerializeAsString(), "|", caller.organization, "|", caller.HasRole("office")));
  return std::string(Bytes(digest).substr(0, kTagBytes));
}

}  // namespace

absl::StatusOr<PageStart> PageStartOf(const Caller& caller, const v1::SearchResourcesRequest& request) {
  if (request.page_token().empty()) return PageStart{};
  const auto bytes = FromHex(request.page_token());
  if (!bytes.ok() || bytes->size() <= kTagBytes + kRankBytes ||
      bytes->substr(0, kTagBytes) != TagOf(caller, request)) {
    return BadField("PAGE_TOKEN_INVALID", "page_token",
                    "Not a token of this search; start again with an empty token and the same request.");
  }
  PageStart start;
  for (size_t i = 0; i < kRankBytes; ++i)
    start.rank = start.rank << 8 | static_cast<uint8_t>((*bytes)[kTagBytes + i]);
  start.last = bytes->substr(kTagBytes + kRankBytes);
  return start;
}

std::string TokenFor(const Caller& caller, const v1::SearchResourcesRequest& request, const PageStart& next) {
  std::string bytes = TagOf(caller, request);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(next.rank >> shift & 0xFF);
  return ToHex(bytes + next.last);
}

}  // namespace zhanqiao::search
