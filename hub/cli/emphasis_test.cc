#include "hub/cli/emphasis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhanqiao::cli {
namespace {

using testing::ElementsAre;

TEST(EmphasisTest, MatchesAreBoldOnATerminalAndPlainElsewhere) {
  const std::vector<Piece> pieces = {{"流动", false}, {"居住", true}, {"证", false}};
  EXPECT_THAT(EmphasisedLines(pieces, 40, 1, false), ElementsAre("流动居住证"));
  EXPECT_THAT(EmphasisedLines(pieces, 40, 1, true), ElementsAre("流动\x1b[1m居住\x1b[0m证"));
}

TEST(EmphasisTest, LinesAreMeasuredInCellsAndNoneStaysBold) {
  EXPECT_THAT(EmphasisedLines({{"居住证登", true}}, 6, 3, true),
              ElementsAre("\x1b[1m居住证\x1b[0m", "\x1b[1m登\x1b[0m"));
}

TEST(EmphasisTest, WhatDoesNotFitIsCutWithASign) {
  EXPECT_THAT(EmphasisedLines({{"居住证登记", false}}, 6, 1, false), ElementsAre("居住…"));
  EXPECT_THAT(EmphasisedLines({}, 6, 1, false), ElementsAre());
}

TEST(EmphasisTest, NothingOfTheTextSteersTheTerminal) {
  EXPECT_THAT(EmphasisedLines({{"a\x1b[2Jb", false}}, 40, 1, true), ElementsAre("a [2Jb"));
}

}  // namespace
}  // namespace zhanqiao::cli
