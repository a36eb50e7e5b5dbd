#include "hub/edge/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::edge {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerTurn = 64;

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  bool local = false;
  std::string path;  // of a unix socket
};

absl::Status Malformed(const ListenerOptions& options) {
  return BadField("ADDRESS_MALFORMED", "address", "Give ip:port, [ip6]:port or unix:/path.",
                  {{"listener", options.name}, {"address", options.address}});
}

absl::StatusOr<Endpoint> UnixEndpoint(const ListenerOptions& options) {
  Endpoint endpoint;
  endpoint.path = options.address.substr(5);
  auto& name = reinterpret_cast<sockaddr_un&>(endpoint.storage);
  if (endpoint.path.empty() || endpoint.path.size() >= sizeof(name.sun_path)) return Malformed(options);
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, endpoint.path.data(), endpoint.path.size());
  endpoint.size = sizeof(sockaddr_un);
  endpoint.local = true;
  return endpoint;
}

absl::StatusOr<Endpoint> ParseAddress(const ListenerOptions& options) {
  if (absl::StartsWith(options.address, "unix:")) return UnixEndpoint(options);
  const size_t colon = options.address.rfind(':');
  int port = -1;
  if (colon == std::string::npos || !absl::SimpleAtoi(options.address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return Malformed(options);
  }
  std::string host = options.address.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return Malformed(options);
  Endpoint endpoint;
  endpoint.local = address.is_loopback();
  if (address.is_v4()) {
    auto& name = reinterpret_cast<sockaddr_in&>(endpoint.storage);
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<uint16_t>(port));
    name.sin_addr.s_addr = htonl(address.to_v4().to_uint());
    endpoint.size = sizeof(sockaddr_in);
  } else {
    auto& name = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(static_cast<uint16_t>(port));
    const auto bytes = address.to_v6().to_bytes();
    std::memcpy(&name.sin6_addr, bytes.data(), bytes.size());
    endpoint.size = sizeof(sockaddr_in6);
  }
  return endpoint;
}

std::string Format(const sockaddr_storage& storage) {
  using boost::asio::ip::address_v4;
  using boost::asio::ip::address_v6;
  if (storage.ss_family == AF_INET) {
    const auto& name = reinterpret_cast<const sockaddr_in&>(storage);
    return absl::StrCat(address_v4(ntohl(name.sin_addr.s_addr)).to_string(), ":", ntohs(name.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    const auto& name = reinterpret_cast<const sockaddr_in6&>(storage);
    address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &name.sin6_addr, bytes.size());
    return absl::StrCat("[", address_v6(bytes).to_string(), "]:", ntohs(name.sin6_port));
  }
  return "unix";
}

// A socket file nobody listens on is left over from an earlier process.
void RemoveStaleSocket(const Endpoint& endpoint) {
  struct stat info = {};
  if (::stat(endpoint.path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size);
  if (connected != 0 && errno == ECONNREFUSED) ::unlink(endpoint.path.c_str());
  ::close(probe);
}

}  // namespace

Listener::Listener(int fd, std::string bound, std::string unlink,
                   std::shared_ptr<const ListenerOptions> options)
    : fd_(fd), bound_(std::move(bound)), unlink_(std::move(unlink)), options_(std::move(options)) {}

Listener::~Listener() {
  ::close(fd_);
  if (!unlink_.empty()) ::unlink(unlink_.c_str());
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(std::shared_ptr<const ListenerOptions> options) {
  const Endpoint endpoint = TRY(ParseAddress(*options));
  if (!options->tls && !endpoint.local) {
    return BadField("PLAIN_LISTENER_NOT_LOCAL", "address",
                    "A listener without TLS binds loopback addresses and unix sockets only; switch TLS on.",
                    {{"listener", options->name}, {"address", options->address}});
  }
  if (!endpoint.path.empty()) RemoveStaleSocket(endpoint);
  const int fd = ::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd >= 0 && endpoint.path.empty()) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&endpoint.storage), endpoint.size) != 0 ||
      ::listen(fd, kBacklog) != 0) {
    const std::string cause = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    return Fail(absl::StatusCode::kUnavailable, "ADDRESS_NOT_BOUND",
                "The listener's address cannot be bound; choose another, or stop who holds it.",
                {{"listener", options->name}, {"address", options->address}, {"cause", cause}});
  }
  std::string bound = options->address;
  if (endpoint.path.empty()) {
    sockaddr_storage storage = {};
    socklen_t size = sizeof(storage);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
    bound = Format(storage);
  } else {
    ::chmod(endpoint.path.c_str(), 0660);
  }
  return std::unique_ptr<Listener>(new Listener(fd, std::move(bound), endpoint.path, std::move(options)));
}

struct Acceptor::Watch {
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;
  Watch(boost::asio::io_context& loop, size_t number, int fd)
      : index(number), listener_fd(fd), descriptor(loop.get_executor(), ::dup(fd)), pause(loop) {}
  const size_t index;
  const int listener_fd;
  Descriptor descriptor;
  boost::asio::steady_timer pause;
};

Acceptor::Acceptor(const std::vector<std::unique_ptr<Listener>>& listeners, Give give)
    : give_(std::move(give)), spare_fd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  for (size_t i = 0; i < listeners.size(); ++i) {
    watches_.push_back(std::make_unique<Watch>(loop_, i, listeners[i]->fd()));
  }
}

Acceptor::~Acceptor() {
  Stop();
  if (spare_fd_ >= 0) ::close(spare_fd_);
}

void Acceptor::Run() {
  for (const auto& watch : watches_) Await(*watch);
  thread_ = std::thread([this] { loop_.run(); });
}

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(loop_, [this] { loop_.stop(); });
  thread_.join();
  watches_.clear();
}

void Acceptor::Await(Watch& watch) {
  watch.descriptor.async_wait(Watch::Descriptor::wait_read,
                              [this, &watch](const boost::system::error_code& error) {
                                if (!error) AcceptAll(watch);
                              });
}

// Accepts one connection with the spare descriptor and closes it. False when even that fails.
bool Acceptor::Shed(int listener_fd) {
  if (spare_fd_ >= 0) ::close(spare_fd_);
  const int fd = ::accept4(listener_fd, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) {
    ::close(fd);
    ++shed_;
  }
  spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd >= 0;
}

void Acceptor::AcceptAll(Watch& watch) {
  if (spare_fd_ < 0) spare_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  bool exhausted = false;
  for (int i = 0; i < kAcceptsPerTurn && !exhausted; ++i) {
    sockaddr_storage storage = {};
    socklen_t size = sizeof(storage);
    const int fd = ::accept4(watch.listener_fd, reinterpret_cast<sockaddr*>(&storage), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      ++accepted_;
      const int on = 1;
      if (storage.ss_family != AF_UNIX) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      give_(watch.index, fd, storage.ss_family == AF_UNIX ? "unix" : Format(storage));
    } else if (errno == EMFILE || errno == ENFILE) {
      if (shed_ % 1000 == 0)
        Log(LogLevel::kWarning, "descriptors_exhausted", {{"shed", std::to_string(shed_)}});
      exhausted = !Shed(watch.listener_fd);
    } else if (errno != EINTR && errno != ECONNABORTED) {
      exhausted = errno != EAGAIN;
      break;
    }
  }
  if (!exhausted) return Await(watch);
  watch.pause.expires_after(std::chrono::milliseconds(20));
  watch.pause.async_wait([this, &watch](const boost::system::error_code& error) {
    if (!error) AcceptAll(watch);
  });
}

}  // namespace zhanqiao::edge
