// A small file that is replaced as a whole and is on disk before it counts.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace zhanqiao::connectors {

// UNAVAILABLE / CAPTURE_STATE (fact: file); then the old content stands.
absl::Status WriteStateFile(const std::string& path, const std::string& content);

}  // namespace zhanqiao::connectors
