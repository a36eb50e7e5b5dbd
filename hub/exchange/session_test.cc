#include "hub/exchange/session.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"

namespace zhanqiao::exchange {
namespace {

// A connector of few credits and consumers who ask it.
class SessionTest : public ::testing::Test {
 protected:
  // Queues a request of `consumer`; false if it is refused.
  bool Ask(const std::string& consumer, int weight = 1) {
    auto& grant = grants_[consumer];
    if (grant == nullptr || grant->weight != weight) {
      auto made = std::make_shared<access::GrantInForce>();
      made->consumer = consumer;
      made->weight = weight;
      grant = std::move(made);
    }
    auto flight = std::make_unique<Flight>();
    flight->grant = grant;
    flight->plan = plan_;
    flight->deadline = absl::UnixEpoch() + absl::Hours(1);
    flight->request.set_matter(consumer);
    flight->probed = [](const absl::StatusOr<Probed>&) {};
    return session_.Ask(flight);
  }
  // The consumers of the requests sent now, in order.
  std::string Sent() {
    std::string sent;
    for (const std::string& wire : session_.Collect(absl::UnixEpoch())) {
      v1::ConnectResponse message;
      EXPECT_TRUE(message.ParseFromString(wire));
      for (const auto& query : message.requests().queries()) {
        sent_.push_back(query.number());
        auto flight = session_.Answered(query.number());
        sent += flight->request.matter();
        answered_.push_back(std::move(flight));
      }
    }
    return sent;
  }

  std::map<std::string, std::shared_ptr<const access::GrantInForce>> grants_;
  const std::shared_ptr<const ReleasePlan> plan_ = std::make_shared<ReleasePlan>();
  std::vector<uint64_t> sent_;
  std::vector<std::unique_ptr<Flight>> answered_;
  Session session_{"organizations/370200-FGW/connectors/a", {}, 1, {.waiting_max = 16, .batch_max = 4}, [] {}};
};

TEST_F(SessionTest, WhoFloodsWaitsForTheOthersTurns) {
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Ask("a"));
  EXPECT_EQ(Sent(), "a");  // one credit; each answer gives it back
  ASSERT_TRUE(Ask("b"));
  ASSERT_TRUE(Ask("b"));
  std::string order;
  for (int i = 0; i < 7; ++i) order += Sent();
  EXPECT_EQ(order, "ababaaa");
}

TEST_F(SessionTest, AGrantsWeightIsItsShare) {
  ASSERT_TRUE(Ask("x"));
  ASSERT_TRUE(Ask("x"));
  EXPECT_EQ(Sent(), "x");
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Ask("a", 3));
    ASSERT_TRUE(Ask("b", 1));
  }
  std::string order;
  for (int i = 0; i < 9; ++i) order += Sent();
  EXPECT_EQ(order, "xaaababbb");
}

TEST_F(SessionTest, OneWhoFloodsLeavesHalfOfTheQueueToOthers) {
  session_.AddCredits(-1);
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += Ask("a") ? 1 : 0;
  EXPECT_EQ(taken, 8) << "of sixteen places";
  EXPECT_TRUE(Ask("b"));
  EXPECT_TRUE(Ask("c"));
  EXPECT_FALSE(Ask("a"));
  taken = 0;
  for (int i = 0; i < 100; ++i) taken += Ask("b") ? 1 : 0;
  EXPECT_GT(taken, 0);
  EXPECT_TRUE(Ask("d")) << "there is always a place for one who has none yet";
}

TEST_F(SessionTest, AsLongAsCreditsSufficeTheOrderIsThatOfComing) {
  session_.AddCredits(20);
  std::string came;
  for (const char* consumer : {"a", "a", "b", "a", "c"}) {
    ASSERT_TRUE(Ask(consumer));
    came += consumer;
  }
  EXPECT_EQ(Sent(), came);
}

TEST_F(SessionTest, WhatExpiredWhileItWaitedIsPassedOver) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Ask("a"));
  EXPECT_EQ(Sent(), "a");
  EXPECT_EQ(session_.Expired(absl::UnixEpoch() + absl::Hours(2)).size(), 2u);
  ASSERT_TRUE(Ask("b"));
  EXPECT_EQ(Sent(), "b");
}

TEST_F(SessionTest, AProbeSaysThatItIsOne) {
  ASSERT_TRUE(Ask("a"));
  const auto messages = session_.Collect(absl::UnixEpoch());
  ASSERT_EQ(messages.size(), 1u);
  v1::ConnectResponse message;
  ASSERT_TRUE(message.ParseFromString(messages[0]));
  EXPECT_TRUE(message.requests().queries(0).probe());
}

}  // namespace
}  // namespace zhanqiao::exchange
