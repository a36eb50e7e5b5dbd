// One download: released by an entry before its first byte, given chunk by chunk as the consumer takes it, closed by an
// entry. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/stream.h"
#include "hub/exchange/files/files.h"

namespace zhanqiao::exchange {

class Download : public std::enable_shared_from_this<Download> {
 public:
  using Sink = StreamSink<v1::DownloadResponse>;
  // `files` must outlive it.
  Download(Files& files, std::shared_ptr<Sink> sink);

  void Start(const Caller& caller, const v1::DownloadRequest& request);
  void Gone();  // nobody listens any more
  void Wake();

 private:
  enum class Phase { kNew, kOpening, kReleasing, kGiving, kClosing, kEnded };
  void Work();
  absl::Status Open();
  absl::StatusOr<Caller> Allowed() const;
  void Give();
  absl::Status GiveChunk();
  void Close(std::string_view verb, absl::Status ending);
  void Submitted(absl::StatusOr<storage::CommitResult> result);
  void Settle(absl::StatusOr<storage::CommitResult> result);
  void Refuse(absl::Status status);
  void End(const absl::Status& status);
  bool gone() const;

  Files& files_;
  const FileParts& parts_;
  const std::shared_ptr<Sink> sink_;  // shared with the stream
  Strand strand_;
  mutable absl::Mutex mu_;  // makes one change of what is below one step
  bool gone_ ABSL_GUARDED_BY(mu_) = false;
  bool committing_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<absl::StatusOr<storage::CommitResult>> settled_ ABSL_GUARDED_BY(mu_);
  // Set by Start, and then the strand's alone.
  Phase phase_ = Phase::kNew;
  Caller caller_;
  v1::DownloadRequest request_;
  Files::Known known_;
  std::optional<SpoolFile> spool_;
  FileDigests digests_{false};
  int64_t next_ = 0;           // byte to give next
  uint64_t opened_index_ = 0;  // of the entry that released it
  absl::Status ending_;        // what the stream ends with once it is closed
};

}  // namespace zhanqiao::exchange
