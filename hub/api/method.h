// One RPC of the method table: typed inside, uniform outside, so that one registration serves gRPC and JSON.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/error.h"
#include "catalog/base/stream.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "hub/api/metrics.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::api {

// The answer of a unary method, once, from any thread.
template <typename Resp>
using Reply = absl::AnyInvocable<void(absl::StatusOr<Resp>)>;

// Fills a request from what came over the wire. Runs before the method's own code, on the caller's thread.
using Decode = absl::FunctionRef<absl::Status(google::protobuf::Message&)>;
// The body of an answer.
using Encode = absl::StatusOr<std::string> (*)(const google::protobuf::Message&);
// The encoded answer and its trailers, exactly once, from any thread.
using Done = absl::AnyInvocable<void(absl::StatusOr<std::string>, edge::Metadata)>;

absl::Status DecodeProto(std::string_view wire, google::protobuf::Message& message);
absl::StatusOr<std::string> EncodeProto(const google::protobuf::Message& message);

// Trailers of a refusal: `zhanqiao-ledger-index` when the status says where it is written.
edge::Metadata RefusalTrailers(const absl::Status& status);

// Holds a Done and sees to it that it runs exactly once: a service that throws its callback away, or throws,
// answers INTERNAL / ANSWER_LOST.
class Answer {
 public:
  explicit Answer(Done done) : done_(std::move(done)) {}
  Answer(Answer&& other) noexcept : done_(std::exchange(other.done_, nullptr)) {}
  Answer& operator=(Answer&&) = delete;
  ~Answer();
  void Send(absl::StatusOr<std::string> body, edge::Metadata trailers);

 private:
  Done done_;
};

// A stream whose messages have lost their type. Calls come as to a StreamHandler.
class OpenStream {
 public:
  virtual ~OpenStream() = default;
  virtual absl::Status OnMessage(const Caller& caller, std::string_view wire) = 0;  // fails on malformed bytes
  virtual void OnHalfClose() = 0;
  virtual void OnCancel() = 0;
  virtual void OnDrained() = 0;
};

// The way out of a stream, shared by the table and the service's sink. Thread-safe; silent once closed.
class StreamOutput {
 public:
  virtual ~StreamOutput() = default;
  virtual void Write(std::string wire) = 0;
  virtual size_t buffered() const = 0;
  virtual void Finish(const absl::Status& status) = 0;
  virtual void Pause() = 0;
  virtual void Resume() = 0;
  virtual void Post(std::function<void()> task) = 0;  // on the call's thread; dropped once closed
};

struct Method {
  virtual ~Method() = default;

  // Unary only: decodes, runs, and answers through `done`.
  virtual void Run(Caller caller, Decode decode, Encode encode, Done done) const;
  // Streaming only.
  virtual std::unique_ptr<OpenStream> Open(std::shared_ptr<StreamOutput> output) const;

  std::string path;  // "/package.Service/Method"
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  bool anonymous = false;  // needs no registered caller: health, reflection
  bool whole = false;      // streams, and is offered whole over plain HTTP
  MethodMetrics* metrics = nullptr;

  bool unary() const { return !descriptor->client_streaming() && !descriptor->server_streaming(); }
};

template <typename Req, typename Resp>
struct UnaryMethod final : Method {
  std::function<void(Caller, Req, Reply<Resp>)> run;
  std::function<edge::Metadata(const Resp&)> trailers;  // of a success; may be empty

  void Run(Caller caller, Decode decode, Encode encode, Done done) const override {
    Answer answer(std::move(done));
    Req request;
    if (absl::Status status = decode(request); !status.ok()) return answer.Send(std::move(status), {});
    run(std::move(caller), std::move(request), [this, encode, kept = std::move(answer)](absl::StatusOr<Resp> response) mutable {
      if (!response.ok()) return kept.Send(response.status(), RefusalTrailers(response.status()));
      kept.Send(encode(*response), trailers ? trailers(*response) : edge::Metadata());
    });
  }
};

// A unary method whose answers are in wire format already: `Answered` has `wire`, and `Decoded()` for other encodings.
template <typename Req, typename Answered>
struct EncodedMethod final : Method {
  std::function<void(Caller, Req, Reply<Answered>)> run;
  std::function<edge::Metadata(const Answered&)> trailers;  // of a success

  void Run(Caller caller, Decode decode, Encode encode, Done done) const override {
    Answer answer(std::move(done));
    Req request;
    if (absl::Status status = decode(request); !status.ok()) return answer.Send(std::move(status), {});
    run(std::move(caller), std::move(request),
        [this, encode, kept = std::move(answer)](absl::StatusOr<Answered> response) mutable {
          if (!response.ok()) return kept.Send(response.status(), RefusalTrailers(response.status()));
          edge::Metadata told = trailers(*response);
          if (encode == &EncodeProto) return kept.Send(std::move(response->wire), std::move(told));
          kept.Send(encode(response->Decoded()), std::move(told));
        });
  }
};

template <typename Req, typename Resp>
struct StreamMethod final : Method {
  using Factory = std::function<std::unique_ptr<StreamHandler<Req>>(std::shared_ptr<StreamSink<Resp>>)>;
  Factory factory;

  std::unique_ptr<OpenStream> Open(std::shared_ptr<StreamOutput> output) const override {
    return std::make_unique<Typed>(factory(std::make_shared<Sink>(std::move(output))));
  }

 private:
  class Sink final : public StreamSink<Resp> {
   public:
    explicit Sink(std::shared_ptr<StreamOutput> output) : output_(std::move(output)) {}
    void Write(const Resp& message) override { output_->Write(message.SerializeAsString()); }
    void WriteEncoded(std::string wire) override { output_->Write(std::move(wire)); }
    size_t buffered() const override { return output_->buffered(); }
    void Finish(const absl::Status& status) override { output_->Finish(status); }
    void Pause() override { output_->Pause(); }
    void Resume() override { output_->Resume(); }
    void Post(std::function<void()> task) override { output_->Post(std::move(task)); }

   private:
    const std::shared_ptr<StreamOutput> output_;  // shared with the table, which closes it
  };

  class Typed final : public OpenStream {
   public:
    explicit Typed(std::unique_ptr<StreamHandler<Req>> handler) : handler_(std::move(handler)) {}
    absl::Status OnMessage(const Caller& caller, std::string_view wire) override {
      // A message of a busy stream holds dozens of others: on an arena they cost one allocation.
      google::protobuf::Arena arena;
      Req& message = *google::protobuf::Arena::CreateMessage<Req>(&arena);
      if (absl::Status status = DecodeProto(wire, message); !status.ok()) return status;
      handler_->OnMessage(caller, message);
      return absl::OkStatus();
    }
    void OnHalfClose() override { handler_->OnHalfClose(); }
    void OnCancel() override { handler_->OnCancel(); }
    void OnDrained() override { handler_->OnDrained(); }

   private:
    const std::unique_ptr<StreamHandler<Req>> handler_;
  };
};

}  // namespace zhanqiao::api
