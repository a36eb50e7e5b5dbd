#include "catalog/search/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhanqiao::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (const std::u32string& word : QueryWords(text)) words.push_back(ToUtf8(word));
  return words;
}

TEST(TextTest, WidthAndCaseAreFolded) {
  EXPECT_EQ(ToUtf8(Fold("ＡＢｃ１２－Ｚ　É").points), "abc12-z é");
  EXPECT_EQ(ToUtf8(Fold("居住证").points), "居住证");
}

TEST(TextTest, FoldedPointsKnowWhereTheyStand) {
  const Folded folded = Fold("aＡ证𠀀");
  EXPECT_THAT(folded.at, ElementsAre(0, 1, 4, 7, 11));
}

TEST(TextTest, MalformedBytesDivideAndNothingElse) {
  for (const std::string_view bytes : {"\xFF", "\xC0\xAF", "\xE5\xB1", "\xF5\x80\x80\x80", "\x80"}) {
    EXPECT_EQ(Words(std::string("居") + std::string(bytes) + "住"), (std::vector<std::string>{"居", "住"}));
  }
}

TEST(TextTest, ChineseIsFoundByCharactersAndPairs) {
  EXPECT_THAT(IndexGrams("居住证"), testing::UnorderedElementsAre("居", "住", "证", "居住", "住证"));
  EXPECT_THAT(QueryGrams(U"居"), ElementsAre("居"));
  EXPECT_THAT(QueryGrams(U"居住"), ElementsAre("居住"));
  EXPECT_THAT(QueryGrams(U"居住证"), testing::UnorderedElementsAre("居住", "住证"));
}

TEST(TextTest, RunsDoNotReachOverPunctuationOrLetters) {
  EXPECT_THAT(IndexGrams("甲，乙A丙"), testing::UnorderedElementsAre("甲", "乙", "丙", "a"));
}

TEST(TextTest, WordsAreFoundByTheirBeginnings) {
  EXPECT_THAT(IndexGrams("POI"), testing::UnorderedElementsAre("p", "po", "poi"));
  EXPECT_THAT(QueryGrams(U"poi数据"), testing::UnorderedElementsAre("poi", "数据"));
}

TEST(TextTest, QueriesAreDividedAtBlanksAndPunctuation) {
  EXPECT_THAT(Words(" 居住证，ＧＡＪ  登记。居住证"), ElementsAre("居住证", "gaj", "登记"));
  EXPECT_THAT(Words("308001370200/000001 370200-GAJ"), ElementsAre("308001370200/000001", "370200-gaj"));
  EXPECT_THAT(Words("- / ~ \"*?()"), IsEmpty());
  EXPECT_THAT(Words("AND* NOT(x)"), ElementsAre("and", "not", "x"));
}

TEST(TextTest, CodesAreComparedByTheirLettersAndDigits) {
  EXPECT_EQ(CodeKey("308001370200/000001"), "308001370200000001");
  EXPECT_EQ(CodeKey("ba6006~000218"), "BA6006000218");
  EXPECT_EQ(CodeKey("文号3"), "");
}

}  // namespace
}  // namespace zhanqiao::search
