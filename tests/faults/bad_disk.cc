#include "tests/faults/bad_disk.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <mutex>

namespace zhanqiao::faults {
namespace {

std::atomic<bool> armed{false};
std::mutex mu;  // makes counting one call one step; not absl's, which may be used by what calls us
std::string below;
uint64_t left = 0;
int error_number = 0;
bool stays = false;
std::string failed;

std::string PathOf(int fd) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : std::string();
}

// True if this call is to fail; errno is set then.
bool Fails(const char* call, const std::string& path) {
  const std::lock_guard<std::mutex> lock(mu);
  if (path.compare(0, below.size(), below) != 0) return false;
  if (left > 0 && --left > 0) return false;
  if (!failed.empty() && !stays) return false;
  if (failed.empty()) failed = std::string(call) + " " + path.substr(path.rfind('/') + 1);
  errno = error_number;
  return true;
}
bool Fails(const char* call, int fd) {
  return armed.load(std::memory_order_relaxed) && Fails(call, PathOf(fd));
}

template <typename Function>
Function* Real(const char* name) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function*>(found);
}

}  // namespace

void BadDisk::Arm(const std::filesystem::path& directory, uint64_t nth, int error, bool for_good) {
  const std::lock_guard<std::mutex> lock(mu);
  below = std::filesystem::canonical(directory).string() + "/";
  left = nth;
  error_number = error;
  stays = for_good;
  failed.clear();
  armed = true;
}

bool BadDisk::Disarm() {
  armed = false;
  return !Failed().empty();
}

std::string BadDisk::Failed() {
  const std::lock_guard<std::mutex> lock(mu);
  return failed;
}

}  // namespace zhanqiao::faults

using zhanqiao::faults::Fails;
using zhanqiao::faults::Real;

// The C library's names, so that every caller in the process comes here first.
extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const real = Real<ssize_t(int, const void*, size_t)>("write");
  return Fails("write", fd) ? -1 : real(fd, bytes, size);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  static auto* const real = Real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return Fails("pwrite", fd) ? -1 : real(fd, bytes, size, at);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return pwrite64(fd, bytes, size, at);
}
int fsync(int fd) {
  static auto* const real = Real<int(int)>("fsync");
  return Fails("fsync", fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
  static auto* const real = Real<int(int)>("fdatasync");
  return Fails("fdatasync", fd) ? -1 : real(fd);
}
int sync_file_range(int fd, off64_t from, off64_t count, unsigned int flags) {
  static auto* const real = Real<int(int, off64_t, off64_t, unsigned int)>("sync_file_range");
  // Without flags it asks for no I/O (RocksDB's way to see whether it is supported), so no disk can fail it.
  return flags != 0 && Fails("sync_file_range", fd) ? -1 : real(fd, from, count, flags);
}
int ftruncate64(int fd, off64_t size) noexcept {
  static auto* const real = Real<int(int, off64_t)>("ftruncate64");
  return Fails("ftruncate", fd) ? -1 : real(fd, size);
}
int ftruncate(int fd, off_t size) noexcept {
  return ftruncate64(fd, size);
}
int fallocate64(int fd, int mode, off64_t from, off64_t size) {
  static auto* const real = Real<int(int, int, off64_t, off64_t)>("fallocate64");
  return Fails("fallocate", fd) ? -1 : real(fd, mode, from, size);
}
int fallocate(int fd, int mode, off_t from, off_t size) {
  return fallocate64(fd, mode, from, size);
}
int rename(const char* from, const char* to) noexcept {
  static auto* const real = Real<int(const char*, const char*)>("rename");
  const bool fails =
      zhanqiao::faults::armed.load(std::memory_order_relaxed) && Fails("rename", std::string(to));
  return fails ? -1 : real(from, to);
}

}  // extern "C"
