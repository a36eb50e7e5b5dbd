#include "hub/exchange/at_rest/payload_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::exchange {
namespace {

absl::Time At(int year, int month, int day) { return absl::FromCivil(absl::CivilDay(year, month, day), Shanghai()); }

class PayloadKeysTest : public ::testing::Test {
 protected:
  std::unique_ptr<PayloadKeys> Open() { return PayloadKeys::Open(directory_.path(), random_).value(); }
  storage::TemporaryDirectory directory_;
  SystemRandom random_;
};

TEST_F(PayloadKeysTest, AMonthHasAKeyThatSurvives) {
  const auto keys = Open();
  EXPECT_EQ(ReasonOf(keys->Newest().status()), "PAYLOAD_KEY_MISSING");
  ASSERT_TRUE(keys->Rotate(At(2026, 11, 24), {}).ok());
  const auto newest = keys->Newest().value();
  EXPECT_EQ(newest.id, 202611u);
  const std::string sealed = newest.key.Seal("payload", "context", random_);
  EXPECT_EQ(Open()->Find(202611)->Open(sealed, "context").value(), "payload");
  struct stat info {};
  ASSERT_EQ(stat((directory_.path() / "payload-202611.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(PayloadKeysTest, AKeyIsDestroyedWhenNothingItSealedMayBeKept) {
  const auto keys = Open();
  std::vector<std::string> told;
  const auto announce = [&](uint32_t id, std::string_view verb) {
    told.push_back(std::to_string(id) + " " + std::string(verb));
    return absl::OkStatus();
  };
  ASSERT_TRUE(keys->Rotate(At(2026, 11, 24), announce).ok());
  ASSERT_TRUE(keys->Rotate(At(2027, 3, 31), announce).ok());
  EXPECT_TRUE(keys->Find(202611).ok()) << "90 days after the month and one month more are not over";
  ASSERT_TRUE(keys->Rotate(At(2027, 4, 1), announce).ok());
  EXPECT_EQ(ReasonOf(keys->Find(202611).status()), "PAYLOAD_KEY_MISSING");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "payload-202611.key"));
  EXPECT_EQ(told, (std::vector<std::string>{"202611 added", "202703 added", "202704 added", "202611 retired"}));
}

TEST_F(PayloadKeysTest, AKeyTheLedgerDoesNotKnowIsNotUsed) {
  const auto keys = Open();
  EXPECT_FALSE(keys->Rotate(At(2026, 11, 24), [](uint32_t, std::string_view) { return absl::UnavailableError(""); }).ok());
  EXPECT_FALSE(keys->Newest().ok());
}

TEST_F(PayloadKeysTest, DigestsAreOfTheirScopeAndStay) {
  const std::string digest = Open()->DigestOf("a", "key");
  EXPECT_EQ(digest.size(), 16u);
  EXPECT_EQ(Open()->DigestOf("a", "key"), digest);
  EXPECT_NE(Open()->DigestOf("b", "key"), digest);
}

}  // namespace
}  // namespace zhanqiao::exchange
