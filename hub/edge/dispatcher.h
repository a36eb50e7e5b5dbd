// What the edge serves, seen from below: it knows this interface and nothing of the services behind it.
//
// Threads: each connection lives on one edge thread. Every callback below (Dispatcher and CallHandler) runs
// on the thread of its connection, never two at once for one call. `Call` may be used from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace zhanqiao::edge {

// Names in lower case, in the order of arrival, duplicates kept. Values of names ending in "-bin" are the
// decoded bytes. Names reserved by gRPC and HTTP/2 (":path", "te", "grpc-timeout", ...) are left out.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// Who is at the other end of a connection.
struct Peer {
  std::string address;   // "127.0.0.1:51234", or "unix"
  std::string listener;  // name of the listener it came in by
  bool tls = false;
  std::vector<std::string>
      uris;  // SAN URIs of the verified client certificate; on a plain listener the configured identity
  std::string fingerprint;  // lower-case hex SHA-256 of the client certificate (DER); empty without one
  absl::Time not_after = absl::InfiniteFuture();  // expiry of the client certificate
};

// One gRPC call, server side. Shared by the transport and the handler; valid after the call has ended, when
// every method that sends does nothing. Thread-safe.
class Call {
 public:
  virtual ~Call() = default;

  virtual const Peer& peer() const = 0;
  virtual std::string_view path() const = 0;  // "/package.Service/Method"
  virtual const Metadata& metadata() const = 0;
  virtual absl::Time deadline() const = 0;  // InfiniteFuture without grpc-timeout
  virtual bool cancelled() const = 0;       // by the peer, the deadline, or a lost connection

  // Sends the response headers now instead of with the first message or the status.
  virtual void SendInitialMetadata(Metadata metadata) = 0;

  // Queues one message. The caller bounds what it queues by watching `buffered`.
  virtual void Write(std::string message) = 0;

  // Bytes of queued messages that the peer's flow control has not yet taken.
  virtual size_t buffered() const = 0;

  // Ends the call after the queued messages. Exactly the first Finish counts. `status` becomes grpc-status,
  // grpc-message and (with payloads) grpc-status-details-bin.
  virtual void Finish(const absl::Status& status, Metadata trailers = {}) = 0;

  // Write and Finish with OK at once: the whole answer of a unary call.
  virtual void Answer(std::string message, Metadata trailers) {
    Write(std::move(message));
    Finish(absl::OkStatus(), std::move(trailers));
  }

  // Stops and restarts delivery of messages; while paused the peer's window is not credited.
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;

  // Runs `task` on the call's thread, after the current callback.
  virtual void Post(std::function<void()> task) = 0;
};
using CallPtr = std::shared_ptr<Call>;

// The receiving side of one call. Destroyed on the call's thread once the call has ended.
class CallHandler {
 public:
  virtual ~CallHandler() = default;
  virtual void OnMessage(std::string_view message) = 0;  // valid during the call only; already decompressed
  virtual void OnHalfClose() = 0;                        // the peer sends no more messages
  virtual void OnCancel() {}                             // at most once; nothing more can be sent
  virtual void OnDrained() {}  // `buffered` fell below 64 KiB after having been above
};

// How many messages a method takes and gives; the edge refuses what does not fit as grpc::Server would.
struct MethodShape {
  bool known = false;
  bool client_streaming = false;
  bool server_streaming = false;
};

struct HttpRequest {
  std::string method;  // "GET", "POST", ...
  std::string target;  // path and query as sent
  Metadata headers;    // lower-case names
  std::string body;
  std::shared_ptr<const Peer> peer;
  absl::Time deadline = absl::InfiniteFuture();
};

struct HttpResponse {
  int status = 200;
  Metadata headers;  // content-type and others; length and date are the edge's
  std::string body;
};
using HttpReply = std::function<void(HttpResponse)>;  // once, from any thread

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  virtual MethodShape Shape(std::string_view path) const = 0;
  // Begins a call of a known method. The handler may already Finish it.
  virtual std::unique_ptr<CallHandler> Start(CallPtr call) = 0;
  // Answers a request that is not gRPC: HTTP/1.1, or HTTP/2 with another content type.
  virtual void HandleHttp(HttpRequest request, HttpReply reply) = 0;
};

}  // namespace zhanqiao::edge
