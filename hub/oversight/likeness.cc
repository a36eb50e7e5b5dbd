#include "hub/oversight/likeness.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace zhanqiao::oversight {
namespace {

// The code points of a text without blanks and punctuation of ASCII and CJK; bytes that are not UTF-8 are left out.
std::vector<uint64_t> Letters(std::string_view text) {
  std::vector<uint64_t> letters;
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xC0 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (length == 0 || at + length > text.size()) {
      ++at;
      continue;
    }
    uint64_t point = length == 1 ? byte : byte & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    at += length;
    const bool punctuation = (point >= 0x2000 && point < 0x2070) || (point >= 0x3000 && point < 0x3040) ||
                             (point >= 0xFF00 && point < 0xFF10) || (point >= 0xFF1A && point < 0xFF21);
    if (length == 1) {
      if (absl::ascii_isalnum(byte)) letters.push_back(static_cast<unsigned char>(absl::ascii_tolower(byte)));
    } else if (!punctuation) {
      letters.push_back(point);
    }
  }
  return letters;
}

}  // namespace

std::vector<uint64_t> PiecesOf(std::string_view text) {
  const std::vector<uint64_t> letters = Letters(text);
  std::vector<uint64_t> pieces;
  if (letters.size() == 1) pieces.push_back(letters.front());
  for (size_t i = 1; i < letters.size(); ++i) pieces.push_back(letters[i - 1] << 32 | letters[i]);
  std::sort(pieces.begin(), pieces.end());
  return pieces;
}

int LikenessPercent(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  if (a.empty() || b.empty()) return 0;
  size_t common = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++common;
      ++i;
      ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return static_cast<int>(200 * common / (a.size() + b.size()));
}

}  // namespace zhanqiao::oversight
