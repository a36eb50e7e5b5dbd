#include "hub/exchange/files/upload.h"

#include <deque>
#include <utility>

#include "catalog/base/error.h"
#include "hub/exchange/files/file_service.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kMethod = "/zhanqiao.v1.FileService/Upload";
constexpr size_t kWaitingMax = 4 << 20;  // bytes not written yet, beyond which the peer is held back

// The upload as the executor sees it. Thread-safe.
class Upload : public std::enable_shared_from_this<Upload> {
 public:
  Upload(Files& files, std::shared_ptr<StreamSink<v1::File>> sink)
      : files_(files), sink_(std::move(sink)), strand_(files.parts().executor, [this] { Work(); }) {}

  void Take(const Caller& caller, v1::UploadRequest message) {
    {
      absl::MutexLock lock(&mu_);
      caller_ = caller;
      waiting_bytes_ += message.data().size();
      waiting_.push_back(std::move(message));
      // Under the lock, so that the executor's Resume comes after it.
      if (waiting_bytes_ > kWaitingMax && !std::exchange(paused_, true)) sink_->Pause();
    }
    strand_.Wake(shared_from_this());
  }
  void HalfClose() {
    {
      absl::MutexLock lock(&mu_);
      half_closed_ = true;
    }
    strand_.Wake(shared_from_this());
  }
  void Gone() {
    absl::MutexLock lock(&mu_);
    ended_ = true;
    waiting_.clear();
  }

 private:
  void Work() {
    std::deque<v1::UploadRequest> taken;
    Caller caller;
    bool half_closed = false;
    {
      absl::MutexLock lock(&mu_);
      if (ended_) return;
      taken.swap(waiting_);
      waiting_bytes_ = 0;
      caller = caller_;
      half_closed = half_closed_;
      if (std::exchange(paused_, false)) sink_->Resume();
    }
    for (const v1::UploadRequest& message : taken) {
      const absl::Status written = Write(caller, message);
      if (!written.ok()) return Refuse(caller, written);
    }
    if (!half_closed) return;
    const auto file = Finish(caller);
    if (!file.ok()) return Refuse(caller, file.status());
    sink_->Write(*file);
    End(absl::OkStatus());
  }

  absl::Status Write(const Caller& caller, const v1::UploadRequest& message) {
    if (incoming_ == nullptr) {
      known_ = TRY(files_.Find(message.file()));
      const auto resource = files_.parts().catalog.FindResource(known_.file.resource());
      if (resource == nullptr) return BadField("RESOURCE_UNKNOWN", "file", "The resource of the file is not known any more.");
      TRY(CheckUploader(caller, *resource));
      incoming_ = TRY(files_.Receive(known_));
      stream_ = incoming_->Begin();
    } else if (!message.file().empty() && message.file() != known_.file.name()) {
      return BadField("FILE_CHANGED", "file", "One stream brings one file; open another for another.");
    }
    if (message.data().empty() || static_cast<int64_t>(message.data().size()) > kChunkBytes) {
      return BadField("DATA_SIZE", "data", "Send 1 byte to 1 MiB in a message.");
    }
    return incoming_->Take(stream_, message.offset(), message.data());
  }

  absl::StatusOr<v1::File> Finish(const Caller& caller) {
    if (incoming_ == nullptr) return BadField("FILE_REQUIRED", "file", "Name the file in the first message: files/{id}.");
    const bool complete = TRY(incoming_->Complete(stream_));
    v1::File file = known_.file;
    if (complete) file = TRY(files_.Arrived(caller, known_)).file;
    file.set_received_bytes(complete ? file.size_bytes() : incoming_->received());
    return file;
  }

  void Refuse(const Caller& caller, absl::Status status) {
    {
      absl::MutexLock lock(&mu_);
      if (std::exchange(ended_, true)) return;
      waiting_.clear();
    }
    access::Refused refused;
    refused.actor = caller.subject;
    refused.trace = caller.trace;
    refused.denial.set_method(std::string(kMethod));
    refused.denial.set_identity(caller.identity);
    refused.denial.set_fingerprint(caller.fingerprint);
    refused.denial.set_resource(known_.file.resource());
    refused.denial.set_request_id(known_.file.name());
    if (FactOf(status, "link").empty()) status = WithFact(std::move(status), "link", kLinkCaller);
    files_.parts().refusals.Record(std::move(refused), std::move(status),
                                   [sink = sink_](absl::Status written) { sink->Finish(written); });
  }

  void End(const absl::Status& status) {
    {
      absl::MutexLock lock(&mu_);
      ended_ = true;
    }
    sink_->Finish(status);
  }

  Files& files_;
  const std::shared_ptr<StreamSink<v1::File>> sink_;  // shared with the stream
  Strand strand_;
  absl::Mutex mu_;  // makes handing bytes over one step
  std::deque<v1::UploadRequest> waiting_ ABSL_GUARDED_BY(mu_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  Caller caller_ ABSL_GUARDED_BY(mu_);  // of the newest message
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  // The strand's alone.
  Files::Known known_;
  std::shared_ptr<Incoming> incoming_;  // shared with `files_`
  uint64_t stream_ = 0;
};

class UploadStream final : public StreamHandler<v1::UploadRequest> {
 public:
  explicit UploadStream(std::shared_ptr<Upload> upload) : upload_(std::move(upload)) {}
  ~UploadStream() override { upload_->Gone(); }
  void OnMessage(const Caller& caller, v1::UploadRequest& message) override { upload_->Take(caller, message); }
  void OnHalfClose() override { upload_->HalfClose(); }
  void OnCancel() override { upload_->Gone(); }

 private:
  const std::shared_ptr<Upload> upload_;  // shared with its work under way
};

}  // namespace

std::unique_ptr<StreamHandler<v1::UploadRequest>> NewUploadStream(Files& files, std::shared_ptr<StreamSink<v1::File>> sink) {
  return std::make_unique<UploadStream>(std::make_shared<Upload>(files, std::move(sink)));
}

}  // namespace zhanqiao::exchange
