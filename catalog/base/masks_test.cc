#include "catalog/base/masks.h"

#include <gtest/gtest.h>

#include <random>

#include "catalog/base/identifiers.h"

namespace zhanqiao {
namespace {

TEST(Masks, AnIdNumberKeepsItsFirstAndLastCharacter) {
  EXPECT_EQ(MaskIdNumber("11010519491231002X"), "1****************X");
  EXPECT_EQ(MaskIdNumber("440524188001010014"), "4****************4");
}

TEST(Masks, ANameKeepsItsSurname) {
  EXPECT_EQ(MaskName("张三"), "张*");
  EXPECT_EQ(MaskName("张三丰"), "张**");
  EXPECT_EQ(MaskName("欧阳建国"), "欧阳**");
  EXPECT_EQ(MaskName("欧阳"), "欧*") << "of two characters the second is a given name";
  EXPECT_EQ(MaskName("张"), "*");
  EXPECT_EQ(MaskName("阿依古丽·买买提"), "阿**");
}

TEST(Masks, AMobileKeepsThreeAndFour) { EXPECT_EQ(MaskMobile("13812341234"), "138****1234"); }

TEST(Masks, WhatHasNotTheFormBecomesStarsAlone) {
  for (const std::string odd : {"", "110105194912310021", "1", "张三", "13812341234 ", "138123412345", "John Smith",
                                "11010519491231002x", "\xff\xfe", "张三13812341234", "·", "·张", "张·"}) {
    EXPECT_EQ(MaskIdNumber(odd), "****") << odd;
    EXPECT_EQ(MaskMobile(odd), "****") << odd;
  }
  for (const std::string odd : {"", "John Smith", "张三13812341234", "\xff\xfe", "·", "·张", "张·", "张三李四王五赵六"}) {
    EXPECT_EQ(MaskName(odd), "****") << odd;
  }
}

TEST(Masks, AnAbsentValueStaysAbsentAndNumbersBecomeStars) {
  v1::Value absent;
  Apply(v1::MASK_ALL, absent);
  EXPECT_EQ(absent.kind_case(), v1::Value::KIND_NOT_SET);
  v1::Value number;
  number.set_integer(42);
  Apply(v1::MASK_ID_NUMBER, number);
  EXPECT_EQ(number.text(), "****");
  v1::Value unknown;
  unknown.set_text("secret");
  Apply(static_cast<v1::Mask>(99), unknown);
  EXPECT_EQ(unknown.text(), "****") << "a mask this version does not know keeps nothing";
}

// Whatever comes in, at most the first character (or compound surname) and the last four characters go out.
TEST(Masks, NoMaskEverPassesOnTheMiddle) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {"1", "9", "X", "x", "张", "欧", "阳", "·", " ", "a", "\xff", "\xe5", "😀", "3", "8"};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t length = random() % 24; length > 0; --length) text += pieces[random() % pieces.size()];
    for (const std::string& masked : {MaskIdNumber(text), MaskName(text), MaskMobile(text)}) {
      size_t stars = 0;
      for (const char c : masked) stars += c == '*' ? 1 : 0;
      EXPECT_GE(stars, 1u) << text;
      EXPECT_TRUE(IsCleanText(masked)) << text;
      EXPECT_LE(CodePoints(masked) - stars, 7u) << text;
      EXPECT_TRUE(masked != text || text == masked.substr(0, stars)) << text;
    }
  }
}

}  // namespace
}  // namespace zhanqiao
