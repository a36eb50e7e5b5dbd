// The first letters of Chinese characters' readings: 青岛市公安局 as "qdsgaj".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zhanqiao::search {

// The letters the readings of `point` begin with, "" for what is no Chinese character of GB 2312. A letter or
// digit (folded) stands for itself.
std::string_view InitialsOf(char32_t point);

// The initials of `text` in every reading, at most 16 of them, the usual one first; what has no initial is
// left out.
std::vector<std::string> Initials(std::string_view text);

}  // namespace zhanqiao::search
