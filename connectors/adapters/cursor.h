// Where a chunked fetch goes on: the key of the last row, in a form that means the same to every connector.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace zhanqiao::connectors {

inline constexpr size_t kCursorBytesMax = 1024;  // connector.proto

// The cursors of one key. Byte form: 0x01, the first four bytes of the SHA-256 over the names of the key's
// parts (each followed by 0x1F), then the value of each part as big-endian u16 length and bytes. A value.
class CursorForm {
 public:
  // `key`: names of the parts, in order.
  explicit CursorForm(absl::Span<const std::string> key);

  // FAILED_PRECONDITION / KEY_TOO_LONG when it would pass 1 KiB; link source.
  absl::StatusOr<std::string> Encode(absl::Span<const std::string> values) const;

  // As many values as the key has parts. INVALID_ARGUMENT / CURSOR_INVALID if it is not a cursor of this key.
  absl::StatusOr<std::vector<std::string>> Decode(std::string_view cursor) const;

 private:
  size_t parts_;
  std::string head_;  // version and key
};

// FAILED_PRECONDITION / KEY_REQUIRED: what a chunk of a resource without a unique key is refused with.
absl::Status KeyRequired();

}  // namespace zhanqiao::connectors
