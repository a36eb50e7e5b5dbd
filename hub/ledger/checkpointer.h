// Signs the newest durable head, off the write path, and keeps each checkpoint in two places before anyone sees it:
// the store, then a file elsewhere (another disk, another machine's mount).
//
// What the file is for: a store that was set back to an older copy is a prefix of the log, so nothing inside it
// tells. The file does: it is ahead. A file that is behind is normal after a crash.
//
// A checkpoint that cannot be kept in both places is not shown. It is tried again, after a pause that doubles, and
// each time as a hub that starts: what both places hold is compared with the log before anything is signed. A key
// that cannot sign closes the pipeline (nothing is released that nobody could be held to) until it can.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/log.h"
#include "hub/ledger/note.h"
#include "hub/ledger/signers.h"

namespace zhanqiao::ledger {

// A checkpoint that is in both places.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string note;  // as signed
};
using SignedCheckpointPtr = std::shared_ptr<const SignedCheckpoint>;  // shared with every reader of it

// Replaces the file at `path` by `bytes` so that a crash leaves the old or the new: temporary file, fsync, rename,
// fsync of the directory. UNAVAILABLE / FILE_WRITE_FAILED (facts: file, step).
absl::Status ReplaceFile(const std::filesystem::path& path, std::string_view bytes);
// Makes new and renamed files of `directory` durable; false if that failed.
bool SyncDirectory(const std::filesystem::path& directory);

// The present head of `log` as a checkpoint that every active key signed.
absl::StatusOr<SignedCheckpoint> SignHead(const Head& head, const Signers& signers);

// Thread-safe.
class Checkpointer {
 public:
  struct Options {
    std::filesystem::path second_place;                  // file of the last checkpoint; its directory must exist
    absl::Duration interval = absl::Milliseconds(100);  // at least this long between two signatures
    absl::Duration retry_after = absl::Milliseconds(200);   // from a failure to the next attempt; doubles
    absl::Duration retry_after_max = absl::Seconds(5);
  };
  // Checks what both places hold against the log, then starts. All references must outlive it. Refuses with
  //   FAILED_PRECONDITION / LEDGER_BEHIND_CHECKPOINT  a place knows a longer log: the store was set back
  //   FAILED_PRECONDITION / LEDGER_FORKED             same size range, other content
  //   FAILED_PRECONDITION / LEDGER_CHECKPOINT_FOREIGN  not a checkpoint signed by this key
  //   UNAVAILABLE / FILE_READ_FAILED                   the file is there but cannot be read
  // (facts: place, checkpoint_size, log_size). A place without a checkpoint counts as behind.
  // Every active key signs; a checkpoint in a place may bear any key the log ever had.
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Start(Log& log, storage::CommitPipeline& pipeline,
                                                             const Signers& signers, Options options);
  // The same for a log with one key.
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Start(Log& log, storage::CommitPipeline& pipeline,
                                                             const Signer& signer, Options options);
  // Signs a last checkpoint of what is durable, then stops. The pipeline must still run.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // The newest checkpoint; null before the first.
  SignedCheckpointPtr Latest() const;
  // The newest once it covers `size` entries. DEADLINE_EXCEEDED / CHECKPOINT_PENDING at `deadline`, UNAVAILABLE /
  // CHECKPOINT_UNAVAILABLE while checkpoints cannot be kept.
  absl::StatusOr<SignedCheckpointPtr> WaitFor(uint64_t size, absl::Time deadline) const;
  // OK, or why no newer checkpoint is made at present. The log itself goes on unless the key cannot sign.
  absl::Status health() const;
  // The oldest key that signs now, all that sign now, and all the log ever had.
  VerifierKey key() const { return ActiveKeys(signers_).front(); }
  std::vector<VerifierKey> active_keys() const { return ActiveKeys(signers_); }
  std::vector<VerifierKey> keys() const { return signers_.Known(); }

 private:
  Checkpointer(Log& log, storage::CommitPipeline& pipeline, const Signers& signers, Options options,
               SignedCheckpointPtr latest);
  void Loop();
  absl::Status Make();
  absl::Status KeepInFile(const std::string& note);
  absl::StatusOr<SignedCheckpoint> Sign(const Head& head);
  absl::Status CompareWithPlaces();
  absl::Status AgreeToReopen();

  Log& log_;
  storage::CommitPipeline& pipeline_;
  std::unique_ptr<const Signers> owned_;  // of a log with one key
  const Signers& signers_;
  const Options options_;
  std::optional<std::string> in_file_;  // signing thread only: what the second place holds

  mutable absl::Mutex mu_;  // makes publishing and waiting one step
  SignedCheckpointPtr latest_ ABSL_GUARDED_BY(mu_);
  uint64_t durable_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool reopened_ ABSL_GUARDED_BY(mu_) = false;  // the store opened again: the next attempt need not wait
  absl::Status health_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace zhanqiao::ledger
