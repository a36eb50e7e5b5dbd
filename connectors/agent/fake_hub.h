// A hub as the agent sees it: a grpc::Server on a loopback port whose streams a test drives message by message.
#pragma once

#include <grpcpp/server.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "zhanqiao/v1/connector.grpc.pb.h"

namespace zhanqiao::connectors {

// Every wait ends after 20 seconds, with nothing. Thread-safe.
class FakeHub final : private v1::ConnectorService::Service {
 public:
  using Wire = grpc::ServerReaderWriter<v1::ConnectResponse, v1::ConnectRequest>;

  // One stream of a connector.
  class Stream {
   public:
    // Does nothing once the stream has ended.
    void Send(const v1::ConnectResponse& response);
    void Welcome(const v1::Resource& entry, int heartbeat_ms);
    // The next message but heartbeats; nothing when the connector half-closed or the stream ended.
    std::optional<v1::ConnectRequest> Receive();
    // Waits until there has been a heartbeat.
    bool HearsAHeartbeat();
    // Waits until the connector has half-closed or the stream ended.
    bool Ended();
    // Ends it from the hub's side, also while paused.
    void Cancel();
    // Reads nothing more until Resume.
    void Pause();
    void Resume();

   private:
    friend class FakeHub;
    void ReadAll(Wire& wire);

    absl::Mutex sending_;  // the handler ends between two messages, never within one
    Wire* wire_ ABSL_GUARDED_BY(sending_) = nullptr;  // null once it has ended
    grpc::ServerContext* context_ ABSL_GUARDED_BY(sending_) = nullptr;
    absl::Mutex mu_;  // makes "what came, is it over" one step
    std::deque<v1::ConnectRequest> came_ ABSL_GUARDED_BY(mu_);
    int heartbeats_ ABSL_GUARDED_BY(mu_) = 0;
    bool paused_ ABSL_GUARDED_BY(mu_) = false;
    bool ended_ ABSL_GUARDED_BY(mu_) = false;
  };

  explicit FakeHub(int port = 0);
  ~FakeHub() override { Stop(); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  // The next stream, shared by the test and the server's thread; null after 20 seconds without one.
  std::shared_ptr<Stream> Accept();
  // Ends the next stream with `status` instead of serving it.
  void RefuseNext(const grpc::Status& status);
  void Stop();

 private:
  grpc::Status Connect(grpc::ServerContext* context, Wire* wire) override;

  int port_ = 0;
  absl::Mutex mu_;  // makes "which streams are there" one step
  std::deque<std::shared_ptr<Stream>> fresh_ ABSL_GUARDED_BY(mu_);
  std::optional<grpc::Status> refusal_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace zhanqiao::connectors
