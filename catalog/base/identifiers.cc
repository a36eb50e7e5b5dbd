#include "catalog/base/identifiers.h"

#include <cstring>

#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "catalog/base/clock.h"

namespace zhanqiao {
namespace {

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// Decodes one code point at `at` and moves past it; U+FFFFFFFF for malformed UTF-8.
uint32_t NextCodePoint(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const uint32_t lead = byte(at);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (length == 0 || at + length > text.size()) return at = text.size(), UINT32_MAX;
  uint32_t point = length == 1 ? lead : lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return at = text.size(), UINT32_MAX;
    point = point << 6 | (byte(at + i) & 0x3Fu);
  }
  at += length;
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point < 0xE000;
  return overlong || surrogate || point > 0x10FFFF ? UINT32_MAX : point;
}

// True if the eight bytes at `text` are all 0x20 to 0x7E.
bool AllPrintable(const char* text) {
  constexpr uint64_t kOnes = 0x0101010101010101u;
  uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  const uint64_t high = kOnes * 0x80;
  const uint64_t below = word - kOnes * 0x20;  // borrows where a byte is below 0x20
  const uint64_t above = word + kOnes;         // reaches 0x80 where a byte is 0x7F
  return ((word | below | above) & high) == 0;
}

}  // namespace

char IdNumberCheck(std::string_view first17) {
  static constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += (first17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

bool IsIdNumber(std::string_view text) {
  if (text.size() != 18 || !AllDigits(text.substr(0, 17)) || IdNumberCheck(text.substr(0, 17)) != text[17]) return false;
  const std::string day = std::string(text.substr(6, 4)) + '-' + std::string(text.substr(10, 2)) + '-' +
                          std::string(text.substr(12, 2));
  return text[0] != '0' && text.substr(6, 4) >= "1800" && ParseDay(day).ok();
}

char CreditCodeCheck(std::string_view first17) {
  size_t sum = 0;
  size_t weight = 1;
  for (const char c : first17.substr(0, 17)) {
    const size_t value = kCreditAlphabet.find(c);
    if (value == std::string_view::npos) return '\0';
    sum += value * weight;
    weight = weight * 3 % 31;
  }
  return kCreditAlphabet[(31 - sum % 31) % 31];
}

bool IsCreditCode(std::string_view text) {
  return text.size() == 18 && AllDigits(text.substr(2, 6)) && CreditCodeCheck(text.substr(0, 17)) == text[17];
}

bool IsClassification(std::string_view text) {
  return text.size() >= 6 && text.size() <= 18 && AllDigits(text) && text[0] >= '1' && text[0] <= '3';
}

bool IsResourceCode(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || !IsClassification(text.substr(0, slash))) return false;
  const std::string_view sequence = text.substr(slash + 1);
  return !sequence.empty() && sequence.size() <= 12 && AllDigits(sequence);
}

bool IsMobile(std::string_view text) {
  return text.size() == 11 && AllDigits(text) && text[0] == '1' && text[1] >= '3';
}

bool IsDivisionCode(std::string_view text) {
  return text.size() == 6 && AllDigits(text) && text[0] >= '1' && text[0] <= '8';
}

std::string NormalizeCode(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const uint32_t point = NextCodePoint(text, at);
    if (point >= 0xFF01 && point <= 0xFF5E) {
      out += absl::ascii_toupper(static_cast<unsigned char>(point - 0xFEE0));
    } else if (point == 0x3000) {
      out += ' ';
    } else if (point < 0x80) {
      out += absl::ascii_toupper(static_cast<unsigned char>(point));
    } else {
      out += text.substr(start, at - start);
    }
  }
  return std::string(absl::StripAsciiWhitespace(out));
}

bool IsCleanText(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    // Eight plain ASCII characters at once: this runs over every value that is released.
    if (at + 8 <= text.size() && AllPrintable(text.data() + at)) {
      at += 8;
      continue;
    }
    const uint32_t point = NextCodePoint(text, at);
    if (point == UINT32_MAX || point == 0x7F) return false;
    if (point < 0x20 && point != '\t' && point != '\n' && point != '\r') return false;
  }
  return true;
}

size_t CodePoints(std::string_view text) {
  size_t points = 0;
  for (const char c : text) points += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return points;
}

}  // namespace zhanqiao
