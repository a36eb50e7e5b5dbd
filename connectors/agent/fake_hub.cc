#include "connectors/agent/fake_hub.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

namespace zhanqiao::connectors {
namespace {
constexpr absl::Duration kPatience = absl::Seconds(20);
}

FakeHub::FakeHub(int port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

void FakeHub::Stop() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  server_ = nullptr;
}

std::shared_ptr<FakeHub::Stream> FakeHub::Accept() {
  absl::MutexLock lock(&mu_);
  const auto there = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !fresh_.empty(); };
  if (!mu_.AwaitWithTimeout(absl::Condition(&there), kPatience)) return nullptr;
  auto stream = fresh_.front();
  fresh_.pop_front();
  return stream;
}

void FakeHub::RefuseNext(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  refusal_ = status;
}

grpc::Status FakeHub::Connect(grpc::ServerContext* context, Wire* wire) {
  auto stream = std::make_shared<Stream>();
  {
    absl::MutexLock lock(&stream->sending_);
    stream->wire_ = wire;
    stream->context_ = context;
  }
  {
    absl::MutexLock lock(&mu_);
    if (refusal_) {
      const grpc::Status status = *refusal_;
      refusal_.reset();
      return status;
    }
    fresh_.push_back(stream);
  }
  stream->ReadAll(*wire);
  absl::MutexLock lock(&stream->sending_);
  stream->wire_ = nullptr;
  stream->context_ = nullptr;
  return grpc::Status::OK;
}

void FakeHub::Stream::Send(const v1::ConnectResponse& response) {
  absl::MutexLock lock(&sending_);
  if (wire_ != nullptr) wire_->Write(response);
}

void FakeHub::Stream::Cancel() {
  {
    absl::MutexLock lock(&sending_);
    if (context_ != nullptr) context_->TryCancel();
  }
  Resume();
}

void FakeHub::Stream::ReadAll(Wire& wire) {
  v1::ConnectRequest request;
  while (wire.Read(&request)) {
    absl::MutexLock lock(&mu_);
    if (request.has_heartbeat()) {
      ++heartbeats_;
    } else {
      came_.push_back(request);
    }
    const auto reading = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !paused_; };
    mu_.AwaitWithTimeout(absl::Condition(&reading), kPatience);
  }
  absl::MutexLock lock(&mu_);
  ended_ = true;
}

void FakeHub::Stream::Welcome(const v1::Resource& entry, int heartbeat_ms) {
  v1::ConnectResponse response;
  response.mutable_welcome()->set_connector("organizations/370200-FGW/connectors/test");
  response.mutable_welcome()->set_heartbeat_ms(heartbeat_ms);
  *response.mutable_welcome()->add_resources() = entry;
  Send(response);
}

std::optional<v1::ConnectRequest> FakeHub::Stream::Receive() {
  absl::MutexLock lock(&mu_);
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !came_.empty() || ended_; };
  if (!mu_.AwaitWithTimeout(absl::Condition(&ready), kPatience) || came_.empty()) return std::nullopt;
  auto request = std::move(came_.front());
  came_.pop_front();
  return request;
}

bool FakeHub::Stream::HearsAHeartbeat() {
  absl::MutexLock lock(&mu_);
  const auto heard = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return heartbeats_ > 0; };
  return mu_.AwaitWithTimeout(absl::Condition(&heard), kPatience);
}

bool FakeHub::Stream::Ended() {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithTimeout(absl::Condition(&ended_), kPatience);
}

void FakeHub::Stream::Pause() {
  absl::MutexLock lock(&mu_);
  paused_ = true;
}

void FakeHub::Stream::Resume() {
  absl::MutexLock lock(&mu_);
  paused_ = false;
}

}  // namespace zhanqiao::connectors
