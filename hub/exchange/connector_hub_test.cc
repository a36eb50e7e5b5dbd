#include "hub/exchange/connector_hub.h"

#include <gtest/gtest.h>

#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

class ConnectorHubTest : public ::testing::Test {
 protected:
  ExchangeCity city_;
};

TEST_F(ConnectorHubTest, AConnectorIsWelcomedWithItsEntriesAndLogged) {
  auto played = city_.Connect(access::kConnectorA);
  const auto messages = played.sink->Written();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].welcome().connector(), access::kConnectorA);
  EXPECT_EQ(messages[0].welcome().resources_size(), 2);
  EXPECT_EQ(messages[0].welcome().heartbeat_ms(), 5000);
  EXPECT_TRUE(city_.hub.Connected(access::kConnectorA));
  played.stream->OnCancel();
  EXPECT_FALSE(city_.hub.Connected(access::kConnectorA));
  ASSERT_TRUE(city_.pipeline.Run({}).ok());
  const auto entries = city_.Entries();
  EXPECT_EQ(entries.at(entries.size() - 2).connector_event().verb(), "connected");
  EXPECT_EQ(entries.back().connector_event().verb(), "disconnected");
}

TEST_F(ConnectorHubTest, ABurstLeavesInOneMessageUpToSixtyFour) {
  const auto grant = city_.Active();
  auto played = city_.Connect(access::kConnectorA);
  played.sink->Written();
  for (int i = 0; i < 40; ++i) city_.Ask(grant);
  played.sink->Run();
  const auto messages = played.sink->Written();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].requests().queries_size(), 40);
}

TEST_F(ConnectorHubTest, CreditsBoundWhatIsSent) {
  const auto grant = city_.Active();
  auto played = city_.Connect(access::kConnectorA, 3);
  for (int i = 0; i < 5; ++i) city_.Ask(grant);
  const auto asked = played.Asked();
  ASSERT_EQ(asked.size(), 3u);
  played.Reply(ExchangeCity::Good(asked[0]));
  EXPECT_EQ(played.Asked().size(), 1u) << "a reply gives its credit back";
  v1::ConnectRequest credit;
  credit.mutable_credit()->set_credits(10);
  played.stream->OnMessage(played.caller, credit);
  EXPECT_EQ(played.Asked().size(), 1u);
}

TEST_F(ConnectorHubTest, ASilentConnectorIsCutOff) {
  auto played = city_.Connect(access::kConnectorA);
  played.sink->Written();
  city_.clock.Advance(absl::Seconds(6));
  city_.hub.Sweep();
  EXPECT_TRUE(played.sink->Written().at(0).has_heartbeat());
  EXPECT_FALSE(played.sink->finished().has_value());
  city_.clock.Advance(absl::Seconds(10));
  city_.hub.Sweep();
  ASSERT_TRUE(played.sink->finished().has_value());
  EXPECT_EQ(ReasonOf(*played.sink->finished()), "CONNECTOR_SILENT");
  EXPECT_FALSE(city_.hub.Connected(access::kConnectorA));
}

TEST_F(ConnectorHubTest, WrongFirstMessagesEndTheStream) {
  const auto end_of = [&](Caller caller, v1::ConnectRequest message) {
    auto sink = std::make_shared<FakeSink<v1::ConnectResponse>>();
    auto stream = city_.hub.Connect(sink);
    stream->OnMessage(caller, message);
    return sink->finished().has_value() ? ReasonOf(*sink->finished()) : "open";
  };
  Caller connector;
  connector.kind = SubjectKind::kConnector;
  connector.subject = access::kConnectorA;
  v1::ConnectRequest message;
  EXPECT_EQ(end_of(connector, message), "HELLO_FIRST");
  message.mutable_hello()->set_credits(0);
  EXPECT_EQ(end_of(connector, message), "CREDITS_INVALID");
  message.mutable_hello()->set_credits(1);
  EXPECT_EQ(end_of(city_.clerk(), message), "CALLER_NOT_CONNECTOR");
  message.mutable_hello()->add_resources("resources/309~1");
  EXPECT_EQ(end_of(connector, message), "RESOURCE_NOT_SERVED");
}

TEST_F(ConnectorHubTest, AChangedSchemaAsksForANewConnection) {
  auto played = city_.Connect(access::kConnectorA);
  auto entry = access::TestCity::Entry(access::kResidence, v1::SHARE_TYPE_CONDITIONAL);
  city_.hub.Sweep();
  EXPECT_FALSE(played.sink->finished().has_value());
  entry.set_schema_fingerprint(std::string(32, 'n'));
  city_.Put(access::kResidence, entry);
  city_.hub.Sweep();
  ASSERT_TRUE(played.sink->finished().has_value());
  EXPECT_EQ(ReasonOf(*played.sink->finished()), "CATALOGUE_CHANGED");
}

}  // namespace
}  // namespace zhanqiao::exchange
