// What is wrong with a cell, in one sentence of either language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/error.h"
#include "catalog/sheets/columns.h"

namespace zhanqiao::sheets {

struct Sentence {
  std::string reason;
  std::string english;
  std::string chinese;
};

struct Problem {
  int row = 0;      // of the file, from 1
  int column = -1;  // of the file, from 0; -1: the row as a whole
  Sentence sentence;
};

// The sentence for a reason of the sheets' own. `detail` fills its blank, if it has one ("A3").
Sentence SentenceOf(std::string_view reason, std::string_view detail = {});

// The sentence for a violation of the model's rules in a cell of `column` (null: in no column). Where a column takes
// words, the words are named instead of the contract's enumeration.
Sentence SentenceOf(const Violation& violation, const Column* column);

// Every reason that has a Chinese sentence; for the test that asks for all of them.
std::vector<std::string_view> KnownReasons();

}  // namespace zhanqiao::sheets
