#include "hub/http/client.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"

namespace zhanqiao::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kHeaderBytesMax = 16 << 10;

absl::Status BadUrl(std::string_view url) {
  return Fail(absl::StatusCode::kInvalidArgument, "HTTP_URL",
              "Give http://host[:port][/path] or https://host[:port][/path].", {{"url", std::string(url)}});
}

// One request and its answer on one connection. Everything it starts ends with the context it is given.
class Exchange {
 public:
  Exchange(asio::io_context& context, const Request& ask, const std::string& ca_file, size_t body_bytes_max)
      : url_(ask.url), resolver_(context), tls_(asio::ssl::context::tls_client), buffer_(kHeaderBytesMax + body_bytes_max) {
    parser_.body_limit(body_bytes_max);
    parser_.header_limit(kHeaderBytesMax);
    request_.method_string(beast::string_view(ask.method.data(), ask.method.size()));
    request_.target(url_.path.empty() ? "/" : url_.path);
    request_.set(beast::http::field::host, HostHeader());
    request_.set(beast::http::field::user_agent, "zhanqiao-hub");
    for (const auto& [name, value] : ask.headers) request_.set(name, value);
    request_.keep_alive(false);
    request_.body() = ask.body;
    request_.prepare_payload();
    if (!url_.tls) {
      plain_.emplace(context);
      return;
    }
    if (ca_file.empty()) {
      tls_.set_default_verify_paths(error_);
    } else {
      tls_.load_verify_file(ca_file, error_);
    }
    secure_.emplace(context, tls_);
    secure_->set_verify_mode(asio::ssl::verify_peer);
    secure_->set_verify_callback(asio::ssl::host_name_verification(url_.host));
    SSL_set_tlsext_host_name(secure_->native_handle(), url_.host.c_str());
  }

  void Start() {
    if (error_) return;
    resolver_.async_resolve(url_.host, url_.port, [this](error_code error, const tcp::resolver::results_type& found) {
      if (Failed(error)) return;
      lowest().async_connect(found, [this](error_code connected, const tcp::endpoint&) {
        if (!Failed(connected)) Shake();
      });
    });
  }

  // The answer, once the context has nothing more to do.
  absl::StatusOr<Response> Take() {
    if (!done_) {
      return Fail(absl::StatusCode::kUnavailable, "HTTP_UNREACHABLE", "The server gave no usable answer; try again later.",
                  {{"server", absl::StrCat(url_.host, ":", url_.port)}, {"cause", error_ ? error_.message() : "timeout"}});
    }
    const auto& answer = parser_.get();
    const auto type = answer[beast::http::field::content_type];
    return Response{static_cast<int>(answer.result_int()), std::string(type.data(), type.size()), answer.body()};
  }

 private:
  beast::tcp_stream& lowest() { return secure_ ? secure_->next_layer() : *plain_; }
  std::string HostHeader() const {
    const std::string host = url_.host.find(':') == std::string::npos ? url_.host : absl::StrCat("[", url_.host, "]");
    return url_.port == (url_.tls ? "443" : "80") ? host : absl::StrCat(host, ":", url_.port);
  }
  bool Failed(error_code error) {
    error_ = error;
    return static_cast<bool>(error);
  }

  void Shake() {
    if (!secure_) return Send(*plain_);
    secure_->async_handshake(asio::ssl::stream_base::client, [this](error_code error) {
      if (!Failed(error)) Send(*secure_);
    });
  }

  template <typename Stream>
  void Send(Stream& stream) {
    beast::http::async_write(stream, request_, [this, &stream](error_code error, size_t) {
      if (Failed(error)) return;
      beast::http::async_read(stream, buffer_, parser_, [this](error_code read, size_t) { done_ = !Failed(read); });
    });
  }

  const Url& url_;
  error_code error_;
  bool done_ = false;
  tcp::resolver resolver_;
  asio::ssl::context tls_;
  std::optional<beast::tcp_stream> plain_;
  std::optional<asio::ssl::stream<beast::tcp_stream>> secure_;
  beast::http::request<beast::http::string_body> request_;
  beast::flat_buffer buffer_;
  beast::http::response_parser<beast::http::string_body> parser_;
};

}  // namespace

absl::StatusOr<Url> ParseUrl(std::string_view text) {
  Url url;
  std::string_view rest = text;
  url.tls = rest.starts_with("https://");
  if (!url.tls && !rest.starts_with("http://")) return BadUrl(text);
  rest.remove_prefix(url.tls ? 8 : 7);
  const size_t slash = std::min(rest.find('/'), rest.size());
  url.path = std::string(rest.substr(slash));
  std::string_view host = rest.substr(0, slash);
  url.port = url.tls ? "443" : "80";
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    uint32_t port = 0;
    if (!absl::SimpleAtoi(Absl(host.substr(colon + 1)), &port) || port == 0 || port > 65535) return BadUrl(text);
    url.port = absl::StrCat(port);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  url.host = std::string(host);
  const auto odd = [](std::string_view part, std::string_view refused) {
    return std::any_of(part.begin(), part.end(), [&](char c) {
      return static_cast<unsigned char>(c) <= ' ' || refused.find(c) != std::string_view::npos;
    });
  };
  if (url.host.empty() || odd(url.host, "?#@\\") || odd(url.path, "#\\")) return BadUrl(text);
  return url;
}

bool IsLoopback(const Url& url) {
  if (url.host == "localhost") return true;
  error_code error;
  const auto address = asio::ip::make_address(url.host, error);
  return !error && address.is_loopback();
}

struct Client::State {
  absl::Mutex one;  // held during a request
  absl::Mutex mu;   // makes cancelling and starting one step
  asio::io_context* running ABSL_GUARDED_BY(mu) = nullptr;
  bool cancelled ABSL_GUARDED_BY(mu) = false;
};

Client::Client(std::string ca_file, size_t body_bytes_max)
    : ca_file_(std::move(ca_file)), body_bytes_max_(body_bytes_max), state_(std::make_unique<State>()) {}
Client::~Client() = default;

absl::StatusOr<Response> Client::Ask(const Request& request, absl::Duration timeout) {
  absl::MutexLock one(&state_->one);
  asio::io_context context{1};
  Exchange exchange(context, request, ca_file_, body_bytes_max_);
  {
    absl::MutexLock lock(&state_->mu);
    if (state_->cancelled) context.stop();
    state_->running = &context;
  }
  exchange.Start();
  context.run_for(std::chrono::nanoseconds(absl::ToInt64Nanoseconds(timeout)));
  {
    absl::MutexLock lock(&state_->mu);
    state_->running = nullptr;
  }
  return exchange.Take();
}

void Client::Cancel() {
  absl::MutexLock lock(&state_->mu);
  state_->cancelled = true;
  if (state_->running != nullptr) state_->running->stop();
}

}  // namespace zhanqiao::http
