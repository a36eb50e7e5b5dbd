// Binds the listeners and accepts on a thread of its own; workers take the sockets in turn.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {

// A bound and listening socket. Not thread-safe.
class Listener {
 public:
  // INVALID_ARGUMENT / ADDRESS_MALFORMED or PLAIN_LISTENER_NOT_LOCAL, UNAVAILABLE / ADDRESS_NOT_BOUND.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(std::shared_ptr<const ListenerOptions> options);
  ~Listener();
  int fd() const { return fd_; }
  const std::string& bound() const { return bound_; }
  const std::shared_ptr<const ListenerOptions>& options() const { return options_; }

 private:
  Listener(int fd, std::string bound, std::string unlink, std::shared_ptr<const ListenerOptions> options);
  const int fd_;
  const std::string bound_;
  const std::string unlink_;  // path of a unix socket, removed at the end
  const std::shared_ptr<const ListenerOptions> options_;
};

// Accepts on every listener and gives the sockets away. When descriptors run out it sheds what comes, and
// goes on when some are free again.
class Acceptor {
 public:
  using Give = std::function<void(size_t listener, int fd, std::string address)>;
  Acceptor(const std::vector<std::unique_ptr<Listener>>& listeners, Give give);
  ~Acceptor();
  void Run();
  void Stop();
  uint64_t accepted() const { return accepted_; }
  uint64_t shed() const { return shed_; }

 private:
  struct Watch;
  void Await(Watch& watch);
  void AcceptAll(Watch& watch);
  bool Shed(int listener_fd);

  boost::asio::io_context loop_{1};
  const Give give_;
  std::vector<std::unique_ptr<Watch>> watches_;
  int spare_fd_;  // given up for a moment to accept and close what cannot be served
  std::atomic<uint64_t> accepted_{0};
  std::atomic<uint64_t> shed_{0};
  std::thread thread_;
};

}  // namespace zhanqiao::edge
