// Progress of long work, on standard error and for people only.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "catalog/base/text.h"

namespace zhanqiao::cli {

// One line that is written over, at most ten times a second; nothing unless standard error is a terminal. Thread-safe.
class Progress {
 public:
  // `total` 0: not known.
  Progress(std::ostream& err, std::string_view unit, int64_t total)
      : err_(err), unit_(unit), total_(total), shown_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() { Done(); }

  void Set(int64_t done) {
    if (!shown_) return;
    absl::MutexLock lock(&mu_);
    const absl::Time now = absl::Now();
    if (now < next_) return;
    next_ = now + absl::Milliseconds(100);
    drawn_ = true;
    constexpr int64_t kCells = 30;
    std::string bar;
    if (total_ > 0) {
      const int64_t filled = kCells * done / total_;
      bar = absl::StrCat("[", std::string(static_cast<size_t>(filled), '#'), std::string(static_cast<size_t>(kCells - filled), '.'),
                         "] ", 100 * done / total_, "% ");
    }
    err_ << "\r" << bar << done << " " << unit_ << "  " << std::flush;
  }
  // Clears the line.
  void Done() {
    absl::MutexLock lock(&mu_);
    if (drawn_) err_ << "\r" << std::string(79, ' ') << "\r" << std::flush;
    drawn_ = false;
  }

 private:
  std::ostream& err_;
  const std::string unit_;
  const int64_t total_;
  const bool shown_;
  absl::Mutex mu_;  // makes drawing one step
  absl::Time next_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  bool drawn_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace zhanqiao::cli
