#include "connectors/adapters/http/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/http.hpp>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

}  // namespace

absl::StatusOr<Url> ParseUrl(const std::string& url) {
  Url parts;
  std::string_view rest = url;
  parts.tls = rest.starts_with("https://");
  if (!parts.tls && !rest.starts_with("http://")) rest = "";
  rest.remove_prefix(std::min(rest.size(), size_t{parts.tls ? 8u : 7u}));
  const size_t slash = std::min(rest.find('/'), rest.size());
  parts.path = rest.substr(slash);
  const std::string_view authority = rest.substr(0, slash);
  const size_t colon = authority.rfind(':');
  parts.host = authority.substr(0, colon);
  parts.port =
      colon == std::string_view::npos ? (parts.tls ? "443" : "80") : std::string(authority.substr(colon + 1));
  if (!parts.host.empty() && !parts.port.empty()) return parts;
  return Fail(absl::StatusCode::kInvalidArgument, "URL_INVALID",
              "The address is none; give http://host:port or https://host:port.",
              {{"link", std::string(kLinkConnector)}});
}

absl::StatusOr<std::shared_ptr<asio::ssl::context>> TlsContext(const HttpTls& files) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  context->set_verify_mode(asio::ssl::verify_peer);
  error_code error;
  if (files.ca.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(files.ca, error);
  }
  if (!error && !files.certificate.empty()) context->use_certificate_chain_file(files.certificate, error);
  if (!error && !files.key.empty()) context->use_private_key_file(files.key, asio::ssl::context::pem, error);
  if (!error) return context;
  return Fail(absl::StatusCode::kInvalidArgument, "TLS_FILE_NOT_READABLE",
              "A certificate or key file cannot be read.", {{"link", std::string(kLinkConnector)}});
}

void HttpClient::Close() {
  error_code ignored;
  if (plain_) plain_->socket().close(ignored);
  if (secure_) boost::beast::get_lowest_layer(*secure_).socket().close(ignored);
}

template <typename Start>
absl::Status HttpClient::Await(absl::Time deadline, Start start) {
  bool done = false;
  error_code result;
  start([&done, &result](error_code error, const auto&...) {
    result = error;
    done = true;
  });
  io_.restart();
  const absl::Duration left = deadline - absl::Now();
  if (left > absl::ZeroDuration()) io_.run_for(absl::ToChronoNanoseconds(left));
  if (!done) {
    Close();
    io_.restart();
    io_.run();
    return SourceSlow();
  }
  if (!result) return absl::OkStatus();
  if (result == http::error::body_limit) return SourceRefused("body too large");
  return SourceUnavailable();
}

absl::Status HttpClient::Dial(absl::Time deadline) {
  plain_.reset();
  secure_.reset();
  buffer_.clear();
  asio::ip::tcp::resolver resolver(io_);
  asio::ip::tcp::resolver::results_type addresses;
  TRY(Await(deadline, [&](auto done) {
    resolver.async_resolve(url_.host, url_.port, [&addresses, done](error_code error, auto found) mutable {
      addresses = found;
      done(error);
    });
  }));
  if (tls_ == nullptr) {
    plain_.emplace(io_);
    return Await(deadline, [&](auto done) { plain_->async_connect(addresses, done); });
  }
  secure_.emplace(io_, *tls_);
  SSL_set_tlsext_host_name(secure_->native_handle(), url_.host.c_str());
  secure_->set_verify_callback(asio::ssl::host_name_verification(url_.host));
  TRY(Await(deadline,
            [&](auto done) { boost::beast::get_lowest_layer(*secure_).async_connect(addresses, done); }));
  return Await(deadline, [&](auto done) { secure_->async_handshake(asio::ssl::stream_base::client, done); });
}

template <typename Stream>
absl::StatusOr<HttpResponse> HttpClient::ExchangeOn(Stream& stream, const HttpRequest& request,
                                                    absl::Time deadline) {
  http::request<http::string_body> message;
  message.version(11);
  message.method(request.body.empty() ? http::verb::get : http::verb::post);
  message.target(request.target);
  message.set(http::field::host, url_.host);
  message.set(http::field::accept, "application/json");
  message.set(http::field::user_agent, "zhanqiao-connector");
  if (!request.authorization.empty()) message.set(http::field::authorization, request.authorization);
  if (!request.body.empty()) message.set(http::field::content_type, "application/x-www-form-urlencoded");
  message.body() = request.body;
  message.prepare_payload();
  TRY(Await(deadline, [&](auto done) { http::async_write(stream, message, done); }));
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyMax);
  TRY(Await(deadline, [&](auto done) { http::async_read(stream, buffer_, parser, done); }));
  if (!parser.get().keep_alive()) Close();
  HttpResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  response.body = std::move(parser.get().body());
  return response;
}

absl::StatusOr<HttpResponse> HttpClient::Exchange(const HttpRequest& request, absl::Time deadline) {
  return secure_ ? ExchangeOn(*secure_, request, deadline) : ExchangeOn(*plain_, request, deadline);
}

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request, absl::Time deadline) {
  const bool open = (plain_ && plain_->socket().is_open()) ||
                    (secure_ && boost::beast::get_lowest_layer(*secure_).socket().is_open());
  if (open) {
    auto response = Exchange(request, deadline);
    if (response.ok()) return response;
    Close();
    if (response.status().code() != absl::StatusCode::kUnavailable) return response;
  }
  absl::Status dialled = Dial(deadline);
  if (!dialled.ok()) {
    Close();
    Log(LogLevel::kWarning, "source_unavailable", {{"host", url_.host}, {"port", url_.port}});
    return dialled;
  }
  auto response = Exchange(request, deadline);
  if (!response.ok()) Close();
  return response;
}

}  // namespace zhanqiao::connectors
