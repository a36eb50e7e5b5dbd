#include "hub/ledger/witness/server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "catalog/base/error.h"
#include "hub/ledger/test_log.h"
#include "hub/ledger/witness/client.h"
#include "hub/ledger/witness/test_witness.h"

namespace zhanqiao::ledger {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);

class WitnessServerTest : public testing::Test {
 protected:
  void SetUp() override { witness_.Serve(); }
  std::string Url(std::string_view prefix = "") { return absl::StrCat("http://", witness_.address(), Absl(prefix)); }
  absl::StatusOr<http::Response> Post(const std::string& body, std::string_view prefix = "") {
    return WitnessClient(*ParseWitnessUrl(Url(prefix)), "").AddCheckpoint(body, kLong);
  }
  std::string Body() const { return "old 0\n\n" + *SignNote(Checkpoint{TestLog::kOrigin, 1, Root()}.ToText(), hub_.signer()); }
  Digest Root() const { return const_cast<TestLog&>(hub_).log().head()->tree.Root(); }
  // Sends bytes as they are and returns everything that comes back.
  std::string Raw(const std::string& bytes) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(witness_.address().substr(10))));
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t got; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<size_t>(got));
    close(fd);
    return answer;
  }

  TestLog hub_;
  TestWitness witness_{"witness.example/audit", 9, {hub_.key()}};
};

TEST_F(WitnessServerTest, AnswersAddCheckpointBelowAnyPrefix) {
  const auto first = Post(Body());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(ParseSignatures(first->body)->size(), 1u);
  const auto again = Post(Body(), "/some/prefix/");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->status, 409);
  EXPECT_EQ(again->content_type, "text/x.tlog.size");
  EXPECT_EQ(again->body, "1\n");
  EXPECT_EQ(Post("nonsense")->status, 400);
}

TEST_F(WitnessServerTest, OneConnectionCarriesManyRequests) {
  const std::string request = absl::StrCat("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: ", Body().size(), "\r\n");
  const std::string answers = Raw(request + "\r\n" + Body() + request + "Connection: close\r\n\r\n" + Body());
  EXPECT_EQ(answers.find("HTTP/1.1 200 "), 0u) << answers;
  EXPECT_NE(answers.find("HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\n"), std::string::npos) << answers;
}

TEST_F(WitnessServerTest, RefusesWhatIsNotForIt) {
  EXPECT_EQ(Raw("GET /add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n").find("HTTP/1.1 405 "), 0u);
  EXPECT_EQ(Raw("POST /other HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n").find("HTTP/1.1 404 "), 0u);
  EXPECT_EQ(Raw("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100000000\r\n\r\n").find("HTTP/1.1 413 "), 0u);
  EXPECT_EQ(Raw("nonsense\r\n\r\n"), "");
  EXPECT_EQ(Raw("POST /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"), "");
}

TEST_F(WitnessServerTest, ListensInTheOpenOnlyWithACertificate) {
  EXPECT_EQ(ReasonOf(WitnessServer::Start(*witness_, {.address = "0.0.0.0:0"}).status()), "WITNESS_PLAIN_ADDRESS");
  EXPECT_EQ(ReasonOf(WitnessServer::Start(*witness_, {.address = "localhost:0"}).status()), "WITNESS_ADDRESS");
  EXPECT_EQ(ReasonOf(WitnessServer::Start(*witness_, {.address = "127.0.0.1:0", .certificate = "/none", .key = "/none"}).status()),
            "CERTIFICATE_UNUSABLE");
  EXPECT_EQ(ReasonOf(WitnessServer::Start(*witness_, {.address = witness_.address()}).status()), "LISTEN_FAILED");
}

TEST(WitnessClientTest, UrlsAreParsedStrictly) {
  const http::Url url = *ParseWitnessUrl("https://w.example:8443/a/b/");
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "w.example");
  EXPECT_EQ(url.port, "8443");
  EXPECT_EQ(url.path, "/a/b");
  EXPECT_EQ(ParseWitnessUrl("http://[::1]:80")->host, "::1");
  EXPECT_EQ(ParseWitnessUrl("https://w.example")->port, "443");
  for (const char* bad : {"", "w.example", "ftp://w", "http://", "http://:80", "http://w:0", "http://w:x", "http://u@w",
                          "http://w/a b", "http://w/?q", "http://w:70000"}) {
    EXPECT_EQ(ReasonOf(ParseWitnessUrl(bad).status()), "WITNESS_URL") << bad;
  }
}

// Accepts connections and never answers.
class Mute {
 public:
  Mute() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Mute() { close(fd_); }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }

 private:
  const int fd_;
  uint16_t port_ = 0;
};

TEST(WitnessClientTest, WaitsNoLongerThanItIsTold) {
  const Mute mute;
  WitnessClient client(*ParseWitnessUrl(mute.url()), "");
  const auto answer = client.AddCheckpoint("x", absl::Milliseconds(50));
  EXPECT_EQ(ReasonOf(answer.status()), "WITNESS_UNREACHABLE");
  EXPECT_EQ(FactOf(answer.status(), "cause"), "timeout");
}

TEST(WitnessClientTest, CancellingEndsACall) {
  const Mute mute;
  WitnessClient client(*ParseWitnessUrl(mute.url()), "");
  std::thread asking([&] {
    EXPECT_EQ(ReasonOf(client.AddCheckpoint("x", absl::Hours(1)).status()), "WITNESS_UNREACHABLE");
  });
  client.Cancel();
  asking.join();
}

}  // namespace
}  // namespace zhanqiao::ledger
