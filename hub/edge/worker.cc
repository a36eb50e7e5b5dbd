#include "hub/edge/worker.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "hub/edge/admission.h"
#include "hub/edge/call_stream.h"
#include "hub/edge/connection.h"

namespace zhanqiao::edge {
namespace {

constexpr size_t kBufferBytes = 128 << 10;
constexpr auto kSweep = std::chrono::milliseconds(250);

}  // namespace

void Mailbox::Send(Letter letter) {
  absl::MutexLock lock(&mu_);
  if (loop_ == nullptr) return;
  letters_.push_back(std::move(letter));
  if (std::exchange(waking_, true)) return;
  boost::asio::post(*loop_, [this] { wake_(); });
}

void Mailbox::Close() {
  std::vector<Letter> dropped;
  absl::MutexLock lock(&mu_);
  loop_ = nullptr;
  dropped.swap(letters_);
}

std::vector<Letter> Mailbox::Take(std::vector<Letter> empty) {
  absl::MutexLock lock(&mu_);
  waking_ = false;
  letters_.swap(empty);
  return empty;
}

Worker::Worker(const Shared& shared)
    : shared_(shared),
      mailbox_(std::make_shared<Mailbox>(loop_)),
      sweep_(loop_),
      tick_(loop_),
      deadlines_(std::chrono::steady_clock::now()),
      read_buffer_(kBufferBytes, '\0') {
  mailbox_->OnWake([this] { OnLetters(); });
}

Worker::~Worker() {
  Stop();
}

void Worker::Run() {
  thread_ = std::thread([this] {
    mailbox_->BindThread();
    Sweep();
    loop_.run();
    mailbox_->Close();
  });
}

void Worker::Stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(loop_, [this] { CloseAll(); });
  thread_.join();
}

void Worker::CloseAll() {
  stopping_ = true;
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->Close();
  EndTurn();
  boost::asio::post(loop_, [this] { loop_.stop(); });
}

void Worker::Drain() {
  boost::asio::post(loop_, [this] {
    draining_ = true;
    const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
    for (const auto& connection : all) connection->Drain();
    EndTurn();
  });
}

void Worker::Adopt(int fd, std::shared_ptr<const ListenerOptions> listener, std::shared_ptr<TlsContext> tls,
                   std::string address) {
  boost::asio::post(loop_, [this, fd, listener = std::move(listener), tls = std::move(tls),
                            address = std::move(address)]() mutable {
    if (stopping_ || draining_) {
      ::close(fd);
      return;
    }
    auto connection =
        std::make_shared<Connection>(*this, fd, std::move(listener), std::move(tls), std::move(address));
    if (connection->Start()) {
      connections_.insert(std::move(connection));
    } else {
      counters_.connections_refused.Add();
    }
  });
}

void Worker::Touch(const std::shared_ptr<Connection>& connection) {
  if (!std::exchange(connection->touched_, true)) touched_.push_back(connection);
}

void Worker::EndTurn() {
  // What handlers ask for while this runs is done in the same turn, up to a bound that keeps sockets served.
  for (int round = 0; round < 64 && (!tasks_.empty() || !touched_.empty()); ++round) {
    for (size_t left = tasks_.size(); left > 0; --left) {
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    const std::vector<std::shared_ptr<Connection>> touched = std::exchange(touched_, {});
    for (const auto& connection : touched) {
      connection->touched_ = false;
      connection->Settle();
    }
  }
  if (!tasks_.empty() || !touched_.empty()) boost::asio::post(loop_, [this] { EndTurn(); });
}

void Worker::OnLetters() {
  reading_ = mailbox_->Take(std::move(reading_));
  for (Letter& letter : reading_) {
    if (letter.stream != nullptr) {
      letter.stream->Open(letter);
    } else {
      letter.task();
    }
  }
  reading_.clear();
  EndTurn();
}

void Worker::Forget(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
}

std::shared_ptr<TokenBucket> Worker::ResetsOf(const Peer& peer) {
  constexpr size_t kCallersMax = 4096;  // then those who left are forgotten
  if (caller_resets_.size() >= kCallersMax) {
    absl::erase_if(caller_resets_, [](const auto& entry) { return entry.second.use_count() == 1; });
  }
  const std::string& address = peer.address;
  const std::string caller =
      peer.tls && !peer.uris.empty() ? peer.uris.front() : address.substr(0, address.rfind(':'));
  std::shared_ptr<TokenBucket>& bucket = caller_resets_[caller];
  if (bucket == nullptr) {
    const double per_second = 2.0 * shared_.limits.resets_per_second_max;
    bucket = std::make_shared<TokenBucket>(per_second, 2 * per_second);
  }
  return bucket;
}

void Worker::Sweep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->Sweep(now);
  EndTurn();
  sweep_.expires_after(kSweep);
  sweep_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Sweep();
  });
}

void Worker::ArmDeadlines() {
  if (std::exchange(ticking_, true)) return;
  tick_.expires_after(Deadlines::kTick);
  tick_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    ticking_ = false;
    deadlines_.Advance(std::chrono::steady_clock::now());
    EndTurn();
    if (!deadlines_.empty()) ArmDeadlines();
  });
}

}  // namespace zhanqiao::edge
