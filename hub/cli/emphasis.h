// Text in which some pieces are emphasised: bold on a terminal, as it stands elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zhanqiao::cli {

struct Piece {
  std::string text;
  bool emphasised = false;
};

// `pieces` broken into lines of at most `cells` cells, at most `lines` of them; the last ends in "…" when
// more follows. `terminal`: emphasised pieces are bold (and no line leaves the terminal so). Nothing else of
// the text steers it.
std::vector<std::string> EmphasisedLines(const std::vector<Piece>& pieces, size_t cells, size_t lines,
                                         bool terminal);

}  // namespace zhanqiao::cli
