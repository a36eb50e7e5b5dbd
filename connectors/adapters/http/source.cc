#include "connectors/adapters/http/source.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {
namespace {

constexpr absl::Duration kTokenMargin = absl::Seconds(30);  // before its end a token is replaced

absl::Status StatusOf(int http) {
  if (http == 200) return absl::OkStatus();
  if (http == 429 || http >= 500) return SourceUnavailable();
  return SourceRefused(absl::StrCat(http));
}

}  // namespace

std::string UrlEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02X", static_cast<uint8_t>(c));
    }
  }
  return out;
}

absl::StatusOr<std::shared_ptr<HttpSource>> OpenHttpSource(HttpOptions options) {
  Url url = TRY(ParseUrl(options.url));
  Url token_url;
  if (!options.token_url.empty()) token_url = TRY(ParseUrl(options.token_url));
  std::shared_ptr<boost::asio::ssl::context> tls;
  if (url.tls || token_url.tls) tls = TRY(TlsContext(options.tls));
  return std::make_shared<HttpSource>(std::move(options), std::move(url), std::move(token_url),
                                      std::move(tls));
}

std::unique_ptr<HttpClient> HttpSource::Take() {
  absl::MutexLock lock(&mu_);
  if (idle_.empty()) return std::make_unique<HttpClient>(url_, url_.tls ? tls_ : nullptr);
  auto client = std::move(idle_.back());
  idle_.pop_back();
  return client;
}

void HttpSource::Return(std::unique_ptr<HttpClient> client) {
  absl::MutexLock lock(&mu_);
  if (idle_.size() < static_cast<size_t>(options_.connections)) idle_.push_back(std::move(client));
}

absl::StatusOr<std::string> HttpSource::Authorization(const std::string& old, absl::Time deadline) {
  if (options_.token_url.empty()) return "";
  {
    absl::MutexLock lock(&mu_);
    if (token_ != old && absl::Now() < token_until_) return token_;
  }
  HttpClient client(token_url_, token_url_.tls ? tls_ : nullptr);
  HttpRequest request;
  request.target = token_url_.path.empty() ? "/" : token_url_.path;
  request.body = "grant_type=client_credentials";
  if (!options_.scope.empty()) absl::StrAppend(&request.body, "&scope=", UrlEncoded(options_.scope));
  request.authorization = absl::StrCat("Basic ", ToBase64(absl::StrCat(UrlEncoded(options_.client_id), ":",
                                                                       UrlEncoded(options_.client_secret))));
  const HttpResponse response = TRY(client.Send(request, deadline));
  TRY(StatusOf(response.status));
  boost::system::error_code error;
  const boost::json::value answer = boost::json::parse(response.body, error);
  if (error || !answer.is_object()) return SourceRefused("token");
  const auto* token = answer.as_object().if_contains("access_token");
  if (token == nullptr || !token->is_string()) return SourceRefused("token");
  const auto* seconds = answer.as_object().if_contains("expires_in");
  const int64_t lasts = seconds != nullptr && seconds->is_int64() ? seconds->as_int64() : 300;
  absl::MutexLock lock(&mu_);
  token_ = absl::StrCat("Bearer ", std::string(token->as_string()));
  token_until_ = absl::Now() + absl::Seconds(lasts) - kTokenMargin;
  return token_;
}

absl::StatusOr<std::string> HttpSource::Get(const std::string& target, absl::Time deadline) {
  HttpRequest request;
  request.target = target;
  for (bool again = true;; again = false) {
    request.authorization = TRY(Authorization(request.authorization, deadline));
    std::unique_ptr<HttpClient> client = Take();
    auto response = client->Send(request, deadline);
    Return(std::move(client));
    if (!response.ok()) return response.status();
    if (response->status == 401 && again && !options_.token_url.empty()) continue;
    TRY(StatusOf(response->status));
    return std::move(response->body);
  }
}

}  // namespace zhanqiao::connectors
