#include "catalog/documents/page_token.h"

#include <algorithm>

#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::documents {
namespace {

constexpr int kPageDefault = 50;
constexpr int kPageMax = 1000;
constexpr size_t kTagBytes = 8;

}  // namespace

absl::StatusOr<size_t> PageSize(int asked) {
  if (asked < 0) return BadField("PAGE_SIZE_INVALID", "page_size", "Send a number from 0 to 1000.");
  return static_cast<size_t>(asked == 0 ? kPageDefault : std::min(asked, kPageMax));
}

std::string PageTag(std::string_view list) {
  const Digest digest = Sha256(list);
  return std::string(Bytes(digest).substr(0, kTagBytes));
}

std::string PageToken(std::string_view tag, std::string_view last) {
  return ToHex(std::string(tag) + std::string(last));
}

absl::StatusOr<std::string> LastOfPage(std::string_view token, std::string_view tag) {
  if (token.empty()) return std::string();
  const auto bytes = FromHex(token);
  if (!bytes.ok() || bytes->size() <= tag.size() || bytes->compare(0, tag.size(), tag) != 0) {
    return BadField("PAGE_TOKEN_INVALID", "page_token",
                    "Not a token of this list; start again with an empty token and the same filter.");
  }
  return bytes->substr(tag.size());
}

}  // namespace zhanqiao::documents
