#include "hub/oversight/datasets/open_data.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"

namespace zhanqiao::datasets {
namespace {

namespace fs = std::filesystem;

absl::Status NotWritten() {
  return WithRetryAfter(Fail(absl::StatusCode::kUnavailable, "OPEN_DATA_WRITE", "The data could not be written; the hub's disk may be full.",
                             {{"link", std::string(kLinkHub)}}),
                        60'000);
}

bool SyncedAt(const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), flags);
  if (file < 0) return false;
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  return synced;
}

bool WriteSynced(const fs::path& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0640);
  if (file < 0) return false;
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
    if (wrote <= 0) break;
    done += static_cast<size_t>(wrote);
  }
  const bool synced = done == bytes.size() && ::fsync(file) == 0;
  ::close(file);
  return synced;
}

absl::Status Missing(std::string_view sha256) {
  return Fail(absl::StatusCode::kNotFound, "DATA_MISSING", "The data of this digest are not here.", {{"sha256", ToHex(sha256)}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<OpenData>> OpenData::Open(Options options) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "OPEN_DATA_DIRECTORY",
                "The directory of the open data cannot be made; check its path and owner.", {{"file", options.directory.string()}});
  }
  auto opened = std::unique_ptr<OpenData>(new OpenData(std::move(options)));
  absl::MutexLock lock(&opened->mu_);
  for (const auto& entry : fs::directory_iterator(opened->options_.directory, error)) {
    std::error_code gone;
    const auto size = fs::file_size(entry.path(), gone);
    if (!gone) opened->bytes_ += static_cast<int64_t>(size);
  }
  return opened;
}

fs::path OpenData::PathOf(std::string_view sha256) const { return options_.directory / ToHex(sha256); }

absl::StatusOr<std::string> OpenData::Put(std::string_view bytes) {
  const Digest digest = Sha256(bytes);
  std::string sha256(Bytes(digest));
  if (Read(sha256).ok()) return sha256;
  {
    absl::MutexLock lock(&mu_);
    if (bytes_ + static_cast<int64_t>(bytes.size()) > options_.bytes_max) {
      return Fail(absl::StatusCode::kResourceExhausted, "OPEN_DATA_FULL", "The hub keeps no more open data; ask its operator for room.",
                  {{"bytes_max", absl::StrCat(options_.bytes_max)}});
    }
    bytes_ += static_cast<int64_t>(bytes.size());
  }
  const fs::path path = PathOf(sha256);
  fs::path fresh = path;
  fresh += absl::StrCat(".", ::gettid(), ".new");
  std::error_code error;
  const bool written = WriteSynced(fresh, bytes);
  if (written) fs::rename(fresh, path, error);
  if (written && !error && SyncedAt(options_.directory, O_RDONLY | O_DIRECTORY)) return sha256;
  fs::remove(fresh, error);
  absl::MutexLock lock(&mu_);
  bytes_ -= static_cast<int64_t>(bytes.size());
  return NotWritten();
}

absl::StatusOr<std::shared_ptr<const std::string>> OpenData::Read(std::string_view sha256) const {
  std::ifstream stream(PathOf(sha256), std::ios::binary);
  if (!stream) return Missing(sha256);
  auto content = std::make_shared<const std::string>((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (Bytes(Sha256(*content)) != sha256) {
    return Fail(absl::StatusCode::kDataLoss, "DATA_DAMAGED", "The data on the disk are not those that were stored; restore them.",
                {{"sha256", ToHex(sha256)}});
  }
  return content;
}

absl::StatusOr<std::shared_ptr<const std::string>> OpenData::Get(std::string_view sha256) const {
  {
    absl::MutexLock lock(&mu_);
    const auto found = cached_.find(Absl(sha256));
    if (found != cached_.end()) {
      cache_.splice(cache_.begin(), cache_, found->second);
      return found->second->second;
    }
  }
  const std::shared_ptr<const std::string> content = TRY(Read(sha256));
  Keep(sha256, content);
  return content;
}

void OpenData::Keep(std::string_view sha256, const std::shared_ptr<const std::string>& content) const {
  const auto size = static_cast<int64_t>(content->size());
  absl::MutexLock lock(&mu_);
  if (size > options_.cached_bytes_max || cached_.contains(Absl(sha256))) return;
  cache_.emplace_front(std::string(sha256), content);
  cached_[std::string(sha256)] = cache_.begin();
  cached_bytes_ += size;
  while (cached_bytes_ > options_.cached_bytes_max) {
    cached_bytes_ -= static_cast<int64_t>(cache_.back().second->size());
    cached_.erase(cache_.back().first);
    cache_.pop_back();
  }
}

absl::Status OpenData::Delete(std::string_view sha256) {
  std::error_code error;
  const auto size = fs::file_size(PathOf(sha256), error);
  const bool there = !error;
  if (there && !fs::remove(PathOf(sha256), error)) return NotWritten();
  if (there && !SyncedAt(options_.directory, O_RDONLY | O_DIRECTORY)) return NotWritten();
  absl::MutexLock lock(&mu_);
  if (there) bytes_ -= static_cast<int64_t>(size);
  const auto found = cached_.find(Absl(sha256));
  if (found == cached_.end()) return absl::OkStatus();
  cached_bytes_ -= static_cast<int64_t>(found->second->second->size());
  cache_.erase(found->second);
  cached_.erase(found);
  return absl::OkStatus();
}

void OpenData::Sweep(const std::function<bool(std::string_view sha256)>& keep) {
  std::vector<fs::path> idle;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(options_.directory, error)) {
    const auto sha256 = FromHex(entry.path().filename().string());
    if (!sha256.ok() || !keep(*sha256)) idle.push_back(entry.path());
  }
  for (const fs::path& path : idle) {
    const auto size = fs::file_size(path, error);
    if (error || !fs::remove(path, error)) continue;
    absl::MutexLock lock(&mu_);
    bytes_ -= static_cast<int64_t>(size);
  }
}

int64_t OpenData::bytes() const {
  absl::MutexLock lock(&mu_);
  return bytes_;
}

}  // namespace zhanqiao::datasets
