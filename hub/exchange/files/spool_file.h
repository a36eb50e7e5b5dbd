// One file of the spool: chunks of 1 MiB, each sealed for itself, so that it is written and read from any chunk on in
// bounded memory. Format: FORMAT.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "hub/exchange/at_rest/payload_keys.h"

namespace zhanqiao::exchange {

inline constexpr int64_t kChunkBytes = 1 << 20;

// Not thread-safe.
class SpoolFile {
 public:
  // Begins the file of `id` at `path`, replacing one that is there. UNAVAILABLE / SPOOL_WRITE.
  static absl::StatusOr<SpoolFile> Create(const std::filesystem::path& path, std::string id, PayloadKeys::Numbered key);
  // Opens it again, to read and to append. NOT_FOUND / SPOOL_MISSING, DATA_LOSS / FILE_DAMAGED, PAYLOAD_KEY_MISSING.
  static absl::StatusOr<SpoolFile> Open(const std::filesystem::path& path, std::string id, const PayloadKeys& keys);
  SpoolFile(SpoolFile&&) noexcept;
  SpoolFile& operator=(SpoolFile&&) = delete;
  ~SpoolFile();

  // Plain bytes in it. After a crash the last ones may not have reached the disk: Read tells.
  int64_t size() const { return size_; }
  // Adds the next chunk: kChunkBytes, or fewer for the last one of the file. UNAVAILABLE / SPOOL_WRITE.
  absl::Status Append(std::string_view chunk, Random& random);
  absl::Status Sync();
  // The bytes of chunk 0, 1, 2 …. DATA_LOSS / FILE_DAMAGED.
  absl::StatusOr<std::string> Read(int64_t chunk) const;
  // Forgets everything from `chunk` on.
  absl::Status Truncate(int64_t chunk);

 private:
  SpoolFile(int fd, std::string id, SealKey key) : fd_(fd), id_(std::move(id)), key_(key) {}
  std::string ContextOf(int64_t chunk) const;

  int fd_;
  const std::string id_;
  const SealKey key_;
  int64_t size_ = 0;
};

}  // namespace zhanqiao::exchange
