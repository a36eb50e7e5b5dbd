// Writes the archive of every sealed segment, and takes entries out of the store when their time online is
// over.
//
// An archive is written off the commit path, once a checkpoint covers its segment: the file first, then, in
// one commit, an ArchiveEvent entry with its hash and a row with what is needed to write the same file again.
// A crash in between leaves a file that is checked and taken over. Entries are retired only after their
// archive file was hashed and proved; the retirement is an entry too. Rows of kMeta: "ledger/archive/" u64
// segment -> v1.ArchiveUnit; "ledger/minimum-index" -> u64.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/archive/archive_file.h"
#include "hub/ledger/archive/retention.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/index/index.h"
#include "zhanqiao/v1/audit.pb.h"

namespace zhanqiao::ledger {

inline constexpr std::string_view kArchiveRows = "ledger/archive/";

// Thread-safe.
class Archivist {
 public:
  // The newest checkpoint that met the witnesses' quorum; null while there is none.
  using Cosigned = std::function<SignedCheckpointPtr()>;
  struct Options {
    std::filesystem::path directory;  // of the files; the index's directory serves
    RetentionPolicy retention;
    absl::Duration interval = absl::Seconds(1);  // between looks; zero: no thread, `Work` is called by hand
    std::string policy = {};      // C2SP tlog-policy for new archives; empty: the log's key and no witnesses
    Cosigned cosigned = nullptr;  // set: archives carry its cosignatures, and wait for them for a segment's length
  };
  // All references must outlive it. DATA_LOSS / ARCHIVE_ROW when the store's rows are not in their form.
  static absl::StatusOr<std::unique_ptr<Archivist>> Start(storage::Store& store,
                                                          storage::CommitPipeline& pipeline,
                                                          const Checkpointer& checkpointer,
                                                          const Index& index, const Clock& clock,
                                                          Options options);
  ~Archivist();
  Archivist(const Archivist&) = delete;
  Archivist& operator=(const Archivist&) = delete;

  // Does everything that is due now. Blocks; never from the commit thread.
  absl::Status Work();

  // The archives there are, by segment.
  std::vector<v1::ArchiveUnit> archives() const;
  // OK, or why archiving does not go on. It tries again; nothing else is held up.
  absl::Status health() const;

 private:
  Archivist(storage::Store& store, storage::CommitPipeline& pipeline, const Checkpointer& checkpointer,
            const Index& index, const Clock& clock, Options options);
  absl::Status Load();
  void Loop();
  absl::Status WorkOn(uint64_t segments_max);  // Work, but for at most so many new archives
  absl::Status ArchiveSegment(uint64_t segment, const SignedCheckpoint& checkpoint) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_);
  // Makes sure the file of `unit` is there and is what its row says, writing it again if need be.
  absl::Status CheckFile(const v1::ArchiveUnit& unit) const;
  absl::StatusOr<std::string> Build(uint64_t segment, Part part) const;
  SignedCheckpointPtr CheckpointFor(uint64_t segment) const;  // null: not yet
  absl::Status Record(v1::ArchiveUnit unit, std::string_view verb, storage::Batch writes);
  absl::Status Retire(const v1::ArchiveUnit& unit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_);
  absl::Status RemoveBelow(uint64_t minimum) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_);
  std::filesystem::path FileOf(uint64_t segment) const;

  storage::Store& store_;
  storage::CommitPipeline& pipeline_;
  const Checkpointer& checkpointer_;
  const Index& index_;
  const Clock& clock_;
  const Options options_;
  const StoreEntries entries_{store_};
  absl::Mutex work_;  // held while files are written or entries removed: one at a time
  bool swept_ ABSL_GUARDED_BY(work_) = false;  // rows a crash left below the minimum index are gone
  mutable absl::Mutex mu_;                     // makes publishing one archive one step
  std::vector<v1::ArchiveUnit> units_ ABSL_GUARDED_BY(mu_);
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace zhanqiao::ledger
