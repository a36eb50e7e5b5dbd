// HTTP/1.1: strictly read. Each row is one request and the status it must get.
#include "hub/edge/http1.h"

#include <gtest/gtest.h>

#include "catalog/base/log.h"
#include "hub/edge/echo_dispatcher.h"
#include "hub/edge/raw_client.h"
#include "hub/edge/server.h"

namespace zhanqiao::edge {
namespace {

class Http1Test : public testing::Test {
 protected:
  void SetUp() override { SetLogLevel(LogLevel::kError); }
  const std::string& Serve(Limits limits = {}, std::vector<std::string> hosts = {}) {
    ServerOptions options;
    options.threads = 1;
    options.limits = limits;
    options.listeners.resize(1);
    options.listeners[0].address = "127.0.0.1:0";
    options.listeners[0].tls = false;
    options.listeners[0].hosts = std::move(hosts);
    server_ = Server::Start(options, dispatcher_).value();
    address_ = server_->addresses().front();
    return address_;
  }
  // The status line's code, or "" when the connection just ended.
  std::string Ask(const std::string& request) {
    RawSocket socket(address_);
    socket.Send(request);
    const std::string answer = socket.Receive();
    return answer.size() > 12 ? answer.substr(9, 3) : "";
  }

  EchoDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  std::string address_;
};

TEST_F(Http1Test, RequestsAreReadStrictly) {
  Limits limits;
  limits.http_body_bytes_max = 1000;
  Serve(limits);
  const std::string host = "Host: a\r\n";
  const std::pair<std::string, std::string> rows[] = {
      {"GET / HTTP/1.1\r\n" + host + "\r\n", "200"},
      {"\r\nGET / HTTP/1.1\r\n" + host + "\r\n", "200"},
      {"GET / HTTP/1.0\r\n" + host + "\r\n", "200"},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc", "200"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + host + "\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"},
      {"GET / HTTP/1.1\nHost: a\n\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + "X : a\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + "X: a\rb\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n" + host + std::string("X: a\0b\r\n\r\n", 10), "400"},
      {"GET http://a/ HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"GET  / HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"GET / HTTP/2.0\r\n" + host + "\r\n", "400"},
      {"nonsense\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n", "411"},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", "411"},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "400"},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "400"},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: +3\r\n\r\nabc", "400"},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1001\r\n\r\n", "413"},
      {"GET / HTTP/1.1\r\n" + host + "X: " + std::string(9000, 'a') + "\r\n\r\n", "431"},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", "431"},
      {"CONNECT / HTTP/1.1\r\n" + host + "\r\n", "405"},
      {"TRACE / HTTP/1.1\r\n" + host + "\r\n", "405"},
      {"POST / HTTP/1.1\r\n" + host + "Expect: wonders\r\n\r\n", "417"},
      {"POST / HTTP/1.1\r\n" + host + "Content-Type: application/grpc\r\n\r\n", "415"},
  };
  for (const auto& [request, status] : rows) EXPECT_EQ(Ask(request), status) << request.substr(0, 120);
}

TEST_F(Http1Test, OnlyNamedHostsAreServed) {
  Serve({}, {"hub.example"});
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nHost: hub.example:7443\r\n\r\n"), "200");
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "421");
}

TEST_F(Http1Test, PipelinedRequestsAreAnsweredInOrder) {
  RawSocket socket(Serve());
  socket.Send(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiHEAD /3 "
      "HTTP/1.1\r\n"
      "Host: a\r\nConnection: close\r\n\r\n");
  const std::string all = socket.ReceiveAll();
  const size_t first = all.find("GET /1\n");
  const size_t second = all.find("POST /2\nhi");
  EXPECT_NE(first, std::string::npos);
  EXPECT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  EXPECT_EQ(all.find("HEAD /3"), std::string::npos);
  EXPECT_EQ(all.find("x-bad"), std::string::npos);
}

TEST_F(Http1Test, ABodyMayComeInPieces) {
  RawSocket socket(Serve());
  const std::string request =
      "POST /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
  for (char byte : request) ASSERT_TRUE(socket.Send(std::string(1, byte)));
  EXPECT_NE(socket.ReceiveAll().find("POST /p\nhello"), std::string::npos);
}

TEST_F(Http1Test, AConnectionEndsAfterItsRequests) {
  Limits limits;
  limits.http1_requests_max = 3;
  RawSocket socket(Serve(limits));
  for (int i = 0; i < 4; ++i) socket.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string all = socket.ReceiveAll();
  size_t answers = 0;
  for (size_t at = all.find("HTTP/1.1 200"); at != std::string::npos; at = all.find("HTTP/1.1 200", at + 1))
    ++answers;
  EXPECT_EQ(answers, 3u);
}

TEST_F(Http1Test, SlowHeadersAndMissingRepliesTimeOut) {
  Limits limits;
  limits.header_timeout = absl::Milliseconds(50);
  limits.body_timeout = absl::Milliseconds(50);
  limits.http_reply_timeout = absl::Milliseconds(50);
  Serve(limits);
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nHost:"), "408");
  EXPECT_EQ(Ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"), "408");
  EXPECT_EQ(Ask("GET /never HTTP/1.1\r\nHost: a\r\n\r\n"), "504");
}

TEST_F(Http1Test, ContinueIsSaidWhenAskedFor) {
  RawSocket socket(Serve());
  socket.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.Receive().substr(0, 12), "HTTP/1.1 100");
  socket.Send("ok");
  EXPECT_EQ(socket.Receive().substr(0, 12), "HTTP/1.1 200");
}

}  // namespace
}  // namespace zhanqiao::edge
