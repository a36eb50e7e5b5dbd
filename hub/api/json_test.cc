#include "hub/api/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "catalog/base/digest.h"
#include "google/rpc/error_details.pb.h"
#include "hub/api/fake_call_test.h"
#include "zhanqiao/v1/exchange.pb.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::api {
namespace {

using ::testing::HasSubstr;

constexpr char kPath[] = "/zhanqiao.v1.ExchangeService/Query";

class JsonTest : public ::testing::Test, protected Bench {
 protected:
  JsonTest() {
    table.UnaryAsync<v1::QueryRequest, v1::QueryResponse>(
        "zhanqiao.v1.ExchangeService.Query",
        [this](const Caller& caller, v1::QueryRequest request, Reply<v1::QueryResponse> reply) {
          seen = std::move(request);
          deadline = caller.deadline;
          if (!failure.ok()) return reply(failure);
          v1::QueryResponse response;
          response.set_truncated(true);
          response.mutable_receipt()->set_index(18446744073709551615u);
          response.mutable_receipt()->set_leaf_hash("\x01\x02");
          reply(std::move(response));
        },
        {}, [](const v1::QueryResponse&) { return edge::Metadata{{"zhanqiao-ledger-index", "5"}}; });
    table.Stream<v1::QueryStreamRequest, v1::QueryStreamResponse>(
        "zhanqiao.v1.ExchangeService.QueryStream",
        [](std::shared_ptr<StreamSink<v1::QueryStreamResponse>>) -> std::unique_ptr<StreamHandler<v1::QueryStreamRequest>> {
          return nullptr;
        });
  }
  static boost::json::object Body(const edge::HttpResponse& response) {
    return boost::json::parse(response.body).as_object();
  }
  static std::string Header(const edge::HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  // The field a refused body is told about, with the reason: "FIELD_UNKNOWN colour".
  std::string Refused(std::string body) {
    const auto response = Http("POST", kPath, std::move(body));
    EXPECT_EQ(response.status, 400);
    const auto error = Body(response);
    EXPECT_EQ(error.at("code"), "invalid_argument");
    for (const auto& detail : error.at("details").as_array()) {
      if (detail.at("type") != "google.rpc.ErrorInfo") continue;
      const auto& debug = detail.at("debug").as_object();
      const auto& facts = debug.at("metadata").as_object();
      std::string told(debug.at("reason").as_string());
      if (facts.contains("field")) told += " " + std::string(facts.at("field").as_string());
      return told;
    }
    return "";
  }
  v1::QueryRequest seen;
  absl::Time deadline;
  absl::Status failure;
};

TEST_F(JsonTest, NamesOfTheContractGoBothWaysAndCamelCaseComesIn) {
  const auto response = Http("POST", kPath, R"({"grant":"grants/1","row_limit":5,"requestId":"r","conditions":[
      {"field":"id","comparison":"COMPARISON_EQUALS","value":{"integer":"9007199254740993"}}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(Header(response, "content-type"), "application/json");
  EXPECT_EQ(seen.row_limit(), 5);
  EXPECT_EQ(seen.request_id(), "r");
  EXPECT_EQ(seen.conditions(0).value().integer(), 9007199254740993);
  const auto body = Body(response);
  EXPECT_EQ(body.at("truncated"), true);
  EXPECT_EQ(body.at("receipt").at("index"), "18446744073709551615");
  EXPECT_EQ(body.at("receipt").at("leaf_hash"), "AQI=");
  EXPECT_EQ(Header(response, "trailer-zhanqiao-ledger-index"), "5");
}

TEST_F(JsonTest, TheBinaryFormIsSpokenToo) {
  v1::QueryRequest request;
  request.set_grant("grants/1");
  const auto response = Http("POST", kPath, request.SerializeAsString(), {{"content-type", "application/proto"}});
  ASSERT_EQ(response.status, 200);
  v1::QueryResponse answer;
  ASSERT_TRUE(answer.ParseFromString(response.body));
  EXPECT_TRUE(answer.truncated());
  EXPECT_EQ(seen.grant(), "grants/1");
}

TEST_F(JsonTest, WrongFieldsAreNamed) {
  EXPECT_EQ(Refused(R"({"colour":1})"), "FIELD_UNKNOWN colour");
  EXPECT_EQ(Refused(R"({"conditions":[{"valeu":{}}]})"), "FIELD_UNKNOWN conditions[0].valeu");
  EXPECT_EQ(Refused(R"({"row_limit":"many"})"), "FIELD_INVALID row_limit");
  EXPECT_EQ(Refused(R"({"row_limit":1e99})"), "FIELD_INVALID row_limit");
  EXPECT_EQ(Refused(R"({"conditions":[{},{"comparison":"NOPE"}]})"), "FIELD_INVALID conditions[1].comparison");
  EXPECT_EQ(Refused(R"({"conditions":[{"value":{"text":"a","logical":true}}]})"), "FIELD_INVALID conditions[0].value");
}

TEST_F(JsonTest, WhatIsNoObjectIsMalformed) {
  for (const char* body : {"", "{", "[]", "null", "\"x\"", "{} {}", "{\"grant\":\"\xff\"}", "{\"a b: c\":1}"}) {
    EXPECT_EQ(Refused(body), "REQUEST_MALFORMED") << body;
  }
  EXPECT_EQ(Refused(std::string(100000, '[')), "REQUEST_MALFORMED");
}

TEST_F(JsonTest, ErrorsCarryCodeMessageAndDetails) {
  failure = WithRetryAfter(Fail(absl::StatusCode::kPermissionDenied, "FIELD_NOT_GRANTED", "Ask for granted fields.",
                                {{"link", "grant"}, {"ledger_index", "12"}}),
                           500);
  const auto response = Http("POST", kPath, "{}");
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(Header(response, "trailer-zhanqiao-ledger-index"), "12");
  const auto body = Body(response);
  EXPECT_EQ(body.at("code"), "permission_denied");
  EXPECT_EQ(body.at("message"), "Ask for granted fields.");
  bool found = false;
  for (const auto& detail : body.at("details").as_array()) {
    if (detail.at("type") != "google.rpc.ErrorInfo") continue;
    found = true;
    std::string value(detail.at("value").as_string());
    EXPECT_THAT(value, ::testing::Not(HasSubstr("=")));
    while (value.size() % 4) value += '=';
    google::rpc::ErrorInfo info;
    ASSERT_TRUE(info.ParseFromString(*FromBase64(value)));
    EXPECT_EQ(info.reason(), "FIELD_NOT_GRANTED");
    EXPECT_EQ(detail.at("debug").at("metadata").at("ledger_index"), "12");
  }
  EXPECT_TRUE(found);
}

TEST_F(JsonTest, EveryCodeHasConnectsNameAndStatus) {
  const std::pair<absl::StatusCode, std::pair<const char*, int>> all[] = {
      {absl::StatusCode::kCancelled, {"canceled", 499}},
      {absl::StatusCode::kUnknown, {"unknown", 500}},
      {absl::StatusCode::kInvalidArgument, {"invalid_argument", 400}},
      {absl::StatusCode::kDeadlineExceeded, {"deadline_exceeded", 504}},
      {absl::StatusCode::kNotFound, {"not_found", 404}},
      {absl::StatusCode::kAlreadyExists, {"already_exists", 409}},
      {absl::StatusCode::kPermissionDenied, {"permission_denied", 403}},
      {absl::StatusCode::kResourceExhausted, {"resource_exhausted", 429}},
      {absl::StatusCode::kFailedPrecondition, {"failed_precondition", 400}},
      {absl::StatusCode::kAborted, {"aborted", 409}},
      {absl::StatusCode::kOutOfRange, {"out_of_range", 400}},
      {absl::StatusCode::kUnimplemented, {"unimplemented", 501}},
      {absl::StatusCode::kInternal, {"internal", 500}},
      {absl::StatusCode::kUnavailable, {"unavailable", 503}},
      {absl::StatusCode::kDataLoss, {"data_loss", 500}},
      {absl::StatusCode::kUnauthenticated, {"unauthenticated", 401}}};
  for (const auto& [code, expected] : all) {
    EXPECT_EQ(ConnectCodeOf(code).name, expected.first);
    EXPECT_EQ(ConnectCodeOf(code).http_status, expected.second) << expected.first;
  }
}

TEST_F(JsonTest, AnotherFormOfRequestIsRefusedBeforeItsBody) {
  EXPECT_EQ(Http("POST", "/nothing", "{}").status, 404);
  EXPECT_EQ(Body(Http("GET", "/", "")).at("code"), "unimplemented");
  const auto get = Http("GET", kPath, "");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(Header(get, "allow"), "POST");
  EXPECT_EQ(Http("POST", kPath, "{}", {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(Http("POST", kPath, "{}", {}).status, 415);
  EXPECT_EQ(Http("POST", kPath, "{}", {{"content-type", "application/json; charset=gbk"}}).status, 415);
  EXPECT_EQ(Http("POST", kPath, "{}", {{"content-type", "Application/JSON;charset=UTF-8"}}).status, 200);
  EXPECT_EQ(Http("POST", "/zhanqiao.v1.ExchangeService/QueryStream", "{}").status, 501);
  EXPECT_EQ(Http("POST", kPath, std::string(kJsonBodyBytesMax + 1, ' ')).status, 413);
  EXPECT_EQ(Http("POST", kPath, "{}", {{"content-type", "application/json"}, {"content-encoding", "gzip"}}).status,
            501);
}

TEST_F(JsonTest, TheTimeoutBecomesTheDeadline) {
  edge::Metadata headers = {{"content-type", "application/json"}, {"connect-timeout-ms", "1500"}};
  EXPECT_EQ(Http("POST", kPath, "{}", headers).status, 200);
  EXPECT_EQ(deadline, clock.Now() + absl::Milliseconds(1500));
  for (const char* wrong : {"-1", "1s", "12345678901", "0x1"}) {
    headers[1].second = wrong;
    EXPECT_EQ(Http("POST", kPath, "{}", headers).status, 400) << wrong;
  }
}

TEST_F(JsonTest, ARefusedCallerIsRecordedAsOnGrpc) {
  refusal = Fail(absl::StatusCode::kUnauthenticated, "CALLER_UNREGISTERED", "Register the system first.");
  const auto response = Http("POST", kPath, "{}");
  EXPECT_EQ(response.status, 401);
  EXPECT_THAT(response.body, HasSubstr("\"ledger_index\":\"42\""));
  EXPECT_THAT(recorded, ::testing::ElementsAre(kPath));
}

}  // namespace
}  // namespace zhanqiao::api
