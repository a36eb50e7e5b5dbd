#include "hub/api/whole_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "hub/api/fake_call_test.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::api {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Request = v1::QueryStreamRequest;
using Response = v1::QueryStreamResponse;

constexpr char kPath[] = "/zhanqiao.v1.ExchangeService/QueryStream";
constexpr char kJsonType[] = "application/connect+json";

std::string Envelope(std::string_view message, char flags = 0) {
  std::string envelope{flags, 0, 0, static_cast<char>(message.size() >> 8), static_cast<char>(message.size())};
  return envelope.append(message);
}

// Answers each message with the numbers it holds, and ends with `end` when the client's side has ended.
class Echo final : public StreamHandler<Request> {
 public:
  Echo(std::shared_ptr<StreamSink<Response>> sink, const absl::Status& end) : sink_(std::move(sink)), end_(end) {}
  void OnMessage(const Caller&, Request& request) override {
    Response response;
    for (const auto& query : request.queries()) response.add_answers()->set_number(query.number());
    sink_->Post([sink = sink_, response] { sink->Write(response); });
  }
  void OnHalfClose() override {
    sink_->Post([sink = sink_, end = end_] { sink->Finish(end); });
  }
  void OnCancel() override {}

 private:
  const std::shared_ptr<StreamSink<Response>> sink_;  // shared with the table
  const absl::Status end_;
};

class WholeCallTest : public testing::Test, protected Bench {
 protected:
  void Register(bool whole) {
    table.Stream<Request, Response>(
        "zhanqiao.v1.ExchangeService.QueryStream",
        [this](std::shared_ptr<StreamSink<Response>> sink) { return std::make_unique<Echo>(std::move(sink), end); }, {.whole = whole});
  }
  struct Part {
    char flags;
    std::string message;
  };
  std::vector<Part> Call(const std::string& body, std::string type = kJsonType) {
    const auto response = Http("POST", kPath, body, {{"content-type", type}});
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<Part> parts;
    for (std::string_view rest = response.body; rest.size() >= 5;) {
      const size_t size = static_cast<size_t>(static_cast<uint8_t>(rest[3])) << 8 | static_cast<uint8_t>(rest[4]);
      parts.push_back({rest[0], std::string(rest.substr(5, size))});
      rest.remove_prefix(5 + size);
    }
    return parts;
  }
  absl::Status end;
};

TEST_F(WholeCallTest, EveryMessageGoesInAndEveryAnswerComesBackInOrder) {
  Register(true);
  const auto parts = Call(Envelope(R"({"queries":[{"number":"1"},{"number":"2"}]})") + Envelope(R"({"queries":[{"number":"3"}]})"));
  ASSERT_THAT(parts, SizeIs(3));
  EXPECT_EQ(parts[0].message, R"({"answers":[{"number":"1"},{"number":"2"}]})");
  EXPECT_EQ(parts[1].message, R"({"answers":[{"number":"3"}]})");
  EXPECT_EQ(parts[2].flags, 2);
  EXPECT_EQ(parts[2].message, "{}");
}

TEST_F(WholeCallTest, TheBinaryFormGoesThroughAsItIs) {
  Register(true);
  Request request;
  request.add_queries()->set_number(7);
  const auto parts = Call(Envelope(request.SerializeAsString()), "application/connect+proto");
  ASSERT_THAT(parts, SizeIs(2));
  Response response;
  ASSERT_TRUE(response.ParseFromString(parts[0].message));
  EXPECT_EQ(response.answers(0).number(), 7u);
}

TEST_F(WholeCallTest, AnErrorStandsInTheLastEnvelope) {
  Register(true);
  end = Fail(absl::StatusCode::kNotFound, "MARKED_SHEET_NOT_FOUND", "Gone.", {{"operation", "x"}});
  const auto parts = Call(Envelope("{}"));
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[1].flags, 2);
  const auto error = boost::json::parse(parts[1].message).as_object().at("error").as_object();
  EXPECT_EQ(error.at("code"), "not_found");
  EXPECT_THAT(boost::json::serialize(error.at("details")), HasSubstr("MARKED_SHEET_NOT_FOUND"));
}

TEST_F(WholeCallTest, ABodyThatIsNoRowOfEnvelopesIsRefused) {
  Register(true);
  for (const std::string& body : {std::string("x"), std::string("\0\0\0\0\5ab", 7), Envelope("{}", 1), Envelope("no json"),
                                  Envelope(R"({"colour":1})")}) {
    const auto parts = Call(body);
    ASSERT_THAT(parts, SizeIs(1)) << body;
    EXPECT_THAT(parts[0].message, HasSubstr("invalid_argument"));
  }
}

TEST_F(WholeCallTest, ACallerWhoIsRefusedIsToldWhereItIsWritten) {
  Register(true);
  refusal = Fail(absl::StatusCode::kUnauthenticated, "SESSION_UNKNOWN", "Sign in again.");
  const auto parts = Call(Envelope("{}"));
  ASSERT_THAT(parts, SizeIs(1));
  EXPECT_THAT(parts[0].message, HasSubstr("SESSION_UNKNOWN"));
  EXPECT_THAT(recorded, SizeIs(1));
}

TEST_F(WholeCallTest, AStreamThatIsNotOfferedWholeStaysWithGrpc) {
  Register(false);
  EXPECT_EQ(Http("POST", kPath, Envelope("{}"), {{"content-type", kJsonType}}).status, 501);
}

TEST_F(WholeCallTest, AStreamOfferedWholeIsNoUnaryCall) {
  Register(true);
  EXPECT_EQ(Http("POST", kPath, "{}", {{"content-type", "application/json"}}).status, 501);
}

}  // namespace
}  // namespace zhanqiao::api
