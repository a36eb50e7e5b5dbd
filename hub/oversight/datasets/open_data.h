// Where the bytes of open datasets rest: public data, so neither sealed nor short-lived; each file lies under the SHA-256 of
// its content and is checked against it whenever it is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace zhanqiao::datasets {

// Thread-safe.
class OpenData {
 public:
  struct Options {
    std::filesystem::path directory;              // made if missing; all in it belongs to this
    int64_t bytes_max = 20LL << 30;               // of all files
    int64_t cached_bytes_max = 64LL << 20;        // kept in memory
  };
  // FAILED_PRECONDITION / OPEN_DATA_DIRECTORY if the directory cannot be made.
  static absl::StatusOr<std::unique_ptr<OpenData>> Open(Options options);

  // Keeps `bytes` and gives their SHA-256 (32 bytes). OK means that they survive a power cut. RESOURCE_EXHAUSTED /
  // OPEN_DATA_FULL, UNAVAILABLE / OPEN_DATA_WRITE.
  absl::StatusOr<std::string> Put(std::string_view bytes);
  // NOT_FOUND / DATA_MISSING, DATA_LOSS / DATA_DAMAGED (fact: sha256). Shared with the cache.
  absl::StatusOr<std::shared_ptr<const std::string>> Get(std::string_view sha256) const;
  // The same past the cache: what is on the disk now.
  absl::StatusOr<std::shared_ptr<const std::string>> Read(std::string_view sha256) const;
  // Forgets them; absent is as good.
  absl::Status Delete(std::string_view sha256);
  // Deletes every file for which `keep(sha256)` is false: what uploads that came to nothing left behind.
  void Sweep(const std::function<bool(std::string_view sha256)>& keep);

  int64_t bytes() const;

 private:
  explicit OpenData(Options options) : options_(std::move(options)) {}
  std::filesystem::path PathOf(std::string_view sha256) const;
  void Keep(std::string_view sha256, const std::shared_ptr<const std::string>& content) const;

  const Options options_;
  mutable absl::Mutex mu_;  // makes one change of the sums and the cache one step
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  using Cached = std::pair<std::string, std::shared_ptr<const std::string>>;
  mutable std::list<Cached> cache_ ABSL_GUARDED_BY(mu_);  // newest use first
  mutable absl::flat_hash_map<std::string, std::list<Cached>::iterator> cached_ ABSL_GUARDED_BY(mu_);
  mutable int64_t cached_bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::datasets
