#include "catalog/base/error.h"

#include <gtest/gtest.h>

#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"

namespace zhanqiao {
namespace {

using absl::StatusCode;

google::rpc::Status Wire(const absl::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(ToDetails(status)));
  return wire;
}

TEST(Fail, CarriesReasonSentenceAndFacts) {
  const absl::Status status = Fail(StatusCode::kNotFound, "GRANT_NOT_FOUND", "No such grant.", {{"grant", "grants/1"}});
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), "No such grant.");
  EXPECT_EQ(ReasonOf(status), "GRANT_NOT_FOUND");
  EXPECT_EQ(FactOf(status, "grant"), "grants/1");
  EXPECT_EQ(FactOf(status, "other"), "");
}

TEST(Fail, GoesOnTheWireAsErrorInfoOfOurDomain) {
  const google::rpc::Status wire = Wire(Fail(StatusCode::kAborted, "ETAG_MISMATCH", "Read it again."));
  ASSERT_EQ(wire.details_size(), 1);
  EXPECT_EQ(wire.code(), 10);
  EXPECT_EQ(wire.message(), "Read it again.");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(wire.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "ETAG_MISMATCH");
  EXPECT_EQ(info.domain(), "zhanqiao");
}

TEST(BadField, NamesTheFieldAsFactAndAsViolation) {
  const absl::Status status = BadField("DATE_INVALID", "read_at.as_of", "Give YYYY-MM-DD.", {{"shape", "x"}});
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "DATE_INVALID");
  EXPECT_EQ(FactOf(status, "field"), "read_at.as_of");
  EXPECT_EQ(FactOf(status, "shape"), "x");
  const auto violations = ViolationsOf(status);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "read_at.as_of");
  EXPECT_EQ(violations[0].reason, "DATE_INVALID");
  EXPECT_EQ(violations[0].description, "Give YYYY-MM-DD.");
}

TEST(BadFields, CarriesAllViolationsInOrder) {
  EXPECT_TRUE(BadFields({}).ok());
  const absl::Status status = BadFields({{"a", "FIRST", "One."}, {"b[1].c", "SECOND", "Two."}});
  EXPECT_EQ(ReasonOf(status), "FIRST");
  EXPECT_EQ(FactOf(status, "field"), "a");
  EXPECT_EQ(FactOf(status, "violations"), "2");
  const auto violations = ViolationsOf(status);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[1].field, "b[1].c");
  EXPECT_EQ(violations[1].reason, "SECOND");
}

TEST(WithFact, AddsAndReplaces) {
  absl::Status status = Fail(StatusCode::kInternal, "R", "M.", {{"a", "1"}});
  status = WithFact(WithFact(status, "a", "2"), "b", "3");
  EXPECT_EQ(FactOf(status, "a"), "2");
  EXPECT_EQ(FactOf(status, "b"), "3");
  EXPECT_EQ(ReasonOf(status), "R");
}

TEST(WithRetryAfter, TellsHowLongToWait) {
  const google::rpc::Status wire = Wire(WithRetryAfter(Fail(StatusCode::kUnavailable, "R", "M."), 1250));
  google::rpc::RetryInfo retry;
  bool found = false;
  for (const auto& detail : wire.details()) found = detail.UnpackTo(&retry) || found;
  ASSERT_TRUE(found);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
}

TEST(ReasonOf, IsEmptyForStatusesOfOthers) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), "");
  EXPECT_EQ(ToDetails(absl::InternalError("x")), "");
  EXPECT_TRUE(ViolationsOf(absl::InternalError("x")).empty());
}

TEST(FromDetails, RebuildsWhatToDetailsWrote) {
  const absl::Status sent = WithRetryAfter(BadField("R", "f", "D."), 5);
  const absl::Status got = FromDetails(sent.code(), Std(sent.message()), ToDetails(sent));
  EXPECT_EQ(got, sent);
}

TEST(FromDetails, KeepsUnknownDetailsAndSurvivesGarbage) {
  absl::Status sent = Fail(StatusCode::kInternal, "R", "M.");
  sent.SetPayload("type.googleapis.com/some.Other", absl::Cord("bytes"));
  const absl::Status got = FromDetails(sent.code(), "M.", ToDetails(sent));
  EXPECT_EQ(got.GetPayload("type.googleapis.com/some.Other"), absl::Cord("bytes"));
  const absl::Status garbled = FromDetails(StatusCode::kInternal, "M.", "\xFF\xFF garbage");
  EXPECT_EQ(garbled.code(), StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(garbled), "");
}

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return Fail(StatusCode::kInvalidArgument, "ODD", "Give an even number.");
  return number / 2;
}
absl::StatusOr<int> Quarter(int number) {
  const int half = TRY(Half(number));
  const int quarter = TRY(Half(half));
  return quarter;
}
absl::Status Check(int number) {
  TRY(Half(number));
  TRY(absl::OkStatus());
  return absl::OkStatus();
}

TEST(Try, PassesValuesOnAndLeavesWithErrors) {
  EXPECT_EQ(Quarter(12).value(), 3);
  EXPECT_EQ(ReasonOf(Quarter(6).status()), "ODD");
  EXPECT_TRUE(Check(2).ok());
  EXPECT_EQ(ReasonOf(Check(3)), "ODD");
}

}  // namespace
}  // namespace zhanqiao
