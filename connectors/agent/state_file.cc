#include "connectors/agent/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "catalog/base/error.h"

namespace zhanqiao::connectors {

absl::Status WriteStateFile(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool good = file >= 0 && write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
              fsync(file) == 0;
  if (file >= 0) good = close(file) == 0 && good;
  if (good && rename(fresh.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return Fail(absl::StatusCode::kUnavailable, "CAPTURE_STATE",
              "The file of the capture's state cannot be written.",
              {{"link", std::string(kLinkConnector)}, {"file", path}});
}

}  // namespace zhanqiao::connectors
