#include "connectors/adapters/breaker.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao::connectors {
namespace {

// Answers with what it is told to, and counts.
class Patient final : public Adapter {
 public:
  Patient(const absl::Status& status, int& asked) : status_(status), asked_(asked) {}
  absl::Status Answer(const v1::ConnectorQuery&, v1::ConnectorReply&) const override {
    ++asked_;
    return status_;
  }

 private:
  const absl::Status& status_;
  int& asked_;
};

class BreakerTest : public testing::Test {
 protected:
  absl::Status Ask() {
    v1::ConnectorReply reply;
    return breaker_.Answer(v1::ConnectorQuery(), reply);
  }
  void FallSick() {
    status_ = Fail(absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE", "Away.", {{"link", "source"}});
    for (int i = 0; i < 5; ++i) Ask().IgnoreError();
    asked_ = 0;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  absl::Status status_;
  int asked_ = 0;
  Breaker breaker_{std::make_unique<Patient>(status_, asked_), clock_};
};

TEST_F(BreakerTest, ASourceThatFailedFiveTimesInARowIsNotAsked) {
  FallSick();
  const absl::Status refused = Ask();
  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FactOf(refused, "breaker"), "open");
  EXPECT_EQ(FactOf(refused, "link"), "source");
}

TEST_F(BreakerTest, AfterAPauseOneRequestTriesAndSuccessOpensTheWay) {
  FallSick();
  clock_.Advance(absl::Seconds(1));
  status_ = absl::OkStatus();
  EXPECT_TRUE(Ask().ok());
  EXPECT_TRUE(Ask().ok());
  EXPECT_EQ(asked_, 2);
}

TEST_F(BreakerTest, EachFailedTryDoublesThePause) {
  FallSick();
  clock_.Advance(absl::Seconds(1));
  Ask().IgnoreError();
  EXPECT_EQ(asked_, 1);
  clock_.Advance(absl::Seconds(1));
  Ask().IgnoreError();
  EXPECT_EQ(asked_, 1);
  clock_.Advance(absl::Seconds(1));
  Ask().IgnoreError();
  EXPECT_EQ(asked_, 2);
}

TEST_F(BreakerTest, OfABatchOnlyOneTries) {
  FallSick();
  clock_.Advance(absl::Seconds(1));
  v1::ConnectorQuery query;
  v1::ConnectorReply reply;
  std::vector<Asked> batch(3, Asked{&query, &reply, absl::OkStatus()});
  breaker_.AnswerAll(absl::MakeSpan(batch));
  EXPECT_EQ(asked_, 1);
  for (const Asked& one : batch) EXPECT_EQ(ReasonOf(one.status), "SOURCE_UNAVAILABLE");
}

TEST_F(BreakerTest, WhatTheSourceOrTheConnectorRefusesIsNoSickness) {
  status_ = Fail(absl::StatusCode::kFailedPrecondition, "SOURCE_VALUE", "Bad.", {{"link", "source"}});
  for (int i = 0; i < 20; ++i) Ask().IgnoreError();
  status_ = Fail(absl::StatusCode::kUnavailable, "X", "Y.", {{"link", "connector"}});
  for (int i = 0; i < 20; ++i) Ask().IgnoreError();
  EXPECT_EQ(asked_, 40);
}

TEST_F(BreakerTest, FailuresBetweenSuccessesDoNotCount) {
  FallSick();
  clock_.Advance(absl::Seconds(1));
  status_ = absl::OkStatus();
  Ask().IgnoreError();
  status_ = Fail(absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE", "Away.", {{"link", "source"}});
  for (int i = 0; i < 4; ++i) Ask().IgnoreError();
  asked_ = 0;
  Ask().IgnoreError();
  EXPECT_EQ(asked_, 1);
}

}  // namespace
}  // namespace zhanqiao::connectors
