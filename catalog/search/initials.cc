#include "catalog/search/initials.h"

#include <map>

#include "absl/container/flat_hash_map.h"
#include "catalog/search/text.h"

namespace zhanqiao::search {
namespace {

constexpr size_t kReadingsMax = 16;

struct Letter {
  char letter;
  std::string_view characters;
};

constexpr Letter kLetters[] = {
#include "catalog/search/pinyin_initials.inc"
};

using Table = absl::flat_hash_map<char32_t, std::string>;

const Table& Readings() {
  static const Table* const table = [] {
    auto* made = new Table;
    for (const Letter& letter : kLetters) {
      for (const char32_t point : Fold(letter.characters).points) (*made)[point] += letter.letter;
    }
    return made;
  }();
  return *table;
}

constexpr std::string_view kSelf = "0123456789abcdefghijklmnopqrstuvwxyz";

}  // namespace

std::string_view InitialsOf(char32_t point) {
  if (point < 0x80) {
    const size_t at = kSelf.find(static_cast<char>(point));
    return at == std::string_view::npos ? std::string_view() : kSelf.substr(at, 1);
  }
  const auto found = Readings().find(point);
  return found == Readings().end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> Initials(std::string_view text) {
  std::vector<std::string> readings = {""};
  for (const char32_t point : Fold(text).points) {
    const std::string_view letters = InitialsOf(point);
    if (letters.empty()) continue;
    const size_t before = readings.size();
    for (size_t letter = 1; letter < letters.size(); ++letter) {
      for (size_t i = 0; i < before && readings.size() < kReadingsMax; ++i) {
        readings.push_back(readings[i] + letters[letter]);
      }
    }
    for (size_t i = 0; i < before; ++i) readings[i] += letters[0];
  }
  return readings;
}

}  // namespace zhanqiao::search
