// Debian builds abseil with its own string_view; this is the one bridge from the standard one.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace zhanqiao {

// `text` for abseil functions: absl::StrCat("x", Absl(view)).
inline absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }
// And back.
inline std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace zhanqiao
