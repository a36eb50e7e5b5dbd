// What speaks on a connection once bytes are plain: HTTP/2 or HTTP/1.1. Lives on the connection's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace zhanqiao::edge {

using SteadyTime = std::chrono::steady_clock::time_point;

class Protocol {
 public:
  virtual ~Protocol() = default;
  // Takes bytes and runs what they complete. False: nothing more is wanted; close after what is to be sent.
  virtual bool Receive(std::string_view bytes) = 0;
  // Runs handlers of whatever is ready. True if anything ran.
  virtual bool Dispatch() = 0;
  // Appends what is to be sent, stopping soon after `out` holds `room` bytes.
  virtual void Produce(std::string& out, size_t room) = 0;
  // Nothing more will be sent or received: close once the bytes are out.
  virtual bool Done() const = 0;
  // Too much is waiting to be sent: read no more for now.
  virtual bool Backlogged() const = 0;
  // Requests in progress.
  virtual size_t Busy() const = 0;
  // The connection is gone: cancels everything.
  virtual void Lost() = 0;
  // Finish what is in progress, take nothing new.
  virtual void Drain() = 0;
  // Called about twice a second; false: close now.
  virtual bool Sweep(SteadyTime now) = 0;
};

}  // namespace zhanqiao::edge
