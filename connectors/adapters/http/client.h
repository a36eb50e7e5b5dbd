// One HTTP/1.1 connection to a web service: plain or TLS, kept alive, every wait with a deadline.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::connectors {

// "https://host:port/path" in its parts.
struct Url {
  bool tls = false;
  std::string host, port, path;
};
absl::StatusOr<Url> ParseUrl(const std::string& url);

struct HttpRequest {
  std::string target;         // path and query
  std::string body;           // sent by POST as a form; empty: GET
  std::string authorization;  // header, or empty
};

struct HttpResponse {
  int status = 0;
  std::string body;
};

// Trust and our own certificate; PEM files.
struct HttpTls {
  std::string ca, certificate, key;
};
// Fails with INVALID_ARGUMENT / TLS_FILE_NOT_READABLE. TLS 1.2 and above; the server's name is verified.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> TlsContext(const HttpTls& files);

// Not thread-safe.
class HttpClient {
 public:
  static constexpr size_t kBodyMax = 16 << 20;  // of an answer, bytes

  // `tls` null: plain.
  HttpClient(Url url, std::shared_ptr<boost::asio::ssl::context> tls)
      : url_(std::move(url)), tls_(std::move(tls)) {}

  // Sends one request; dials first if there is no connection, and again if an old one turns out to be closed
  // (requests are repeatable). UNAVAILABLE / SOURCE_UNAVAILABLE, DEADLINE_EXCEEDED / SOURCE_SLOW,
  // FAILED_PRECONDITION / SOURCE_REFUSED for an answer that is too large.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, absl::Time deadline);

 private:
  using Plain = boost::beast::tcp_stream;
  using Tls = boost::beast::ssl_stream<boost::beast::tcp_stream>;

  absl::Status Dial(absl::Time deadline);
  absl::StatusOr<HttpResponse> Exchange(const HttpRequest& request, absl::Time deadline);
  template <typename Stream>
  absl::StatusOr<HttpResponse> ExchangeOn(Stream& stream, const HttpRequest& request, absl::Time deadline);
  // Starts an operation and waits for it; a passed deadline closes the connection.
  template <typename Start>
  absl::Status Await(absl::Time deadline, Start start);
  void Close();

  const Url url_;
  const std::shared_ptr<boost::asio::ssl::context> tls_;  // shared by the connections of one source
  boost::asio::io_context io_;
  std::optional<Plain> plain_;
  std::optional<Tls> secure_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace zhanqiao::connectors
