#include "hub/exchange/exchange_service.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"
#include "catalog/base/wire.h"
#include "google/protobuf/any.pb.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kQueryMethod = "/zhanqiao.v1.ExchangeService/Query";
constexpr std::string_view kStreamMethod = "/zhanqiao.v1.ExchangeService/QueryStream";
constexpr int kBatchMax = 64;
constexpr int kTimeoutMax = 30'000;

using Sink = std::shared_ptr<StreamSink<v1::QueryStreamResponse>>;

void FillError(const absl::Status& status, google::rpc::Status& out) {
  const std::string details = ToDetails(status);
  if (!details.empty()) out.ParseFromString(details);
  out.set_code(static_cast<int>(status.code()));
  out.set_message(std::string(status.message()));
}

// What is known of a signature before its requests are looked at: checked, or null where it is wrong.
std::shared_ptr<const SignedBatch> CheckRequests(const Caller& caller, const std::vector<std::string_view>& digests,
                                                 std::string_view signature) {
  auto batch = SignedBatch::Check(kSignedRequests, caller.signing_key, digests, signature);
  return batch.ok() ? *std::move(batch) : nullptr;
}

absl::Status WrongSignature() {
  return Fail(absl::StatusCode::kPermissionDenied, "REQUEST_SIGNATURE",
              "The signature is not of these digests by the system's registered key; register the key or sign anew.",
              {{"link", std::string(kLinkCaller)}});
}

// What a stream's handler and its unanswered requests share: answers gather here until the stream's thread
// takes them.
class Outbox : public std::enable_shared_from_this<Outbox> {
 public:
  Outbox(Sink sink, ExchangeServiceOptions options)
      : gone_(std::make_shared<std::atomic<bool>>(false)), sink_(std::move(sink)), options_(options) {}

  // False if `number` is unanswered already.
  bool Begin(uint64_t number) {
    absl::MutexLock lock(&mu_);
    return unanswered_.insert(number).second;
  }

  void Answer(uint64_t number, absl::StatusOr<EncodedAnswer> result) {
    {
      absl::MutexLock lock(&mu_);
      if (ended_) return;
      ready_.push_back({number, Encoded(number, std::move(result))});
      if (posted_) return;
      posted_ = true;
    }
    sink_->Post([self = shared_from_this()] { self->Flush(); });
  }

  // On the stream's thread: sends everything that is ready.
  void Flush() {
    std::vector<Ready> ready;
    {
      absl::MutexLock lock(&mu_);
      posted_ = false;
      if (ended_) return;
      ready.swap(ready_);
      for (const Ready& answer : ready) unanswered_.erase(answer.number);
    }
    for (size_t at = 0; at < ready.size();) {
      std::string message;
      // Stays well below the message limit of clients (4 MiB) however wide the answers are.
      for (int i = 0; i < kBatchMax && at < ready.size() && message.size() < (1u << 20); ++i, ++at) {
        WireWriter(message).Message(v1::QueryStreamResponse::kAnswersFieldNumber, ready[at].wire);
      }
      sink_->WriteEncoded(std::move(message));
    }
    Regulate();
  }

  // Holds the client back while too much is unanswered or untaken; ends the stream when all is done.
  void Regulate() {
    bool finish = false, pause = false, resume = false;
    {
      absl::MutexLock lock(&mu_);
      if (ended_) return;
      const bool full = unanswered_.size() >= options_.in_flight_max || sink_->buffered() > options_.buffered_max;
      pause = full && !paused_;
      resume = !full && paused_;
      paused_ = full;
      finish = half_closed_ && unanswered_.empty();
      if (finish) ended_ = true;
    }
    if (finish) return sink_->Finish(absl::OkStatus());
    if (pause) sink_->Pause();
    if (resume) sink_->Resume();
  }

  void HalfClose() {
    {
      absl::MutexLock lock(&mu_);
      half_closed_ = true;
    }
    Regulate();
  }

  void End() {
    gone_->store(true, std::memory_order_relaxed);
    absl::MutexLock lock(&mu_);
    ended_ = true;
    ready_.clear();
  }

  void EndWith(const absl::Status& status) {
    {
      absl::MutexLock lock(&mu_);
      if (ended_) return;
    }
    End();
    sink_->Finish(status);
  }

  Broker::Abandoned gone() const { return gone_; }
  bool ended() {
    absl::MutexLock lock(&mu_);
    return ended_;
  }

 private:
  struct Ready {
    uint64_t number;
    std::string wire;  // v1.NumberedAnswer
  };
  static std::string Encoded(uint64_t number, absl::StatusOr<EncodedAnswer> result) {
    std::string wire;
    WireWriter writer(wire);
    writer.Varint(v1::NumberedAnswer::kNumberFieldNumber, number);
    if (result.ok()) {
      writer.Message(v1::NumberedAnswer::kResponseFieldNumber, result->wire);
    } else {
      google::rpc::Status error;
      FillError(result.status(), error);
      writer.Message(v1::NumberedAnswer::kErrorFieldNumber, error.SerializeAsString());
    }
    return wire;
  }

  const std::shared_ptr<std::atomic<bool>> gone_;
  const Sink sink_;
  const ExchangeServiceOptions options_;
  absl::Mutex mu_;  // makes gathering one answer one step
  std::vector<Ready> ready_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<uint64_t> unanswered_ ABSL_GUARDED_BY(mu_);
  bool posted_ ABSL_GUARDED_BY(mu_) = false;
  bool paused_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

class QueryStreamHandler final : public StreamHandler<v1::QueryStreamRequest> {
 public:
  QueryStreamHandler(Broker& broker, const Clock& clock, std::shared_ptr<Outbox> outbox)
      : broker_(broker), clock_(clock), outbox_(std::move(outbox)) {}
  ~QueryStreamHandler() override { outbox_->End(); }

  void OnMessage(const Caller& caller, v1::QueryStreamRequest& message) override {
    if (outbox_->ended()) return;
    if (message.queries_size() > kBatchMax) {
      return outbox_->EndWith(BadField("BATCH_TOO_LARGE", "queries", "Send at most 64 requests in a message."));
    }
    const auto shared = std::make_shared<const Caller>(caller);
    Signed signature;
    if (!message.signature().empty()) {
      std::vector<std::string_view> digests;
      for (const auto& numbered : message.queries()) {
        if (!numbered.query().digest().empty()) digests.push_back(numbered.query().digest());
      }
      signature.batch = CheckRequests(caller, digests, message.signature());
    }
    const bool wrong = !message.signature().empty() && signature.batch == nullptr;
    for (auto& numbered : *message.mutable_queries()) {
      if (!outbox_->Begin(numbered.number())) {
        return outbox_->EndWith(BadField("NUMBER_IN_USE", "queries.number",
                                         "The number is that of an unanswered request; number each one anew."));
      }
      const bool digested = !numbered.query().digest().empty();
      Ask(shared, numbered, wrong, digested ? signature : Signed());
      if (digested) ++signature.position;
    }
    outbox_->Regulate();
  }

  void OnHalfClose() override { outbox_->HalfClose(); }
  void OnCancel() override { outbox_->End(); }
  void OnDrained() override { outbox_->Regulate(); }

 private:
  void Ask(const std::shared_ptr<const Caller>& shared, v1::NumberedQuery& numbered, bool wrong_signature,
           Signed signature) {
    const auto answer = [outbox = outbox_, number = numbered.number()](absl::StatusOr<EncodedAnswer> result) {
      outbox->Answer(number, std::move(result));
    };
    if (numbered.timeout_ms() < 0 || numbered.timeout_ms() > kTimeoutMax) {
      const absl::Status wrong = BadField("TIMEOUT_INVALID", "queries.timeout_ms", "Give 0 to 30000 milliseconds.");
      return broker_.Reject(shared, std::move(*numbered.mutable_query()), kStreamMethod,
                            WithFact(wrong, "link", kLinkCaller), answer);
    }
    if (wrong_signature) {
      return broker_.Reject(shared, std::move(*numbered.mutable_query()), kStreamMethod, WrongSignature(), answer);
    }
    std::shared_ptr<const Caller> caller = shared;
    if (numbered.timeout_ms() > 0) {
      auto hurried = std::make_shared<Caller>(*shared);
      hurried->deadline = std::min(shared->deadline, clock_.Now() + absl::Milliseconds(numbered.timeout_ms()));
      caller = std::move(hurried);
    }
    broker_.Query(std::move(caller), std::move(*numbered.mutable_query()), kStreamMethod, outbox_->gone(), answer,
                  std::move(signature));
  }

  Broker& broker_;
  const Clock& clock_;
  const std::shared_ptr<Outbox> outbox_;  // shared with unanswered requests
};

}  // namespace

ExchangeService::ExchangeService(Broker& broker, const ResumeTokens& tokens, const Clock& clock, Random& random,
                                 Options options)
    : broker_(broker), tokens_(tokens), clock_(clock), random_(random), options_(std::move(options)) {}

void ExchangeService::Query(Caller caller, v1::QueryRequest request, Broker::Done done) {
  if (request.signature().empty()) return broker_.Query(std::move(caller), std::move(request), std::move(done));
  auto shared = std::make_shared<const Caller>(std::move(caller));
  Signed signature{CheckRequests(*shared, {request.digest()}, request.signature()), 0};
  if (signature.batch == nullptr) {
    return broker_.Reject(std::move(shared), std::move(request), kQueryMethod, WrongSignature(), std::move(done));
  }
  broker_.Query(std::move(shared), std::move(request), kQueryMethod, nullptr, std::move(done), std::move(signature));
}

std::unique_ptr<StreamHandler<v1::QueryStreamRequest>> ExchangeService::QueryStream(
    std::shared_ptr<StreamSink<v1::QueryStreamResponse>> sink) {
  return std::make_unique<QueryStreamHandler>(broker_, clock_, std::make_shared<Outbox>(std::move(sink), options_));
}

std::unique_ptr<StreamHandler<v1::FetchRequest>> ExchangeService::Fetch(
    std::shared_ptr<StreamSink<v1::FetchResponse>> sink) {
  return MakeFetch(broker_, tokens_, clock_, random_, {options_.origin, options_.buffered_max}, std::move(sink));
}

}  // namespace zhanqiao::exchange
