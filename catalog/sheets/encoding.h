// UTF-8 and GB 18030, both ways.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

// `text` of a CSV file as UTF-8, without a byte order mark. UNSPECIFIED: what is valid UTF-8 is UTF-8, what is valid
// GB 18030 is that, UTF-16 is told by its mark. INVALID_ARGUMENT / TEXT_ENCODING (fact: line) if it is neither, or not
// what it is said to be.
absl::StatusOr<std::string> ToUtf8(std::string_view text, v1::SheetEncoding encoding);

// Valid UTF-8 as a file: UTF-8 with a byte order mark, or GB 18030, in which every character has a place.
absl::StatusOr<std::string> FromUtf8(std::string_view text, v1::SheetEncoding encoding);

// Whether `text` is well-formed UTF-8.
bool IsUtf8(std::string_view text);

}  // namespace zhanqiao::sheets
