// Promises of resume.h.
#include "hub/exchange/resume.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

constexpr char kConsumer[] = "organizations/370200-ZWFWB/systems/approval";

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() {
    request_.set_grant("grants/a");
    request_.set_matter("2026-1");
    place_.set_fetch("f");
    place_.set_chunks(7);
    place_.set_cursor("after 110105");
    place_.set_time_us(absl::ToUnixMicros(now_));
  }
  std::string ReasonFor(std::string_view token, std::string_view consumer, const v1::FetchRequest& request,
                        absl::Time now) const {
    return ReasonOf(tokens_.Open(token, consumer, request, now).status());
  }

  SystemRandom random_;
  const ResumeTokens tokens_{SealKey(std::string(32, 'k')), random_};
  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  v1::FetchRequest request_;
  v1::FetchPlace place_;
};

TEST_F(ResumeTest, TellsItsPlaceToWhoeverAskedAndNobodyElse) {
  const std::string token = tokens_.Make(place_, kConsumer, request_);
  EXPECT_EQ(tokens_.Open(token, kConsumer, request_, now_)->chunks(), 7);
  EXPECT_EQ(ReasonFor(token, "organizations/370200-FGW/systems/other", request_, now_), "RESUME_TOKEN_INVALID");
  v1::FetchRequest wider = request_;
  wider.add_fields("id_number");
  EXPECT_EQ(ReasonFor(token, kConsumer, wider, now_), "RESUME_TOKEN_INVALID");
}

TEST_F(ResumeTest, DoesNotShowTheCursor) {
  EXPECT_EQ(tokens_.Make(place_, kConsumer, request_).find("110105"), std::string::npos);
}

TEST_F(ResumeTest, ChunksMayBecomeSmallerOnTheWay) {
  const std::string token = tokens_.Make(place_, kConsumer, request_);
  request_.set_chunk_rows(10);
  request_.set_resume_token(token);
  EXPECT_TRUE(tokens_.Open(token, kConsumer, request_, now_).ok());
}

TEST_F(ResumeTest, IsGoodForSevenDays) {
  const std::string token = tokens_.Make(place_, kConsumer, request_);
  EXPECT_EQ(ReasonFor(token, kConsumer, request_, now_ + absl::Hours(7 * 24)), "");
  EXPECT_EQ(ReasonFor(token, kConsumer, request_, now_ + absl::Hours(7 * 24) + absl::Seconds(1)), "RESUME_TOKEN_EXPIRED");
}

}  // namespace
}  // namespace zhanqiao::exchange
