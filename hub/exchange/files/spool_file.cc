#include "hub/exchange/files/spool_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/storage/store.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kMagic = "ZQP1";
constexpr int64_t kHeadBytes = 12;       // magic, key id
constexpr int64_t kSealBytes = 12 + 16;  // nonce and tag of a chunk
constexpr int64_t kRecordBytes = kChunkBytes + kSealBytes;

absl::Status NotWritten() {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return WithRetryAfter(Fail(full ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable,
                             full ? "SPOOL_FULL" : "SPOOL_WRITE", "The spool cannot be written; the operator is needed.",
                             {{"link", std::string(kLinkHub)}}),
                        60'000);
}

absl::Status Damaged() {
  return Fail(absl::StatusCode::kDataLoss, "FILE_DAMAGED", "The file is damaged in the spool; it has to be uploaded again.",
              {{"link", std::string(kLinkHub)}});
}

bool WriteAll(int fd, std::string_view bytes, int64_t at) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd, bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
    at += written;
  }
  return true;
}

std::string ReadAt(int fd, int64_t at, int64_t most) {
  std::string bytes(static_cast<size_t>(most), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = pread(fd, bytes.data() + have, bytes.size() - have, at + static_cast<int64_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

// Plain bytes in a spool file of `bytes`; a record cut short by a crash counts for nothing unless it can be a last one.
int64_t PlainBytes(int64_t bytes) {
  if (bytes <= kHeadBytes) return 0;
  const int64_t whole = (bytes - kHeadBytes) / kRecordBytes;
  const int64_t rest = (bytes - kHeadBytes) % kRecordBytes;
  return whole * kChunkBytes + std::max<int64_t>(0, rest - kSealBytes);
}

}  // namespace

absl::StatusOr<SpoolFile> SpoolFile::Create(const std::filesystem::path& path, std::string id, PayloadKeys::Numbered key) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return NotWritten();
  SpoolFile file(fd, std::move(id), key.key);
  if (!WriteAll(fd, absl::StrCat(Absl(kMagic), storage::BigEndian(key.id)), 0)) return NotWritten();
  return absl::StatusOr<SpoolFile>(std::move(file));
}

absl::StatusOr<SpoolFile> SpoolFile::Open(const std::filesystem::path& path, std::string id, const PayloadKeys& keys) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return Fail(absl::StatusCode::kNotFound, "SPOOL_MISSING", "The file is not in the spool any more.",
                {{"link", std::string(kLinkHub)}});
  }
  const std::string head = ReadAt(fd, 0, kHeadBytes);
  struct stat info {};
  if (fstat(fd, &info) != 0 || static_cast<int64_t>(head.size()) != kHeadBytes || !head.starts_with(kMagic)) {
    close(fd);
    return Damaged();
  }
  const auto key = keys.Find(static_cast<uint32_t>(storage::FromBigEndian(std::string_view(head).substr(kMagic.size()))));
  if (!key.ok()) {
    close(fd);
    return key.status();
  }
  SpoolFile file(fd, std::move(id), *key);
  file.size_ = PlainBytes(info.st_size);
  return absl::StatusOr<SpoolFile>(std::move(file));
}

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), id_(other.id_), key_(other.key_), size_(other.size_) {}

SpoolFile::~SpoolFile() {
  if (fd_ >= 0) close(fd_);
}

std::string SpoolFile::ContextOf(int64_t chunk) const {
  return absl::StrCat(Absl(kMagic), id_, "/", storage::BigEndian(static_cast<uint64_t>(chunk)));
}

absl::Status SpoolFile::Append(std::string_view chunk, Random& random) {
  const int64_t number = size_ / kChunkBytes;
  if (!WriteAll(fd_, key_.Seal(chunk, ContextOf(number), random), kHeadBytes + number * kRecordBytes)) return NotWritten();
  size_ += static_cast<int64_t>(chunk.size());
  return absl::OkStatus();
}

absl::Status SpoolFile::Sync() { return fdatasync(fd_) == 0 ? absl::OkStatus() : NotWritten(); }

absl::StatusOr<std::string> SpoolFile::Read(int64_t chunk) const {
  auto plain = key_.Open(ReadAt(fd_, kHeadBytes + chunk * kRecordBytes, kRecordBytes), ContextOf(chunk));
  if (!plain.ok()) return Damaged();
  return plain;
}

absl::Status SpoolFile::Truncate(int64_t chunk) {
  if (ftruncate(fd_, kHeadBytes + chunk * kRecordBytes) != 0) return NotWritten();
  size_ = std::min(size_, chunk * kChunkBytes);
  return absl::OkStatus();
}

}  // namespace zhanqiao::exchange
