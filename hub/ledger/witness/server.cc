#include "hub/ledger/witness/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr uint32_t kHeaderBytesMax = 8 * 1024;
constexpr std::string_view kTarget = "/add-checkpoint";

absl::Status BadAddress(std::string_view address) {
  return Fail(absl::StatusCode::kInvalidArgument, "WITNESS_ADDRESS",
              "The address to listen on is a number and a port, such as 127.0.0.1:7470.",
              {{"address", std::string(address)}});
}

absl::StatusOr<tcp::endpoint> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == std::string_view::npos || !absl::SimpleAtoi(Absl(text.substr(colon + 1)), &port) || port > 65535) {
    return BadAddress(text);
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error) return BadAddress(text);
  return tcp::endpoint(address, static_cast<uint16_t>(port));
}

tcp::socket& SocketOf(beast::tcp_stream& stream) { return stream.socket(); }
tcp::socket& SocketOf(asio::ssl::stream<beast::tcp_stream>& stream) { return stream.next_layer().socket(); }
beast::tcp_stream& Lowest(beast::tcp_stream& stream) { return stream; }
beast::tcp_stream& Lowest(asio::ssl::stream<beast::tcp_stream>& stream) { return stream.next_layer(); }

http::response<http::string_body> Answered(const Witness::Answer& answer, const http::request<http::string_body>& request) {
  http::response<http::string_body> response(static_cast<http::status>(answer.status), request.version());
  response.set(http::field::content_type, beast::string_view(answer.content_type.data(), answer.content_type.size()));
  response.keep_alive(request.keep_alive());
  response.body() = answer.body;
  response.prepare_payload();
  return response;
}

// One connection; keeps itself alive while it waits.
template <typename Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, Witness& witness, const WitnessServer::Options& options, std::shared_ptr<std::atomic<size_t>> open)
      : stream_(std::move(stream)), witness_(witness), options_(options), open_(std::move(open)) {}
  ~Session() { --*open_; }

  void Start() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      Read();
    } else {
      Expire();
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](auto error) {
        if (!error) self->Read();
      });
    }
  }

 private:
  void Expire() { Lowest(stream_).expires_after(std::chrono::nanoseconds(absl::ToInt64Nanoseconds(options_.idle))); }

  void Read() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(options_.body_bytes_max);
    Expire();
    http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](auto error, size_t) {
      if (error == http::error::body_limit) return self->Write({413, kPlainType, "The request is too large.\n"}, false);
      if (!error) self->Handle();
    });
  }

  void Handle() {
    const auto& request = parser_->get();
    const std::string_view target(request.target().data(), request.target().size());
    if (!target.ends_with(kTarget)) return Write({404, kPlainType, "There is only add-checkpoint.\n"}, true);
    if (request.method() != http::verb::post) return Write({405, kPlainType, "Use POST.\n"}, true);
    Write(witness_.Add(request.body()), true);
  }

  void Write(const Witness::Answer& answer, bool may_go_on) {
    response_ = Answered(answer, parser_->get());
    if (!may_go_on) response_.keep_alive(false);
    Expire();
    http::async_write(stream_, response_, [self = this->shared_from_this()](auto error, size_t) {
      if (!error && self->response_.keep_alive()) return self->Read();
      boost::system::error_code ignored;
      SocketOf(self->stream_).shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  Stream stream_;
  Witness& witness_;
  const WitnessServer::Options& options_;
  const std::shared_ptr<std::atomic<size_t>> open_;  // shared with the listener, which counts
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

class WitnessServer::Core {
 public:
  Core(Witness& witness, Options options) : witness_(witness), options_(std::move(options)) {}
  ~Core() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start() {
    const tcp::endpoint endpoint = TRY(ParseAddress(options_.address));
    if (options_.certificate.empty() && !endpoint.address().is_loopback()) {
      return Fail(absl::StatusCode::kFailedPrecondition, "WITNESS_PLAIN_ADDRESS",
                  "Without a certificate a witness listens on loopback only; give --cert-file and --key-file.",
                  {{"address", options_.address}});
    }
    if (!options_.certificate.empty()) TRY(LoadCertificate());
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
      return Fail(absl::StatusCode::kUnavailable, "LISTEN_FAILED", "The witness cannot listen on its address.",
                  {{"address", options_.address}, {"cause", error.message()}});
    }
    Accept();
    thread_ = std::thread([this] { context_.run(); });
    return absl::OkStatus();
  }

  std::string address() const {
    const tcp::endpoint bound = acceptor_.local_endpoint();
    const std::string host = bound.address().to_string();
    return absl::StrCat(bound.address().is_v6() ? "[" + host + "]" : host, ":", bound.port());
  }

 private:
  absl::Status LoadCertificate() {
    boost::system::error_code error;
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->set_options(asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_sslv3, error);
    if (!error) tls_->use_certificate_chain_file(options_.certificate, error);
    if (!error) tls_->use_private_key_file(options_.key, asio::ssl::context::pem, error);
    if (!error) return absl::OkStatus();
    return Fail(absl::StatusCode::kInvalidArgument, "CERTIFICATE_UNUSABLE",
                "The witness's certificate or key does not load; give PEM files that belong together.",
                {{"file", options_.certificate}, {"cause", error.message()}});
  }

  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return Pause();  // out of descriptors, say: others close some
      if (*open_ < options_.connections_max) Begin(std::move(socket));
      Accept();
    });
  }

  void Pause() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](boost::system::error_code error) {
      if (!error) Accept();
    });
  }

  void Begin(tcp::socket socket) {
    ++*open_;
    beast::tcp_stream stream(std::move(socket));
    if (!tls_) return std::make_shared<Session<beast::tcp_stream>>(std::move(stream), witness_, options_, open_)->Start();
    using Tls = asio::ssl::stream<beast::tcp_stream>;
    std::make_shared<Session<Tls>>(Tls(std::move(stream), *tls_), witness_, options_, open_)->Start();
  }

  Witness& witness_;
  const Options options_;
  const std::shared_ptr<std::atomic<size_t>> open_ = std::make_shared<std::atomic<size_t>>(0);  // with each session
  std::optional<asio::ssl::context> tls_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer pause_{context_};
  std::thread thread_;
};

WitnessServer::WitnessServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
WitnessServer::~WitnessServer() = default;

absl::StatusOr<std::unique_ptr<WitnessServer>> WitnessServer::Start(Witness& witness, Options options) {
  auto core = std::make_unique<Core>(witness, std::move(options));
  TRY(core->Start());
  return std::unique_ptr<WitnessServer>(new WitnessServer(std::move(core)));
}

std::string WitnessServer::address() const { return core_->address(); }

}  // namespace zhanqiao::ledger
