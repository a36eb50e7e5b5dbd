#include "catalog/base/identifiers.h"

#include <gtest/gtest.h>

namespace zhanqiao {
namespace {

TEST(IsIdNumber, TakesPublishedExamples) {
  EXPECT_TRUE(IsIdNumber("11010519491231002X"));
  EXPECT_TRUE(IsIdNumber("440524188001010014"));
}

TEST(IsIdNumber, RefusesEveryOtherCheckCharacter) {
  for (const char c : std::string("0123456789xY")) EXPECT_FALSE(IsIdNumber(std::string("11010519491231002") + c)) << c;
}

TEST(IsIdNumber, RefusesEverySingleWrongDigit) {
  const std::string good = "440524188001010014";
  for (size_t i = 0; i < good.size(); ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      std::string other = good;
      other[i] = c;
      EXPECT_EQ(IsIdNumber(other), c == good[i]) << other;
    }
  }
}

TEST(IsIdNumber, WantsARealBirthDateAndEighteenCharacters) {
  std::string number = "11010519490231002";  // 31 February
  number += IdNumberCheck(number);
  EXPECT_FALSE(IsIdNumber(number));
  EXPECT_FALSE(IsIdNumber(""));
  EXPECT_FALSE(IsIdNumber("110105491231002"));  // the form of before 1999
  EXPECT_FALSE(IsIdNumber("11010519491231002X "));
  EXPECT_FALSE(IsIdNumber("1101051949123100２X"));
}

TEST(IsCreditCode, TakesPublishedExamples) {
  EXPECT_TRUE(IsCreditCode("9137130016829134XT"));
  EXPECT_TRUE(IsCreditCode("91350100M000100Y43"));
  EXPECT_TRUE(IsCreditCode("91330100799655058B"));
  EXPECT_EQ(CreditCodeCheck("9137130016829134X"), 'T');
}

TEST(IsCreditCode, RefusesWrongChecksAndLettersOutsideTheAlphabet) {
  EXPECT_FALSE(IsCreditCode("9137130016829134XA"));
  EXPECT_FALSE(IsCreditCode("9137130016829134xt"));
  EXPECT_FALSE(IsCreditCode("9137130016829134X"));
  EXPECT_FALSE(IsCreditCode("91A71300168291341T"));  // a letter in the division code
  for (const char c : std::string("IOSVZ")) {
    EXPECT_EQ(CreditCodeCheck(std::string("9137130016829134") + c), '\0') << c;
    EXPECT_FALSE(IsCreditCode(std::string("9137130016829134") + c + "T")) << c;
  }
}

TEST(IsResourceCode, TakesRealNationalCodesAndRefusesOldMunicipalOnes) {
  for (const char* good : {"303084122704/000001", "303021070100/000003", "3070010370/000066", "307021022100/000009",
                           "221211003/1003", "111112001/2001", "308001/1"}) {
    EXPECT_TRUE(IsResourceCode(good)) << good;
  }
  for (const char* bad : {"BA6006/000218", "00247017X/000709", "30800/1", "403084122704/000001", "308001", "308001/",
                          "308001/1/2", "3080011234567890123/1", "308001/1234567890123", "308001/１"}) {
    EXPECT_FALSE(IsResourceCode(bad)) << bad;
  }
}

TEST(IsMobile, WantsElevenDigitsFromOneThree) {
  EXPECT_TRUE(IsMobile("13800001234"));
  EXPECT_TRUE(IsMobile("19912345678"));
  for (const char* bad : {"12800001234", "1380000123", "138000012345", "+13800001234", "1380000123a"}) {
    EXPECT_FALSE(IsMobile(bad)) << bad;
  }
}

TEST(IsDivisionCode, WantsSixDigitsOfARegion) {
  EXPECT_TRUE(IsDivisionCode("370200"));
  for (const char* bad : {"", "37020", "3702000", "970200", "070200", "37020A"}) EXPECT_FALSE(IsDivisionCode(bad)) << bad;
}

TEST(NormalizeCode, TrimsFoldsWidthAndUpperCases) {
  EXPECT_EQ(NormalizeCode("  9137130016829134xt\t"), "9137130016829134XT");
  EXPECT_EQ(NormalizeCode("　９１３７１３００１６８２９１３４ｘｔ　"), "9137130016829134XT");
  EXPECT_EQ(NormalizeCode("３０８００１／１"), "308001/1");
  EXPECT_EQ(NormalizeCode("青岛ab"), "青岛AB");
  EXPECT_EQ(NormalizeCode(""), "");
}

TEST(IsCleanText, RefusesMalformedUtf8AndControlCharacters) {
  for (const char* good : {"", "青岛", "a\tb\r\nc", "\xF0\xA0\x80\x80"}) EXPECT_TRUE(IsCleanText(good)) << good;
  for (const char* bad : {"\xFF", "\xE9\x9D", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x01",
                          "\x7F", "\x80"}) {
    EXPECT_FALSE(IsCleanText(bad)) << bad;
  }
  EXPECT_FALSE(IsCleanText(std::string_view("a\0b", 3)));
}

TEST(CodePoints, CountsCharactersNotBytes) {
  EXPECT_EQ(CodePoints("青岛abc"), 5u);
  EXPECT_EQ(CodePoints("\xF0\xA0\x80\x80"), 1u);
  EXPECT_EQ(CodePoints(""), 0u);
}

}  // namespace
}  // namespace zhanqiao
