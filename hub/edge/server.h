// The edge server: named listeners, edge threads, and the life of the whole (start, reload, drain, stop).
//
// One port speaks gRPC and plain requests over HTTP/2 and HTTP/1.1, with or without TLS. Every connection
// lives on one edge thread for its whole life; threads share nothing on the way of a call. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::edge {

enum class ClientCertificate {
  kNone,      // not asked for
  kOptional,  // asked for; one that is sent must verify
  kRequired,  // without one that verifies the handshake fails
};

// One address the edge serves.
struct ListenerOptions {
  std::string name = "main";  // appears in Peer::listener, logs and stats
  std::string address;  // "127.0.0.1:7443", "[::1]:0" (port 0: any free one), "unix:/run/zhanqiao/edge.sock"

  // Without TLS only loopback addresses and unix sockets are bound; anything else is INVALID_ARGUMENT /
  // PLAIN_LISTENER_NOT_LOCAL.
  bool tls = true;
  std::string certificate_file;  // PEM: the server's certificate, then its intermediates
  std::string key_file;          // PEM
  std::string client_ca_file;    // PEM: the authorities of client certificates; not needed for kNone
  ClientCertificate client_certificate = ClientCertificate::kRequired;

  // Plain listeners: the URI every caller is taken for (Peer::uris). Empty: callers are anonymous.
  std::string identity;

  bool grpc = true;  // false: gRPC calls are answered UNIMPLEMENTED / GRPC_NOT_SERVED_HERE
  bool http = true;  // false: requests that are not gRPC are answered 404; HTTP/1.1 connections are closed
  std::vector<std::string> hosts;  // host names (without port) that HTTP requests may name; empty: any
};

// Bounds; a breach costs only the connection (or call) that commits it.
struct Limits {
  size_t message_bytes_max = 4 << 20;        // one gRPC message, after decompression
  size_t header_list_bytes_max = 8 << 10;    // HTTP/2: names + values + 32 each, as SETTINGS counts them
  size_t http1_header_bytes_max = 8 << 10;   // request line and headers
  size_t http_body_bytes_max = 1 << 20;      // body of a request that is not gRPC
  size_t connection_bytes_max = 64 << 20;    // received and not yet handed over, all streams of a connection
  uint32_t stream_window_bytes = 256 << 10;  // HTTP/2 flow control: what one unread stream can occupy
  uint32_t streams_per_connection_max = 256;
  size_t connections_max = 20000;
  size_t connections_per_address_max = 2048;  // unix sockets are not counted
  size_t connections_per_identity_max = 256;  // per verified client certificate URI
  size_t handshakes_per_address_max = 256;  // not yet through TLS and the first request; the oldest gives way
  uint32_t resets_per_second_max = 1000;    // streams reset or refused; burst is twice that
  uint32_t pings_early_max = 2;       // PINGs sooner than ping_interval_min; data sent to the peer forgives
  uint32_t http1_requests_max = 100;  // per connection
  absl::Duration ping_interval_min = absl::Seconds(60);
  absl::Duration handshake_timeout = absl::Seconds(5);    // TLS handshake and HTTP/2 preface, from accept
  absl::Duration header_timeout = absl::Seconds(10);      // HTTP/1.1: request line and headers
  absl::Duration body_timeout = absl::Seconds(30);        // a request body that is not gRPC
  absl::Duration idle_timeout = absl::Minutes(5);         // no call in progress
  absl::Duration write_timeout = absl::Seconds(60);       // bytes waiting and the socket takes none
  absl::Duration keepalive_interval = absl::Seconds(60);  // calls in progress and nothing heard: PING
  absl::Duration keepalive_timeout = absl::Seconds(20);   // no answer to that PING: the connection is lost
  absl::Duration http_reply_timeout = absl::Seconds(60);  // Dispatcher::HandleHttp must answer; then 504
};

struct ServerOptions {
  std::vector<ListenerOptions> listeners;
  Limits limits;
  int threads = 0;               // edge threads; 0: one per hardware thread
  const Clock* clock = nullptr;  // for Call::deadline and Peer; nullptr: the machine's
  // Told of every connection whose client certificate verified, once, on its edge thread: quick. Null: nobody.
  std::function<void(const Peer&)> identified = nullptr;
};

// Counters since the start, except those that say otherwise.
struct Stats {
  uint64_t connections_open = 0;  // now
  uint64_t calls_open = 0;        // now
  uint64_t connections_accepted = 0;
  uint64_t connections_shed = 0;    // refused: descriptors exhausted or too many connections
  uint64_t handshakes_failed = 0;   // TLS alerts, timeouts before the first request
  uint64_t calls_started = 0;       // gRPC calls handed to the dispatcher
  uint64_t calls_refused = 0;       // gRPC calls the edge answered itself
  uint64_t http_requests = 0;       // requests that are not gRPC
  uint64_t resets_received = 0;     // RST_STREAM frames
  uint64_t connections_calmed = 0;  // closed with ENHANCE_YOUR_CALM
  uint64_t bytes_received = 0;      // on the wire
  uint64_t bytes_sent = 0;
};

class Server {
 public:
  // Binds every listener and starts serving; `dispatcher` outlives the server. INVALID_ARGUMENT for options
  // that cannot be served (the facts name the listener), UNAVAILABLE / ADDRESS_NOT_BOUND, and
  // INVALID_ARGUMENT / CERTIFICATE_UNUSABLE for files that do not load.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Dispatcher& dispatcher);
  virtual ~Server() = default;  // stops

  // Where the listeners are bound, in the order of the options: "127.0.0.1:40123", "unix:/path".
  virtual std::vector<std::string> addresses() const = 0;

  // Reads certificates, keys and authorities again. New handshakes use them, live connections stay. All or
  // nothing: on an error every listener keeps what it had.
  virtual absl::Status ReloadCertificates() = 0;

  // Stops accepting, tells clients to go elsewhere (two GOAWAYs, so that nothing under way is lost), waits
  // until calls have ended or `patience` has passed, and cancels the rest. Then Stop.
  virtual void Drain(absl::Duration patience) = 0;

  // Cancels every call and ends the threads. The second Stop does nothing.
  virtual void Stop() = 0;

  virtual Stats stats() const = 0;

 protected:
  Server() = default;
};

}  // namespace zhanqiao::edge
