#include "hub/api/whole_call.h"

#include <deque>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/message.h"
#include "hub/api/json.h"

namespace zhanqiao::api {
namespace {

constexpr std::string_view kJson = "application/connect+json";
constexpr std::string_view kProto = "application/connect+proto";
constexpr size_t kHeadBytes = 5;
constexpr char kLast = 2;

std::string Envelope(char flags, std::string_view message) {
  const auto size = static_cast<uint32_t>(message.size());
  std::string envelope{flags, static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                       static_cast<char>(size)};
  return envelope.append(message);
}

absl::Status Malformed(std::string_view fix) {
  return Fail(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED", "The body is not a row of envelopes.",
              {{"link", std::string(kLinkCaller)}, {"fix", std::string(fix)}});
}

absl::StatusOr<std::deque<std::string>> Opened(std::string_view body) {
  std::deque<std::string> messages;
  while (!body.empty()) {
    if (body.size() < kHeadBytes) return Malformed("An envelope begins with one byte of flags and four of length.");
    if (body[0] != 0) return Malformed("Send flags 0: nothing is compressed here.");
    size_t size = 0;
    for (size_t at = 1; at < kHeadBytes; ++at) size = size << 8 | static_cast<uint8_t>(body[at]);
    body.remove_prefix(kHeadBytes);
    if (size > body.size()) return Malformed("The last envelope is shorter than it says.");
    messages.emplace_back(body.substr(0, size));
    body.remove_prefix(size);
  }
  return messages;
}

std::unique_ptr<google::protobuf::Message> Empty(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

absl::StatusOr<std::string> WireOf(const Method& method, const std::string& json) {
  const auto message = Empty(method.descriptor->input_type());
  TRY(DecodeJson(json, *message));
  return message->SerializeAsString();
}

absl::StatusOr<std::string> JsonOf(const Method& method, const std::string& wire) {
  const auto message = Empty(method.descriptor->output_type());
  TRY(DecodeProto(wire, *message));
  return EncodeJson(*message);
}

// The call as the table sees it. Its callbacks run on whichever thread has something to tell, one at a time and in order.
class WholeCall final : public edge::Call, public std::enable_shared_from_this<WholeCall> {
 public:
  WholeCall(const Method& method, const edge::HttpRequest& request, bool json, absl::Time deadline, edge::HttpReply reply)
      : method_(method), peer_(request.peer), headers_(request.headers), json_(json), deadline_(deadline), reply_(std::move(reply)) {}

  void Run(MethodTable& table, std::deque<std::string> messages) {
    Post([this, &table, messages = std::move(messages)] {
      handler_ = table.Start(shared_from_this());
      for (const std::string& message : messages) handler_->OnMessage(message);
      handler_->OnHalfClose();
    });
  }

  const edge::Peer& peer() const override { return *peer_; }
  std::string_view path() const override { return method_.path; }
  const edge::Metadata& metadata() const override { return headers_; }
  absl::Time deadline() const override { return deadline_; }
  bool cancelled() const override { return false; }
  void SendInitialMetadata(edge::Metadata) override {}
  size_t buffered() const override { return 0; }  // bounded by what is collected
  void PauseReading() override {}
  void ResumeReading() override {}

  void Write(std::string message) override {
    absl::StatusOr<std::string> text = json_ ? JsonOf(method_, message) : std::move(message);
    absl::MutexLock lock(&mu_);
    if (!failed_.ok() || finished_) return;
    if (!text.ok()) {
      failed_ = text.status();
    } else if (answer_.size() + text->size() > kWholeAnswerBytesMax) {
      failed_ = Fail(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE", "The answer is too large to be given whole; call the method by gRPC.",
                     {{"bytes_max", absl::StrCat(kWholeAnswerBytesMax)}});
    } else {
      answer_.append(Envelope(0, *text));
    }
  }

  void Finish(const absl::Status& status, edge::Metadata trailers) override {
    edge::HttpResponse response;
    {
      absl::MutexLock lock(&mu_);
      if (std::exchange(finished_, true)) return;
      const absl::Status& told = status.ok() ? failed_ : status;
      const std::string error = told.ok() ? "" : absl::StrCat(R"("error":)", ErrorResponse(told).body);
      response.headers = {{"content-type", std::string(json_ ? kJson : kProto)}, {"cache-control", "no-store"}};
      for (auto& [name, value] : trailers) response.headers.emplace_back("trailer-" + name, value);
      response.body = std::move(answer_);
      response.body.append(Envelope(kLast, absl::StrCat("{", error, "}")));
    }
    std::exchange(reply_, nullptr)(std::move(response));
    Post([this] { handler_.reset(); });
  }

  void Post(std::function<void()> task) override {
    const auto self = shared_from_this();
    {
      absl::MutexLock lock(&mu_);
      tasks_.push_back(std::move(task));
      if (std::exchange(running_, true)) return;
    }
    while (std::function<void()> next = Next()) next();
  }

 private:
  std::function<void()> Next() {
    absl::MutexLock lock(&mu_);
    if (tasks_.empty()) {
      running_ = false;
      return nullptr;
    }
    std::function<void()> next = std::move(tasks_.front());
    tasks_.pop_front();
    return next;
  }

  const Method& method_;
  const std::shared_ptr<const edge::Peer> peer_;  // shared with the edge
  const edge::Metadata headers_;
  const bool json_;
  const absl::Time deadline_;
  edge::HttpReply reply_;                            // taken by the first Finish
  std::unique_ptr<edge::CallHandler> handler_;       // touched by tasks only

  absl::Mutex mu_;  // makes collect-or-fail one step, and take-the-next-task
  std::string answer_ ABSL_GUARDED_BY(mu_);
  absl::Status failed_ ABSL_GUARDED_BY(mu_);
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mu_);
  bool running_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

bool IsConnectStream(std::string_view media_type) { return media_type == kJson || media_type == kProto; }

void CallWhole(MethodTable& table, const Method& method, const edge::HttpRequest& request, std::string_view media_type,
               absl::Time deadline, edge::HttpReply reply) {
  const bool json = media_type == kJson;
  const auto call = std::make_shared<WholeCall>(method, request, json, deadline, std::move(reply));
  absl::StatusOr<std::deque<std::string>> messages = Opened(request.body);
  for (size_t at = 0; json && messages.ok() && at < messages->size(); ++at) {
    absl::StatusOr<std::string> wire = WireOf(method, (*messages)[at]);
    if (!wire.ok()) {
      messages = wire.status();
    } else {
      (*messages)[at] = *std::move(wire);
    }
  }
  if (!messages.ok()) return call->Finish(messages.status(), {});
  call->Run(table, *std::move(messages));
}

}  // namespace zhanqiao::api
