#include "catalog/operations/operations.h"

#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "catalog/base/error.h"
#include "catalog/operations/operation_service.h"

namespace zhanqiao::operations {
namespace {

constexpr char kClerk[] = "organizations/370200-FGW/persons/clerk";
constexpr char kOther[] = "organizations/370200-GAJ/persons/clerk";

// Work that says when it runs and goes on when it is told to.
struct Held {
  absl::Notification running;
  absl::Notification go;
  Work work() {
    return [this](Progress& progress) -> absl::StatusOr<Outcome> {
      progress.Stage("reading", 400, 100);
      progress.Items(50);
      running.Notify();
      go.WaitForNotification();
      TRY(progress.Check());
      Outcome outcome;
      auto response = std::make_unique<v1::GetOperationRequest>();
      response->set_name("what came of it");
      outcome.response = std::move(response);
      outcome.file = std::make_shared<const std::string>("file");
      return outcome;
    };
  }
};

class OperationsTest : public testing::Test {
 protected:
  v1::Operation Start(Work work, std::string_view owner = kClerk) {
    auto started = operations_.Start(owner, "test", std::move(work));
    EXPECT_TRUE(started.ok()) << started.status();
    return started.value_or(v1::Operation());
  }
  // Waits for the end, whatever the simulated time.
  v1::Operation Ended(const std::string& name) {
    absl::Notification ended;
    absl::StatusOr<v1::Operation> answer;
    operations_.Wait(kClerk, name, absl::InfiniteFuture(), [&](absl::StatusOr<v1::Operation> operation) {
      answer = std::move(operation);
      ended.Notify();
    });
    ended.WaitForNotification();
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(v1::Operation());
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1514764800)};
  SeededRandom random_{7};
  Operations operations_{clock_, random_, {.waiting_max = 2, .finished_max = 3, .file_bytes_max = 10}};
  OperationService service_{operations_, clock_};
};

TEST_F(OperationsTest, WorkTellsHowFarItIsAndWhatCameOfIt) {
  Held held;
  const v1::Operation started = Start(held.work());
  EXPECT_FALSE(started.done());
  held.running.WaitForNotification();
  const auto half = operations_.Get(kClerk, started.name());
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->stage(), "reading");
  EXPECT_EQ(half->progress_permille(), 200);
  EXPECT_EQ(half->items_done(), 50);
  EXPECT_EQ(half->items_total(), 100);
  held.go.Notify();
  const v1::Operation done = Ended(started.name());
  EXPECT_TRUE(done.done());
  EXPECT_EQ(done.progress_permille(), 1000);
  v1::GetOperationRequest response;
  ASSERT_TRUE(done.response().UnpackTo(&response));
  EXPECT_EQ(response.name(), "what came of it");
  EXPECT_EQ(*operations_.FileOf(kClerk, done.name())->content, "file");
}

TEST_F(OperationsTest, FailedWorkCarriesItsReason) {
  const v1::Operation done = Ended(Start([](Progress&) -> absl::StatusOr<Outcome> {
    return Fail(absl::StatusCode::kInvalidArgument, "ZIP_BOMB", "No.", {{"limit", "9"}});
  }).name());
  const absl::Status status = FromDetails(static_cast<absl::StatusCode>(done.error().code()), done.error().message(),
                                          done.error().SerializeAsString());
  EXPECT_EQ(ReasonOf(status), "ZIP_BOMB");
  EXPECT_EQ(FactOf(status, "limit"), "9");
}

TEST_F(OperationsTest, AnExceptionEndsItsOperationOnly) {
  const v1::Operation thrown = Ended(Start([](Progress&) -> absl::StatusOr<Outcome> { throw std::runtime_error("x"); }).name());
  EXPECT_EQ(thrown.error().code(), static_cast<int>(absl::StatusCode::kInternal));
  EXPECT_TRUE(Ended(Start([](Progress&) { return absl::StatusOr<Outcome>(Outcome()); }).name()).done());
}

TEST_F(OperationsTest, ForOthersItDoesNotExist) {
  const std::string name = Start([](Progress&) { return absl::StatusOr<Outcome>(Outcome()); }).name();
  EXPECT_EQ(ReasonOf(operations_.Get(kOther, name).status()), "OPERATION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(operations_.Cancel(kOther, name).status()), "OPERATION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(operations_.FileOf(kOther, name).status()), "OPERATION_NOT_FOUND");
  EXPECT_TRUE(operations_.List(kOther, "", 10).empty());
  absl::Status waited;
  operations_.Wait(kOther, name, absl::InfiniteFuture(), [&](auto answer) { waited = answer.status(); });
  EXPECT_EQ(ReasonOf(waited), "OPERATION_NOT_FOUND");
}

TEST_F(OperationsTest, CancelledWorkStopsWhereItAsks) {
  Held held;
  const std::string name = Start(held.work()).name();
  held.running.WaitForNotification();
  EXPECT_TRUE(operations_.Cancel(kClerk, name)->cancel_requested());
  held.go.Notify();
  EXPECT_EQ(Ended(name).error().code(), static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_TRUE(operations_.Cancel(kClerk, name)->done()) << "cancelling what is done changes nothing";
}

TEST_F(OperationsTest, WaitingWorkIsBoundedAndCancelledWithoutRunning) {
  Held held;
  Start(held.work());
  held.running.WaitForNotification();
  bool ran = false;
  const std::string waiting = Start([&](Progress&) {
    ran = true;
    return absl::StatusOr<Outcome>(Outcome());
  }).name();
  Start([](Progress&) { return absl::StatusOr<Outcome>(Outcome()); });
  EXPECT_EQ(ReasonOf(operations_.Start(kClerk, "test", [](Progress&) { return absl::StatusOr<Outcome>(Outcome()); }).status()),
            "OPERATIONS_FULL");
  EXPECT_EQ(operations_.Cancel(kClerk, waiting)->error().code(), static_cast<int>(absl::StatusCode::kCancelled));
  held.go.Notify();
  EXPECT_TRUE(Ended(waiting).done());
  operations_.Stop();
  EXPECT_FALSE(ran);
}

TEST_F(OperationsTest, OldFinishedOnesAndTheirFilesGo) {
  const auto work = [](Progress&) -> absl::StatusOr<Outcome> {
    Outcome outcome;
    outcome.file = std::make_shared<const std::string>("6bytes");
    return outcome;
  };
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) {
    names.push_back(Ended(Start(work).name()).name());
    clock_.Advance(absl::Milliseconds(1));
  }
  EXPECT_EQ(ReasonOf(operations_.Get(kClerk, names[0]).status()), "OPERATION_NOT_FOUND");
  EXPECT_EQ(operations_.FileOf(kClerk, names[2])->content, nullptr);
  EXPECT_NE(operations_.FileOf(kClerk, names[3])->content, nullptr);
}

TEST_F(OperationsTest, ListsNewestFirstInPages) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(Ended(Start([](Progress&) { return absl::StatusOr<Outcome>(Outcome()); }).name()).name());
    clock_.Advance(absl::Milliseconds(1));
  }
  Caller caller;
  caller.subject = kClerk;
  v1::ListOperationsRequest request;
  request.set_page_size(2);
  const auto first = service_.ListOperations(caller, request);
  ASSERT_EQ(first->operations_size(), 2);
  EXPECT_EQ(first->operations(0).name(), names[2]);
  request.set_page_token(first->next_page_token());
  const auto second = service_.ListOperations(caller, request);
  ASSERT_EQ(second->operations_size(), 1);
  EXPECT_EQ(second->operations(0).name(), names[0]);
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(OperationsTest, WhoWaitsIsAnsweredWhenHisTimeIsUp) {
  Held held;
  const std::string name = Start(held.work()).name();
  held.running.WaitForNotification();
  Caller caller;
  caller.subject = kClerk;
  v1::WaitOperationRequest request;
  request.set_name(name);
  request.set_timeout_ms(500);
  int answers = 0;
  bool done = true;
  service_.WaitOperation(caller, request, [&](absl::StatusOr<v1::Operation> operation) {
    ++answers;
    done = operation->done();
  });
  operations_.Sweep();
  EXPECT_EQ(answers, 0);
  clock_.Advance(absl::Milliseconds(500));
  operations_.Sweep();
  EXPECT_EQ(answers, 1);
  EXPECT_FALSE(done);
  held.go.Notify();
  operations_.Stop();
}

TEST_F(OperationsTest, StoppingAsksEverythingToStopAndAnswersWhoWaits) {
  Held held;
  const std::string running = Start(held.work()).name();
  held.running.WaitForNotification();
  const std::string waiting = Start([](Progress&) { return absl::StatusOr<Outcome>(Outcome()); }).name();
  absl::Notification answered;
  operations_.Wait(kClerk, waiting, absl::InfiniteFuture(), [&](auto) { answered.Notify(); });
  held.go.Notify();
  operations_.Stop();
  EXPECT_TRUE(answered.HasBeenNotified());
  EXPECT_TRUE(operations_.Get(kClerk, running)->done());
  EXPECT_EQ(ReasonOf(operations_.Start(kClerk, "test", nullptr).status()), "HUB_STOPPING");
}

}  // namespace
}  // namespace zhanqiao::operations
