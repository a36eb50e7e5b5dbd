#include "connectors/adapters/http/fake_api.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "catalog/base/digest.h"

namespace zhanqiao::connectors {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

std::string Decoded(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string Parameter(const std::string& target, const std::string& name) {
  const size_t question = target.find('?');
  if (question == std::string::npos) return "";
  const std::vector<std::string> pairs = absl::StrSplit(target.substr(question + 1), '&');
  for (const std::string& pair : pairs) {
    if (pair.substr(0, pair.find('=')) == name) return Decoded(pair.substr(pair.find('=') + 1));
  }
  return "";
}

}  // namespace

FakeApi::FakeApi() {
  Start();
}

FakeApi::~FakeApi() {
  Stop();
}

void FakeApi::Start() {
  const tcp::endpoint endpoint(boost::asio::ip::make_address("127.0.0.1"),
                               static_cast<unsigned short>(port_));
  acceptor_ = std::make_unique<tcp::acceptor>(io_, endpoint);
  port_ = acceptor_->local_endpoint().port();
  accepting_ = std::thread([this] { Accept(); });
}

void FakeApi::Stop() {
  if (acceptor_ == nullptr) return;
  shutdown(acceptor_->native_handle(), SHUT_RDWR);
  accepting_.join();
  acceptor_ = nullptr;
  std::vector<std::thread> serving;
  {
    absl::MutexLock lock(&mu_);
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
    if (status_ < 0) status_ = 0;
    serving.swap(serving_);
  }
  for (auto& thread : serving) thread.join();
}

void FakeApi::Accept() {
  for (;;) {
    boost::system::error_code error;
    tcp::socket socket = acceptor_->accept(error);
    if (error) return;
    absl::MutexLock lock(&mu_);
    open_.push_back(socket.native_handle());
    serving_.emplace_back([this, one = std::move(socket)]() mutable { Serve(std::move(one)); });
  }
}

bool FakeApi::Allowed(const std::string& authorization) {
  absl::MutexLock lock(&mu_);
  if (uses_ < 0) return true;
  return authorization == absl::StrCat("Bearer t", tokens_.load()) && uses_left_-- > 0;
}

void FakeApi::Serve(tcp::socket socket) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request<http::string_body> request;
    boost::system::error_code error;
    http::read(socket, buffer, request, error);
    if (error) break;
    http::response<http::string_body> response(http::status::ok, 11);
    const std::string target(request.target());
    const std::string authorization(request[http::field::authorization]);
    if (target == "/token") {
      const bool known = authorization == absl::StrCat("Basic ", ToBase64("id:s%26cret")) &&
                         request.body().starts_with("grant_type=client_credentials");
      absl::MutexLock lock(&mu_);
      uses_left_ = uses_;
      if (!known) response.result(401);
      response.body() = absl::StrCat("{\"access_token\":\"t", ++tokens_, "\",\"expires_in\":3600}");
    } else if (!Allowed(authorization)) {
      response.result(401);
    } else {
      absl::MutexLock lock(&mu_);
      const auto answers = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return status_ >= 0; };
      mu_.Await(absl::Condition(&answers));
      asked_.push_back(target);
      if (status_ > 0) response.result(static_cast<unsigned>(status_));
    }
    if (response.result_int() == 200 && target != "/token") response.body() = Answer(target);
    response.prepare_payload();
    http::write(socket, response, error);
    if (error) break;
  }
  absl::MutexLock lock(&mu_);
  std::erase(open_, socket.native_handle());
}

std::string FakeApi::Answer(const std::string& target) {
  absl::MutexLock lock(&mu_);
  std::vector<std::string> rows = rows_;
  const std::string id = Parameter(target, "id");
  if (!id.empty()) {
    std::erase_if(rows, [&id](const std::string& row) {
      return row.find(absl::StrCat("\"permit\":\"", id, "\"")) == std::string::npos;
    });
  }
  size_t size = 0, number = 0, first = 0;
  if (!absl::SimpleAtoi(Parameter(target, "size"), &size)) {
    size = rows.size();
  } else {
    if (absl::SimpleAtoi(Parameter(target, "page"), &number)) first = (number - 1) * size;
    if (absl::SimpleAtoi(Parameter(target, "offset"), &number)) first = number;
    if (absl::SimpleAtoi(Parameter(target, "cursor"), &number)) first = number;
  }
  first = std::min(first, rows.size());
  const size_t end = std::min(first + size, rows.size());
  const std::string next = end < rows.size() ? absl::StrCat("\"", end, "\"") : "null";
  return absl::StrCat(
      "{\"data\":{\"items\":[",
      absl::StrJoin(rows.begin() + static_cast<long>(first), rows.begin() + static_cast<long>(end), ","),
      "],\"next\":", next, "}}");
}

void FakeApi::SetRows(std::vector<std::string> rows) {
  absl::MutexLock lock(&mu_);
  rows_ = std::move(rows);
}

void FakeApi::WantTokens(int uses) {
  absl::MutexLock lock(&mu_);
  uses_ = uses;
}

void FakeApi::SetStatus(int status) {
  absl::MutexLock lock(&mu_);
  status_ = status;
}

std::vector<std::string> FakeApi::asked() const {
  absl::MutexLock lock(&mu_);
  return asked_;
}

}  // namespace zhanqiao::connectors
