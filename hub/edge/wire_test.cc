#include "hub/edge/wire.h"

#include <gtest/gtest.h>

#include <random>

#include "catalog/base/error.h"
#include "hub/edge/deadlines.h"
#include "hub/edge/framing.h"
#include "hub/edge/http1.h"

namespace zhanqiao::edge {
namespace {

TEST(TimeoutTest, AllUnitsAndNothingElse) {
  EXPECT_EQ(ParseTimeout("1H"), absl::Hours(1));
  EXPECT_EQ(ParseTimeout("2M"), absl::Minutes(2));
  EXPECT_EQ(ParseTimeout("3S"), absl::Seconds(3));
  EXPECT_EQ(ParseTimeout("4m"), absl::Milliseconds(4));
  EXPECT_EQ(ParseTimeout("5u"), absl::Microseconds(5));
  EXPECT_EQ(ParseTimeout("99999999n"), absl::Nanoseconds(99999999));
  for (const char* wrong : {"", "S", "1", "1s", "-1S", "1.5S", " 1S", "123456789S"}) {
    EXPECT_EQ(ParseTimeout(wrong), std::nullopt) << wrong;
  }
}

TEST(MessageTextTest, AnyBytesSurviveTheEncoding) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(PercentDecode(PercentEncode(all)), all);
  EXPECT_EQ(PercentEncode("拒绝 100%"), "%E6%8B%92%E7%BB%9D 100%25");
  EXPECT_EQ(PercentDecode("50% off %zz %4"), "50% off %zz %4");
}

TEST(BinaryTest, PaddedOrNotAndBothAlphabets) {
  const std::string bytes("\xfb\xff\xfe\x01", 4);
  EXPECT_EQ(DecodeBinary("+//+AQ=="), bytes);
  EXPECT_EQ(DecodeBinary("+//+AQ"), bytes);
  EXPECT_EQ(DecodeBinary("-__-AQ"), bytes);
  EXPECT_EQ(EncodeBinary(bytes), "+//+AQ");
  EXPECT_EQ(DecodeBinary("!"), std::nullopt);
  Metadata metadata;
  EXPECT_TRUE(AddReceived("a-bin", "AQI=,AwQ", metadata));
  EXPECT_EQ(metadata, (Metadata{{"a-bin", "\x01\x02"}, {"a-bin", "\x03\x04"}}));
}

TEST(ContentTest, GrpcAndItsRelatives) {
  EXPECT_EQ(ClassifyContent("application/grpc"), ContentKind::kGrpc);
  EXPECT_EQ(ClassifyContent("application/grpc+proto"), ContentKind::kGrpc);
  EXPECT_EQ(ClassifyContent("application/grpc; charset=utf-8"), ContentKind::kGrpc);
  EXPECT_EQ(ClassifyContent("application/grpc-web"), ContentKind::kGrpcWeb);
  EXPECT_EQ(ClassifyContent("application/grpcx"), ContentKind::kOther);
  EXPECT_EQ(ClassifyContent("application/json"), ContentKind::kOther);
  EXPECT_EQ(ClassifyContent(""), ContentKind::kOther);
}

TEST(HeadTest, FaultsThatLenientParsersPass) {
  EXPECT_EQ(HeadFault("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "");
  EXPECT_NE(HeadFault("GET / HTTP/1.1\nHost: a\r\n\r\n"), "");
  EXPECT_NE(HeadFault("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"), "");
  EXPECT_NE(HeadFault("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"), "");
  EXPECT_TRUE(IsHost("hub.example:7443"));
  EXPECT_TRUE(IsHost("[::1]:80"));
  EXPECT_FALSE(IsHost("a b"));
  EXPECT_FALSE(IsHost("a:0"));
  EXPECT_FALSE(IsHost("a/b"));
}

// Messages of random sizes, cut at random places, come out whole; the seed is printed.
TEST(FramingTest, RandomCutsGiveTheSameMessages) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    SendQueue queue;
    std::vector<std::string> sent;
    for (int i = 0; i < 20; ++i) {
      sent.emplace_back(random() % (i % 5 == 0 ? 3000 : 20), static_cast<char>('a' + i));
      queue.AddMessage(sent.back());
    }
    std::string wire;
    size_t payload = 0;
    while (queue.bytes() > 0) payload += queue.TakeInto(1 + random() % queue.bytes(), wire);
    MessageReader reader;
    std::vector<std::string> received;
    size_t received_bytes = 0;
    for (std::string_view rest = wire; !rest.empty();) {
      const std::string piece(rest.substr(0, 1 + random() % 500));
      rest.remove_prefix(piece.size());
      ASSERT_TRUE(reader.Receive(piece, 4096).ok());
      if (random() % 2 == 0) reader.Keep();
      while (!reader.empty()) {
        const auto& message = reader.front();
        received.emplace_back(message.owned.empty() ? std::string(message.bytes) : message.owned);
        received_bytes += received.back().size();
        reader.Pop();
      }
    }
    EXPECT_EQ(received, sent);
    EXPECT_EQ(payload, received_bytes);
    EXPECT_EQ(reader.held(), 0u);
    EXPECT_FALSE(reader.partial());
  }
}

TEST(FramingTest, ClearGivesBackWhatIsLeft) {
  SendQueue queue;
  queue.AddMessage("0123456789");
  queue.AddMessage("abc");
  std::string out;
  EXPECT_EQ(queue.TakeInto(8, out), 3u);
  EXPECT_EQ(queue.Clear(), 10u);
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(FramingTest, MessagesBeyondTheLimitAreRefusedByTheirPrefix) {
  MessageReader reader;
  EXPECT_EQ(ReasonOf(reader.Receive(std::string("\0\0\0\x10\x01", 5), 4096)), "MESSAGE_TOO_LARGE");
}

TEST(DeadlinesTest, ExpireInTimeNeverEarlyAndNotWhenForgotten) {
  struct Probe final : Expiring {
    void OnExpired() override { ++expired; }
    int expired = 0;
  };
  const SteadyTime start = std::chrono::steady_clock::now();
  Deadlines deadlines(start);
  using std::chrono::milliseconds;
  Probe soon, late, gone;
  deadlines.Set(soon, start + milliseconds(10));
  deadlines.Set(late, start + milliseconds(6000));  // more than one turn of the wheel
  deadlines.Set(gone, start + milliseconds(10));
  gone.Unlink();
  deadlines.Advance(start + milliseconds(9));
  EXPECT_EQ(soon.expired, 0);
  deadlines.Advance(start + milliseconds(12));
  EXPECT_EQ(soon.expired, 1);
  for (int at = 20; at < 6000; at += 50) deadlines.Advance(start + milliseconds(at));
  EXPECT_EQ(late.expired, 0);
  deadlines.Advance(start + milliseconds(6004));
  EXPECT_EQ(late.expired, 1);
  EXPECT_EQ(gone.expired, 0);
  EXPECT_TRUE(deadlines.empty());
}

}  // namespace
}  // namespace zhanqiao::edge
