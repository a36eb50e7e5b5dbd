// The receiving ends of gRPC calls: how messages of the edge reach a method. Internal to the table.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "hub/api/method_table.h"

namespace zhanqiao::api {

// Runs `run`; an exception becomes INTERNAL / INTERNAL_ERROR and a log line, never more.
absl::Status Guarded(absl::FunctionRef<absl::Status()> run);

// Answers a method that is not in the table (the edge normally does).
std::unique_ptr<edge::CallHandler> RefuseUnknown(edge::CallPtr call);

// A unary call: begins at its first message as grpc::Server does; a second one is ignored, none is INTERNAL.
class UnaryCall final : public edge::CallHandler {
 public:
  UnaryCall(MethodTable& table, const Method& method, edge::CallPtr call);
  void OnMessage(std::string_view message) override;
  void OnHalfClose() override;

 private:
  MethodTable& table_;
  const Method& method_;
  const edge::CallPtr call_;  // shared with the edge and with the answer under way
  bool begun_ = false;
};

// The sending end of a stream. Thread-safe.
class CallOutput final : public StreamOutput, public std::enable_shared_from_this<CallOutput> {
 public:
  CallOutput(MethodTable& table, const Method& method, edge::CallPtr call);
  void Write(std::string wire) override;
  size_t buffered() const override { return call_->buffered(); }
  void Finish(const absl::Status& status) override;
  void Pause() override { call_->PauseReading(); }
  void Resume() override { call_->ResumeReading(); }
  void Post(std::function<void()> task) override;

  // Silences the service. True for the one who closed it, who then owes one End.
  bool Close() { return !closed_.exchange(true); }
  bool closed() const { return closed_.load(); }
  // Sends the status, counts and logs it.
  void End(const absl::Status& status);

 private:
  MethodTable& table_;
  const Method& method_;
  const edge::CallPtr call_;  // shared with the edge
  const absl::Time start_;
  std::atomic<bool> closed_ = false;
};

// A streaming call.
class StreamCall final : public edge::CallHandler {
 public:
  StreamCall(MethodTable& table, const Method& method, edge::CallPtr call);
  ~StreamCall() override;
  void OnMessage(std::string_view message) override;
  void OnHalfClose() override;
  void OnCancel() override;
  void OnDrained() override;

 private:
  void Refuse(const absl::Status& status);   // ends the stream with `status`
  void RefuseCaller(const absl::Status& status);
  void Tell(absl::FunctionRef<void()> event);  // one event to the service, guarded

  MethodTable& table_;
  const Method& method_;
  const edge::CallPtr call_;                   // shared with the edge and the output
  const std::shared_ptr<CallOutput> output_;   // shared with the service's sink
  std::unique_ptr<OpenStream> stream_;
  bool begun_ = false;
};

}  // namespace zhanqiao::api
