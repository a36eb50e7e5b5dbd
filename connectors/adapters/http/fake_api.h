// A department's web service for tests: rows as JSON, in pages, with tokens if it is told to, on a loopback
// port.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace zhanqiao::connectors {

// Thread-safe.
class FakeApi {
 public:
  FakeApi();
  ~FakeApi();

  int port() const { return port_; }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }

  // GET /rows?size=n&page=n|offset=n|cursor=text gives {"data": {"items": [rows…], "next": cursor}};
  // `id=text` gives only rows that hold "id":"text".
  void SetRows(std::vector<std::string> rows);
  // GET wants a bearer token from POST /token by client "id" with the secret "s&cret"; each is good for
  // `uses` requests.
  void WantTokens(int uses);
  // Answers with this status instead; 0: as it should. -1: not at all, until it is set again.
  void SetStatus(int status);
  // Targets that were asked for.
  std::vector<std::string> asked() const;
  int tokens() const { return tokens_; }

  void Stop();
  void Start();  // on the same port

 private:
  void Accept();
  void Serve(boost::asio::ip::tcp::socket socket);
  std::string Answer(const std::string& target);
  bool Allowed(const std::string& authorization);

  boost::asio::io_context io_;
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  int port_ = 0;
  std::thread accepting_;
  std::atomic<int> tokens_{0};
  mutable absl::Mutex mu_;  // makes the service's state one
  std::vector<std::string> rows_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mu_);
  int status_ ABSL_GUARDED_BY(mu_) = 0;
  int uses_ ABSL_GUARDED_BY(mu_) = -1;  // of a token; -1: none is wanted
  int uses_left_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::thread> serving_ ABSL_GUARDED_BY(mu_);
  std::vector<int> open_ ABSL_GUARDED_BY(mu_);  // sockets, to be shut down
};

}  // namespace zhanqiao::connectors
