#include "connectors/agent/agent.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/synchronization/notification.h"
#include "catalog/base/error.h"
#include "connectors/agent/fake_hub.h"
#include "connectors/agent/seal.h"

namespace zhanqiao::connectors {
namespace {

constexpr char kResource[] = "resources/308001370200~000001";

// Answers every request with one text of a given size, and counts.
class Echo final : public Adapter {
 public:
  Echo(std::atomic<int>& calls, size_t bytes) : calls_(calls), bytes_(bytes) {}
  absl::Status Answer(const v1::ConnectorQuery&, v1::ConnectorReply& reply) const override {
    ++calls_;
    reply.mutable_records()->add_rows()->add_values()->set_text(std::string(bytes_, 'x'));
    return absl::OkStatus();
  }

 private:
  std::atomic<int>& calls_;
  const size_t bytes_;
};

// Waits with the request of number 1 until it is let go; says how many may wait.
class Gate final : public Adapter {
 public:
  Gate(absl::Notification& open, int waiting_max) : open_(open), waiting_max_(waiting_max) {}
  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override {
    if (query.number() == 1) open_.WaitForNotification();
    reply.mutable_records()->add_rows()->add_values()->set_integer(query.timeout_ms());
    return absl::OkStatus();
  }
  int waiting_max() const override { return waiting_max_; }

 private:
  absl::Notification& open_;
  const int waiting_max_;
};

v1::Resource Entry() {
  v1::Resource entry;
  entry.set_name(kResource);
  entry.add_fields()->set_field("permit");
  return entry;
}

v1::ConnectResponse Requests(uint64_t first, int count, const std::string& resource = kResource) {
  v1::ConnectResponse response;
  for (int i = 0; i < count; ++i) {
    auto& query = *response.mutable_requests()->add_queries();
    query.set_number(first + static_cast<uint64_t>(i));
    query.set_resource(resource);
  }
  return response;
}

std::string ReasonIn(const v1::ConnectorReply& reply) {
  return ReasonOf(FromDetails(static_cast<absl::StatusCode>(reply.error().code()), reply.error().message(),
                              reply.error().SerializeAsString()));
}

class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    options_.hub = hub_.address();
    options_.backoff_base = options_.backoff_max = absl::Milliseconds(20);
  }

  ~AgentTest() override {
    if (agent_ == nullptr) return;
    agent_->Stop();
    running_.join();
  }

  // Runs the agent and returns its first stream, welcomed.
  std::shared_ptr<FakeHub::Stream> Connected(int heartbeat_ms = 10'000) {
    Run();
    return Welcomed(heartbeat_ms);
  }

  void Run() {
    AdapterFactory echo = [this](const v1::Resource&) -> absl::StatusOr<std::unique_ptr<Adapter>> {
      ++made_;
      if (!broken_.ok()) return broken_;
      if (waiting_max_ > 0) return std::make_unique<Gate>(open_, waiting_max_);
      return std::make_unique<Echo>(calls_, answer_bytes_);
    };
    agent_ = std::make_unique<Agent>(options_, std::map<std::string, AdapterFactory>{{kResource, echo}}, random_);
    running_ = std::thread([this] { agent_->Run(); });
  }

  std::shared_ptr<FakeHub::Stream> Welcomed(int heartbeat_ms = 10'000) {
    auto stream = hub_.Accept();
    if (stream == nullptr || !stream->Receive()) return nullptr;
    stream->Welcome(Entry(), heartbeat_ms);
    return stream;
  }

  FakeHub hub_;
  AgentOptions options_;
  SystemRandom random_;
  std::atomic<int> calls_{0};
  std::atomic<int> made_{0};
  size_t answer_bytes_ = 10;
  int waiting_max_ = 0;  // above: the source waits until it is let go
  absl::Notification open_;
  absl::Status broken_;
  std::unique_ptr<Agent> agent_;
  std::thread running_;
};

TEST_F(AgentTest, SaysHowMuchItTakesAndLeavesToTheCatalogueWhatItServes) {
  options_.credits = 77;
  Run();
  const auto stream = hub_.Accept();
  ASSERT_NE(stream, nullptr);
  const auto first = stream->Receive();
  ASSERT_TRUE(first && first->has_hello());
  EXPECT_EQ(first->hello().credits(), 77);
  EXPECT_EQ(first->hello().resources_size(), 0);
  EXPECT_LE(first->hello().software().size(), 64u);
}

TEST_F(AgentTest, AnswersABatchInOneMessageAndALongerOneIn64s) {
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 64));
  auto replies = stream->Receive();
  ASSERT_TRUE(replies);
  ASSERT_EQ(replies->replies().replies_size(), 64);
  EXPECT_EQ(replies->replies().replies(63).number(), 64u);
  EXPECT_EQ(replies->replies().replies(63).records().rows(0).values(0).text().size(), 10u);
  stream->Send(Requests(100, 100));
  EXPECT_EQ(stream->Receive()->replies().replies_size(), 64);
  EXPECT_EQ(stream->Receive()->replies().replies_size(), 36);
}

TEST_F(AgentTest, WithASealEveryMessageIsSignedOverItsAnswers) {
  const Ed25519Key key = Ed25519Key::FromSeed(std::string(32, 'k'));
  const SystemClock clock;
  options_.seal = std::make_shared<const AnswerSeal>(key, nullptr, clock);
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  v1::ConnectResponse requests = Requests(1, 3);
  for (auto& query : *requests.mutable_requests()->mutable_queries()) query.set_commitment(std::string(32, 'c'));
  stream->Send(requests);
  const auto replies = stream->Receive();
  ASSERT_TRUE(replies);
  std::vector<std::string_view> digests;
  for (const auto& reply : replies->replies().replies()) digests.push_back(reply.digest());
  ASSERT_EQ(digests.size(), 3u);
  EXPECT_TRUE(SignedBatch::Check(kSignedAnswers, key.public_key(), digests, replies->replies().signature()).ok());
}

TEST_F(AgentTest, NothingLeavesThatCannotBeWrittenDown) {
  const SystemClock clock;
  auto journal = Journal::Open({.path = "/dev/full"});
  ASSERT_TRUE(journal.ok()) << journal.status();
  options_.seal = std::make_shared<const AnswerSeal>(std::nullopt, *std::move(journal), clock);
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  v1::ConnectResponse requests = Requests(1, 1);
  requests.mutable_requests()->mutable_queries(0)->set_commitment(std::string(32, 'c'));
  stream->Send(requests);
  EXPECT_FALSE(stream->Receive().has_value());
  EXPECT_TRUE(stream->Ended());
}

TEST_F(AgentTest, AnswersEachOfManyRequestsExactlyOnce) {
  options_.credits = 4096;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  for (int i = 0; i < 1000; ++i) stream->Send(Requests(static_cast<uint64_t>(2 * i), 2));
  std::set<uint64_t> numbers;
  for (int answers = 0; answers < 2000;) {
    const auto message = stream->Receive();
    ASSERT_TRUE(message);
    EXPECT_LE(message->replies().replies_size(), 64);
    answers += message->replies().replies_size();
    for (const auto& reply : message->replies().replies()) EXPECT_TRUE(numbers.insert(reply.number()).second);
  }
  EXPECT_EQ(numbers.size(), 2000u);
}

TEST_F(AgentTest, RefusesAnEntryItDoesNotServe) {
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(5, 1, "resources/308001370200~000002"));
  const auto message = stream->Receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->replies().replies(0).number(), 5u);
  EXPECT_EQ(ReasonIn(message->replies().replies(0)), "RESOURCE_NOT_SERVED");
}

TEST_F(AgentTest, RefusesAnAnswerThatIsTooLarge) {
  options_.answer_bytes_max = 1000;
  answer_bytes_ = 1001;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 1));
  const auto message = stream->Receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(ReasonIn(message->replies().replies(0)), "ANSWER_TOO_LARGE");
  EXPECT_FALSE(message->replies().replies(0).has_records());
}

TEST_F(AgentTest, ASourceThatDoesNotLoadIsRefusedWithoutItsContentAndTriedAgainAtTheNextWelcome) {
  broken_ = Fail(absl::StatusCode::kInvalidArgument, "CSV_INVALID", "secret row");
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 1));
  const auto message = stream->Receive();
  ASSERT_TRUE(message);
  const v1::ConnectorReply& reply = message->replies().replies(0);
  EXPECT_EQ(ReasonIn(reply), "SOURCE_UNAVAILABLE");
  EXPECT_EQ(reply.SerializeAsString().find("secret"), std::string::npos);
  broken_ = absl::OkStatus();
  stream->Cancel();
  const auto next = Welcomed();
  ASSERT_NE(next, nullptr);
  next->Send(Requests(1, 1));
  EXPECT_TRUE(next->Receive()->replies().replies(0).has_records());
}

TEST_F(AgentTest, DialsAgainWhenTheHubHasRestarted) {
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  hub_.Stop();
  FakeHub again(hub_.port());
  const auto next = again.Accept();
  ASSERT_NE(next, nullptr);
  ASSERT_TRUE(next->Receive()->has_hello());
  next->Welcome(Entry(), 10'000);
  next->Send(Requests(1, 1));
  EXPECT_TRUE(next->Receive()->replies().replies(0).has_records());
  EXPECT_EQ(made_, 1);  // the same schema: the source is not loaded again
  agent_->Stop();
  running_.join();
  agent_ = nullptr;
}

TEST_F(AgentTest, DialsAgainWhenItWasRefused) {
  hub_.RefuseNext({grpc::StatusCode::PERMISSION_DENIED, "Not registered yet."});
  EXPECT_NE(Connected(), nullptr);
}

TEST_F(AgentTest, ShowsThatItLives) {
  const auto stream = Connected(1000);
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(stream->HearsAHeartbeat());
}

TEST_F(AgentTest, LeavesAHubThatHasGoneSilent) {
  const auto stream = Connected(20);
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(stream->Ended());
  EXPECT_NE(hub_.Accept(), nullptr);
}

TEST_F(AgentTest, LeavesAHubThatDoesNotWelcomeIt) {
  options_.welcome_timeout = absl::Milliseconds(50);
  Run();
  const auto stream = hub_.Accept();
  ASSERT_NE(stream, nullptr);
  EXPECT_TRUE(stream->Ended());
}

TEST_F(AgentTest, LeavesAHubThatBreaksTheProtocol) {
  options_.credits = 4;
  const auto over = Connected();
  ASSERT_NE(over, nullptr);
  over->Send(Requests(1, 33));  // more than eight times the credits
  EXPECT_TRUE(over->Ended());
  const auto twice = Welcomed();
  ASSERT_NE(twice, nullptr);
  twice->Welcome(Entry(), 10'000);
  EXPECT_TRUE(twice->Ended());
  const auto early = hub_.Accept();
  ASSERT_NE(early, nullptr);
  early->Send(Requests(1, 1));
  EXPECT_TRUE(early->Ended());
}

TEST_F(AgentTest, RequestsCancelledBeforeTheirTurnNeverReachTheSource) {
  answer_bytes_ = 100 << 10;
  options_.unsent_bytes_max = 256 << 10;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Pause();
  for (uint64_t first = 0; first < 200; first += 2) stream->Send(Requests(first, 2));
  v1::ConnectResponse cancels;
  for (uint64_t number = 150; number < 200; ++number) cancels.mutable_cancels()->add_numbers(number);
  stream->Send(cancels);
  stream->Resume();
  int cancelled = 0;
  for (int answers = 0; answers < 200;) {
    const auto message = stream->Receive();
    ASSERT_TRUE(message);
    answers += message->replies().replies_size();
    for (const auto& reply : message->replies().replies()) cancelled += ReasonIn(reply) == "REQUEST_CANCELLED";
  }
  EXPECT_EQ(cancelled, 50);
  EXPECT_EQ(calls_, 150);
}

TEST_F(AgentTest, ASourceThatWaitsHoldsUpNoOtherRequest) {
  waiting_max_ = 2;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 1));
  for (uint64_t number = 2; number < 20; ++number) {
    stream->Send(Requests(number, 1));
    const auto message = stream->Receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->replies().replies(0).number(), number);
  }
  open_.Notify();
  EXPECT_EQ(stream->Receive()->replies().replies(0).number(), 1u);
}

TEST_F(AgentTest, ASourceIsToldHowMuchOfTheCallersTimeIsLeft) {
  waiting_max_ = 1;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  v1::ConnectResponse request = Requests(2, 1);
  request.mutable_requests()->mutable_queries(0)->set_timeout_ms(60'000);
  stream->Send(request);
  const auto message = stream->Receive();
  ASSERT_TRUE(message);
  const int64_t left = message->replies().replies(0).records().rows(0).values(0).integer();
  EXPECT_GT(left, 0);
  EXPECT_LE(left, 60'000);
  open_.Notify();
}

TEST_F(AgentTest, TooManyForOneSourceAreRefusedAtOnce) {
  waiting_max_ = 1;
  options_.credits = 8192;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  for (uint64_t first = 1; first < 5000; first += 50) stream->Send(Requests(first, 50));
  const auto message = stream->Receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(ReasonIn(message->replies().replies(0)), "SOURCE_BUSY");
  open_.Notify();
}

TEST_F(AgentTest, WhatIsUnderWayWhenAStreamEndsDisturbsTheNextInNothing) {
  waiting_max_ = 2;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 1));
  stream->Cancel();
  const auto next = Welcomed();
  ASSERT_NE(next, nullptr);
  next->Send(Requests(2, 1));
  const auto message = next->Receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->replies().replies(0).number(), 2u);
  open_.Notify();
  next->Send(Requests(3, 1));
  EXPECT_EQ(next->Receive()->replies().replies(0).number(), 3u);
}

TEST_F(AgentTest, WaitsForItsSourcesWhenItIsStopped) {
  waiting_max_ = 2;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 1));
  stream->Send(Requests(2, 1));
  EXPECT_EQ(stream->Receive()->replies().replies(0).number(), 2u);
  agent_->Stop();
  open_.Notify();
  EXPECT_EQ(stream->Receive()->replies().replies(0).number(), 1u);
  running_.join();
  agent_ = nullptr;
}

TEST_F(AgentTest, HoldsBoundedAnswersForAHubThatDoesNotRead) {
  answer_bytes_ = 100 << 10;
  options_.unsent_bytes_max = 256 << 10;
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Pause();
  for (uint64_t first = 0; first < 1000; first += 2) stream->Send(Requests(first, 2));
  stream->Cancel();
  ASSERT_NE(Welcomed(), nullptr);
  EXPECT_LT(calls_, 500);
}

TEST_F(AgentTest, AnswersWhatItHasReceivedThenHalfClosesWhenStopped) {
  const auto stream = Connected();
  ASSERT_NE(stream, nullptr);
  stream->Send(Requests(1, 10));
  EXPECT_EQ(stream->Receive()->replies().replies_size(), 10);
  agent_->Stop();
  EXPECT_TRUE(stream->Ended());
  running_.join();
  agent_ = nullptr;
  EXPECT_EQ(calls_, 10);
}

TEST_F(AgentTest, StopsWhileNoHubIsThere) {
  hub_.Stop();
  Run();
  agent_->Stop();
  running_.join();
  agent_ = nullptr;
}

TEST(Agent, NeverDialsAnotherMachineInPlaintext) {
  AgentOptions options;
  options.hub = "hub.example:7443";
  options.backoff_base = absl::Milliseconds(1);
  SystemRandom random;
  Agent agent(options, {}, random);
  std::thread running([&agent] { agent.Run(); });
  agent.Stop();
  running.join();
}

}  // namespace
}  // namespace zhanqiao::connectors
