#include "hub/access/totp.h"

#include <gtest/gtest.h>

namespace zhanqiao::access {
namespace {

// RFC 6238 appendix B, the rows of SHA-1.
TEST(TotpTest, GivesTheCodesOfTheRfc) {
  const std::string secret = "12345678901234567890";
  const std::pair<int64_t, const char*> rows[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                                                  {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [second, code] : rows) {
    EXPECT_EQ(TotpCode(secret, TotpStep(absl::FromUnixSeconds(second)), 8), code) << second;
  }
}

// RFC 4226 appendix D.
TEST(TotpTest, TruncatesAsRfc4226) {
  const char* const codes[] = {"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"};
  for (int64_t count = 0; count < 10; ++count) EXPECT_EQ(TotpCode("12345678901234567890", count), codes[count]);
}

class MatchTotpTest : public ::testing::Test {
 protected:
  const std::string secret_ = std::string(20, 's');
  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'015);
  const int64_t step_ = TotpStep(now_);
};

TEST_F(MatchTotpTest, TakesTheStepAndItsNeighboursOnly) {
  for (int64_t off = -3; off <= 3; ++off) {
    const auto match = MatchTotp(secret_, TotpCode(secret_, step_ + off), now_, 0);
    EXPECT_EQ(match.has_value(), off >= -1 && off <= 1) << off;
    if (match) {
      EXPECT_EQ(*match, step_ + off);
    }
  }
}

TEST_F(MatchTotpTest, AUsedStepIsNotTakenAgainNorAnEarlierOne) {
  EXPECT_FALSE(MatchTotp(secret_, TotpCode(secret_, step_), now_, step_));
  EXPECT_FALSE(MatchTotp(secret_, TotpCode(secret_, step_ - 1), now_, step_));
  EXPECT_TRUE(MatchTotp(secret_, TotpCode(secret_, step_ + 1), now_, step_));
}

TEST_F(MatchTotpTest, AnythingElseIsNoCode) {
  for (const char* text : {"", "0", "12345", "1234567", "abcdef", "123 56"}) EXPECT_FALSE(MatchTotp(secret_, text, now_, 0)) << text;
}

// RFC 4648 section 10, without padding.
TEST(Base32Test, GivesTheRfcsExamples) {
  EXPECT_EQ(ToBase32(""), "");
  EXPECT_EQ(ToBase32("f"), "MY");
  EXPECT_EQ(ToBase32("fo"), "MZXQ");
  EXPECT_EQ(ToBase32("foo"), "MZXW6");
  EXPECT_EQ(ToBase32("foob"), "MZXW6YQ");
  EXPECT_EQ(ToBase32("fooba"), "MZXW6YTB");
  EXPECT_EQ(ToBase32("foobar"), "MZXW6YTBOI");
}

TEST(TotpUriTest, IsWhatAuthenticatorsRead) {
  EXPECT_EQ(TotpUri("qingdao", "370200-GAJ/clerk", "foobar"),
            "otpauth://totp/qingdao:370200-GAJ%2Fclerk?secret=MZXW6YTBOI&issuer=qingdao&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace zhanqiao::access
