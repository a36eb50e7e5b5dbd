// A web service: its connections and its token.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "connectors/adapters/http/http.h"

namespace zhanqiao::connectors {

// Thread-safe.
class HttpSource {
 public:
  HttpSource(HttpOptions options, Url url, Url token_url, std::shared_ptr<boost::asio::ssl::context> tls)
      : options_(std::move(options)),
        url_(std::move(url)),
        token_url_(std::move(token_url)),
        tls_(std::move(tls)) {}

  int connections() const { return options_.connections; }

  // The body of a GET. A token that is not taken any more is replaced once. UNAVAILABLE / SOURCE_UNAVAILABLE
  // also for answers 429 and 5xx; FAILED_PRECONDITION / SOURCE_REFUSED (fact `state`: the status) for others
  // but 200.
  absl::StatusOr<std::string> Get(const std::string& target, absl::Time deadline);

 private:
  std::unique_ptr<HttpClient> Take();
  void Return(std::unique_ptr<HttpClient> client);
  // "Bearer …", or nothing without OAuth2; `old` is known to be good no more.
  absl::StatusOr<std::string> Authorization(const std::string& old, absl::Time deadline);

  const HttpOptions options_;
  const Url url_, token_url_;
  const std::shared_ptr<boost::asio::ssl::context> tls_;  // shared with the connections
  absl::Mutex mu_;  // makes taking a connection, and reading the token, one step
  std::vector<std::unique_ptr<HttpClient>> idle_ ABSL_GUARDED_BY(mu_);
  std::string token_ ABSL_GUARDED_BY(mu_);
  absl::Time token_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

// `text` as a part of a query string or form (RFC 3986 unreserved characters stand for themselves).
std::string UrlEncoded(std::string_view text);

}  // namespace zhanqiao::connectors
