// What waits to be written to the hub, coalesced.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "google/protobuf/arena.h"
#include "catalog/base/journal.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// One message on its own arena; reused after it was sent, so that a busy stream allocates little.
class Outgoing {
 public:
  static constexpr int kRepliesMax = 64;        // the protocol's bound
  static constexpr size_t kBytesMax = 1 << 20;  // a batch is closed beyond; with one more answer still under 4 MiB

  Outgoing() { Reset(); }
  void Reset();

  v1::ConnectRequest& message() { return *message_; }
  // A reply to fill; AddBytes tells its size afterwards.
  v1::ConnectorReply& AddReply() { return *message_->mutable_replies()->add_replies(); }
  void AddBytes(size_t bytes) { bytes_ += bytes; }
  bool HasRoom() const { return replies() < kRepliesMax && bytes_ < kBytesMax; }
  bool control() const { return !message_->has_replies() && message_->message_case() != 0; }
  int replies() const { return message_->replies().replies_size(); }
  size_t bytes() const { return bytes_; }
  // What the seal says of the replies in it; empty without one.
  std::vector<JournalLine>& lines() { return lines_; }

 private:
  google::protobuf::Arena arena_;
  v1::ConnectRequest* message_;
  size_t bytes_ = 0;
  std::vector<JournalLine> lines_;
};

// Messages in order. Not thread-safe.
class Outbox {
 public:
  // A batch to add replies to: the last one that waits if it has room, otherwise an empty one.
  std::unique_ptr<Outgoing> Open();
  // Queues a batch from Open, or a control message made with it.
  void Put(std::unique_ptr<Outgoing> outgoing);
  // The next message to write, or null. Give it back with Recycle.
  std::unique_ptr<Outgoing> Next();
  void Recycle(std::unique_ptr<Outgoing> outgoing);
  // An empty message for control.
  std::unique_ptr<Outgoing> Fresh();

  bool empty() const { return waiting_.empty(); }
  size_t bytes() const { return bytes_; }  // of replies that wait

 private:
  std::deque<std::unique_ptr<Outgoing>> waiting_;
  std::vector<std::unique_ptr<Outgoing>> spare_;
  size_t bytes_ = 0;
};

}  // namespace zhanqiao::connectors
