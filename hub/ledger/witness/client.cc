#include "hub/ledger/witness/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr uint64_t kAnswerBytesMax = 64 * 1024;

absl::Status BadUrl(std::string_view url) {
  return Fail(absl::StatusCode::kInvalidArgument, "WITNESS_URL",
              "A witness is at http://host[:port][/prefix] or https://host[:port][/prefix].", {{"url", std::string(url)}});
}

// One request and its answer on one connection. Everything it starts ends with the context it is given.
class Exchange {
 public:
  Exchange(asio::io_context& context, const WitnessUrl& url, const std::string& ca_file)
      : url_(url), resolver_(context), tls_(asio::ssl::context::tls_client) {
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

  void Start(const std::string& body) {
    if (error_) return;
    request_.method(http::verb::post);
    request_.target(url_.prefix + "/add-checkpoint");
    request_.set(http::field::host, url_.host);
    request_.set(http::field::user_agent, "zhanqiao-hub");
    request_.set(http::field::content_type, "text/plain; charset=utf-8");
    request_.keep_alive(false);
    request_.body() = body;
    request_.prepare_payload();
    parser_.body_limit(kAnswerBytesMax);
    resolver_.async_resolve(url_.host, url_.port, [this](error_code error, const tcp::resolver::results_type& found) {
      if (Failed(error)) return;
      lowest().async_connect(found, [this](error_code connected, const tcp::endpoint&) {
        if (!Failed(connected)) Shake();
      });
    });
  }

  // The answer, once the context has nothing more to do.
  absl::StatusOr<HttpAnswer> Take() {
    if (!done_) {
      return Fail(absl::StatusCode::kUnavailable, "WITNESS_UNREACHABLE",
                  "The witness gave no answer; its cosignatures are asked for again later.",
                  {{"witness", absl::StrCat(url_.host, ":", url_.port)}, {"cause", error_ ? error_.message() : "timeout"}});
    }
    const auto& answer = parser_.get();
    const auto type = answer[http::field::content_type];
    return HttpAnswer{static_cast<int>(answer.result_int()), std::string(type.data(), type.size()), answer.body()};
  }

 private:
  beast::tcp_stream& lowest() { return secure_ ? secure_->next_layer() : *plain_; }
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
    http::async_write(stream, request_, [this, &stream](error_code error, size_t) {
      if (Failed(error)) return;
      http::async_read(stream, buffer_, parser_, [this](error_code read, size_t) { done_ = !Failed(read); });
    });
  }

  const WitnessUrl& url_;
  error_code error_;
  bool done_ = false;
  tcp::resolver resolver_;
  asio::ssl::context tls_;
  std::optional<beast::tcp_stream> plain_;
  std::optional<asio::ssl::stream<beast::tcp_stream>> secure_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_{kAnswerBytesMax};
  http::response_parser<http::string_body> parser_;
};

}  // namespace

absl::StatusOr<WitnessUrl> ParseWitnessUrl(std::string_view text) {
  WitnessUrl url;
  std::string_view rest = text;
  url.tls = rest.starts_with("https://");
  if (!url.tls && !rest.starts_with("http://")) return BadUrl(text);
  rest.remove_prefix(url.tls ? 8 : 7);
  const size_t slash = std::min(rest.find('/'), rest.size());
  url.prefix = std::string(rest.substr(slash));
  while (url.prefix.ends_with('/')) url.prefix.pop_back();
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
  const auto odd = [](std::string_view part) { return part.find_first_of(" \t\r\n?#@\\") != std::string_view::npos; };
  if (url.host.empty() || odd(url.host) || odd(url.prefix)) return BadUrl(text);
  return url;
}

struct WitnessClient::State {
  absl::Mutex one;  // held during a call
  absl::Mutex mu;   // makes cancelling and starting one step
  asio::io_context* running ABSL_GUARDED_BY(mu) = nullptr;
  bool cancelled ABSL_GUARDED_BY(mu) = false;
};

WitnessClient::WitnessClient(WitnessUrl url, std::string ca_file)
    : url_(std::move(url)), ca_file_(std::move(ca_file)), state_(std::make_unique<State>()) {}
WitnessClient::~WitnessClient() = default;

absl::StatusOr<HttpAnswer> WitnessClient::AddCheckpoint(const std::string& body, absl::Duration timeout) {
  absl::MutexLock one(&state_->one);
  asio::io_context context{1};
  Exchange exchange(context, url_, ca_file_);
  {
    absl::MutexLock lock(&state_->mu);
    if (state_->cancelled) context.stop();
    state_->running = &context;
  }
  exchange.Start(body);
  context.run_for(std::chrono::nanoseconds(absl::ToInt64Nanoseconds(timeout)));
  {
    absl::MutexLock lock(&state_->mu);
    state_->running = nullptr;
  }
  return exchange.Take();
}

void WitnessClient::Cancel() {
  absl::MutexLock lock(&state_->mu);
  state_->cancelled = true;
  if (state_->running != nullptr) state_->running->stop();
}

}  // namespace zhanqiao::ledger
