// Sends a file down a stream, no faster than the peer takes it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "catalog/base/stream.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

// Thread-safe; shared by the stream's handler and the task that makes the file.
class ChunkFeed {
 public:
  explicit ChunkFeed(std::shared_ptr<StreamSink<v1::SheetChunk>> sink) : sink_(std::move(sink)) {}

  // Begins to send. Once.
  void Send(std::string file_name, std::shared_ptr<const std::string> file) {
    {
      absl::MutexLock lock(&mu_);
      file_name_ = std::move(file_name);
      file_ = std::move(file);
    }
    Go();
  }
  void Fail(const absl::Status& status) { sink_->Finish(status); }

  // Sends what the peer has room for: call when it has taken some.
  void Go() {
    absl::MutexLock lock(&mu_);
    if (file_ == nullptr) return;
    while (sink_->buffered() < kBufferedMax) {
      v1::SheetChunk chunk;
      if (sent_ == 0) {
        chunk.set_file_name(file_name_);
        chunk.set_file_bytes(static_cast<int64_t>(file_->size()));
      }
      const size_t size = std::min(kChunkBytes, file_->size() - sent_);
      chunk.set_chunk(file_->data() + sent_, size);
      sent_ += size;
      sink_->Write(chunk);
      if (sent_ < file_->size()) continue;
      file_.reset();
      return sink_->Finish(absl::OkStatus());
    }
  }

  // Nobody wants it any more.
  void End() {
    absl::MutexLock lock(&mu_);
    file_.reset();
    ended_ = true;
  }
  bool ended() const {
    absl::MutexLock lock(&mu_);
    return ended_;
  }

 private:
  static constexpr size_t kChunkBytes = 1 << 20;
  static constexpr size_t kBufferedMax = 2 << 20;

  const std::shared_ptr<StreamSink<v1::SheetChunk>> sink_;  // shared with the call
  mutable absl::Mutex mu_;  // makes sending the next chunk one step
  std::shared_ptr<const std::string> file_ ABSL_GUARDED_BY(mu_);
  std::string file_name_ ABSL_GUARDED_BY(mu_);
  size_t sent_ ABSL_GUARDED_BY(mu_) = 0;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace zhanqiao::sheets
