#include "hub/edge/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "catalog/base/log.h"
#include "hub/edge/admission.h"
#include "hub/edge/http1.h"
#include "hub/edge/http2.h"

namespace zhanqiao::edge {
namespace {

constexpr size_t kSendRoom = 256 << 10;  // produced at once
constexpr int kReadsPerTurn = 4;         // then others get their turn
constexpr size_t kDiscardMax = 4 << 20;  // read while lingering
constexpr auto kLinger = std::chrono::seconds(1);
constexpr std::string_view kPrefaceStart = "PRI ";

std::chrono::nanoseconds Steady(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

}  // namespace

Connection::Connection(Worker& worker, int fd, std::shared_ptr<const ListenerOptions> listener,
                       std::shared_ptr<TlsContext> tls, std::string address)
    : worker_(worker),
      listener_(std::move(listener)),
      descriptor_(worker.loop().get_executor(), fd),
      fd_(fd),
      started_(std::chrono::steady_clock::now()),
      progress_(started_),
      active_(started_) {
  auto peer = std::make_shared<Peer>();
  peer->address = std::move(address);
  peer->listener = listener_->name;
  if (!listener_->tls && !listener_->identity.empty()) peer->uris.push_back(listener_->identity);
  peer_ = std::move(peer);
  if (tls != nullptr) tls_ = std::make_unique<TlsSession>(std::move(tls), wire_out_);
}

Connection::~Connection() = default;

bool Connection::Start() {
  std::string host = peer_->address;
  host = host == "unix" ? "" : host.substr(0, host.rfind(':'));
  std::weak_ptr<Connection> weak = weak_from_this();
  std::shared_ptr<Mailbox> mailbox = worker_.mailbox();
  ticket_ = worker_.shared().admission->Admit(host, [weak, mailbox] {
    Letter letter;
    letter.task = [weak] {
      if (const auto self = weak.lock()) self->Close();
    };
    mailbox->Send(std::move(letter));
  });
  if (ticket_ == 0) return false;
  AwaitReadable();
  return true;
}

void Connection::AwaitReadable() {
  if (reading_ || closed_) return;
  reading_ = true;
  descriptor_.async_wait(Descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->reading_ = false;
                           if (error || self->closed_) return;
                           self->OnReadable();
                           self->worker_.EndTurn();
                         });
}

void Connection::AwaitWritable() {
  if (writing_ || closed_) return;
  writing_ = true;
  descriptor_.async_wait(Descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           if (error || self->closed_) return;
                           self->Touch();
                           self->worker_.EndTurn();
                         });
}

void Connection::OnReadable() {
  if (lingering_) return Discard();
  std::string& buffer = worker_.read_buffer();
  for (int i = 0; i < kReadsPerTurn && !closed_ && !ending_; ++i) {
    const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (size <= 0) return Close();
    worker_.count().bytes_received.Add(static_cast<uint64_t>(size));
    if (!OnWire({buffer.data(), static_cast<size_t>(size)})) ending_ = true;
    if (static_cast<size_t>(size) < buffer.size()) break;
    if (protocol_ != nullptr && protocol_->Backlogged()) break;
  }
  Touch();
}

bool Connection::OnWire(std::string_view bytes) {
  if (tls_ == nullptr) return OnPlain(bytes);
  const auto result =
      tls_->Receive(bytes, [this](std::string_view plain) { return OnPlain(plain) && !closed_; });
  if (result != TlsSession::Result::kFailed) return result == TlsSession::Result::kOpen && !ending_;
  if (!tls_->established()) {
    worker_.count().handshakes_failed.Add();
    Log(LogLevel::kInfo, "handshake_failed",
        {{"listener", listener_->name}, {"address", peer_->address}, {"cause", std::string(tls_->error())}});
  }
  return false;
}

// The handshake is complete: who is it, and what does it want to speak?
bool Connection::OnEstablished() {
  auto peer = std::make_shared<Peer>(*peer_);
  tls_->Describe(*peer);
  peer_ = peer;
  if (!peer->uris.empty() && !worker_.shared().admission->Identify(ticket_, peer->uris.front())) {
    Log(LogLevel::kWarning, "connections_per_identity_exceeded",
        {{"listener", listener_->name}, {"address", peer->address}, {"identity", peer->uris.front()}});
    return false;
  }
  if (!peer->fingerprint.empty() && *worker_.shared().identified) (*worker_.shared().identified)(*peer);
  Speak(tls_->protocol() == "h2");
  return true;
}

bool Connection::OnPlain(std::string_view bytes) {
  if (protocol_ == nullptr && tls_ != nullptr && !OnEstablished()) {
    ending_ = true;
    return false;
  }
  if (bytes.empty()) return true;
  if (protocol_ != nullptr) {
    if (protocol_->Receive(bytes)) return true;
    ending_ = true;
    return false;
  }
  head_.append(bytes);
  const std::string_view start = std::string_view(head_).substr(0, kPrefaceStart.size());
  if (start == kPrefaceStart.substr(0, start.size())) {
    if (start.size() < kPrefaceStart.size()) return true;
    Speak(true);
  } else {
    Speak(false);
  }
  const std::string head = std::exchange(head_, "");
  return protocol_->Receive(head);
}

void Connection::Speak(bool http2) {
  worker_.shared().admission->Settle(ticket_);
  if (http2) {
    protocol_ = MakeHttp2(*this);
  } else {
    protocol_ = MakeHttp1(*this);
  }
  active_ = std::chrono::steady_clock::now();
  if (worker_.draining()) protocol_->Drain();
}

void Connection::Settle() {
  if (closed_ || lingering_) return;
  // Sending may free room that a handler waits for, and handlers give more to send; a few rounds, then
  // others.
  for (int round = 0; round < 4 && !closed_; ++round) {
    const bool ran = protocol_ != nullptr && protocol_->Dispatch();
    if (closed_) return;
    Flush();
    if (closed_ || lingering_) return;
    if (!ran && round > 0) break;
  }
  if (protocol_ == nullptr || !protocol_->Backlogged()) {
    if (!ending_) AwaitReadable();
  }
}

void Connection::Flush() {
  for (int round = 0; round < 4; ++round) {
    if (!SendWire()) return;  // full or lost
    if (protocol_ == nullptr) break;
    if (tls_ == nullptr) {
      protocol_->Produce(wire_out_, kSendRoom);
    } else {
      std::string& plain = worker_.plain_buffer();
      plain.clear();
      protocol_->Produce(plain, kSendRoom);
      if (!plain.empty() && !tls_->Send(plain)) return Close();
    }
    if (wire_out_.empty()) break;
  }
  if (!SendWire()) return;
  if (ending_ || (protocol_ != nullptr && protocol_->Done())) return Linger();
  if (protocol_ != nullptr && !wire_out_.empty()) Touch();
}

// Sends what waits. False when the socket takes no more for now, or is lost.
bool Connection::SendWire() {
  while (sent_ < wire_out_.size()) {
    const ssize_t size = ::send(fd_, wire_out_.data() + sent_, wire_out_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      AwaitWritable();
      return false;
    }
    if (size <= 0) {
      Close();
      return false;
    }
    progress_ = std::chrono::steady_clock::now();
    worker_.count().bytes_sent.Add(static_cast<uint64_t>(size));
    sent_ += static_cast<size_t>(size);
  }
  wire_out_.clear();
  sent_ = 0;
  return true;
}

// Ends our side and reads on for a moment, so that what was sent last is not lost to a reset.
void Connection::Linger() {
  if (lingering_ || closed_) return;
  if (tls_ != nullptr) {
    tls_->Close();
    SendWire();
    if (closed_) return;
  }
  lingering_ = true;
  started_ = std::chrono::steady_clock::now();
  if (protocol_ != nullptr) protocol_->Lost();
  ::shutdown(fd_, SHUT_WR);
  AwaitReadable();
}

void Connection::Discard() {
  std::string& buffer = worker_.read_buffer();
  const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size > 0) discarded_ += static_cast<size_t>(size);
  const bool again = size < 0 && (errno == EAGAIN || errno == EINTR);
  if ((size <= 0 && !again) || discarded_ > kDiscardMax) return Close();
  AwaitReadable();
}

void Connection::Sweep(SteadyTime now) {
  if (closed_) return;
  if (lingering_) {
    if (now - started_ > kLinger) Close();
    return;
  }
  if (protocol_ == nullptr) {
    if (now - started_ < Steady(limits().handshake_timeout)) return;
    worker_.count().handshakes_failed.Add();
    return Close();
  }
  if (sent_ < wire_out_.size() && now - progress_ > Steady(limits().write_timeout)) return Close();
  if (sent_ >= wire_out_.size()) progress_ = now;
  if (protocol_->Busy() > 0) active_ = now;
  if (now - active_ > Steady(limits().idle_timeout)) {
    active_ = now + std::chrono::hours(24);
    protocol_->Drain();
    Touch();
  }
  if (!protocol_->Sweep(now)) {
    ending_ = true;
    Touch();
  }
  if (wire_out_.empty() && wire_out_.capacity() > (64 << 10) && protocol_->Busy() == 0)
    std::string().swap(wire_out_);
}

void Connection::Drain() {
  if (closed_ || lingering_) return;
  if (protocol_ == nullptr) return Close();
  protocol_->Drain();
  Touch();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  if (protocol_ != nullptr && !lingering_) protocol_->Lost();
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  worker_.shared().admission->Leave(ticket_);
  worker_.Forget(self);
}

}  // namespace zhanqiao::edge
