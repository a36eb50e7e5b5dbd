#include "hub/edge/server.h"

#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/edge/admission.h"
#include "hub/edge/listener.h"
#include "hub/edge/tls.h"
#include "hub/edge/worker.h"

namespace zhanqiao::edge {
namespace {

class EdgeServer final : public Server {
 public:
  EdgeServer(ServerOptions options, Dispatcher& dispatcher)
      : options_(std::move(options)),
        admission_(options_.limits),
        shared_{options_.limits, &dispatcher, options_.clock == nullptr ? &system_clock_ : options_.clock,
                &admission_, &options_.identified} {}
  ~EdgeServer() override { Stop(); }

  absl::Status Begin();
  std::vector<std::string> addresses() const override;
  absl::Status ReloadCertificates() override;
  void Drain(absl::Duration patience) override;
  void Stop() override;
  Stats stats() const override;

 private:
  void Give(size_t listener, int fd, std::string address);

  const ServerOptions options_;
  SystemClock system_clock_;
  Admission admission_;
  const Shared shared_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> addresses_;
  mutable absl::Mutex mu_;  // what new connections get
  std::vector<std::shared_ptr<TlsContext>> contexts_ ABSL_GUARDED_BY(mu_);
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Acceptor> acceptor_;
  std::atomic<size_t> next_worker_{0};
  absl::Mutex stop_mu_;  // stopping happens once
  bool stopped_ ABSL_GUARDED_BY(stop_mu_) = false;
};

absl::Status EdgeServer::Begin() {
  for (const ListenerOptions& each : options_.listeners) {
    std::shared_ptr<TlsContext> context;
    if (each.tls) context = TRY(TlsContext::Load(each));
    std::unique_ptr<Listener> listener = TRY(Listener::Bind(std::make_shared<const ListenerOptions>(each)));
    addresses_.push_back(listener->bound());
    listeners_.push_back(std::move(listener));
    absl::MutexLock lock(&mu_);
    contexts_.push_back(std::move(context));
  }
  const int hardware = static_cast<int>(std::thread::hardware_concurrency());
  const int threads = options_.threads > 0 ? options_.threads : std::max(1, hardware);
  for (int i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(shared_));
  for (const auto& worker : workers_) worker->Run();
  acceptor_ = std::make_unique<Acceptor>(listeners_, [this](size_t listener, int fd, std::string address) {
    Give(listener, fd, std::move(address));
  });
  acceptor_->Run();
  for (size_t i = 0; i < addresses_.size(); ++i) {
    Log(LogLevel::kInfo, "listener_started",
        {{"listener", options_.listeners[i].name},
         {"address", addresses_[i]},
         {"tls", options_.listeners[i].tls ? "true" : "false"}});
  }
  return absl::OkStatus();
}

void EdgeServer::Give(size_t listener, int fd, std::string address) {
  std::shared_ptr<TlsContext> context;
  {
    absl::MutexLock lock(&mu_);
    context = contexts_[listener];
  }
  const size_t worker = next_worker_.fetch_add(1, std::memory_order_relaxed) % workers_.size();
  workers_[worker]->Adopt(fd, listeners_[listener]->options(), std::move(context), std::move(address));
}

std::vector<std::string> EdgeServer::addresses() const {
  return addresses_;
}

absl::Status EdgeServer::ReloadCertificates() {
  std::vector<std::shared_ptr<TlsContext>> fresh;
  for (const ListenerOptions& each : options_.listeners) {
    std::shared_ptr<TlsContext> context;
    if (each.tls) context = TRY(TlsContext::Load(each));
    fresh.push_back(std::move(context));
  }
  absl::MutexLock lock(&mu_);
  contexts_.swap(fresh);
  return absl::OkStatus();
}

void EdgeServer::Drain(absl::Duration patience) {
  {
    absl::MutexLock lock(&stop_mu_);
    if (stopped_) return;
    acceptor_->Stop();
    listeners_.clear();
    for (const auto& worker : workers_) worker->Drain();
    admission_.AwaitEmpty(patience);
  }
  Stop();
}

void EdgeServer::Stop() {
  absl::MutexLock lock(&stop_mu_);
  if (std::exchange(stopped_, true)) return;
  if (acceptor_ != nullptr) acceptor_->Stop();
  listeners_.clear();
  for (const auto& worker : workers_) worker->Stop();
}

Stats EdgeServer::stats() const {
  Stats stats;
  stats.connections_open = admission_.open();
  stats.connections_accepted = acceptor_->accepted();
  stats.connections_shed = acceptor_->shed();
  for (const auto& worker : workers_) {
    const Counters& from = worker->counters();
    stats.calls_open += from.calls_open.get();
    stats.connections_shed += from.connections_refused.get();
    stats.handshakes_failed += from.handshakes_failed.get();
    stats.calls_started += from.calls_started.get();
    stats.calls_refused += from.calls_refused.get();
    stats.http_requests += from.http_requests.get();
    stats.resets_received += from.resets_received.get();
    stats.connections_calmed += from.connections_calmed.get();
    stats.bytes_received += from.bytes_received.get();
    stats.bytes_sent += from.bytes_sent.get();
  }
  return stats;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Dispatcher& dispatcher) {
  auto server = std::make_unique<EdgeServer>(std::move(options), dispatcher);
  TRY(server->Begin());
  return server;
}

}  // namespace zhanqiao::edge
