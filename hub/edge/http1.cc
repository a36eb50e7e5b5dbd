#include "hub/edge/http1.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"
#include "hub/edge/connection.h"
#include "hub/edge/deadlines.h"
#include "hub/edge/wire.h"

namespace zhanqiao::edge {
namespace http = boost::beast::http;

std::string_view HeadFault(std::string_view head) {
  for (size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '\0') return "a NUL byte";
    if (c == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return "a bare carriage return";
    if (c == '\n' && (i == 0 || head[i - 1] != '\r')) return "a bare line feed";
    if (c == '\n' && i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t'))
      return "a folded header line";
  }
  return {};
}

bool IsHost(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  const size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos;
  if (has_port) {
    int port = 0;
    if (!absl::SimpleAtoi(Absl(text.substr(colon + 1)), &port) || port < 1 || port > 65535) return false;
    text = text.substr(0, colon);
  }
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) text = text.substr(1, text.size() - 2);
  if (text.empty()) return false;
  for (char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_' &&
        !(bracketed && c == ':')) {
      return false;
    }
  }
  return true;
}

bool IsAllowedHost(const ListenerOptions& listener, std::string_view authority) {
  if (listener.hosts.empty()) return true;
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    authority = authority.substr(0, colon);
  }
  for (const std::string& host : listener.hosts) {
    if (absl::EqualsIgnoreCase(host, Absl(authority))) return true;
  }
  return false;
}

absl::Time EarlierDeadline(absl::Time deadline, const Metadata& headers, absl::Time now) {
  for (const auto& [name, value] : headers) {
    int64_t timeout_ms = 0;
    if (name == "connect-timeout-ms" && value.size() <= 10 && absl::SimpleAtoi(value, &timeout_ms) &&
        timeout_ms >= 0) {
      return std::min(deadline, now + absl::Milliseconds(timeout_ms));
    }
  }
  return deadline;
}

std::string RenderResponse(const HttpResponse& response, bool head_only, bool keep_alive) {
  const auto text = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
  const absl::string_view reason(text.data(), text.size());
  std::string out = absl::StrCat("HTTP/1.1 ", response.status, " ", reason, "\r\n");
  for (const auto& [name, value] : response.headers) {
    if ((MaySend(name) || name == "content-type") && ValueToSend("", value)) {
      absl::StrAppend(&out, name, ": ", value, "\r\n");
    }
  }
  absl::StrAppend(&out,
                  "date: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()),
                  "\r\ncontent-length: ", response.body.size(),
                  "\r\nconnection: ", keep_alive ? "keep-alive" : "close", "\r\n\r\n");
  if (!head_only) out += response.body;
  return out;
}

HttpResponse PlainError(int status, std::string_view reason, std::string_view message) {
  static constexpr std::pair<int, std::string_view> kCodes[] = {{404, "not_found"},
                                                                {413, "resource_exhausted"},
                                                                {431, "resource_exhausted"},
                                                                {504, "deadline_exceeded"}};
  std::string_view code = "invalid_argument";
  for (const auto& [known, name] : kCodes) {
    if (known == status) code = name;
  }
  HttpResponse response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}};
  if (status == 405) response.headers.emplace_back("allow", "POST");
  response.body = absl::StrCat(R"({"code":")", Absl(code), R"(","message":")", Absl(message),
                               R"(","details":[{"type":"google.rpc.ErrorInfo","debug":{"reason":")",
                               Absl(reason), R"(","domain":"zhanqiao"}}]})");
  return response;
}

namespace {

class Http1 final : public Protocol, public Expiring {
 public:
  explicit Http1(Connection& connection)
      : connection_(connection), since_(std::chrono::steady_clock::now()) {}
  ~Http1() override { Lost(); }

  bool Receive(std::string_view bytes) override;
  bool Dispatch() override { return false; }
  void Produce(std::string& out, size_t) override { out += std::exchange(out_, {}); }
  bool Done() const override { return ended_ && !busy_ && out_.empty(); }
  bool Backlogged() const override {
    return busy_ && in_.size() > connection_.limits().http1_header_bytes_max;
  }
  size_t Busy() const override { return busy_ ? 1 : 0; }
  void Lost() override;
  void Drain() override;
  bool Sweep(SteadyTime now) override;
  void OnExpired() override {
    AnswerError(504, "REPLY_TIMEOUT", "The hub did not answer in time; ask again later.");
  }

 private:
  using Parser = http::request_parser<http::string_body>;
  // Requests are answered by number, so that a late reply to an earlier one is recognised.
  struct Link {
    Http1* self;
    uint64_t number;
  };

  void Advance();
  bool BeginHead();
  bool CheckHead(const Parser::value_type& request);
  bool ReadBody();
  void Hand();
  void AnswerError(int status, std::string_view reason, std::string_view message, bool close = true);
  void Answer(const HttpResponse& response);

  Connection& connection_;
  std::string in_;
  std::string out_;
  std::unique_ptr<Parser> parser_;  // once the head is read
  std::shared_ptr<Link> link_;      // while a request is with the dispatcher
  SteadyTime since_;                // the current phase: waiting, head, body
  uint32_t requests_ = 0;
  bool busy_ = false;   // a request is with the dispatcher
  bool ended_ = false;  // after this answer the connection closes
  bool keep_alive_ = true;
  bool head_only_ = false;
  bool lost_ = false;
};

bool Http1::Receive(std::string_view bytes) {
  if (ended_ && !busy_) return false;
  if (in_.empty() && parser_ == nullptr) since_ = std::chrono::steady_clock::now();
  in_.append(bytes);
  Advance();
  return true;
}

void Http1::Advance() {
  while (!busy_ && !ended_ && !lost_) {
    if (parser_ == nullptr && !BeginHead()) return;
    if (!ReadBody()) return;
    Hand();
  }
}

// Reads the head once it is complete. False when there is nothing to go on with.
bool Http1::BeginHead() {
  const size_t limit = connection_.limits().http1_header_bytes_max;
  while (in_.starts_with("\r\n")) in_.erase(0, 2);  // RFC 9112 2.2
  const size_t end = in_.find("\r\n\r\n");
  const size_t head_size = end == std::string::npos ? in_.size() : end + 4;
  if (head_size > limit) {
    AnswerError(431, "HEADERS_TOO_LARGE", "The request line and headers are too large; send fewer.");
    return false;
  }
  const bool faulty =
      !HeadFault(std::string_view(in_).substr(0, end == std::string::npos ? 0 : head_size)).empty();
  if (end == std::string::npos && in_.find('\n') != std::string::npos &&
      in_.find("\r\n") == std::string::npos) {
    AnswerError(400, "REQUEST_MALFORMED", "The request has bare line feeds; end lines with CR LF.");
    return false;
  }
  if (end == std::string::npos) return false;
  if (faulty) {
    AnswerError(400, "REQUEST_MALFORMED",
                "The request head has folded lines, bare line ends or NUL bytes; send none.");
    return false;
  }
  parser_ = std::make_unique<Parser>();
  parser_->header_limit(static_cast<uint32_t>(limit));
  parser_->body_limit(connection_.limits().http_body_bytes_max);
  parser_->eager(false);
  boost::beast::error_code error;
  const size_t taken = parser_->put(boost::asio::buffer(in_.data(), head_size), error);
  if (error == http::error::body_limit) {
    AnswerError(413, "BODY_TOO_LARGE", "The request body is too large; send less at once.");
    return false;
  }
  if ((error && error != http::error::need_more) || !parser_->is_header_done()) {
    AnswerError(400, "REQUEST_MALFORMED",
                "The request is not well-formed HTTP/1.1; check the request line and headers.");
    return false;
  }
  in_.erase(0, taken);
  since_ = std::chrono::steady_clock::now();
  connection_.worker().count().http_requests.Add();
  return CheckHead(parser_->get());
}

bool Http1::CheckHead(const Parser::value_type& request) {
  const auto fail = [this](int status, std::string_view reason, std::string_view message) {
    AnswerError(status, reason, message);
    return false;
  };
  head_only_ = request.method() == http::verb::head;
  keep_alive_ = request.keep_alive() && request.version() == 11;
  if (request.version() != 11 && request.version() != 10) {
    return fail(505, "HTTP_VERSION_UNSUPPORTED", "Speak HTTP/1.1 or HTTP/2.");
  }
  if (request.count(http::field::transfer_encoding) > 0) {
    return fail(411, "LENGTH_REQUIRED", "Transfer-Encoding is not taken; send Content-Length.");
  }
  if (request.count(http::field::content_length) > 1 || request.count(http::field::host) != 1) {
    return fail(400, "REQUEST_MALFORMED", "Send exactly one Host and at most one Content-Length.");
  }
  const std::string_view host = request[http::field::host];
  if (!IsHost(host)) return fail(400, "HOST_MALFORMED", "The Host header is not host or host:port.");
  if (!IsAllowedHost(connection_.listener(), host)) {
    return fail(421, "HOST_UNKNOWN", "This server does not serve the host the request names.");
  }
  const std::string_view target = request.target();
  if (target.empty() || target.front() != '/') {
    return fail(400, "TARGET_MALFORMED", "The request target is a path that begins with a slash.");
  }
  if (request.method() == http::verb::connect || request.method() == http::verb::trace) {
    return fail(405, "METHOD_NOT_ALLOWED", "CONNECT and TRACE are not served.");
  }
  if (ClassifyContent(std::string_view(request[http::field::content_type])) != ContentKind::kOther) {
    return fail(415, "CONTENT_TYPE_UNSUPPORTED", "gRPC needs HTTP/2; over HTTP/1.1 send JSON.");
  }
  if (!connection_.listener().http)
    return fail(404, "HTTP_NOT_SERVED_HERE", "This listener serves gRPC only.");
  const std::string_view expect = request[http::field::expect];
  if (!expect.empty() && !absl::EqualsIgnoreCase(Absl(expect), "100-continue")) {
    return fail(417, "EXPECTATION_UNKNOWN", "Only Expect: 100-continue is understood.");
  }
  const auto length = parser_->content_length();
  if (!expect.empty() && length && *length > in_.size()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return true;
}

// True when the body is complete.
bool Http1::ReadBody() {
  if (parser_ == nullptr) return false;
  boost::beast::error_code error;
  parser_->eager(true);
  while (!parser_->is_done() && !in_.empty()) {
    const size_t taken = parser_->put(boost::asio::buffer(in_), error);
    in_.erase(0, taken);
    if (error == http::error::need_more) return false;
    if (error == http::error::body_limit) {
      AnswerError(413, "BODY_TOO_LARGE", "The request body is too large; send less at once.");
      return false;
    }
    if (error) {
      AnswerError(400, "REQUEST_MALFORMED", "The request body is not what its headers announce.");
      return false;
    }
    if (taken == 0) break;
  }
  return parser_->is_done() || parser_->content_length().value_or(0) == 0;
}

void Http1::Hand() {
  Worker& worker = connection_.worker();
  auto& message = parser_->get();
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.peer = connection_.peer();
  parser_.reset();
  busy_ = true;
  if (++requests_ >= connection_.limits().http1_requests_max) keep_alive_ = false;
  const absl::Duration patience = connection_.limits().http_reply_timeout;
  const absl::Time now = worker.shared().clock->Now();
  request.deadline = EarlierDeadline(now + patience, request.headers, now);
  worker.deadlines().Set(*this, std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(patience));
  worker.ArmDeadlines();
  link_ = std::make_shared<Link>(Link{this, requests_});
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  worker.shared().dispatcher->HandleHttp(
      std::move(request), [link = link_, answered, mailbox = worker.mailbox()](HttpResponse response) {
        if (answered->exchange(true)) return;
        auto shared = std::make_shared<HttpResponse>(std::move(response));
        Letter letter;
        letter.task = [link, shared] {
          Http1* self = link->self;
          if (self == nullptr || self->requests_ != link->number || !self->busy_) return;
          self->Answer(*shared);
          self->Advance();
        };
        mailbox->Send(std::move(letter));
      });
}

void Http1::Answer(const HttpResponse& response) {
  Unlink();
  if (link_ != nullptr) link_->self = nullptr;
  link_.reset();
  busy_ = false;
  if (!keep_alive_) ended_ = true;
  since_ = std::chrono::steady_clock::now();
  out_ += RenderResponse(response, head_only_, keep_alive_);
  head_only_ = false;
  connection_.Touch();
}

void Http1::AnswerError(int status, std::string_view reason, std::string_view message, bool close) {
  if (close) keep_alive_ = false;
  parser_.reset();
  in_.clear();
  Answer(PlainError(status, reason, message));
}

void Http1::Lost() {
  lost_ = true;
  Unlink();
  if (link_ != nullptr) link_->self = nullptr;
  link_.reset();
  busy_ = false;
}

void Http1::Drain() {
  keep_alive_ = false;
  if (!busy_ && parser_ == nullptr && in_.empty()) ended_ = true;
  connection_.Touch();
}

bool Http1::Sweep(SteadyTime now) {
  if (busy_ || ended_) return true;
  const Limits& limits = connection_.limits();
  if (parser_ != nullptr) {
    if (now - since_ > absl::ToChronoNanoseconds(limits.body_timeout)) {
      AnswerError(408, "BODY_TIMEOUT", "The request body did not arrive in time.");
    }
    return true;
  }
  if (!in_.empty() && now - since_ > absl::ToChronoNanoseconds(limits.header_timeout)) {
    AnswerError(408, "HEADERS_TIMEOUT", "The request headers did not arrive in time.");
  }
  return true;
}

}  // namespace

std::unique_ptr<Protocol> MakeHttp1(Connection& connection) {
  return std::make_unique<Http1>(connection);
}

}  // namespace zhanqiao::edge
