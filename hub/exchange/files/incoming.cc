#include "hub/exchange/files/incoming.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

constexpr int64_t kSyncBytes = 32 << 20;  // written between two syncs

absl::Status WrongOffset(int64_t received) {
  return Fail(absl::StatusCode::kOutOfRange, "UPLOAD_OFFSET",
              "The bytes do not go on where the file ends so far, or go beyond its size; ask GetFile and go on from there.",
              {{"link", std::string(kLinkCaller)}, {"received_bytes", absl::StrCat(received)}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<Incoming>> Incoming::Open(const std::filesystem::path& spool, const v1::File& file,
                                                         const PayloadKeys& keys, Random& random) {
  std::shared_ptr<Incoming> incoming;
  std::error_code error;
  if (std::filesystem::exists(spool, error)) {
    // One that cannot be gone on with is begun anew.
    if (auto there = SpoolFile::Open(spool, file.name(), keys); there.ok()) {
      incoming.reset(new Incoming(file, *std::move(there), random));
    }
  }
  if (incoming == nullptr) {
    const PayloadKeys::Numbered key = TRY(keys.Newest());
    auto begun = SpoolFile::Create(spool, file.name(), key);
    if (!begun.ok()) return begun.status();
    incoming.reset(new Incoming(file, *std::move(begun), random));
  }
  TRY(incoming->ReadBack());
  return incoming;
}

// Up to the first chunk that is not whole.
absl::Status Incoming::ReadBack() {
  absl::MutexLock lock(&mu_);
  int64_t chunk = 0;
  for (; (chunk + 1) * kChunkBytes <= spool_.size(); ++chunk) {
    const auto bytes = spool_.Read(chunk);
    if (!bytes.ok()) break;
    digests_.Add(*bytes);
  }
  return spool_.Truncate(chunk);
}

uint64_t Incoming::Begin() {
  absl::MutexLock lock(&mu_);
  tail_.clear();
  return ++stream_;
}

absl::Status Incoming::Hold(uint64_t stream) const {
  if (stream == stream_) return absl::OkStatus();
  return Fail(absl::StatusCode::kAborted, "UPLOAD_TAKEN_OVER", "Another stream went on with this upload.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status Incoming::Flush() {
  TRY(spool_.Append(tail_, random_));
  digests_.Add(tail_);
  unsynced_ += static_cast<int64_t>(tail_.size());
  tail_.clear();
  if (unsynced_ < kSyncBytes) return absl::OkStatus();
  unsynced_ = 0;
  return spool_.Sync();
}

absl::Status Incoming::Take(uint64_t stream, int64_t offset, std::string_view bytes) {
  absl::MutexLock lock(&mu_);
  TRY(Hold(stream));
  const int64_t have = spool_.size() + static_cast<int64_t>(tail_.size());
  if (offset != have || have + static_cast<int64_t>(bytes.size()) > file_.size_bytes()) return WrongOffset(spool_.size());
  while (!bytes.empty()) {
    const size_t room = static_cast<size_t>(kChunkBytes) - tail_.size();
    tail_.append(bytes.substr(0, room));
    bytes.remove_prefix(std::min(room, bytes.size()));
    if (static_cast<int64_t>(tail_.size()) == kChunkBytes) TRY(Flush());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Incoming::Complete(uint64_t stream) {
  absl::MutexLock lock(&mu_);
  TRY(Hold(stream));
  if (spool_.size() + static_cast<int64_t>(tail_.size()) < file_.size_bytes()) {
    tail_.clear();
    TRY(spool_.Sync());
    return false;
  }
  if (!tail_.empty()) TRY(Flush());
  TRY(spool_.Sync());
  const std::string sm3 = digests_.sm3();
  const bool same = digests_.sha256() == file_.sha256() && (file_.sm3().empty() || sm3.empty() || sm3 == file_.sm3());
  if (same) return true;
  TRY(spool_.Truncate(0));
  digests_ = FileDigests(!file_.sm3().empty());
  return Fail(absl::StatusCode::kDataLoss, "FILE_DIGEST",
              "The bytes that arrived have not the announced digest; check the file and send it again from the start.",
              {{"link", std::string(kLinkCaller)}});
}

int64_t Incoming::received() const {
  absl::MutexLock lock(&mu_);
  return spool_.size();
}

}  // namespace zhanqiao::exchange
