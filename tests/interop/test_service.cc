#include "tests/interop/test_service.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "grpc/testing/test.pb.h"

namespace zhanqiao::interop {
namespace {

using edge::CallHandler;
using edge::CallPtr;
using grpc::testing::EchoStatus;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;
using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingInputCallResponse;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;

constexpr std::string_view kService = "/grpc.testing.TestService/";

std::string Find(const edge::Metadata& metadata, std::string_view name) {
  for (const auto& [key, value] : metadata) {
    if (key == name) return value;
  }
  return "";
}

edge::Metadata EchoTrailing(const CallPtr& call) {
  edge::Metadata trailers;
  for (const auto& [key, value] : call->metadata()) {
    if (key == "x-grpc-test-echo-trailing-bin") trailers.emplace_back(key, value);
  }
  return trailers;
}

void EchoInitial(const CallPtr& call) {
  const std::string value = Find(call->metadata(), "x-grpc-test-echo-initial");
  if (!value.empty()) call->SendInitialMetadata({{"x-grpc-test-echo-initial", value}});
}

absl::Status StatusOf(const CallPtr& call, const EchoStatus& asked) {
  if (asked.code() == 0) return absl::OkStatus();
  if (!Find(call->metadata(), "x-test-details").empty()) {
    return Fail(static_cast<absl::StatusCode>(asked.code()), "TEST_REASON", asked.message(), {{"key", "值"}});
  }
  return absl::Status(static_cast<absl::StatusCode>(asked.code()), asked.message());
}

class Unary final : public CallHandler {
 public:
  explicit Unary(CallPtr call) : call_(std::move(call)) { EchoInitial(call_); }
  void OnMessage(std::string_view bytes) override {
    SimpleRequest request;
    request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (const absl::Status status = StatusOf(call_, request.response_status()); !status.ok()) {
      return call_->Finish(status, EchoTrailing(call_));
    }
    SimpleResponse response;
    if (request.response_size() > 0) {
      response.mutable_payload()->set_body(std::string(static_cast<size_t>(request.response_size()), '\0'));
    } else if (request.has_payload()) {
      response.mutable_payload()->Swap(request.mutable_payload());
    }
    call_->Write(response.SerializeAsString());
    call_->Finish(absl::OkStatus(), EchoTrailing(call_));
  }
  void OnHalfClose() override {}

 private:
  const CallPtr call_;
};

class Empty final : public CallHandler {
 public:
  explicit Empty(CallPtr call) : call_(std::move(call)) { EchoInitial(call_); }
  void OnMessage(std::string_view) override {
    call_->Write("");
    call_->Finish(absl::OkStatus(), EchoTrailing(call_));
  }
  void OnHalfClose() override {}

 private:
  const CallPtr call_;
};

class Input final : public CallHandler {
 public:
  explicit Input(CallPtr call) : call_(std::move(call)) { EchoInitial(call_); }
  void OnMessage(std::string_view bytes) override {
    StreamingInputCallRequest request;
    request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    size_ += static_cast<int>(request.payload().body().size());
  }
  void OnHalfClose() override {
    StreamingInputCallResponse response;
    response.set_aggregated_payload_size(size_);
    call_->Write(response.SerializeAsString());
    call_->Finish(absl::OkStatus(), EchoTrailing(call_));
  }

 private:
  const CallPtr call_;
  int size_ = 0;
};

// Server streaming and full duplex: every request is answered by the messages it asks for, as room allows.
class Output final : public CallHandler {
 public:
  Output(CallPtr call, bool duplex) : call_(std::move(call)), duplex_(duplex) { EchoInitial(call_); }
  void OnMessage(std::string_view bytes) override {
    StreamingOutputCallRequest request;
    request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    for (const auto& asked : request.response_parameters())
      sizes_.push_back(static_cast<size_t>(asked.size()));
    if (const absl::Status status = StatusOf(call_, request.response_status()); !status.ok())
      status_ = status;
    Go();
  }
  void OnHalfClose() override {
    half_closed_ = true;
    Go();
  }
  void OnDrained() override { Go(); }

 private:
  void Go() {
    while (next_ < sizes_.size() && call_->buffered() < (256 << 10)) {
      StreamingOutputCallResponse response;
      response.mutable_payload()->set_body(std::string(sizes_[next_++], '\0'));
      call_->Write(response.SerializeAsString());
    }
    if (next_ < sizes_.size()) return;
    if (!status_.ok() || half_closed_ || !duplex_) call_->Finish(status_, EchoTrailing(call_));
  }

  const CallPtr call_;
  const bool duplex_;
  std::vector<size_t> sizes_;
  size_t next_ = 0;
  bool half_closed_ = false;
  absl::Status status_;
};

class TestDispatcher final : public edge::Dispatcher {
 public:
  edge::MethodShape Shape(std::string_view path) const override {
    if (!path.starts_with(kService)) return {};
    const std::string_view method = path.substr(kService.size());
    if (method == "EmptyCall" || method == "UnaryCall") return {true, false, false};
    if (method == "StreamingInputCall") return {true, true, false};
    if (method == "StreamingOutputCall") return {true, false, true};
    if (method == "FullDuplexCall") return {true, true, true};
    return {};
  }
  std::unique_ptr<CallHandler> Start(CallPtr call) override {
    const std::string_view method = call->path().substr(kService.size());
    if (method == "EmptyCall") return std::make_unique<Empty>(std::move(call));
    if (method == "UnaryCall") return std::make_unique<Unary>(std::move(call));
    if (method == "StreamingInputCall") return std::make_unique<Input>(std::move(call));
    return std::make_unique<Output>(call, method == "FullDuplexCall");
  }
  void HandleHttp(edge::HttpRequest request, edge::HttpReply reply) override {
    edge::HttpResponse response;
    response.headers = {{"content-type", "text/plain"}};
    response.body = absl::StrCat(request.method, " ", request.target, "\n", request.body);
    reply(std::move(response));
  }
};

}  // namespace

std::unique_ptr<edge::Dispatcher> MakeDispatcher() {
  return std::make_unique<TestDispatcher>();
}

}  // namespace zhanqiao::interop
