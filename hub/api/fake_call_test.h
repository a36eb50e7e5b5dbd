// A call and an edge that live in the test: what the edge would deliver is said by the test, what the table sends
// is kept for it to see.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"
#include "hub/api/method_table.h"

namespace zhanqiao::api {

class FakeCall final : public edge::Call {
 public:
  explicit FakeCall(std::string path, absl::Time deadline = absl::InfiniteFuture())
      : path_(std::move(path)), deadline_(deadline) {
    peer_.address = "127.0.0.1:50000";
    peer_.uris = {"zhanqiao://qingdao/org/370200-ZWFWB/system/approval"};
  }

  const edge::Peer& peer() const override { return peer_; }
  std::string_view path() const override { return path_; }
  const edge::Metadata& metadata() const override { return metadata_; }
  absl::Time deadline() const override { return deadline_; }
  bool cancelled() const override { return false; }
  void SendInitialMetadata(edge::Metadata) override {}
  void Write(std::string message) override {
    absl::MutexLock lock(&mu_);
    if (!finished_) written_.push_back(std::move(message));
  }
  size_t buffered() const override { return 0; }
  void Finish(const absl::Status& status, edge::Metadata trailers) override {
    absl::MutexLock lock(&mu_);
    ++finishes_;
    if (std::exchange(finished_, true)) return;
    status_ = status;
    trailers_ = std::move(trailers);
  }
  void PauseReading() override {}
  void ResumeReading() override {}
  void Post(std::function<void()> task) override { posted_.push_back(std::move(task)); }

  // What the test sees.
  absl::Status WaitForStatus() {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&finished_));
    return status_;
  }
  bool finished() const {
    absl::MutexLock lock(&mu_);
    return finished_;
  }
  int finishes() const {
    absl::MutexLock lock(&mu_);
    return finishes_;
  }
  std::vector<std::string> written() const {
    absl::MutexLock lock(&mu_);
    return written_;
  }
  template <typename Message>
  Message Last() const {
    Message message;
    const auto all = written();
    if (!all.empty()) message.ParseFromString(all.back());
    return message;
  }
  std::string Trailer(std::string_view name) const {
    absl::MutexLock lock(&mu_);
    for (const auto& [key, value] : trailers_) {
      if (key == name) return value;
    }
    return "";
  }
  void RunPosted() {
    for (auto& task : std::exchange(posted_, {})) task();
  }

  edge::Metadata metadata_;
  edge::Peer peer_;

 private:
  const std::string path_;
  const absl::Time deadline_;
  mutable absl::Mutex mu_;
  std::vector<std::string> written_ ABSL_GUARDED_BY(mu_);
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  int finishes_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  edge::Metadata trailers_ ABSL_GUARDED_BY(mu_);
  std::vector<std::function<void()>> posted_;
};

// A table over a gate that knows every caller until told to refuse, a pool that runs when the test says, and a
// clock that stands still.
struct Bench {
  absl::Status refusal;  // not OK: the gate refuses
  std::vector<std::string> recorded;
  SimulatedClock clock{absl::FromUnixSeconds(1'500'000'000)};
  Metrics metrics;
  WorkerPool workers{{.threads = 0, .queue_max = 2}};
  MethodTable table{{.resolve = [this](const edge::Peer& peer, const edge::Metadata&) -> absl::StatusOr<Caller> {
                       if (!refusal.ok()) return refusal;
                       Caller caller;
                       caller.kind = SubjectKind::kSystem;
                       caller.identity = peer.uris.front();
                       return caller;
                     },
                     .refuse =
                         [this](const edge::Peer&, std::string_view method, absl::Status status,
                                absl::AnyInvocable<void(absl::Status)> done) {
                           recorded.emplace_back(method);
                           done(WithFact(std::move(status), "ledger_index", "42"));
                         }},
                    workers, metrics, clock};

  // Starts a call and delivers `messages`, then the end of the client's side.
  std::shared_ptr<FakeCall> Send(const std::string& path, const std::vector<std::string>& messages,
                                 absl::Time deadline = absl::InfiniteFuture()) {
    auto call = std::make_shared<FakeCall>(path, deadline);
    auto handler = table.Start(call);
    for (const auto& message : messages) handler->OnMessage(message);
    handler->OnHalfClose();
    return call;
  }

  edge::HttpResponse Http(std::string method, std::string target, std::string body,
                          edge::Metadata headers = {{"content-type", "application/json"}}) {
    edge::HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers = std::move(headers);
    auto peer = std::make_shared<edge::Peer>();
    peer->address = "127.0.0.1:50001";
    peer->uris = {"zhanqiao://qingdao/org/370200-ZWFWB/system/approval"};
    request.peer = peer;
    edge::HttpResponse answer;
    answer.status = 0;
    table.HandleHttp(std::move(request), [&answer](edge::HttpResponse response) { answer = std::move(response); });
    while (workers.RunOne()) {
    }
    return answer;
  }
};

}  // namespace zhanqiao::api
