// Asks another server over HTTP or HTTPS: one request, one answer, within a bounded time and size. Certificates and host
// names are verified; redirections are not followed; nothing is kept between two requests.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::http {

// `http://host[:port][/path[?query]]` or `https://…`, taken apart.
struct Url {
  bool tls = false;
  std::string host;  // without brackets
  std::string port;  // by number
  std::string path;  // with its query; "" or "/…"
};
// INVALID_ARGUMENT / HTTP_URL (fact: url).
absl::StatusOr<Url> ParseUrl(std::string_view text);
// True of 127.0.0.0/8, ::1 and localhost.
bool IsLoopback(const Url& url);

struct Request {
  std::string method = "GET";
  Url url;
  std::vector<std::pair<std::string, std::string>> headers;  // host, user-agent and length are set by the client
  std::string body;
};

struct Response {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Thread-safe; one request at a time is under way, others wait.
class Client {
 public:
  // `ca_file`: PEM file of the authorities of HTTPS servers; empty: those of the machine.
  explicit Client(std::string ca_file, size_t body_bytes_max = 64 << 10);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // UNAVAILABLE / HTTP_UNREACHABLE (facts: server, cause): no connection, no trust, a longer answer than is taken, or
  // none within `timeout` (which does not count the wait for another request).
  absl::StatusOr<Response> Ask(const Request& request, absl::Duration timeout);
  // The request under way and every later one fails at once.
  void Cancel();

 private:
  struct State;
  const std::string ca_file_;
  const size_t body_bytes_max_;
  const std::unique_ptr<State> state_;
};

}  // namespace zhanqiao::http
