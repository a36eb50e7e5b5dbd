#include "catalog/sheets/values.h"

#include <charconv>
#include <cmath>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/sheets/csv_sheet.h"

namespace zhanqiao::sheets {
namespace {

// Blanks of every kind that stand around what people paste.
constexpr std::string_view kBlanks[] = {" ", "\t", "\n", "\r", "\u3000", "\u00A0", "\uFEFF", "\u200B"};

std::string_view Trimmed(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view blank : kBlanks) {
      while (text.starts_with(blank)) {
        text.remove_prefix(blank.size());
        again = true;
      }
      while (text.ends_with(blank)) {
        text.remove_suffix(blank.size());
        again = true;
      }
    }
  }
  return text;
}

std::string NumberText(double number) {
  char text[64];
  if (number == std::floor(number) && std::fabs(number) < 1e18) {
    const auto end = std::to_chars(text, text + sizeof(text), static_cast<int64_t>(number));
    return {text, end.ptr};
  }
  const auto end = std::to_chars(text, text + sizeof(text), number);
  return {text, end.ptr};
}

int DigitsAt(std::string_view& text, size_t digits_max) {
  int number = 0;
  size_t digits = 0;
  while (digits < digits_max && digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    number = number * 10 + (text[digits++] - '0');
  }
  text.remove_prefix(digits);
  return digits == 0 ? -1 : number;
}

bool Skip(std::string_view& text, std::initializer_list<std::string_view> separators) {
  for (const std::string_view separator : separators) {
    if (!text.starts_with(separator)) continue;
    text.remove_prefix(separator.size());
    return true;
  }
  return false;
}

std::optional<std::string> CivilText(int year, int month, int day) {
  const absl::CivilDay date(year, month, day);
  if (year < 1900 || year > 9999 || date.year() != year || date.month() != month || date.day() != day) return std::nullopt;
  return FormatDay(date);
}

using FoldedWords = absl::flat_hash_map<std::string, int>;

// The words of a table in folded form; tables live as long as the program.
const FoldedWords& FoldedOf(const Words& words) {
  static absl::Mutex mu;
  static auto* const all = new absl::flat_hash_map<const Words*, std::unique_ptr<const FoldedWords>>();
  absl::MutexLock lock(&mu);
  auto& folded = (*all)[&words];
  if (folded == nullptr) {
    auto fresh = std::make_unique<FoldedWords>();
    for (const Word& word : words) {
      fresh->try_emplace(Folded(word.text), word.number);
      if (!word.stored.empty()) fresh->try_emplace(Folded(word.stored), word.number);
      for (const std::string_view synonym : word.synonyms) fresh->try_emplace(Folded(synonym), word.number);
    }
    folded = std::move(fresh);
  }
  return *folded;
}

}  // namespace

std::string TextOf(const Cell& cell, bool csv) {
  switch (cell.kind) {
    case CellKind::kText:
    case CellKind::kError:
      return std::string(Trimmed(csv ? Restored(cell.view()) : cell.view()));
    case CellKind::kNumber:
      return NumberText(cell.number);
    case CellKind::kLogical:
      return cell.number != 0 ? "TRUE" : "FALSE";
    case CellKind::kDate: {
      absl::CivilDay day;
      return DayOfSerial(cell.number, day) ? FormatDay(day) : NumberText(cell.number);
    }
    case CellKind::kBlank:
      break;
  }
  return {};
}

std::string Folded(std::string_view text) {
  std::string folded = NormalizeCode(text);
  std::string out;
  for (size_t at = 0; at < folded.size();) {
    bool blank = false;
    for (const std::string_view one : kBlanks) {
      if (std::string_view(folded).substr(at).starts_with(one)) {
        at += one.size();
        blank = true;
        break;
      }
    }
    if (!blank) out.push_back(folded[at++]);
  }
  return out;
}

std::optional<std::string> DateOf(std::string_view typed) {
  std::string folded = NormalizeCode(typed);
  std::string_view text = folded;
  // A time of day behind the date is dropped.
  const size_t time = text.find_first_of(" T");
  if (time != std::string_view::npos && text.find(':', time) != std::string_view::npos) text = text.substr(0, time);
  std::string bare;
  for (const char c : text) {
    if (c != ' ') bare.push_back(c);
  }
  text = bare;
  if (text.size() == 8 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    const int year = DigitsAt(text, 4);
    const int month = DigitsAt(text, 2);
    return CivilText(year, month, DigitsAt(text, 2));
  }
  const int year = DigitsAt(text, 4);
  if (year < 0 || !Skip(text, {"-", "/", ".", "年"})) return std::nullopt;
  const int month = DigitsAt(text, 2);
  if (month < 0 || !Skip(text, {"-", "/", ".", "月"})) return std::nullopt;
  const int day = DigitsAt(text, 2);
  Skip(text, {"日", "号"});
  if (day < 0 || !text.empty()) return std::nullopt;
  return CivilText(year, month, day);
}

std::optional<bool> YesNo(std::string_view text) {
  static const absl::flat_hash_map<std::string, bool> words = {
      {"是", true}, {"1", true}, {"Y", true}, {"YES", true}, {"TRUE", true}, {"√", true}, {"有", true}, {"对", true},
      {"否", false}, {"0", false}, {"N", false}, {"NO", false}, {"FALSE", false}, {"×", false}, {"无", false}, {"不是", false}};
  const auto found = words.find(Folded(text));
  if (found == words.end()) return std::nullopt;
  return found->second;
}

std::optional<int> WordOf(std::string_view text, const Words& words, const google::protobuf::EnumDescriptor* type) {
  const std::string folded = Folded(text);
  const FoldedWords& known = FoldedOf(words);
  const auto find = [&](std::string_view wanted) -> std::optional<int> {
    const auto found = known.find(Absl(wanted));
    if (found == known.end()) return std::nullopt;
    return found->second;
  };
  if (const auto word = find(folded)) return word;
  int number = 0;
  if (absl::SimpleAtoi(folded, &number)) {
    for (const Word& word : words) {
      if (word.number == number && number > 0) return number;
    }
    return std::nullopt;
  }
  // "1-无条件共享", "C 字符型", "字符型C", "数据库(类)".
  const size_t lead = folded.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-:()");
  if (lead != std::string::npos && lead > 0) {
    std::string_view rest = std::string_view(folded).substr(lead);
    Skip(rest, {"、", "。", "·"});
    if (const auto word = find(rest)) return word;
  }
  const size_t tail = folded.find_last_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-:()");
  if (tail != std::string::npos && tail + 1 < folded.size()) {
    if (const auto word = find(std::string_view(folded).substr(0, tail + 1))) return word;
  }
  if (const size_t open = folded.find('('); open != std::string::npos && open > 0) {
    if (const auto word = find(std::string_view(folded).substr(0, open))) return word;
  }
  if (type == nullptr) return std::nullopt;
  if (const auto* value = type->FindValueByName(folded)) return value->number();
  const std::string& zero = type->value(0)->name();
  const std::string prefix = zero.substr(0, zero.size() - std::string_view("UNSPECIFIED").size());
  const auto* value = type->FindValueByName(prefix + folded);
  if (value == nullptr || value->number() == 0) return std::nullopt;
  return value->number();
}

}  // namespace zhanqiao::sheets
