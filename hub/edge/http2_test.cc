// What the edge promises on HTTP/2, whatever a peer does.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include <thread>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/edge/echo_dispatcher.h"
#include "hub/edge/raw_client.h"
#include "hub/edge/server.h"
#include "hub/edge/wire.h"

namespace zhanqiao::edge {
namespace {

constexpr char kUnary[] = "/test.Echo/Unary";
constexpr char kStream[] = "/test.Echo/Stream";

class Http2Test : public testing::Test {
 protected:
  void SetUp() override { SetLogLevel(LogLevel::kError); }
  const std::string& Serve(Limits limits = {}) {
    ServerOptions options;
    options.threads = 1;
    options.limits = limits;
    options.listeners.resize(1);
    options.listeners[0].address = "127.0.0.1:0";
    options.listeners[0].tls = false;
    options.listeners[0].identity = "zhanqiao://test/org/A/system/b";
    auto server = Server::Start(options, dispatcher_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = server_->addresses().front();
    return address_;
  }
  // Waits for what another thread brings about.
  template <typename Condition>
  static bool Eventually(Condition condition) {
    for (int i = 0; i < 5000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  static absl::Status StatusOf(const RawFrame& trailers) {
    const std::string message = PercentDecode(trailers.header("grpc-message"));
    const std::string details = DecodeBinary(trailers.header("grpc-status-details-bin")).value_or("");
    return FromDetails(static_cast<absl::StatusCode>(std::atoi(trailers.header("grpc-status").c_str())),
                       message, details);
  }
  void ExpectAlive() {
    RawHttp2 other(address_);
    EXPECT_EQ(other.Unary(1, kUnary, RawHttp2::Message("alive")).header("grpc-status"), "0");
  }

  EchoDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  std::string address_;
};

TEST_F(Http2Test, AUnaryCallIsAnsweredInThreeFrames) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call(kUnary), false) +
              RawHttp2::Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, RawHttp2::Message("hello")));
  const RawFrame head = client.UntilType(NGHTTP2_HEADERS);
  EXPECT_EQ(head.header(":status"), "200");
  EXPECT_EQ(head.header("content-type"), "application/grpc");
  EXPECT_EQ(client.Next().payload, RawHttp2::Message("hello"));
  const RawFrame trailers = client.Next();
  EXPECT_EQ(trailers.header("grpc-status"), "0");
  EXPECT_TRUE(trailers.flags & NGHTTP2_FLAG_END_STREAM);
}

TEST_F(Http2Test, PrefixesAndMessagesMayBeCutAnywhere) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call(kStream), false));
  const std::string data = RawHttp2::Message("first") + RawHttp2::Message("") + RawHttp2::Message("third");
  for (char byte : data) client.Send(RawHttp2::Frame(NGHTTP2_DATA, 0, 1, std::string(1, byte)));
  client.Send(RawHttp2::Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, ""));
  std::string echoed;
  const RawFrame trailers = client.Until([&](const RawFrame& frame) {
    if (frame.type == NGHTTP2_DATA) echoed += frame.payload;
    return frame.type == NGHTTP2_HEADERS && (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  });
  EXPECT_EQ(echoed, data);
  EXPECT_EQ(trailers.header("grpc-status"), "0");
}

TEST_F(Http2Test, AnUnknownMethodIsTrailersOnlyInOneFrame) {
  RawHttp2 client(Serve());
  const RawFrame answer = client.Unary(1, "/test.Echo/Nope", RawHttp2::Message("x"));
  EXPECT_EQ(answer.header(":status"), "200");
  EXPECT_EQ(answer.header("grpc-status"), "12");
  EXPECT_EQ(ReasonOf(StatusOf(answer)), "METHOD_UNKNOWN");
}

TEST_F(Http2Test, EveryMalformedCallGetsItsStatusAndTheConnectionStays) {
  struct Case {
    std::string name, data, status, reason;
    RawHttp2::Headers headers;
  };
  std::string gzip_bomb;
  {
    std::string zeros(8 << 20, '\0');
    z_stream stream = {};
    deflateInit2(&stream, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY);
    gzip_bomb.resize(1 << 20);
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    stream.next_out = reinterpret_cast<Bytef*>(gzip_bomb.data());
    stream.avail_out = static_cast<uInt>(gzip_bomb.size());
    deflate(&stream, Z_FINISH);
    gzip_bomb.resize(stream.total_out);
    deflateEnd(&stream);
  }
  const std::vector<Case> cases = {
      {"no message", "", "13", "MESSAGE_MISSING", {}},
      {"two messages", RawHttp2::Message("a") + RawHttp2::Message("b"), "0", "", {}},
      {"truncated", RawHttp2::Message("abc").substr(0, 6), "13", "MESSAGE_INCOMPLETE", {}},
      {"truncated prefix", std::string(3, '\0'), "13", "MESSAGE_INCOMPLETE", {}},
      {"compressed without encoding", RawHttp2::Message("abc", 1), "13", "COMPRESSION_UNDECLARED", {}},
      {"bad flag", RawHttp2::Message("abc", 7), "13", "MESSAGE_PREFIX_INVALID", {}},
      {"unknown encoding",
       RawHttp2::Message("abc"),
       "12",
       "ENCODING_UNSUPPORTED",
       {{"grpc-encoding", "snappy"}}},
      {"not gzip", RawHttp2::Message("abc", 1), "13", "COMPRESSION_INVALID", {{"grpc-encoding", "gzip"}}},
      {"gzip bomb", RawHttp2::Message(gzip_bomb, 1), "8", "MESSAGE_TOO_LARGE", {{"grpc-encoding", "gzip"}}},
      {"too large", std::string("\0\x7f\0\0\0", 5), "8", "MESSAGE_TOO_LARGE", {}},
      {"bad timeout", RawHttp2::Message("abc"), "3", "TIMEOUT_INVALID", {{"grpc-timeout", "soon"}}},
      {"no time at all", RawHttp2::Message("abc"), "4", "DEADLINE_EXCEEDED", {{"grpc-timeout", "0n"}}},
      {"bad binary", RawHttp2::Message("abc"), "13", "METADATA_INVALID", {{"x-a-bin", "!!"}}},
      {"9 KiB of metadata",
       RawHttp2::Message("abc"),
       "8",
       "METADATA_TOO_LARGE",
       {{"x-a", std::string(9000, 'a')}}},
      {"good", RawHttp2::Message("abc"), "0", "", {{"grpc-timeout", "10S"}}},
  };
  RawHttp2 client(Serve());
  int32_t stream = 1;
  for (const Case& each : cases) {
    const RawFrame answer = client.Unary(stream, kUnary, each.data, each.headers);
    EXPECT_EQ(answer.header("grpc-status"), each.status) << each.name;
    EXPECT_EQ(ReasonOf(StatusOf(answer)), each.reason) << each.name;
    stream += 2;
  }
}

TEST_F(Http2Test, OtherContentTypesAreRefusedWith415OrServedAsHttp) {
  RawHttp2 client(Serve());
  RawHttp2::Headers text = RawHttp2::Call(kUnary);
  text[4].second = "text/plain";
  client.Send(client.Head(1, text, true));
  EXPECT_EQ(client.UntilType(NGHTTP2_HEADERS).header(":status"), "415");
  client.Send(client.Head(
      3, {{":method", "GET"}, {":scheme", "http"}, {":path", "/a?b"}, {":authority", "x"}}, true));
  EXPECT_EQ(client.UntilType(NGHTTP2_HEADERS).header(":status"), "200");
  EXPECT_EQ(client.UntilType(NGHTTP2_DATA).payload, "GET /a?b\n");
}

TEST_F(Http2Test, AnEarlyStatusIsFollowedByAResetWithNoError) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call("/test.Echo/Nope"), false));
  EXPECT_EQ(client.Trailers(1).header("grpc-status"), "12");
  const RawFrame reset = client.UntilType(NGHTTP2_RST_STREAM);
  EXPECT_EQ(reset.stream, 1);
  EXPECT_EQ(reset.error(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
}

TEST_F(Http2Test, AnExpiredDeadlineAnswersAndCancels) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call("/test.Echo/Hold", {{"grpc-timeout", "30m"}}), false));
  EXPECT_EQ(client.Trailers(1).header("grpc-status"), "4");
  EXPECT_EQ(client.UntilType(NGHTTP2_RST_STREAM).error(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_TRUE(Eventually([this] { return dispatcher_.cancelled == 1 && dispatcher_.ended == 1; }));
}

TEST_F(Http2Test, AResetCancelsTheHandlerOnce) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call("/test.Echo/Hold"), false));
  ASSERT_TRUE(Eventually([this] { return dispatcher_.started == 1; }));
  client.Send(RawHttp2::Frame(NGHTTP2_RST_STREAM, 0, 1, std::string("\0\0\0\x08", 4)));
  EXPECT_TRUE(Eventually([this] { return dispatcher_.cancelled == 1 && dispatcher_.ended == 1; }));
  EXPECT_TRUE(dispatcher_.last()->cancelled());
  dispatcher_.last()->Write("late");
  dispatcher_.last()->Finish(absl::OkStatus());
  ExpectAlive();
}

TEST_F(Http2Test, ResetWithinTheSameReadStartsNoHandler) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call(kStream), false) +
              RawHttp2::Frame(NGHTTP2_RST_STREAM, 0, 1, std::string("\0\0\0\x08", 4)) +
              RawHttp2::Frame(NGHTTP2_PING, 0, 0, "12345678"));
  EXPECT_EQ(client.UntilType(NGHTTP2_PING).payload, "12345678");
  EXPECT_EQ(dispatcher_.started, 0);
}

TEST_F(Http2Test, ALostConnectionCancelsItsCalls) {
  Serve();
  {
    RawHttp2 client(address_);
    client.Send(client.Head(1, RawHttp2::Call("/test.Echo/Hold"), false));
    ASSERT_TRUE(Eventually([this] { return dispatcher_.started == 1; }));
  }
  EXPECT_TRUE(Eventually([this] { return dispatcher_.cancelled == 1 && dispatcher_.ended == 1; }));
  EXPECT_TRUE(Eventually([this] { return server_->stats().connections_open == 0; }));
  EXPECT_EQ(server_->stats().calls_open, 0u);
}

TEST_F(Http2Test, AHandlerThatDoesNotReadStallsItsPeerAtTheWindow) {
  RawHttp2 client(Serve());
  client.UntilType(NGHTTP2_SETTINGS);
  client.Send(RawHttp2::Frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, ""));
  client.Send(client.Head(1, RawHttp2::Call("/test.Echo/Hold"), false));
  const std::string chunk = RawHttp2::Message(std::string(16379, 'x'));
  for (int i = 0; i < 16; ++i) client.Send(RawHttp2::Frame(NGHTTP2_DATA, 0, 1, chunk));
  client.Send(RawHttp2::Frame(NGHTTP2_PING, 0, 0, "12345678"));
  // The stream's window is used up and not credited: no WINDOW_UPDATE for it before the PING comes back.
  const RawFrame frame = client.Until([](const RawFrame& each) {
    return each.type == NGHTTP2_PING || (each.type == NGHTTP2_WINDOW_UPDATE && each.stream == 1);
  });
  EXPECT_EQ(frame.type, NGHTTP2_PING);
  dispatcher_.last()->ResumeReading();
  EXPECT_EQ(
      client
          .Until([](const RawFrame& each) { return each.type == NGHTTP2_WINDOW_UPDATE && each.stream == 1; })
          .stream,
      1);
}

TEST_F(Http2Test, AClientThatDoesNotReadHoldsNoMoreThanTheHandlerQueued) {
  RawHttp2 client(Serve(), {}, 4096);
  client.Send(client.Head(1, RawHttp2::Call("/test.Echo/Flood"), false) +
              RawHttp2::Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, RawHttp2::Message("go")));
  ASSERT_TRUE(
      Eventually([this] { return dispatcher_.last() != nullptr && dispatcher_.last()->buffered() > 0; }));
  EXPECT_LE(dispatcher_.last()->buffered(), (1u << 20) + (32u << 10));
  const uint64_t sent = server_->stats().bytes_sent;
  EXPECT_LT(sent, 1u << 20);  // the peer's window, not what the handler would give
  ExpectAlive();
}

TEST_F(Http2Test, MessagesFromAnotherThreadArriveInOrder) {
  dispatcher_.elsewhere = [](const std::function<void()>& task) { std::thread(task).join(); };
  RawHttp2 client(Serve());
  for (int32_t stream = 1; stream < 100; stream += 2) {
    EXPECT_EQ(client.Unary(stream, "/test.Echo/Async", RawHttp2::Message("x")).header("grpc-status"), "0");
  }
}

TEST_F(Http2Test, AResetFloodEndsOnlyItsOwnConnection) {
  Limits limits;
  limits.resets_per_second_max = 50;
  RawHttp2 attacker(Serve(limits));
  std::string burst;
  for (int32_t stream = 1; stream < 2000; stream += 2) {
    burst += attacker.Head(stream, RawHttp2::Call(kStream), false) +
             RawHttp2::Frame(NGHTTP2_RST_STREAM, 0, stream, std::string("\0\0\0\x08", 4));
  }
  attacker.Send(burst);
  EXPECT_EQ(attacker.UntilType(NGHTTP2_GOAWAY).error(), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_EQ(server_->stats().connections_calmed, 1u);
  ExpectAlive();
}

TEST_F(Http2Test, TooManyPingsEndTheConnectionByName) {
  RawHttp2 client(Serve());
  for (int i = 0; i < 5; ++i) client.Send(RawHttp2::Frame(NGHTTP2_PING, 0, 0, "12345678"));
  const RawFrame goaway = client.UntilType(NGHTTP2_GOAWAY);
  EXPECT_EQ(goaway.error(), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_EQ(goaway.payload.substr(8), "too_many_pings");
  ExpectAlive();
}

TEST_F(Http2Test, PingsBetweenAnsweredCallsAreWelcome) {
  RawHttp2 client(Serve());
  for (int32_t i = 0; i < 20; ++i) {
    client.Send(RawHttp2::Frame(NGHTTP2_PING, 0, 0, "12345678"));
    ASSERT_EQ(client.Unary(2 * i + 1, kUnary, RawHttp2::Message("x")).header("grpc-status"), "0");
  }
}

TEST_F(Http2Test, AHeaderFloodIsCutOff) {
  RawHttp2 attacker(Serve());
  RawHttp2::Headers headers = RawHttp2::Call(kUnary);
  for (int i = 0; i < 40; ++i) headers.emplace_back("x-" + std::to_string(i), std::string(4000, 'a'));
  attacker.Send(attacker.Head(1, headers, true));
  EXPECT_EQ(attacker.UntilType(NGHTTP2_GOAWAY).type, NGHTTP2_GOAWAY);
  ExpectAlive();
}

TEST_F(Http2Test, AnEndlessContinuationIsCutOff) {
  RawHttp2 attacker(Serve());
  attacker.Send(RawHttp2::Frame(NGHTTP2_HEADERS, 0, 1, ""));
  for (int i = 0; i < 100; ++i)
    attacker.Send(RawHttp2::Frame(NGHTTP2_CONTINUATION, 0, 1, std::string(8, '\x82')));
  const RawFrame end = attacker.UntilType(NGHTTP2_GOAWAY);
  EXPECT_NE(end.error(), 0u);
  ExpectAlive();
}

TEST_F(Http2Test, GarbageEndsTheConnectionAndNothingElse) {
  Serve();
  for (const std::string& bytes : {std::string("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), std::string(1000, '\xff'),
                                   "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(100, 'z')}) {
    RawSocket socket(address_);
    socket.Send(bytes);
    socket.ReceiveAll();
  }
  ExpectAlive();
}

TEST_F(Http2Test, StreamsBeyondTheLimitAreRefusedUnprocessed) {
  Limits limits;
  limits.streams_per_connection_max = 4;
  RawHttp2 client(Serve(limits));
  std::string burst;
  for (int32_t stream = 1; stream <= 9; stream += 2)
    burst += client.Head(stream, RawHttp2::Call("/test.Echo/Hold"), false);
  client.Send(burst);  // before the SETTINGS could be acknowledged
  const RawFrame reset = client.UntilType(NGHTTP2_RST_STREAM);
  EXPECT_EQ(reset.stream, 9);
  EXPECT_EQ(reset.error(), static_cast<uint32_t>(NGHTTP2_REFUSED_STREAM));
  EXPECT_TRUE(Eventually([this] { return dispatcher_.started == 4; }));
}

TEST_F(Http2Test, DrainSendsTwoGoawaysAndLetsCallsEnd) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call(kStream), false));
  ASSERT_TRUE(Eventually([this] { return dispatcher_.started == 1; }));
  std::thread drain([this] { server_->Drain(absl::Seconds(10)); });
  const RawFrame first = client.UntilType(NGHTTP2_GOAWAY);
  EXPECT_EQ(first.payload.substr(0, 4), std::string("\x7f\xff\xff\xff", 4));
  const RawFrame ping = client.UntilType(NGHTTP2_PING);
  // Sent before the client could know: still served.
  client.Send(client.Head(3, RawHttp2::Call(kUnary), false) +
              RawHttp2::Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 3, RawHttp2::Message("late")));
  EXPECT_EQ(client.Trailers(3).header("grpc-status"), "0");
  client.Send(RawHttp2::Frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, ping.payload));
  const RawFrame last = client.UntilType(NGHTTP2_GOAWAY);
  EXPECT_EQ(last.payload.substr(0, 4), std::string("\0\0\0\x03", 4));
  client.Send(RawHttp2::Frame(NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, RawHttp2::Message("end")));
  EXPECT_EQ(client.Trailers(1).header("grpc-status"), "0");
  EXPECT_EQ(client.Next().type, 255);
  drain.join();
  EXPECT_EQ(dispatcher_.cancelled, 0);
}

TEST_F(Http2Test, StopCancelsWhatIsOpen) {
  RawHttp2 client(Serve());
  client.Send(client.Head(1, RawHttp2::Call(kStream), false));
  ASSERT_TRUE(Eventually([this] { return dispatcher_.started == 1; }));
  server_->Stop();
  EXPECT_EQ(dispatcher_.cancelled, 1);
  EXPECT_EQ(dispatcher_.ended, 1);
  dispatcher_.last()->Write("after the end");
  dispatcher_.last()->Finish(absl::OkStatus());
}

TEST_F(Http2Test, ASilentConnectionIsClosedAfterTheHandshakeTimeout) {
  Limits limits;
  limits.handshake_timeout = absl::Milliseconds(50);
  RawSocket socket(Serve(limits));
  EXPECT_EQ(socket.ReceiveAll(), "");
  EXPECT_EQ(server_->stats().handshakes_failed, 1u);
}

TEST_F(Http2Test, TheOldestSilentConnectionGivesWay) {
  Limits limits;
  limits.handshakes_per_address_max = 4;
  Serve(limits);
  std::vector<std::unique_ptr<RawSocket>> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<RawSocket>(address_));
  ExpectAlive();
  EXPECT_TRUE(Eventually([this] { return server_->stats().connections_open <= 5; }));
}

TEST_F(Http2Test, WhenDescriptorsRunOutItShedsAndRecovers) {
  Serve();
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(0);
  ::close(next);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next) + 20;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<RawSocket>> many;
    for (int i = 0; i < 60; ++i) many.push_back(std::make_unique<RawSocket>(address_));
  }
  // All are closed again; the limit stays as it is.
  EXPECT_TRUE(Eventually([this] {
    RawHttp2 client(address_);
    return client.Unary(1, kUnary, RawHttp2::Message("x")).header("grpc-status") == "0";
  }));
  ::setrlimit(RLIMIT_NOFILE, &before);
  ExpectAlive();
}

TEST_F(Http2Test, OthersAreServedWhileOneFloods) {
  Serve();
  std::atomic<bool> stop{false};
  std::thread flood([this, &stop] {
    while (!stop) {
      RawHttp2 attacker(address_);
      std::string burst;
      for (int32_t stream = 1; stream < 4000; stream += 2) {
        burst += attacker.Head(stream, RawHttp2::Call(kStream), false) +
                 RawHttp2::Frame(NGHTTP2_RST_STREAM, 0, stream, std::string("\0\0\0\x08", 4));
      }
      while (!stop && attacker.Send(burst)) {
        if (server_->stats().connections_calmed > 0) break;
      }
    }
  });
  RawHttp2 victim(address_);
  for (int32_t i = 0; i < 500; ++i) {
    EXPECT_EQ(victim.Unary(2 * i + 1, kUnary, RawHttp2::Message("x")).header("grpc-status"), "0");
  }
  stop = true;
  flood.join();
}

TEST_F(Http2Test, AnIdleConnectionIsToldToGo) {
  Limits limits;
  limits.idle_timeout = absl::Milliseconds(50);
  RawHttp2 client(Serve(limits));
  EXPECT_EQ(client.UntilType(NGHTTP2_GOAWAY).error(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
}

TEST_F(Http2Test, APlainListenerBindsLoopbackOnly) {
  ServerOptions options;
  options.listeners.resize(1);
  options.listeners[0].tls = false;
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    options.listeners[0].address = address;
    EXPECT_EQ(ReasonOf(Server::Start(options, dispatcher_).status()), "PLAIN_LISTENER_NOT_LOCAL") << address;
  }
  options.listeners[0].address = "nonsense";
  EXPECT_EQ(ReasonOf(Server::Start(options, dispatcher_).status()), "ADDRESS_MALFORMED");
}

}  // namespace
}  // namespace zhanqiao::edge
