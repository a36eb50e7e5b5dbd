#include "hub/cli/display.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace zhanqiao::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode 15 East Asian Width W and F, neighbouring blocks joined.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},   Range{0x23E9, 0x23EC},
    Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26A1, 0x26A1},
    Range{0x2705, 0x2705},   Range{0x274C, 0x274C},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
    Range{0x20000, 0x3FFFD},
};
constexpr std::array kZero = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x200B, 0x200F}, Range{0x202A, 0x202E},
    Range{0x2060, 0x2064}, Range{0x2066, 0x2069}, Range{0x20D0, 0x20FF}, Range{0x302A, 0x302D},
    Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0xE0100, 0xE01EF},
};

template <size_t N>
bool In(const std::array<Range, N>& ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [point](const Range& range) { return point >= range.first && point <= range.last; });
}

constexpr char32_t kReplacement = 0xFFFD;

struct Character {
  char32_t point;
  size_t bytes;  // of the source
};

// The character at the start of `text`, which is not empty; a bad byte is one replacement character.
Character FirstOf(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xF0 && lead < 0xF5   ? 4
                      : lead >= 0xE0 && lead < 0xF0 ? 3
                      : lead >= 0xC2 && lead < 0xE0 ? 2
                                                    : 0;
  if (size == 0 || text.size() < size) return {kReplacement, 1};
  char32_t point = lead & (0xFF >> (size + 1));
  for (size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return {kReplacement, 1};
    point = point << 6 | (byte(at) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool bad = point < kLeast[size] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF);
  return bad ? Character{kReplacement, 1} : Character{point, size};
}

// Bidirectional overrides would let a document reorder what the terminal shows.
bool IsControl(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069);
}

size_t WidthOf(char32_t point) {
  if (IsControl(point)) return 1;  // shown as a space
  if (In(kZero, point)) return 0;
  return In(kWide, point) ? 2 : 1;
}

// Bytes of the longest start of `text` that takes at most `cells` cells, at least one character.
size_t BytesWithin(std::string_view text, size_t cells) {
  size_t bytes = 0;
  size_t used = 0;
  while (bytes < text.size()) {
    const Character next = FirstOf(text.substr(bytes));
    const size_t width = WidthOf(next.point);
    if (used + width > cells && bytes > 0) break;
    used += width;
    bytes += next.bytes;
  }
  return bytes;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t cells = 0;
  while (!text.empty()) {
    const Character next = FirstOf(text);
    cells += WidthOf(next.point);
    text.remove_prefix(next.bytes);
  }
  return cells;
}

std::string Printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const Character next = FirstOf(text);
    if (IsControl(next.point)) {
      shown += ' ';
    } else if (next.point == kReplacement) {
      shown += "\xEF\xBF\xBD";
    } else {
      shown += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  return shown;
}

std::string Truncated(std::string_view text, size_t cells) {
  std::string shown = Printable(text);
  if (DisplayWidth(shown) <= cells) return shown;
  if (cells == 0) return "";
  size_t keep = BytesWithin(shown, cells - 1);
  if (DisplayWidth(std::string_view(shown).substr(0, keep)) > cells - 1) keep = 0;
  return shown.substr(0, keep) + "…";
}

std::string Fitted(std::string_view text, size_t cells) {
  std::string shown = Truncated(text, cells);
  shown.append(cells - DisplayWidth(shown), ' ');
  return shown;
}

std::vector<std::string> Wrapped(std::string_view text, size_t cells) {
  const std::string shown = Printable(text);
  std::string_view rest = shown;
  std::vector<std::string> lines;
  while (DisplayWidth(rest) > cells) {
    size_t cut = BytesWithin(rest, cells);
    const size_t space = rest.substr(0, cut + 1).rfind(' ');
    if (space != std::string_view::npos && space > cut / 2) cut = space;
    lines.emplace_back(rest.substr(0, cut));
    rest.remove_prefix(cut);
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
  if (!rest.empty() || lines.empty()) lines.emplace_back(rest);
  return lines;
}

void Table::Add(std::vector<std::string> row) {
  assert(row.size() <= headings_.size());
  row.resize(headings_.size());
  rows_.push_back(std::move(row));
}

std::string Table::Render(size_t cells) const {
  constexpr size_t kGap = 2;
  constexpr size_t kLeast = 4;
  std::vector<size_t> widths;
  for (size_t column = 0; column < headings_.size(); ++column) {
    size_t width = DisplayWidth(headings_[column]);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[column]));
    widths.push_back(width);
  }
  size_t total = widths.empty() ? 0 : kGap * (widths.size() - 1);
  for (const size_t width : widths) total += width;
  while (total > cells) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeast) break;
    --*widest;
    --total;
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (size_t column = 0; column < row.size(); ++column) {
      if (column > 0) text.append(kGap, ' ');
      text += Fitted(row[column], widths[column]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::string text = line(headings_);
  std::vector<std::string> rule;
  for (const size_t width : widths) rule.emplace_back(width, '-');
  text += line(rule);
  for (const auto& row : rows_) text += line(row);
  if (rows_.empty()) text += "没有 none\n";
  return text;
}

void Sheet::Add(std::string label, std::string value) {
  if (!value.empty()) lines_.emplace_back(std::move(label), std::move(value));
}

std::string Sheet::Render(size_t cells) const {
  size_t label_cells = 0;
  for (const auto& [label, value] : lines_) label_cells = std::max(label_cells, DisplayWidth(label));
  std::string text;
  const size_t left = label_cells + 2;
  for (const auto& [label, value] : lines_) {
    std::string start = Fitted(label, label_cells) + "  ";
    for (const std::string& piece : Wrapped(value, cells > left + 10 ? cells - left : 10)) {
      text += start + piece + "\n";
      start = std::string(left, ' ');
    }
  }
  return text;
}

}  // namespace zhanqiao::cli
