#include "hub/oversight/datasets/uploads.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "hub/oversight/datasets/table.h"

namespace zhanqiao::datasets {

void Uploads::Forget(absl::Time now) {
  for (auto at = uploads_.begin(); at != uploads_.end();) {
    if (now - at->second.used <= options_.patience) {
      ++at;
      continue;
    }
    bytes_ -= static_cast<int64_t>(at->second.bytes.size());
    uploads_.erase(at++);
  }
}

absl::StatusOr<int64_t> Uploads::Add(const std::string& key, int64_t offset, std::string_view part) {
  const absl::Time now = clock_.Now();
  const auto size = static_cast<int64_t>(part.size());
  absl::MutexLock lock(&mu_);
  Forget(now);
  const auto found = uploads_.find(key);
  const int64_t there = found == uploads_.end() ? 0 : static_cast<int64_t>(found->second.bytes.size());
  if (offset != 0 && offset != there) {
    return Fail(absl::StatusCode::kOutOfRange, "UPLOAD_OFFSET", "The part does not begin where the file ends; go on from the byte given.",
                {{"expected", absl::StrCat(there)}});
  }
  if (offset + size > kDataBytesMax) {
    return BadField("FILE_TOO_LARGE", "part", "The file is larger than 32 MiB; split the data into several distributions.",
                    {{"bytes_max", absl::StrCat(kDataBytesMax)}});
  }
  const int64_t growth = offset + size - there;
  if (bytes_ + growth > options_.bytes_max) {
    return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "UPLOADS_BUSY",
                               "More is being uploaded than the hub takes at once; try again after the delay given.",
                               {{"link", std::string(kLinkHub)}}),
                          5000);
  }
  Upload& upload = uploads_[key];
  if (offset == 0) upload.bytes.clear();
  upload.bytes.append(part);
  upload.used = now;
  bytes_ += growth;
  return offset + size;
}

std::string Uploads::Take(const std::string& key) {
  absl::MutexLock lock(&mu_);
  const auto found = uploads_.find(key);
  if (found == uploads_.end()) return "";
  std::string bytes = std::move(found->second.bytes);
  bytes_ -= static_cast<int64_t>(bytes.size());
  uploads_.erase(found);
  return bytes;
}

}  // namespace zhanqiao::datasets
