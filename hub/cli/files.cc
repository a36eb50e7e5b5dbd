#include "hub/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::cli {
namespace {

absl::Status NotWritable(const std::string& path) {
  return Fail(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE",
              "The file cannot be written; check the directory, its rights and the free space.",
              {{"file", path}});
}

bool WriteAll(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || std::filesystem::is_directory(path, ignored)) {
    return Fail(absl::StatusCode::kNotFound, "FILE_NOT_READABLE",
                "The file cannot be read; check its path and rights.", {{"file", path}});
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

absl::Status WriteFile(const std::string& path, std::string_view content, unsigned mode) {
  const std::string draft = absl::StrCat(path, ".", ::getpid(), ".new");
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode));
  if (file < 0) return NotWritable(path);
  const bool written = WriteAll(file, content) && ::fchmod(file, static_cast<mode_t>(mode)) == 0;
  const bool closed = ::close(file) == 0;
  if (!written || !closed || ::rename(draft.c_str(), path.c_str()) != 0) {
    ::unlink(draft.c_str());
    return NotWritable(path);
  }
  return absl::OkStatus();
}

absl::Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? NotWritable(path) : absl::OkStatus();
}

}  // namespace zhanqiao::cli
