#include "hub/exchange/exchange_service.h"

#include <gtest/gtest.h>

#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

class QueryStreamTest : public ::testing::Test {
 protected:
  v1::QueryStreamRequest Batch(int from, int count) {
    v1::QueryStreamRequest batch;
    for (int i = 0; i < count; ++i) {
      auto& numbered = *batch.add_queries();
      numbered.set_number(static_cast<uint64_t>(from + i));
      *numbered.mutable_query() = ExchangeCity::Request(grant_);
    }
    return batch;
  }
  void Send(StreamHandler<v1::QueryStreamRequest>& stream, v1::QueryStreamRequest batch) {
    stream.OnMessage(city_.SystemCaller(), batch);
  }
  void ReplyAll() {
    v1::ConnectRequest message;
    for (const auto& asked : connector_.Asked()) *message.mutable_replies()->add_replies() = ExchangeCity::Good(asked);
    connector_.stream->OnMessage(connector_.caller, message);
    ASSERT_TRUE(city_.pipeline.Run({}).ok());  // all is committed and answered
  }
  ExchangeCity city_;
  v1::Grant grant_ = city_.Active();
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA);
  std::shared_ptr<FakeSink<v1::QueryStreamResponse>> sink_ = std::make_shared<FakeSink<v1::QueryStreamResponse>>();
  std::unique_ptr<StreamHandler<v1::QueryStreamRequest>> stream_ = city_.exchange.QueryStream(sink_);
};

TEST_F(QueryStreamTest, AnswersReadyTogetherLeaveInOneMessage) {
  Send(*stream_, Batch(1, 50));
  ReplyAll();
  sink_->Run();
  const auto messages = sink_->Written();
  ASSERT_EQ(messages.size(), 1u);
  ASSERT_EQ(messages[0].answers_size(), 50);
  for (const auto& answer : messages[0].answers()) EXPECT_TRUE(answer.has_response());
}

TEST_F(QueryStreamTest, ARefusalIsAnAnswerAndTheStreamGoesOn) {
  auto batch = Batch(1, 1);
  batch.mutable_queries(0)->mutable_query()->set_grant("grants/none");
  stream_->OnMessage(city_.SystemCaller(), batch);
  sink_->Run(true);
  const auto refused = sink_->Written().at(0).answers(0);
  const absl::Status status = FromDetails(static_cast<absl::StatusCode>(refused.error().code()), refused.error().message(),
                                          refused.error().SerializeAsString());
  EXPECT_EQ(ReasonOf(status), "GRANT_NOT_FOUND");
  EXPECT_EQ(city_.DenialOf(status).method(), "/zhanqiao.v1.ExchangeService/QueryStream");
  Send(*stream_, Batch(2, 1));
  ReplyAll();
  sink_->Run(true);
  EXPECT_TRUE(sink_->Written().at(0).answers(0).has_response());
}

TEST_F(QueryStreamTest, TheStreamEndsWhenTheClientHasClosedAndAllIsAnswered) {
  Send(*stream_, Batch(1, 2));
  stream_->OnHalfClose();
  EXPECT_FALSE(sink_->finished().has_value());
  ReplyAll();
  sink_->Run();
  ASSERT_TRUE(sink_->finished().has_value());
  EXPECT_TRUE(sink_->finished()->ok());
}

TEST_F(QueryStreamTest, ANumberInUseAndTooLargeABatchEndTheStream) {
  Send(*stream_, Batch(1, 1));
  Send(*stream_, Batch(1, 1));
  EXPECT_EQ(ReasonOf(sink_->finished().value()), "NUMBER_IN_USE");
  auto sink = std::make_shared<FakeSink<v1::QueryStreamResponse>>();
  auto stream = city_.exchange.QueryStream(sink);
  Send(*stream, Batch(1, 65));
  EXPECT_EQ(ReasonOf(sink->finished().value()), "BATCH_TOO_LARGE");
}

TEST_F(QueryStreamTest, AClientThatHasGoneGetsNothingReleased) {
  Send(*stream_, Batch(1, 3));
  stream_->OnCancel();
  ReplyAll();
  EXPECT_EQ(city_.Releases(), 0);
  EXPECT_EQ(city_.broker.in_flight(), 0u);
}

TEST_F(QueryStreamTest, AFullStreamIsPausedUntilAnswersLeave) {
  ExchangeService narrow(city_.broker, city_.tokens, city_.clock, city_.random, {8, 1 << 20, ""});
  auto stream = narrow.QueryStream(sink_);
  Send(*stream, Batch(1, 8));
  EXPECT_TRUE(sink_->paused);
  ReplyAll();
  sink_->Run();
  EXPECT_FALSE(sink_->paused);
}

}  // namespace
}  // namespace zhanqiao::exchange
