// A witness (C2SP tlog-witness): follows logs it knows and cosigns each checkpoint that continues what it saw before.
// Whoever asks for its cosignature cannot be shown another history than everybody else.
//
// For each log it keeps the newest checkpoint it cosigned, in a file of its state directory, written and synced
// before the answer. A file there is a signed note anyone can read.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

// What is sent to `add-checkpoint`.
struct AddCheckpoint {
  uint64_t old_size = 0;
  std::vector<Digest> proof;  // consistency of old_size with the checkpoint, at most 63 hashes
  std::string checkpoint;     // signed note
  std::string ToText() const;
};
// INVALID_ARGUMENT / ADD_CHECKPOINT_MALFORMED.
absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(std::string_view body);

inline constexpr std::string_view kPlainType = "text/plain; charset=utf-8";
inline constexpr std::string_view kSizeType = "text/x.tlog.size";

// Thread-safe.
class Witness {
 public:
  // An answer of HTTP.
  struct Answer {
    int status = 200;
    std::string_view content_type = kPlainType;
    std::string body;
  };
  // Opens the state in `directory` (made if missing) and locks it. `logs`: the keys of the logs to follow, named by
  // their origins; several keys may be of one log. `signer` and `clock` must outlive it.
  // FAILED_PRECONDITION / WITNESS_RUNNING     another witness works on this directory
  // DATA_LOSS / WITNESS_STATE                 a state file does not hold a checkpoint (fact: file)
  // UNAVAILABLE / FILE_WRITE_FAILED           the directory cannot be made or written
  static absl::StatusOr<std::unique_ptr<Witness>> Open(std::filesystem::path directory, std::vector<VerifierKey> logs,
                                                       const Signer& signer, const Clock& clock);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // Answers `add-checkpoint` as tlog-witness says:
  //   200 the cosignature, one line        400 malformed, or old size above the checkpoint's
  //   403 no known key of the log signed   404 unknown log
  //   409 with the size last cosigned: the old size is not that, or the same size has another root
  //   422 the proof does not hold          500 the state cannot be kept (nothing is cosigned)
  // Checking, keeping and cosigning are one step.
  Answer Add(std::string_view body);

  // The newest checkpoint cosigned for `origin`; size 0 when there is none.
  Checkpoint Newest(std::string_view origin) const;
  VerifierKey key() const { return CosignerKeyOf(signer_); }

 private:
  Witness(std::filesystem::path directory, int lock, std::vector<VerifierKey> logs, const Signer& signer,
          const Clock& clock);
  absl::Status Load();
  Answer Decide(const AddCheckpoint& request);
  void KeepConflict(const AddCheckpoint& request, const Checkpoint& checkpoint) const;
  std::filesystem::path FileOf(std::string_view origin) const;

  const std::filesystem::path directory_;
  const int lock_;
  const std::map<std::string, std::vector<VerifierKey>, std::less<>> logs_;  // by origin
  const Signer& signer_;
  const Clock& clock_;
  mutable absl::Mutex mu_;  // makes comparing, keeping and cosigning one step
  std::map<std::string, Checkpoint, std::less<>> newest_ ABSL_GUARDED_BY(mu_);  // by origin
};

}  // namespace zhanqiao::ledger
