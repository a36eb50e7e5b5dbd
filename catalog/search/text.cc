#include "catalog/search/text.h"

#include <algorithm>

namespace zhanqiao::search {
namespace {

constexpr size_t kWordMax = 64;    // longer words are found by their first 64 letters
constexpr size_t kPrefixMax = 16;  // so many first letters are kept besides
constexpr char32_t kReplacement = 0xFFFD;

// The code point at `at`, which moves behind it.
char32_t Next(std::string_view text, size_t& at) {
  const auto byte = [&](size_t offset) { return static_cast<unsigned char>(text[at + offset]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0x80) return static_cast<char32_t>(text[at++]);
  if (lead < 0xC2 || lead >= 0xF5 || at + length > text.size()) return ++at, kReplacement;
  char32_t point = lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return ++at, kReplacement;
    point = point << 6 | (byte(i) & 0x3F);
  }
  at += length;
  return point;
}

bool Between(char32_t point, char32_t first, char32_t last) {
  return point >= first && point <= last;
}

char32_t FoldPoint(char32_t point) {
  if (Between(point, 0xFF01, 0xFF5E)) point -= 0xFEE0;
  if (point == 0x3000) return U' ';
  if (Between(point, U'A', U'Z')) return point + 32;
  if (Between(point, 0xC0, 0xDE) && point != 0xD7) return point + 32;                   // Latin-1
  if (Between(point, 0x391, 0x3A9) || Between(point, 0x410, 0x42F)) return point + 32;  // Greek, Cyrillic
  return point;
}

bool IsCodeSign(char32_t point) {
  return point == U'-' || point == U'/' || point == U'~' || point == U'.' || point == U'_';
}

void AppendUtf8(char32_t point, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    tail(12), tail(6), tail(0);
  }
}

void SortUnique(std::vector<std::string>& grams) {
  std::sort(grams.begin(), grams.end());
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
}

}  // namespace

Folded Fold(std::string_view utf8) {
  Folded folded;
  folded.points.reserve(utf8.size());
  folded.at.reserve(utf8.size() + 1);
  for (size_t at = 0; at < utf8.size();) {
    folded.at.push_back(static_cast<uint32_t>(at));
    folded.points.push_back(FoldPoint(Next(utf8, at)));
  }
  folded.at.push_back(static_cast<uint32_t>(utf8.size()));
  return folded;
}

std::string ToUtf8(std::u32string_view points) {
  std::string out;
  for (const char32_t point : points) AppendUtf8(point, out);
  return out;
}

bool IsIdeograph(char32_t point) {
  return Between(point, 0x4E00, 0x9FFF) || Between(point, 0x3400, 0x4DBF) ||
         Between(point, 0x20000, 0x3FFFD) || Between(point, 0xF900, 0xFAFF) || point == 0x3005 ||
         point == 0x3007 || Between(point, 0x3041, 0x30FF) || Between(point, 0xAC00, 0xD7A3);
}

bool IsLetter(char32_t point) {
  return Between(point, U'a', U'z') || Between(point, U'0', U'9') ||
         (Between(point, 0xDF, 0x24F) && point != 0xF7) || Between(point, 0x370, 0x52F);
}

std::vector<Piece> PiecesOf(std::u32string_view points) {
  std::vector<Piece> pieces;
  for (size_t at = 0; at < points.size();) {
    const bool ideographs = IsIdeograph(points[at]);
    const auto same = [&](char32_t point) { return ideographs ? IsIdeograph(point) : IsLetter(point); };
    if (!same(points[at])) {
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < points.size() && same(points[end])) ++end;
    pieces.push_back({at, end, ideographs});
    at = end;
  }
  return pieces;
}

std::vector<std::string> IndexGrams(std::string_view text) {
  const std::u32string points = Fold(text).points;
  std::vector<std::string> grams;
  for (const Piece& piece : PiecesOf(points)) {
    const std::u32string_view run = std::u32string_view(points).substr(piece.begin, piece.end - piece.begin);
    if (piece.ideographs) {
      for (size_t i = 0; i < run.size(); ++i) {
        grams.push_back(ToUtf8(run.substr(i, 1)));
        if (i + 1 < run.size()) grams.push_back(ToUtf8(run.substr(i, 2)));
      }
    } else {
      for (size_t length = 1; length <= std::min(run.size(), kPrefixMax); ++length) {
        grams.push_back(ToUtf8(run.substr(0, length)));
      }
      grams.push_back(ToUtf8(run.substr(0, kWordMax)));
    }
  }
  SortUnique(grams);
  return grams;
}

std::vector<std::string> QueryGrams(std::u32string_view word) {
  std::vector<std::string> grams;
  for (const Piece& piece : PiecesOf(word)) {
    const std::u32string_view run = word.substr(piece.begin, piece.end - piece.begin);
    if (!piece.ideographs || run.size() == 1) {
      grams.push_back(ToUtf8(run.substr(0, kWordMax)));
    } else {
      for (size_t i = 0; i + 1 < run.size(); ++i) grams.push_back(ToUtf8(run.substr(i, 2)));
    }
  }
  SortUnique(grams);
  return grams;
}

std::vector<std::u32string> QueryWords(std::string_view text) {
  const std::u32string points = Fold(text).points;
  const auto inside = [&](size_t at) {
    if (IsIdeograph(points[at]) || IsLetter(points[at])) return true;
    return IsCodeSign(points[at]) && at > 0 && IsLetter(points[at - 1]) && at + 1 < points.size() &&
           IsLetter(points[at + 1]);
  };
  std::vector<std::u32string> words;
  for (size_t at = 0; at < points.size(); ++at) {
    if (!inside(at)) continue;
    size_t end = at + 1;
    while (end < points.size() && inside(end)) ++end;
    std::u32string word = points.substr(at, end - at);
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
    at = end;
  }
  return words;
}

std::string CodeKey(std::string_view code) {
  std::string key;
  for (const char32_t point : Fold(code).points) {
    if (IsCodeSign(point) || point == U' ') continue;
    if (!IsLetter(point) || point >= 0x80) return "";
    key += static_cast<char>(Between(point, U'a', U'z') ? point - 32 : point);
  }
  return key;
}

}  // namespace zhanqiao::search
