// Files on their way in, part by part, in memory until they are whole.
#pragma once

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"

namespace zhanqiao::datasets {

// Thread-safe.
class Uploads {
 public:
  struct Options {
    int64_t bytes_max = 256 << 20;                 // of all together
    absl::Duration patience = absl::Minutes(30);   // an upload without a further part is forgotten
  };
  explicit Uploads(const Clock& clock) : Uploads(clock, Options()) {}
  Uploads(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // Adds `part` to the upload `key`, of which `offset` bytes are there; offset 0 begins it anew. Gives the bytes there are.
  // OUT_OF_RANGE / UPLOAD_OFFSET (fact: expected), INVALID_ARGUMENT / FILE_TOO_LARGE, RESOURCE_EXHAUSTED / UPLOADS_BUSY.
  absl::StatusOr<int64_t> Add(const std::string& key, int64_t offset, std::string_view part);
  // The whole, which is then forgotten; empty if there is none.
  std::string Take(const std::string& key);

 private:
  struct Upload {
    std::string bytes;
    absl::Time used;
  };
  void Forget(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Clock& clock_;
  const Options options_;
  absl::Mutex mu_;  // makes one part one step
  absl::flat_hash_map<std::string, Upload> uploads_ ABSL_GUARDED_BY(mu_);
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::datasets
