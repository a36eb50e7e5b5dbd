#include "hub/api/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/api/fake_call_test.h"

namespace zhanqiao::api {
namespace {

using Request = grpc::health::v1::HealthCheckRequest;
using Response = grpc::health::v1::HealthCheckResponse;

class HealthTest : public ::testing::Test, protected Bench {
 protected:
  HealthTest() {
    refusal = absl::UnauthenticatedError("nobody is known here");
    health.Register(table);
    health.KnowServices(table.Services());
  }
  static std::string Of(const std::string& service) {
    Request request;
    request.set_service(service);
    return request.SerializeAsString();
  }
  std::shared_ptr<FakeCall> Check(const std::string& service) {
    return Send("/grpc.health.v1.Health/Check", {Of(service)});
  }
  Health health;
};

TEST_F(HealthTest, CheckNeedsNoCallerAndFollowsTheState) {
  EXPECT_EQ(Check("")->Last<Response>().status(), Response::NOT_SERVING);
  health.Serve();
  EXPECT_EQ(Check("")->Last<Response>().status(), Response::SERVING);
  EXPECT_EQ(Check("grpc.health.v1.Health")->Last<Response>().status(), Response::SERVING);
  health.StopServing("LEDGER_UNAVAILABLE");
  EXPECT_EQ(Check("")->Last<Response>().status(), Response::NOT_SERVING);
  EXPECT_TRUE(recorded.empty());
}

TEST_F(HealthTest, ADrainingHubDoesNotServeAgain) {
  health.Serve();
  health.Drain();
  health.Serve();
  health.StopServing("LEDGER_UNAVAILABLE");
  EXPECT_EQ(Check("")->Last<Response>().status(), Response::NOT_SERVING);
  edge::HttpRequest get;
  get.method = "GET";
  EXPECT_THAT(health.Http(get).body, testing::HasSubstr("DRAINING"));
}

TEST_F(HealthTest, AnUnknownServiceIsNotFound) {
  EXPECT_EQ(Check("zhanqiao.v1.Nothing")->WaitForStatus().code(), absl::StatusCode::kNotFound);
}

TEST_F(HealthTest, WatchTellsEveryChangeOnceUntilTheWatcherGoes) {
  auto call = std::make_shared<FakeCall>("/grpc.health.v1.Health/Watch");
  auto handler = table.Start(call);
  handler->OnMessage(Of(""));
  handler->OnHalfClose();
  health.Serve();
  health.Serve();
  health.StopServing("DRAINING");
  ASSERT_EQ(call->written().size(), 3u);
  EXPECT_EQ(call->Last<Response>().status(), Response::NOT_SERVING);
  EXPECT_FALSE(call->finished());
  handler->OnCancel();
  handler.reset();
  health.Serve();
  EXPECT_EQ(call->written().size(), 3u);
}

TEST_F(HealthTest, WatchOfAnUnknownServiceStaysOpen) {
  auto call = std::make_shared<FakeCall>("/grpc.health.v1.Health/Watch");
  auto handler = table.Start(call);
  handler->OnMessage(Of("zhanqiao.v1.Nothing"));
  EXPECT_EQ(call->Last<Response>().status(), Response::SERVICE_UNKNOWN);
  health.Serve();
  EXPECT_EQ(call->written().size(), 1u);
  EXPECT_FALSE(call->finished());
}

TEST_F(HealthTest, HttpSaysTheSame) {
  const auto before = Http("GET", "/healthz", "");
  EXPECT_EQ(before.status, 503);
  EXPECT_EQ(before.body, "{\"status\":\"not_serving\",\"reason\":\"STARTING\"}\n");
  health.Serve();
  const auto after = Http("GET", "/healthz?verbose", "");
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(after.body, "{\"status\":\"serving\"}\n");
  EXPECT_EQ(Http("POST", "/healthz", "").status, 405);
}

}  // namespace
}  // namespace zhanqiao::api
