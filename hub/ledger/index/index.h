// The index of the log: every sealed segment as a file, the open one in memory, kept up by a thread of its
// own, so that the commit thread pays nothing and no index row is written with an entry.
//
// Files lie in one directory as segment-000042.zqx (FORMAT.md), beside the archive files of the same
// segments. A file that is missing or damaged is built anew from the entries. After a start the index climbs
// from nothing to the head; answers say how far it has come.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/index/memory_segment.h"
#include "hub/ledger/index/sealed_segment.h"
#include "hub/ledger/index/segment_set.h"
#include "hub/ledger/log.h"

namespace zhanqiao::ledger {

// "segment-000042" and an extension with its dot.
std::string SegmentFile(uint64_t number, std::string_view extension);
inline constexpr std::string_view kIndexExtension = ".zqx";

// Thread-safe.
class Index {
 public:
  struct Options {
    std::filesystem::path directory;                   // of the files; created if missing
    absl::Duration interval = absl::Milliseconds(50);  // between looks at the log's head
  };
  // `log` and `entries` (which also gives entries that have left the store, if any have) must outlive it.
  // UNAVAILABLE / FILE_WRITE_FAILED if the directory cannot be made.
  static absl::StatusOr<std::unique_ptr<Index>> Start(const Log& log, const Entries& entries,
                                                      Options options);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  // What is indexed now, once that covers the log as it was when asked, at the latest at `deadline`.
  SegmentSet Snapshot(absl::Time deadline) const;
  // Entries indexed and segments sealed into files.
  uint64_t reached() const;
  uint64_t sealed() const;
  // OK, or why the index does not go on. It tries again; the exchange is not held up.
  absl::Status health() const;

  // Takes terms out of every segment, in memory and in the files, for good. Blocks until they are replaced.
  absl::Status Forget(absl::Span<const std::string> terms);

  const std::filesystem::path& directory() const { return options_.directory; }

 private:
  Index(const Log& log, const Entries& entries, Options options);
  void Loop();
  absl::Status CatchUp(bool resting);
  absl::StatusOr<std::shared_ptr<const SealedSegment>> OpenOrBuild(uint64_t number);
  absl::StatusOr<std::shared_ptr<const SealedSegment>> Keep(uint64_t number, std::string bytes);

  const Log& log_;
  const Entries& entries_;
  const Options options_;
  absl::Mutex work_;        // held while segments are built or replaced: one at a time
  mutable absl::Mutex mu_;  // makes publishing what is indexed one step
  std::vector<std::shared_ptr<const SealedSegment>> sealed_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<MemorySegment> open_ ABSL_GUARDED_BY(mu_);
  uint64_t reached_ ABSL_GUARDED_BY(mu_) = 0;
  mutable bool asked_ ABSL_GUARDED_BY(mu_) = false;  // someone waits for the head
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace zhanqiao::ledger
