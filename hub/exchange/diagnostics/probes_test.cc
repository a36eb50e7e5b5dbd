#include "hub/exchange/diagnostics/probes.h"

#include <gtest/gtest.h>

#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

class ProbesTest : public ::testing::Test {
 protected:
  // Asks for the two connectors of the city; the answer comes once they have replied.
  void Ask() {
    answer_.reset();
    std::vector<v1::Connector> connectors(2);
    connectors[0].set_name(std::string(access::kConnectorA));
    connectors[1].set_name(std::string(access::kConnectorB));
    probes_.Ask(connectors, absl::Seconds(5), [this](v1::ProbeConnectorsResponse response) { answer_ = std::move(response); });
  }
  // Answers everything the connector was asked; with what a source says.
  static int ReplyAll(ExchangeCity::Played& played, const absl::Status& status = absl::OkStatus()) {
    const auto asked = played.Asked();
    for (const auto& query : asked) {
      EXPECT_TRUE(query.probe());
      v1::ConnectorReply reply;
      reply.set_number(query.number());
      reply.set_source_us(250);
      if (!status.ok()) {
        reply.mutable_error()->ParseFromString(ToDetails(status));
        reply.mutable_error()->set_code(static_cast<int>(status.code()));
      }
      played.Reply(std::move(reply));
    }
    return static_cast<int>(asked.size());
  }
  const v1::ConnectorProbe& Of(int i) const { return answer_->connectors(i); }

  ExchangeCity city_;
  Probes probes_{city_.hub, city_.broker, city_.clock};
  std::optional<v1::ProbeConnectorsResponse> answer_;
};

TEST_F(ProbesTest, AConnectorIsHealthyOnlyOnceItsSourceAnsweredForEveryResource) {
  auto played = city_.Connect(access::kConnectorA);
  Ask();
  EXPECT_FALSE(answer_.has_value()) << "an open stream alone tells nothing";
  EXPECT_EQ(ReplyAll(played), 2);
  ASSERT_TRUE(answer_.has_value());
  EXPECT_TRUE(Of(0).healthy());
  ASSERT_EQ(Of(0).resources_size(), 2);
  EXPECT_TRUE(Of(0).resources(1).answered());
  EXPECT_EQ(Of(0).resources(1).source_us(), 250);
}

TEST_F(ProbesTest, OneThatIsNotConnectedIsShownAsSuchAndNeverAsked) {
  Ask();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_FALSE(Of(0).connected());
  EXPECT_FALSE(Of(0).healthy());
  EXPECT_EQ(Of(0).resources(0).error().reason(), "CONNECTOR_UNAVAILABLE");
}

TEST_F(ProbesTest, ASickSourceIsNamedByItsLink) {
  auto played = city_.Connect(access::kConnectorA);
  Ask();
  ReplyAll(played, Fail(absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE", "Away.", {{"link", std::string(kLinkSource)}}));
  ASSERT_TRUE(answer_.has_value());
  EXPECT_TRUE(Of(0).connected());
  EXPECT_FALSE(Of(0).healthy());
  EXPECT_EQ(Of(0).resources(0).error().reason(), "SOURCE_UNAVAILABLE");
  EXPECT_EQ(Of(0).resources(0).error().metadata().at("link"), "source");
}

TEST_F(ProbesTest, OneThatDoesNotAnswerIsLateAndOneThatGoesAwayIsLost) {
  auto played = city_.Connect(access::kConnectorA);
  Ask();
  played.Asked();
  city_.clock.Advance(absl::Seconds(6));
  city_.broker.Sweep();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(Of(0).resources(0).error().reason(), "DEADLINE_EXCEEDED");
  city_.clock.Advance(absl::Seconds(2));
  Ask();
  played.stream->OnCancel();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(Of(0).resources(0).error().reason(), "CONNECTOR_LOST");
}

TEST_F(ProbesTest, NothingIsReleasedOrLogged) {
  auto played = city_.Connect(access::kConnectorA);
  ASSERT_TRUE(city_.pipeline.Run({}).ok());
  const size_t before = city_.Entries().size();
  Ask();
  ReplyAll(played);
  ASSERT_TRUE(city_.pipeline.Run({}).ok());
  EXPECT_EQ(city_.Entries().size(), before);
}

TEST_F(ProbesTest, SourcesAreNotAskedAgainWithinASecond) {
  auto played = city_.Connect(access::kConnectorA);
  Ask();
  ReplyAll(played);
  Ask();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_TRUE(Of(0).healthy());
  EXPECT_TRUE(played.Asked().empty());
  city_.clock.Advance(absl::Seconds(2));
  Ask();
  EXPECT_FALSE(answer_.has_value());
  EXPECT_EQ(ReplyAll(played), 2);
}

TEST_F(ProbesTest, WhatWasFoundOfAConnectorThatHasGoneSinceIsNotToldAgain) {
  auto played = city_.Connect(access::kConnectorA);
  Ask();
  ReplyAll(played);
  played.stream->OnCancel();
  Ask();
  ASSERT_TRUE(answer_.has_value());
  EXPECT_FALSE(Of(0).healthy());
}

}  // namespace
}  // namespace zhanqiao::exchange
