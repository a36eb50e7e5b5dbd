// One file on its way into the spool. Kept in memory between streams so that its digest need not be made anew; after a
// restart it is read back once, which also finds whatever a crash left half written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/file_digests.h"
#include "hub/exchange/files/spool_file.h"
#include "zhanqiao/v1/file.pb.h"

namespace zhanqiao::exchange {

// Thread-safe; waits for the disk.
class Incoming {
 public:
  // Goes on with what the spool holds of `file`, or begins.
  static absl::StatusOr<std::shared_ptr<Incoming>> Open(const std::filesystem::path& spool, const v1::File& file,
                                                        const PayloadKeys& keys, Random& random);

  // A stream takes it; what an earlier one still brings is refused: ABORTED / UPLOAD_TAKEN_OVER. Gives its number. The
  // bytes of a chunk that was not full are forgotten.
  uint64_t Begin();
  // Bytes from `offset` on. OUT_OF_RANGE / UPLOAD_OFFSET (fact: received_bytes), also for bytes beyond the size.
  absl::Status Take(uint64_t stream, int64_t offset, std::string_view bytes);
  // True if all is there, is on the disk and has the announced digests; false if bytes are missing. DATA_LOSS /
  // FILE_DIGEST: it has to be sent again from the start.
  absl::StatusOr<bool> Complete(uint64_t stream);
  // Whole chunks in the spool: where an upload goes on.
  int64_t received() const;

 private:
  Incoming(v1::File file, SpoolFile spool, Random& random)
      : file_(std::move(file)), random_(random), spool_(std::move(spool)), digests_(!file_.sm3().empty()) {}
  absl::Status ReadBack();
  absl::Status Hold(uint64_t stream) const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  absl::Status Flush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const v1::File file_;
  Random& random_;
  mutable absl::Mutex mu_;  // makes taking bytes one step
  SpoolFile spool_ ABSL_GUARDED_BY(mu_);
  FileDigests digests_ ABSL_GUARDED_BY(mu_);  // of what the spool holds
  std::string tail_ ABSL_GUARDED_BY(mu_);     // of the chunk that is not full
  int64_t unsynced_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t stream_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::exchange
