// One accepted socket: reads and writes it, wraps TLS, finds out which protocol is spoken. Lives on its
// worker.
#pragma once

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "hub/edge/protocol.h"
#include "hub/edge/tls.h"
#include "hub/edge/worker.h"

namespace zhanqiao::edge {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Worker& worker, int fd, std::shared_ptr<const ListenerOptions> listener,
             std::shared_ptr<TlsContext> tls, std::string address);
  ~Connection();

  // False when there are too many connections already.
  bool Start();
  // Runs what became ready and sends what is to be sent: once per turn of the loop.
  void Settle();
  void Sweep(SteadyTime now);
  void Drain();
  void Close();

  Worker& worker() { return worker_; }
  const ListenerOptions& listener() const { return *listener_; }
  const Limits& limits() const { return worker_.shared().limits; }
  const std::shared_ptr<const Peer>& peer() const { return peer_; }
  void Touch() { worker_.Touch(shared_from_this()); }
  bool closed() const { return closed_; }

 private:
  friend class Worker;
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  void AwaitReadable();
  void AwaitWritable();
  void OnReadable();
  bool OnWire(std::string_view bytes);
  bool OnPlain(std::string_view bytes);
  bool OnEstablished();
  void Speak(bool http2);
  void Flush();
  bool SendWire();
  void Linger();
  void Discard();

  Worker& worker_;
  const std::shared_ptr<const ListenerOptions> listener_;
  std::shared_ptr<const Peer> peer_;
  Descriptor descriptor_;
  int fd_;
  std::string wire_out_;  // bytes for the socket; before sent_ they are gone
  size_t sent_ = 0;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<Protocol> protocol_;
  std::string head_;  // first bytes of a plain connection, until the protocol is known
  uint64_t ticket_ = 0;
  SteadyTime started_;
  SteadyTime progress_;  // of writing
  SteadyTime active_;    // last time a request was in progress
  size_t discarded_ = 0;
  bool touched_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool ending_ = false;     // close once the bytes are out
  bool lingering_ = false;  // our side is shut; waiting for the peer's
  bool closed_ = false;
};

}  // namespace zhanqiao::edge
