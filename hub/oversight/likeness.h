// How alike two Chinese texts are: the share of two-character pieces they have in common (Dice), 0 to 100. Blanks,
// punctuation and case do not count.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace zhanqiao::oversight {

// The pieces of a text, sorted: each two characters that follow each other, as one number; of one character itself.
std::vector<uint64_t> PiecesOf(std::string_view text);

int LikenessPercent(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b);

}  // namespace zhanqiao::oversight
