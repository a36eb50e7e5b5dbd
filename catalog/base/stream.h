// Streaming calls at message level: what a service sees of a bidirectional stream, whatever carries it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "catalog/base/caller.h"

namespace zhanqiao {

// The way back to the peer. Thread-safe; valid (and silent) after the stream has ended.
template <typename Out>
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  virtual void Write(const Out& message) = 0;
  // The same for a message that is in wire format already. The default decodes it, for carriers that want messages.
  virtual void WriteEncoded(std::string wire) {
    Out message;
    if (message.ParseFromString(wire)) Write(message);
  }
  virtual size_t buffered() const = 0;  // bytes the peer has not taken yet; the service bounds it
  virtual void Finish(const absl::Status& status) = 0;
  virtual void Pause() = 0;   // no more messages until Resume; the peer is held back
  virtual void Resume() = 0;
  // Runs `task` on the stream's thread, after the current callback; dropped once the stream has ended. What is
  // ready in one burst leaves in one message because it is collected there. The default suits carriers without
  // a thread: it runs the task at once.
  virtual void Post(std::function<void()> task) { task(); }
};

// A service's side of one stream. Calls come one at a time on the stream's thread. `caller` is resolved anew
// for every message; when that fails the stream is refused and ends without reaching the service.
template <typename In>
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // The handler may take parts of `message`, which goes after the call; it may lie on an arena.
  virtual void OnMessage(const Caller& caller, In& message) = 0;
  virtual void OnHalfClose() = 0;
  virtual void OnCancel() = 0;    // the peer is gone; at most once
  virtual void OnDrained() {}     // buffered() fell low again
};

}  // namespace zhanqiao
