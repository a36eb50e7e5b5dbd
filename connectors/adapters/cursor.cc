#include "connectors/adapters/cursor.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::connectors {
namespace {

absl::Status CursorInvalid() {
  return BadField("CURSOR_INVALID", "cursor",
                  "The cursor is not one this resource gave; its key may have changed: start the fetch anew.",
                  {{"link", std::string(kLinkConnector)}});
}

}  // namespace

CursorForm::CursorForm(absl::Span<const std::string> key) : parts_(key.size()), head_("\x01") {
  std::string names;
  for (const std::string& name : key) absl::StrAppend(&names, name, "\x1F");
  head_ += Bytes(Sha256(names)).substr(0, 4);
}

absl::StatusOr<std::string> CursorForm::Encode(absl::Span<const std::string> values) const {
  std::string cursor = head_;
  for (const std::string& value : values) {
    if (value.size() > kCursorBytesMax) break;  // refused below
    cursor += static_cast<char>(value.size() >> 8);
    cursor += static_cast<char>(value.size());
    cursor += value;
  }
  size_t bytes = head_.size();
  for (const std::string& value : values) bytes += 2 + value.size();
  if (bytes <= kCursorBytesMax) return cursor;
  return Fail(absl::StatusCode::kFailedPrecondition, "KEY_TOO_LONG",
              "The key of a row is too long to go on from; name shorter columns as the mapping's key.",
              {{"link", std::string(kLinkSource)}, {"limit_bytes", absl::StrCat(kCursorBytesMax)}});
}

absl::StatusOr<std::vector<std::string>> CursorForm::Decode(std::string_view cursor) const {
  if (cursor.substr(0, head_.size()) != head_) return CursorInvalid();
  cursor.remove_prefix(head_.size());
  std::vector<std::string> values;
  while (values.size() < parts_) {
    if (cursor.size() < 2) return CursorInvalid();
    const size_t size = static_cast<uint8_t>(cursor[0]) << 8 | static_cast<uint8_t>(cursor[1]);
    cursor.remove_prefix(2);
    if (cursor.size() < size) return CursorInvalid();
    values.emplace_back(cursor.substr(0, size));
    cursor.remove_prefix(size);
  }
  if (!cursor.empty()) return CursorInvalid();
  return values;
}

absl::Status KeyRequired() {
  return Fail(absl::StatusCode::kFailedPrecondition, "KEY_REQUIRED",
              "The resource has no unique key, so it cannot be fetched in chunks; name the columns that "
              "identify a row "
              "as `key` in its mapping file.",
              {{"link", std::string(kLinkConnector)}});
}

}  // namespace zhanqiao::connectors
