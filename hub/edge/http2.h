// HTTP/2 on one connection, by nghttp2: streams, flow control, and the policies against abuse.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/base/token_bucket.h"
#include "hub/edge/connection.h"
#include "hub/edge/protocol.h"

namespace zhanqiao::edge {

class CallStream;

class Http2 final : public Protocol {
 public:
  explicit Http2(Connection& connection);
  ~Http2() override;

  bool Receive(std::string_view bytes) override;
  bool Dispatch() override;
  void Produce(std::string& out, size_t room) override;
  bool Done() const override;
  bool Backlogged() const override;
  size_t Busy() const override { return streams_.size(); }
  void Lost() override;
  void Drain() override;
  bool Sweep(SteadyTime now) override;

  Connection& connection() { return connection_; }
  nghttp2_session* session() { return session_; }
  void Ready(CallStream& stream);
  // Takes (or gives back) room in the connection's budget of received bytes; false when it is used up.
  bool Account(size_t before, size_t after);
  // Closes the connection with GOAWAY(ENHANCE_YOUR_CALM).
  void Calm(std::string_view why);
  void Reset(int32_t stream, uint32_t code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
  }

 private:
  friend struct Http2Callbacks;
  void OnPing();
  void OnPingAnswered();
  void OnReset();
  void Forget(CallStream& stream);
  void FinalGoaway();

  Connection& connection_;
  nghttp2_session* session_ = nullptr;
  std::unordered_map<int32_t, std::shared_ptr<CallStream>> streams_;
  std::vector<CallStream*> ready_;
  std::vector<CallStream*> dispatching_;
  std::string* out_ = nullptr;
  size_t room_ = 0;
  size_t held_ = 0;
  TokenBucket resets_;
  const std::shared_ptr<TokenBucket> caller_resets_;  // of all connections of this caller
  TokenBucket idle_frames_;
  uint32_t ping_strikes_ = 0;
  SteadyTime last_ping_{};
  SteadyTime heard_;
  SteadyTime pinged_{};    // our PING under way
  SteadyTime draining_{};  // since the first GOAWAY
  bool final_goaway_ = false;
  bool calmed_ = false;
  bool lost_ = false;
};

std::unique_ptr<Protocol> MakeHttp2(Connection& connection);

}  // namespace zhanqiao::edge
