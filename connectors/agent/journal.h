// The journal: an append-only file of what this connector answered (catalog/base/journal.h), by which its
// department finds what the hub fetched and never logged.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace zhanqiao::connectors {

// Lines are with the operating system before Append returns and on the disk within `sync_interval`: a killed
// process loses none, a power cut those of the last second. Thread-safe.
class Journal {
 public:
  struct Options {
    std::string path;
    uint64_t bytes_max =
        256 << 20;  // then the file becomes {path}.{microseconds since 1970} and a new one begins
    absl::Duration sync_interval = absl::Seconds(1);
  };
  // Opens or creates the file, mode 0600. A line that was cut short when the machine went down is ended, not
  // removed. UNAVAILABLE / JOURNAL_UNWRITABLE (facts: file, cause), FAILED_PRECONDITION / JOURNAL_IN_USE by
  // another process.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(Options options);
  ~Journal();

  // Appends whole lines. UNAVAILABLE / JOURNAL_UNWRITABLE: then what they tell of must not leave.
  absl::Status Append(std::string_view lines, int64_t now_us);

 private:
  explicit Journal(Options options) : options_(std::move(options)) {}
  absl::Status OpenFile() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Rotate(int64_t now_us) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Failed(int error) const;
  void KeepSynced();

  const Options options_;
  absl::Mutex mu_;  // makes appending and rotating one step
  int file_ ABSL_GUARDED_BY(mu_) = -1;
  uint64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool dirty_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread syncing_;
};

}  // namespace zhanqiao::connectors
