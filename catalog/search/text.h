// Text as the index sees it: folded (full width to half width, upper case to lower case), cut into runs of
// Chinese characters and words of letters and digits, and these into grams.
//
// A run of Chinese gives each character and each pair of neighbours, so that words of one character and of
// two are found as they stand and longer ones by their pairs. A word gives itself and its first letters, so
// that the beginning of a word finds it. Everything else divides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zhanqiao::search {

// A text and its folded code points; `at[i]` is the byte where code point i begins, and one more for the end.
// Malformed bytes become U+FFFD, which divides.
struct Folded {
  std::u32string points;
  std::vector<uint32_t> at;
};
Folded Fold(std::string_view utf8);

std::string ToUtf8(std::u32string_view points);

// Han, kana and hangul: written without blanks between words.
bool IsIdeograph(char32_t point);
// Letters and digits that are none of those; folded.
bool IsLetter(char32_t point);

// A run of ideographs or a word within folded code points.
struct Piece {
  size_t begin = 0;
  size_t end = 0;
  bool ideographs = false;
};
std::vector<Piece> PiecesOf(std::u32string_view points);

// What `text` is found by, each once, sorted: single characters, pairs, words and their first letters.
std::vector<std::string> IndexGrams(std::string_view text);

// What must all stand in a text for `word` to be found in it: pairs of its runs (the character itself of a
// run of one) and its words as prefixes. `word` is folded.
std::vector<std::string> QueryGrams(std::u32string_view word);

// The words of a query: folded, divided by blanks and by punctuation other than "-", "/", "~", "." and "_"
// between letters, which stand in codes.
std::vector<std::u32string> QueryWords(std::string_view text);

// The letters and digits of a code in upper case: "308001370200/000001" as "308001370200000001". Empty if it
// has anything but letters, digits and the signs that stand in codes.
std::string CodeKey(std::string_view code);

}  // namespace zhanqiao::search
