// gRPC's length-prefixed messages, taken apart as bytes arrive and put together as they leave. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace zhanqiao::edge {

// Received messages. A message that lies whole in one piece is not copied until the piece goes away.
class MessageReader {
 public:
  struct Message {
    std::string_view bytes;  // of `owned`, or of the piece it came in
    std::string owned;
    bool compressed = false;
  };

  // Takes a piece. RESOURCE_EXHAUSTED / MESSAGE_TOO_LARGE, INTERNAL / MESSAGE_PREFIX_INVALID.
  absl::Status Receive(std::string_view piece, size_t bytes_max);
  // The pieces received so far go away: copies what still lies in them.
  void Keep();
  bool empty() const { return next_ == messages_.size(); }
  Message& front() { return messages_[next_]; }
  void Pop();
  void Clear();
  // Bytes held: whole messages and the part of one.
  size_t held() const { return held_; }
  bool partial() const { return prefix_size_ > 0; }

 private:
  absl::Status BeginBody(size_t bytes_max);
  void Complete(std::string_view bytes, std::string owned);

  std::vector<Message> messages_;
  size_t next_ = 0;
  std::array<char, 5> prefix_{};
  size_t prefix_size_ = 0;
  size_t body_size_ = 0;
  std::string body_;
  size_t held_ = 0;
  bool loose_ = false;  // some message is a view of a piece
};

// Bytes to be sent.
class SendQueue {
 public:
  void AddMessage(std::string message);
  void AddRaw(std::string bytes);
  size_t bytes() const { return bytes_; }
  // Appends the next `size` bytes to `out`; returns how many payload bytes (prefixes not counted) they were.
  size_t TakeInto(size_t size, std::string& out);
  // Forgets everything; returns the payload bytes that were still here.
  size_t Clear();

 private:
  struct Part {
    std::array<char, 5> prefix;
    uint8_t prefix_size = 0;
    std::string bytes;
  };
  std::vector<Part> parts_;
  size_t first_ = 0;   // parts before it are sent
  size_t offset_ = 0;  // within the first part, prefix included
  size_t bytes_ = 0;
};

}  // namespace zhanqiao::edge
