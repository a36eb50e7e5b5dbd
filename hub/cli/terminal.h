// Secrets typed by people.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao::cli {

// The first line of `file`; without one asks `prompt` on the terminal, which does not show what is typed.
// INVALID_ARGUMENT / IDENTITY_MISSING (fact: option) when there is neither.
absl::StatusOr<std::string> Secret(std::string_view prompt, const std::string& file, std::string_view option);

}  // namespace zhanqiao::cli
