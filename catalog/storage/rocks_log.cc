#include "catalog/storage/rocks_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdarg>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace zhanqiao::storage {
namespace {

class Silent final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Thread-safe: each line is one write to a file opened for appending.
class Diary final : public rocksdb::Logger {
 public:
  explicit Diary(int fd) : rocksdb::Logger(rocksdb::InfoLogLevel::INFO_LEVEL), fd_(fd) {}
  ~Diary() override { ::close(fd_); }
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list values) override {
    std::string line = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ ", absl::Now(), absl::UTCTimeZone());
    std::array<char, 2048> text;
    const int size = std::vsnprintf(text.data(), text.size(), format, values);
    if (size < 0) return;
    line.append(text.data(), std::min(static_cast<size_t>(size), text.size() - 1));
    if (line.back() != '\n') line.push_back('\n');
    [[maybe_unused]] const ssize_t dropped_if_short = ::write(fd_, line.data(), line.size());
  }

 private:
  const int fd_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> DiaryIn(const std::filesystem::path& directory) {
  std::error_code ignored;
  const std::filesystem::path file = directory / "LOG";
  std::filesystem::rename(file, absl::StrCat(file.string(), ".old.", absl::ToUnixMicros(absl::Now())), ignored);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return NoDiary();
  return std::make_shared<Diary>(fd);
}

std::shared_ptr<rocksdb::Logger> NoDiary() { return std::make_shared<Silent>(); }

}  // namespace zhanqiao::storage
