#include "hub/api/method_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "hub/api/fake_call_test.h"
#include "zhanqiao/v1/exchange.pb.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kGetEntry[] = "zhanqiao.v1.LedgerService.GetEntry";
constexpr char kGetEntryPath[] = "/zhanqiao.v1.LedgerService/GetEntry";
constexpr char kQuery[] = "zhanqiao.v1.ExchangeService.Query";
constexpr char kQueryPath[] = "/zhanqiao.v1.ExchangeService/Query";
constexpr char kStream[] = "zhanqiao.v1.ExchangeService.QueryStream";
constexpr char kStreamPath[] = "/zhanqiao.v1.ExchangeService/QueryStream";

std::string Entry(uint64_t index) {
  v1::GetEntryRequest request;
  request.set_index(index);
  return request.SerializeAsString();
}

// Answers the index it was asked for.
absl::StatusOr<v1::StoredEntry> Echo(const Caller&, const v1::GetEntryRequest& request) {
  v1::StoredEntry entry;
  entry.set_index(request.index());
  return entry;
}

// A stream that answers each message with its number of queries, and keeps what it was told.
struct Told {
  std::vector<size_t> messages;
  int half_closes = 0, cancels = 0;
  std::shared_ptr<StreamSink<v1::QueryStreamResponse>> sink;
};
class Counting final : public StreamHandler<v1::QueryStreamRequest> {
 public:
  explicit Counting(Told& told) : told_(told) {}
  void OnMessage(const Caller&, v1::QueryStreamRequest& message) override {
    if (message.queries_size() == 3) throw std::runtime_error("three");
    told_.messages.push_back(static_cast<size_t>(message.queries_size()));
    told_.sink->Write({});
  }
  void OnHalfClose() override {
    ++told_.half_closes;
    told_.sink->Finish(absl::OkStatus());
  }
  void OnCancel() override { ++told_.cancels; }

 private:
  Told& told_;
};

class MethodTableTest : public ::testing::Test, protected Bench {
 protected:
  void ServeStream() {
    table.Stream<v1::QueryStreamRequest, v1::QueryStreamResponse>(
        kStream, [this](std::shared_ptr<StreamSink<v1::QueryStreamResponse>> sink) {
          told.sink = std::move(sink);
          return std::make_unique<Counting>(told);
        });
  }
  static std::string Queries(int count) {
    v1::QueryStreamRequest request;
    for (int i = 0; i < count; ++i) request.add_queries()->set_number(static_cast<uint64_t>(i) + 1);
    return request.SerializeAsString();
  }
  Told told;
};

TEST_F(MethodTableTest, ABlockingMethodRunsOnThePoolAndAnswers) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  const auto call = Send(kGetEntryPath, {Entry(7)});
  EXPECT_FALSE(call->finished());
  EXPECT_TRUE(workers.RunOne());
  EXPECT_TRUE(call->WaitForStatus().ok());
  EXPECT_EQ(call->Last<v1::StoredEntry>().index(), 7u);
}

TEST_F(MethodTableTest, AnAsyncMethodStartsAtOnceAndAnswersLater) {
  Reply<v1::QueryResponse> later;
  table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
      kQuery, [&](const Caller&, v1::QueryRequest, Reply<v1::QueryResponse> reply) { later = std::move(reply); }, {},
      [](const v1::QueryResponse& response) {
        return edge::Metadata{{"zhanqiao-ledger-index", std::to_string(response.receipt().index())}};
      });
  const auto call = Send(kQueryPath, {""});
  EXPECT_FALSE(call->finished());
  v1::QueryResponse response;
  response.mutable_receipt()->set_index(9);
  later(response);
  EXPECT_TRUE(call->WaitForStatus().ok());
  EXPECT_EQ(call->Trailer("zhanqiao-ledger-index"), "9");
}

TEST_F(MethodTableTest, AnAnswerThatIsDroppedIsInternal) {
  table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
      kQuery, [](const Caller&, v1::QueryRequest, Reply<v1::QueryResponse>) {});
  const auto call = Send(kQueryPath, {""});
  EXPECT_EQ(ReasonOf(call->WaitForStatus()), "ANSWER_LOST");
}

TEST_F(MethodTableTest, AnAnswerCountsOnce) {
  table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
      kQuery, [](const Caller&, v1::QueryRequest, Reply<v1::QueryResponse> reply) {
        reply(v1::QueryResponse());
        reply(absl::InternalError("again"));
      });
  const auto call = Send(kQueryPath, {""});
  EXPECT_TRUE(call->WaitForStatus().ok());
  EXPECT_EQ(call->finishes(), 1);
}

TEST_F(MethodTableTest, AThrowingServiceIsInternalWithoutItsText) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(
      kGetEntry, [](const Caller&, const v1::GetEntryRequest&) -> absl::StatusOr<v1::StoredEntry> {
        throw std::runtime_error("/var/lib/secret");
      });
  table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
      kQuery, [](const Caller&, v1::QueryRequest, Reply<v1::QueryResponse>) { throw 7; });
  const auto blocking = Send(kGetEntryPath, {Entry(1)});
  workers.RunOne();
  EXPECT_EQ(ReasonOf(blocking->WaitForStatus()), "INTERNAL_ERROR");
  EXPECT_THAT(std::string(blocking->WaitForStatus().message()), ::testing::Not(HasSubstr("secret")));
  EXPECT_EQ(Send(kQueryPath, {""})->WaitForStatus().code(), absl::StatusCode::kInternal);
}

TEST_F(MethodTableTest, AFullPoolRefusesWithADelay) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  const auto first = Send(kGetEntryPath, {Entry(1)});
  const auto second = Send(kGetEntryPath, {Entry(2)});
  const auto third = Send(kGetEntryPath, {Entry(3)});
  EXPECT_EQ(third->WaitForStatus().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(third->WaitForStatus()), "HUB_OVERLOADED");
  EXPECT_TRUE(third->WaitForStatus().GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  workers.Close();
  EXPECT_TRUE(first->WaitForStatus().ok());
  EXPECT_TRUE(second->WaitForStatus().ok());
}

TEST_F(MethodTableTest, ACallWhoseDeadlinePassedInTheQueueDoesNotRun) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  const auto call = Send(kGetEntryPath, {Entry(1)}, clock.Now() + absl::Seconds(1));
  clock.Advance(absl::Seconds(2));
  workers.RunOne();
  EXPECT_EQ(call->WaitForStatus().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(MethodTableTest, TheServiceSeesCallerDeadlineAndTrace) {
  Caller seen;
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(
      kGetEntry, [&](const Caller& caller, const v1::GetEntryRequest& request) {
        seen = caller;
        return Echo(caller, request);
      });
  auto call = std::make_shared<FakeCall>(kGetEntryPath, clock.Now() + absl::Seconds(5));
  call->metadata_ = {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  table.Start(call)->OnMessage(Entry(1));
  workers.RunOne();
  EXPECT_EQ(seen.kind, SubjectKind::kSystem);
  EXPECT_EQ(seen.deadline, clock.Now() + absl::Seconds(5));
  EXPECT_EQ(seen.address, "127.0.0.1:50000");
  EXPECT_EQ(seen.trace, "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(MethodTableTest, CallsWithoutATraceGetDifferentNumbers) {
  std::vector<std::string> traces;
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(
      kGetEntry, [&](const Caller& caller, const v1::GetEntryRequest& request) {
        traces.push_back(caller.trace);
        return Echo(caller, request);
      });
  for (int i = 0; i < 2; ++i) {
    Send(kGetEntryPath, {Entry(1)});
    workers.RunOne();
  }
  ASSERT_THAT(traces, SizeIs(2));
  EXPECT_THAT(traces[0], SizeIs(32));
  EXPECT_NE(traces[0], traces[1]);
}

TEST_F(MethodTableTest, AnUnknownCallerIsRecordedAndRefusedWithTheLedgerIndex) {
  bool ran = false;
  table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
      kQuery, [&](const Caller&, v1::QueryRequest, Reply<v1::QueryResponse>) { ran = true; });
  refusal = Fail(absl::StatusCode::kPermissionDenied, "CERTIFICATE_REVOKED", "The certificate is revoked.");
  const auto call = Send(kQueryPath, {""});
  EXPECT_EQ(ReasonOf(call->WaitForStatus()), "CERTIFICATE_REVOKED");
  EXPECT_EQ(FactOf(call->WaitForStatus(), "ledger_index"), "42");
  EXPECT_EQ(call->Trailer("zhanqiao-ledger-index"), "42");
  EXPECT_THAT(recorded, ElementsAre(kQueryPath));
  EXPECT_FALSE(ran);
}

TEST_F(MethodTableTest, MalformedBytesAreRefusedByType) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  const auto call = Send(kGetEntryPath, {"\xff\xff\xff"});
  EXPECT_EQ(call->WaitForStatus().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(call->WaitForStatus()), "REQUEST_MALFORMED");
  EXPECT_EQ(FactOf(call->WaitForStatus(), "type"), "zhanqiao.v1.GetEntryRequest");
}

TEST_F(MethodTableTest, NoMessageIsInternalAndASecondIsIgnored) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  EXPECT_EQ(Send(kGetEntryPath, {})->WaitForStatus().code(), absl::StatusCode::kInternal);
  const auto call = Send(kGetEntryPath, {Entry(1), Entry(2)});
  while (workers.RunOne()) {
  }
  EXPECT_EQ(call->Last<v1::StoredEntry>().index(), 1u);
  EXPECT_THAT(call->written(), SizeIs(1));
}

TEST_F(MethodTableTest, AStreamCarriesMessagesBothWays) {
  ServeStream();
  const auto call = Send(kStreamPath, {Queries(1), Queries(2)});
  EXPECT_TRUE(call->WaitForStatus().ok());
  EXPECT_THAT(told.messages, ElementsAre(1, 2));
  EXPECT_THAT(call->written(), SizeIs(2));
  EXPECT_EQ(told.cancels, 0);
}

TEST_F(MethodTableTest, ARevokedCallerEndsItsOpenStreamAtTheNextMessage) {
  ServeStream();
  auto call = std::make_shared<FakeCall>(kStreamPath);
  auto handler = table.Start(call);
  handler->OnMessage(Queries(1));
  refusal = Fail(absl::StatusCode::kPermissionDenied, "CERTIFICATE_REVOKED", "The certificate is revoked.");
  handler->OnMessage(Queries(2));
  EXPECT_EQ(FactOf(call->WaitForStatus(), "ledger_index"), "42");
  EXPECT_THAT(told.messages, ElementsAre(1));
  EXPECT_EQ(told.cancels, 1);
  told.sink->Write({});
  told.sink->Finish(absl::OkStatus());
  handler->OnCancel();
  EXPECT_EQ(told.cancels, 1);
  EXPECT_EQ(call->finishes(), 1);
  EXPECT_THAT(call->written(), SizeIs(1));
}

TEST_F(MethodTableTest, MalformedBytesOrAnExceptionEndTheStream) {
  ServeStream();
  EXPECT_EQ(ReasonOf(Send(kStreamPath, {"\xff\xff"})->WaitForStatus()), "REQUEST_MALFORMED");
  EXPECT_EQ(ReasonOf(Send(kStreamPath, {Queries(3)})->WaitForStatus()), "INTERNAL_ERROR");
  EXPECT_EQ(told.cancels, 2);
  EXPECT_EQ(told.half_closes, 0);
}

TEST_F(MethodTableTest, WhatAStreamPostedIsDroppedOnceItHasEnded) {
  ServeStream();
  auto call = std::make_shared<FakeCall>(kStreamPath);
  auto handler = table.Start(call);
  int ran = 0;
  told.sink->Post([&] { ++ran; });
  call->RunPosted();
  told.sink->Post([&] { ++ran; });
  handler.reset();
  call->RunPosted();
  EXPECT_EQ(ran, 1);
}

TEST_F(MethodTableTest, APeerThatGoesIsToldOnceAndCounted) {
  ServeStream();
  auto call = std::make_shared<FakeCall>(kStreamPath);
  auto handler = table.Start(call);
  handler->OnCancel();
  EXPECT_EQ(told.cancels, 1);
  EXPECT_THAT(metrics.Text(), HasSubstr("code=\"CANCELLED\""));
}

TEST_F(MethodTableTest, ShapesFollowTheDescriptors) {
  ServeStream();
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  EXPECT_TRUE(table.Shape(kStreamPath).client_streaming);
  EXPECT_TRUE(table.Shape(kStreamPath).server_streaming);
  EXPECT_TRUE(table.Shape(kGetEntryPath).known);
  EXPECT_FALSE(table.Shape(kGetEntryPath).server_streaming);
  EXPECT_FALSE(table.Shape("/zhanqiao.v1.LedgerService/Nothing").known);
  EXPECT_EQ(Send("/zhanqiao.v1.LedgerService/Nothing", {""})->WaitForStatus().code(),
            absl::StatusCode::kUnimplemented);
}

TEST_F(MethodTableTest, APathGoesToItsOwnHandlerThenAnRpcThenTheLongestPrefix) {
  const auto says = [](std::string word) {
    return [word](const edge::HttpRequest&, const edge::HttpReply& reply) { reply({.status = 200, .headers = {}, .body = word}); };
  };
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  EXPECT_EQ(Http("GET", "/console/a", "").status, 404);
  table.HttpUnder("/", says("site"));
  table.HttpUnder("/console/", says("console"));
  table.Http("/console/exact", says("exact"));
  EXPECT_EQ(Http("GET", "/console/exact?x=/", "").body, "exact");
  EXPECT_EQ(Http("GET", "/console/a/b", "").body, "console");
  EXPECT_EQ(Http("GET", "/console", "").body, "site");
  EXPECT_EQ(Http("GET", "/?q=/console/", "").body, "site");
  EXPECT_EQ(Http("POST", kGetEntryPath, R"({"index":"7"})").body, R"({"index":"7"})");
  table.HttpUnder("/console", says("never"));
  EXPECT_THAT(table.problems(), SizeIs(1));
}

TEST_F(MethodTableTest, AnHttpHandlerThatBlocksRunsOnThePool) {
  bool ran = false;
  table.HttpUnder("/slow/", table.OnWorkers([&](const edge::HttpRequest& request) {
    ran = true;
    if (request.target == "/slow/throws") throw std::runtime_error("three");
    return edge::HttpResponse{.status = 201, .headers = {}, .body = request.target};
  }));
  edge::HttpRequest request;
  request.target = "/slow/a";
  edge::HttpResponse answer;
  table.HandleHttp(request, [&](edge::HttpResponse response) { answer = std::move(response); });
  EXPECT_FALSE(ran);
  EXPECT_TRUE(workers.RunOne());
  EXPECT_EQ(answer.body, "/slow/a");
  EXPECT_EQ(Http("GET", "/slow/throws", "").status, 500);
}

TEST_F(MethodTableTest, RegistrationsThatDoNotFitTheContractAreProblems) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>("zhanqiao.v1.LedgerService.GetEntri", Echo);
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>("zhanqiao.v1.LedgerService.ListEntries", Echo);
  table.Unary<v1::QueryStreamRequest, v1::QueryStreamResponse>(
      kStream, [](const Caller&, const v1::QueryStreamRequest&) { return v1::QueryStreamResponse(); });
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  EXPECT_THAT(table.problems(), SizeIs(4));
}

TEST_F(MethodTableTest, MissingNamesTheRpcsNobodyRegistered) {
  EXPECT_THAT(table.Missing("zhanqiao.v1"), Contains(kGetEntry));
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  EXPECT_THAT(table.Missing("zhanqiao.v1"), ::testing::Not(Contains(kGetEntry)));
  EXPECT_THAT(table.Missing("zhanqiao.v1"), Contains(kQuery));
}

TEST_F(MethodTableTest, OutcomesAreCountedByMethodAndCode) {
  table.Unary<v1::GetEntryRequest, v1::StoredEntry>(kGetEntry, Echo);
  Send(kGetEntryPath, {Entry(1)});
  workers.RunOne();
  Send(kGetEntryPath, {"\xff"});
  const std::string text = metrics.Text();
  EXPECT_THAT(text,
              HasSubstr("hub_api_calls_total{method=\"/zhanqiao.v1.LedgerService/GetEntry\",code=\"OK\"} 1"));
  EXPECT_THAT(text, HasSubstr("code=\"INVALID_ARGUMENT\""));
}

TEST_F(MethodTableTest, RandomBytesNeverCrashAndAlwaysGetAnAnswer) {
  const uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
      kQuery, [](const Caller&, v1::QueryRequest, Reply<v1::QueryResponse> reply) { reply(v1::QueryResponse()); });
  ServeStream();
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % (round % 2 ? 256 : 32));
    for (const char* path : {kQueryPath, kStreamPath}) {
      const auto call = Send(path, {bytes});
      ASSERT_TRUE(call->finished()) << path;
      ASSERT_EQ(call->finishes(), 1) << path;
    }
    const auto answer = Http("POST", kQueryPath, bytes);
    ASSERT_TRUE(answer.status == 200 || answer.status == 400) << answer.body;
  }
}

}  // namespace
}  // namespace zhanqiao::api
