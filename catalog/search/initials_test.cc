#include "catalog/search/initials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhanqiao::search {
namespace {

TEST(InitialsTest, EachCharacterGivesTheLetterOfItsReading) {
  EXPECT_EQ(Initials("青岛市公安局").front(), "qdsgaj");
  EXPECT_EQ(Initials("崂山区人民政府").front(), "lsqrmzf");
  EXPECT_EQ(Initials("市政府办公厅").front(), "szfbgt");
}

TEST(InitialsTest, OtherReadingsFollowTheUsualOne) {
  EXPECT_THAT(Initials("人行"), testing::ElementsAre("rx", "rh"));
}

TEST(InitialsTest, LettersAndDigitsStandForThemselvesAndSignsFallOut) {
  EXPECT_EQ(Initials("青岛港（集团）Ｂ2").front(), "qdgjtb2");
  EXPECT_EQ(Initials("").front(), "");
}

TEST(InitialsTest, ReadingsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "行";
  EXPECT_LE(Initials(text).size(), 16U);
}

}  // namespace
}  // namespace zhanqiao::search
