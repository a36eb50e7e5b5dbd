// Promises of fetch.h, with the connector and the consumer played at message level.
#include "hub/exchange/fetch.h"

#include <gtest/gtest.h>

#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    const auto made = city_.service.CreateGrant(city_.SystemCaller(), city_.Apply(access::kProjects)).value();
    grant_ = city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(made)).value();
  }
  ~FetchTest() override {
    city_.pipeline.Stop();
    for (auto& call : calls_) call.sink->Drop();
  }

  struct Call {
    std::shared_ptr<FakeSink<v1::FetchResponse>> sink = std::make_shared<FakeSink<v1::FetchResponse>>();
    std::unique_ptr<StreamHandler<v1::FetchRequest>> handler;
  };
  v1::FetchRequest Request() const {
    v1::FetchRequest request;
    request.set_grant(grant_.name());
    request.set_matter("2026-0001");
    return request;
  }
  Call& Start(v1::FetchRequest request, absl::Time not_after = absl::InfiniteFuture()) {
    Call& call = calls_.emplace_back();
    call.handler = city_.exchange.Fetch(call.sink);
    Caller caller = city_.SystemCaller();
    caller.not_after = not_after;
    call.handler->OnMessage(caller, request);
    call.handler->OnHalfClose();
    return call;
  }
  // The one query the connector was sent since; waits for it.
  v1::ConnectorQuery Asked() {
    for (int i = 0; i < 1000; ++i) {
      const auto asked = connector_.Asked();
      if (!asked.empty()) return asked[0];
      absl::SleepFor(absl::Milliseconds(1));
    }
    ADD_FAILURE() << "the connector is not asked";
    return {};
  }
  // Answers with `rows` rows that end at `cursor`.
  void Answer(const v1::ConnectorQuery& query, int rows, const std::string& cursor) {
    v1::ConnectorReply reply = ExchangeCity::Good(query);
    const v1::Row row = reply.records().rows(0);
    reply.mutable_records()->clear_rows();
    for (int i = 0; i < rows; ++i) *reply.mutable_records()->add_rows() = row;
    reply.set_next_cursor(cursor);
    connector_.Reply(std::move(reply));
  }
  // What the consumer got; waits for at least one message or the end.
  static std::vector<v1::FetchResponse> Got(Call& call) {
    for (int i = 0; i < 10'000; ++i) {
      call.sink->Run();
      auto got = call.sink->Written();
      if (!got.empty() || call.sink->finished()) return got;
      absl::SleepFor(absl::Milliseconds(1));
    }
    return {};
  }
  static absl::Status End(Call& call) {
    for (int i = 0; i < 10'000 && !call.sink->finished(); ++i) {
      call.sink->Run();
      absl::SleepFor(absl::Milliseconds(1));
    }
    return call.sink->finished().value_or(absl::UnknownError("not finished"));
  }
  std::vector<v1::LedgerEntry> Of(v1::LedgerEntry::EventCase kind) {
    std::vector<v1::LedgerEntry> found;
    for (auto& entry : city_.Entries()) {
      if (entry.event_case() == kind) found.push_back(std::move(entry));
    }
    return found;
  }
  // Waits for the entry that closes a fetch.
  v1::FetchClosed Closed() {
    for (int i = 0; i < 10'000; ++i) {
      const auto closed = Of(v1::LedgerEntry::kFetchClosed);
      if (!closed.empty()) return closed.back().fetch_closed();
      absl::SleepFor(absl::Milliseconds(1));
    }
    return {};
  }

  ExchangeCity city_;
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA);
  v1::Grant grant_;
  std::deque<Call> calls_;
};

TEST_F(FetchTest, ReleasesChunkAfterChunkInTheSourcesOrder) {
  auto& call = Start(Request());
  auto query = Asked();
  EXPECT_TRUE(query.chunk());
  EXPECT_EQ(query.cursor(), "");
  EXPECT_EQ(query.row_limit(), 1000);
  Answer(query, 3, "c3");
  const auto first = Got(call);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].records().rows_size(), 3);
  EXPECT_EQ(first[0].chunk(), 1);
  EXPECT_FALSE(first[0].complete());
  EXPECT_FALSE(first[0].resume_token().empty());
  query = Asked();
  EXPECT_EQ(query.cursor(), "c3");
  Answer(query, 2, "");
  EXPECT_TRUE(End(call).ok());
  const auto last = call.sink->Written();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_TRUE(last[0].complete());
  EXPECT_EQ(last[0].rows_total(), 5);
  EXPECT_EQ(last[0].fetch(), first[0].fetch());
}

TEST_F(FetchTest, EachChunkIsAnEntryAndOneClosesTheFetch) {
  auto request = Request();
  request.set_request_id("monthly");
  auto& call = Start(request);
  Answer(Asked(), 3, "c3");
  Got(call);
  Answer(Asked(), 2, "");
  ASSERT_TRUE(End(call).ok());
  const auto chunks = Of(v1::LedgerEntry::kExchange);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].exchange().chunk(), 1u);
  EXPECT_EQ(chunks[1].exchange().chunk(), 2u);
  EXPECT_EQ(chunks[1].exchange().fetch(), chunks[0].exchange().fetch());
  EXPECT_EQ(chunks[1].exchange().request_id(), "monthly/2");
  const auto closed = Closed();
  EXPECT_TRUE(closed.complete());
  EXPECT_EQ(closed.rows(), 5u);
  EXPECT_EQ(closed.chunks(), 2u);
  EXPECT_EQ(closed.resource(), access::kProjects);
}

TEST_F(FetchTest, GoesOnFromATokenAsOneFetch) {
  auto& broken = Start(Request());
  Answer(Asked(), 3, "c3");
  const auto first = Got(broken);
  ASSERT_EQ(first.size(), 1u);
  Asked();
  broken.handler->OnCancel();
  auto request = Request();
  request.set_resume_token(first[0].resume_token());
  auto& resumed = Start(request);
  const auto query = Asked();
  EXPECT_EQ(query.cursor(), "c3");
  Answer(query, 1, "");
  ASSERT_TRUE(End(resumed).ok());
  const auto last = resumed.sink->Written();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].fetch(), first[0].fetch());
  EXPECT_EQ(last[0].chunk(), 2);
  EXPECT_EQ(last[0].rows_total(), 4);
}

TEST_F(FetchTest, ABrokenFetchIsClosedAsBroken) {
  auto& call = Start(Request());
  Answer(Asked(), 3, "c3");
  Got(call);
  const auto query = Asked();
  call.handler->OnCancel();
  Answer(query, 3, "c6");  // its consumer has gone: not released
  const auto closed = Closed();
  EXPECT_FALSE(closed.complete());
  EXPECT_EQ(closed.reason(), "CALLER_GONE");
  EXPECT_EQ(closed.rows(), 3u);
  EXPECT_EQ(city_.Releases(), 1);
}

TEST_F(FetchTest, ARevokedGrantEndsItAtTheNextChunk) {
  auto& call = Start(Request());
  Answer(Asked(), 3, "c3");
  Got(call);
  const auto query = Asked();
  v1::RevokeGrantRequest revoke;
  revoke.set_name(grant_.name());
  revoke.set_reason("test");
  ASSERT_TRUE(city_.service.RevokeGrant(city_.approver(), revoke).ok());
  Answer(query, 3, "c6");
  EXPECT_EQ(ReasonOf(End(call)), "GRANT_NOT_ACTIVE");
  EXPECT_TRUE(call.sink->Written().empty());
  EXPECT_EQ(Closed().reason(), "GRANT_NOT_ACTIVE");
}

TEST_F(FetchTest, ACertificateThatExpiresLetsNoFurtherChunkBeAsked) {
  auto& call = Start(Request(), city_.clock.Now() + absl::Seconds(10));
  Answer(Asked(), 3, "c3");
  city_.clock.Advance(absl::Seconds(20));
  EXPECT_EQ(Got(call).size(), 1u) << "released while it was good";
  const absl::Status ended = End(call);
  EXPECT_EQ(ReasonOf(ended), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(city_.DenialOf(ended).method(), "/zhanqiao.v1.ExchangeService/Fetch");
  EXPECT_EQ(Closed().reason(), "CERTIFICATE_EXPIRED");
  EXPECT_TRUE(connector_.Asked().empty());
}

TEST_F(FetchTest, ACertificateThatExpiresWhileItsChunkIsInFlightReleasesNothing) {
  auto& call = Start(Request(), city_.clock.Now() + absl::Seconds(10));
  const auto query = Asked();
  city_.clock.Advance(absl::Seconds(20));
  Answer(query, 3, "c3");
  EXPECT_EQ(ReasonOf(End(call)), "CERTIFICATE_EXPIRED");
  EXPECT_TRUE(call.sink->Written().empty());
  EXPECT_EQ(city_.Releases(), 0);
}

TEST_F(FetchTest, RefusesAForgedTokenWithAnEntry) {
  auto request = Request();
  request.set_resume_token(std::string(60, 'x'));
  auto& call = Start(request);
  const absl::Status ended = End(call);
  EXPECT_EQ(ReasonOf(ended), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(city_.DenialOf(ended).reason(), "RESUME_TOKEN_INVALID");
}

TEST_F(FetchTest, RefusesAChunkThatEndsNowhere) {
  auto& call = Start(Request());
  Answer(Asked(), 0, "for ever");
  EXPECT_EQ(ReasonOf(End(call)), "ANSWER_SCHEMA");
}

TEST_F(FetchTest, RefusesAConnectorThatLeavesRowsOutAndKnowsNothingOfChunks) {
  auto& call = Start(Request());
  v1::ConnectorReply reply = ExchangeCity::Good(Asked());
  reply.set_truncated(true);
  connector_.Reply(std::move(reply));
  EXPECT_EQ(ReasonOf(End(call)), "ANSWER_SCHEMA");
}

TEST_F(FetchTest, RefusesChunksOfMoreThanTenThousandRows) {
  auto request = Request();
  request.set_chunk_rows(10'001);
  EXPECT_EQ(ReasonOf(End(Start(request))), "CHUNK_ROWS");
}

TEST_F(FetchTest, IsOneCallOfItsDay) {
  v1::CreateGrantRequest apply = city_.Apply(access::kProjects);
  apply.mutable_grant()->set_daily_calls_max(1);
  const auto made = city_.service.CreateGrant(city_.SystemCaller(), apply).value();
  grant_ = city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(made)).value();
  auto& call = Start(Request());
  Answer(Asked(), 1, "c1");
  Got(call);
  Answer(Asked(), 1, "c2");
  Got(call);
  Answer(Asked(), 1, "");
  EXPECT_TRUE(End(call).ok());
  EXPECT_EQ(ReasonOf(End(Start(Request()))), "QUOTA_EXCEEDED");
}

}  // namespace
}  // namespace zhanqiao::exchange
