// Small files, whole.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao::cli {

// The content of `path`. NOT_FOUND / FILE_NOT_READABLE.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes `path` by way of a file beside it, so that readers see the old or the new content; a new file has
// `mode` before its first byte is written. UNAVAILABLE / FILE_NOT_WRITABLE.
absl::Status WriteFile(const std::string& path, std::string_view content, unsigned mode = 0644);

// Creates the directory and those above it.
absl::Status MakeDirectories(const std::string& path);

}  // namespace zhanqiao::cli
