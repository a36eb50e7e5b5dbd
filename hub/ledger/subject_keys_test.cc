#include "hub/ledger/subject_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::ledger {
namespace {

absl::Time Day(int year, int month, int day) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, 12, 0, 0), Shanghai());
}

class SubjectKeysTest : public testing::Test {
 protected:
  std::unique_ptr<SubjectKeys> Open() { return SubjectKeys::Open(directory_.path(), random_).value(); }
  const storage::TemporaryDirectory directory_;
  SystemRandom random_;
};

TEST_F(SubjectKeysTest, EachCivilYearHasItsKeyAndAQuestionTriesThemAll) {
  const auto keys = Open();
  ASSERT_TRUE(keys->Rotate(Day(2026, 12, 31), {}).ok());
  const auto old = *keys->TokensAt(Day(2026, 12, 31), {"11010519491231002X"});
  ASSERT_TRUE(keys->Rotate(Day(2027, 1, 1), {}).ok());
  const auto fresh = *keys->TokensAt(Day(2027, 1, 1), {"11010519491231002X"});
  EXPECT_NE(old, fresh);
  EXPECT_EQ(keys->TokensOf("11010519491231002X"), (std::vector<std::string>{old[0], fresh[0]}));
  EXPECT_EQ(Open()->TokensOf("11010519491231002X"),
            keys->TokensOf("11010519491231002X"));  // kept over a restart
  EXPECT_EQ(keys->years(), (std::vector<int>{2026, 2027}));
}

TEST_F(SubjectKeysTest, TokensAreOfTheNormalisedNumberSortedAndEachOnce) {
  const auto keys = Open();
  ASSERT_TRUE(keys->Rotate(Day(2026, 6, 1), {}).ok());
  const auto one = *keys->TokensAt(Day(2026, 6, 1), {"11010519491231002X"});
  EXPECT_EQ(*keys->TokensAt(Day(2026, 6, 1), {" 11010519491231002x", "", "１１010519491231002X"}), one);
  EXPECT_EQ(one[0].size(), kSubjectTokenBytes);
}

TEST_F(SubjectKeysTest, AKeyIsAnnouncedOnceAndOneThatCannotBeIsNotMade) {
  const auto keys = Open();
  EXPECT_FALSE(keys->Rotate(Day(2026, 6, 1), [](int) { return absl::UnavailableError("log"); }).ok());
  EXPECT_TRUE(keys->years().empty());
  std::vector<int> announced;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(keys->Rotate(Day(2026, 6, 1),
                             [&](int year) {
                               announced.push_back(year);
                               return absl::OkStatus();
                             })
                    .ok());
  }
  EXPECT_EQ(announced, std::vector<int>{2026});
}

TEST_F(SubjectKeysTest, FilesAreForTheOwnerAloneAndDamagedOnesAreRefused) {
  ASSERT_TRUE(Open()->Rotate(Day(2026, 6, 1), {}).ok());
  const auto file = directory_.path() / "subject-2026.key";
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  chmod(file.c_str(), 0640);
  EXPECT_EQ(ReasonOf(SubjectKeys::Open(directory_.path(), random_).status()), "SUBJECT_KEY_MODE");
  chmod(file.c_str(), 0600);
  std::ofstream(file) << "abc";
  EXPECT_EQ(ReasonOf(SubjectKeys::Open(directory_.path(), random_).status()), "SUBJECT_KEY_INVALID");
}

}  // namespace
}  // namespace zhanqiao::ledger
