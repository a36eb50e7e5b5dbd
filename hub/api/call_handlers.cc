#include "hub/api/call_handlers.h"

#include <utility>

namespace zhanqiao::api {
namespace {

// What grpc::Server says to a call that ends without its one request message.
absl::Status NoMessage() {
  return Fail(absl::StatusCode::kInternal, "MESSAGE_MISSING", "No payload", {{"link", std::string(kLinkCaller)}});
}

}  // namespace

std::unique_ptr<edge::CallHandler> RefuseUnknown(edge::CallPtr call) {
  struct Deaf final : edge::CallHandler {
    void OnMessage(std::string_view) override {}
    void OnHalfClose() override {}
  };
  call->Finish(Fail(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN", "The hub has no such method; see reflection.",
                    {{"link", std::string(kLinkHub)}}));
  return std::make_unique<Deaf>();
}

UnaryCall::UnaryCall(MethodTable& table, const Method& method, edge::CallPtr call)
    : table_(table), method_(method), call_(std::move(call)) {}

void UnaryCall::OnMessage(std::string_view message) {
  if (begun_) return;
  begun_ = true;
  table_.Run(
      method_, std::shared_ptr<const edge::Peer>(call_, &call_->peer()), call_->metadata(), call_->deadline(),
      [message](google::protobuf::Message& request) { return DecodeProto(message, request); }, &EncodeProto,
      [call = call_](absl::StatusOr<std::string> body, edge::Metadata trailers) {
        if (body.ok()) return call->Answer(*std::move(body), std::move(trailers));
        call->Finish(body.status(), std::move(trailers));
      });
}

void UnaryCall::OnHalfClose() {
  if (begun_) return;
  begun_ = true;
  const absl::Status status = NoMessage();
  table_.Ended(method_, call_->peer(), status, table_.clock_.Now());
  call_->Finish(status);
}

CallOutput::CallOutput(MethodTable& table, const Method& method, edge::CallPtr call)
    : table_(table), method_(method), call_(std::move(call)), start_(table.clock_.Now()) {}

void CallOutput::Write(std::string wire) {
  if (!closed()) call_->Write(std::move(wire));
}

void CallOutput::Post(std::function<void()> task) {
  call_->Post([self = shared_from_this(), task = std::move(task)] {
    if (self->closed()) return;
    const absl::Status status = Guarded([&] {
      task();
      return absl::OkStatus();
    });
    if (!status.ok()) self->Finish(status);
  });
}

void CallOutput::Finish(const absl::Status& status) {
  if (Close()) End(status);
}

void CallOutput::End(const absl::Status& status) {
  call_->Finish(status, status.ok() ? edge::Metadata() : RefusalTrailers(status));
  table_.Ended(method_, call_->peer(), status, start_);
}

StreamCall::StreamCall(MethodTable& table, const Method& method, edge::CallPtr call)
    : table_(table),
      method_(method),
      call_(std::move(call)),
      output_(std::make_shared<CallOutput>(table, method, call_)) {
  Tell([this] { stream_ = method_.Open(output_); });
}

// The service's side goes now: what it posted and has not run must not find it gone.
StreamCall::~StreamCall() { output_->Close(); }

void StreamCall::Tell(absl::FunctionRef<void()> event) {
  const absl::Status status = Guarded([&] {
    event();
    return absl::OkStatus();
  });
  if (!status.ok()) output_->Finish(status);
}

void StreamCall::OnMessage(std::string_view message) {
  if (!stream_ || output_->closed()) return;
  if (begun_ && !method_.descriptor->client_streaming()) return;
  begun_ = true;
  const absl::StatusOr<Caller> caller =
      table_.CallerOf(method_, call_->peer(), call_->metadata(), call_->deadline());
  if (!caller.ok()) return RefuseCaller(caller.status());
  const absl::Status status = Guarded([&] { return stream_->OnMessage(*caller, message); });
  if (!status.ok()) Refuse(status);
}

void StreamCall::Refuse(const absl::Status& status) {
  if (!output_->Close()) return;
  output_->End(status);
  Tell([this] { stream_->OnCancel(); });
}

void StreamCall::RefuseCaller(const absl::Status& status) {
  if (!output_->Close()) return;
  table_.gate_.refuse(call_->peer(), method_.path, status,
                      [output = output_](absl::Status recorded) { output->End(recorded); });
  Tell([this] { stream_->OnCancel(); });
}

void StreamCall::OnHalfClose() {
  if (!stream_ || output_->closed()) return;
  if (!begun_ && !method_.descriptor->client_streaming()) return Refuse(NoMessage());
  Tell([this] { stream_->OnHalfClose(); });
}

void StreamCall::OnCancel() {
  if (!stream_ || !output_->Close()) return;
  output_->End(absl::CancelledError("The peer is gone."));
  Tell([this] { stream_->OnCancel(); });
}

void StreamCall::OnDrained() {
  if (!stream_ || output_->closed()) return;
  Tell([this] { stream_->OnDrained(); });
}

}  // namespace zhanqiao::api
