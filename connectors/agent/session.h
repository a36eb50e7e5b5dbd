// One stream to the hub, from `hello` to its end.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/client_callback.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "connectors/agent/agent.h"
#include "connectors/agent/incoming.h"
#include "connectors/agent/lane.h"
#include "connectors/agent/outbox.h"
#include "connectors/agent/sources.h"
#include "zhanqiao/v1/connector.grpc.pb.h"

namespace zhanqiao::connectors {

// Used once: construct, Serve, destroy. The gRPC library's threads read, execute and write, and lanes execute what has
// to wait for a source; the thread in Serve keeps the time (heartbeats, silence, drain). Thread-safe. Shared with the
// requests that are in lanes when it ends; they find that nothing can be answered any more.
class Session final : public LaneUser,
                      public std::enable_shared_from_this<Session>,
                      private grpc::ClientBidiReactor<v1::ConnectRequest, v1::ConnectResponse> {
 public:
  Session(const AgentOptions& options, Sources& sources, std::shared_ptr<grpc::Channel> channel);

  // Blocks until the stream has ended and says why: the hub's status, or UNAVAILABLE / HUB_SILENT, PROTOCOL_BROKEN.
  absl::Status Serve();

  // Answers what has been received, then half-closes.
  void Drain();

  // How long it served after the welcome; zero if it was never welcomed.
  absl::Duration Lasted() const;

  void AnswerJobs(const Adapter& adapter, std::vector<Job>& jobs) override;

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  void Take();     // the message that was just read
  void Welcome();
  void Execute();  // answers what waits, unless another thread is at it or too much is unsent
  // Answers one request into `out`, or gives it to its lane; true if it did that.
  bool AnswerOne(const v1::ConnectorQuery& query, const std::shared_ptr<Incoming>& incoming,
                 const absl::flat_hash_set<uint64_t>& cancelled, Outgoing& out);
  // Closes the replies that stand in `out`; they leave in as many messages as they need.
  std::vector<std::unique_ptr<Outgoing>> Finish(std::vector<Asked>& asked, int64_t started_ns,
                                                std::unique_ptr<Outgoing> out) const;
  void ReadNext();
  void KeepTime() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Break(absl::Status why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return ended_ || outbox_.bytes() < options_.unsent_bytes_max;
  }
  bool Woken() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return done_ || retimed_ || (draining_ && drain_by_ns_ == 0);
  }

  const AgentOptions& options_;
  Sources& sources_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::ConnectorService::Stub> stub_;
  grpc::ClientContext context_;
  std::shared_ptr<Incoming> reading_;  // of the read under way; touched by the reading thread only

  mutable absl::Mutex mu_;  // makes the stream's state and the choice of the next write one step
  Outbox outbox_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Outgoing> writing_ ABSL_GUARDED_BY(mu_);
  std::deque<std::shared_ptr<Incoming>> waiting_ ABSL_GUARDED_BY(mu_);   // requests not yet executed
  absl::flat_hash_set<uint64_t> cancelled_ ABSL_GUARDED_BY(mu_);         // of those; bounded by `unanswered_`
  std::shared_ptr<Incoming> spare_ ABSL_GUARDED_BY(mu_);
  int in_lanes_ ABSL_GUARDED_BY(mu_) = 0;  // requests there
  int unanswered_ ABSL_GUARDED_BY(mu_) = 0;  // requests received whose reply has not gone to the library
  bool executing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;  // nothing can be written any more
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  bool retimed_ ABSL_GUARDED_BY(mu_) = false;  // Serve has to look at its intervals again
  int64_t heartbeat_ns_ ABSL_GUARDED_BY(mu_) = 0;  // 0: not welcomed yet
  int64_t welcomed_ns_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t heard_ns_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t wrote_ns_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t drain_by_ns_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t heartbeats_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status broken_ ABSL_GUARDED_BY(mu_);  // why we ended it
  absl::Status status_ ABSL_GUARDED_BY(mu_);  // how the hub ended it
};

}  // namespace zhanqiao::connectors
