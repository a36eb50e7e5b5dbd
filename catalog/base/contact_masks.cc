// Masks of what persons are reached by and pay with; masks.h says what each keeps.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/identifiers.h"
#include "catalog/base/masks.h"

namespace zhanqiao {
namespace {

constexpr std::string_view kStars = "****";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (!IsDigit(c)) return false;
  }
  return true;
}

bool IsBankCard(std::string_view text) {
  if (text.size() < 16 || text.size() > 19 || !AllDigits(text)) return false;
  int sum = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    int digit = text[text.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

constexpr std::array<std::string_view, 31> kPlateProvinces = {
    "京", "津", "沪", "渝", "冀", "豫", "云", "辽", "黑", "湘", "皖", "鲁", "新", "苏", "浙", "赣",
    "鄂", "桂", "甘", "晋", "蒙", "陕", "吉", "闽", "贵", "粤", "青", "藏", "川", "宁", "琼"};

// The code points of `text`; empty if it is not valid UTF-8 or has control characters.
std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  if (!IsCleanText(text)) return characters;
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    characters.push_back(text.substr(at, size));
    at += size;
  }
  return characters;
}

// An address read from the left, one level after the other.
class Address {
 public:
  explicit Address(std::string_view text) : characters_(Characters(text)) {
    SkipProvince();
    SkipPrefecture();
  }

  // Goes over a county-level name: 市南区, 莒县, 胶州市, 鄂温克族自治旗. False: there is none, or what looks like one may
  // be a housing estate or lie behind a road.
  bool SkipCounty() { return Skip({"区", "县", "旗", "市"}, kCountyMax); }
  bool SkipStreet() {
    size_t at = at_;
    for (size_t length = 0; at < characters_.size() && length < kStreetMax; ++at, ++length) {
      if (!IsPlace(at)) return false;
      const bool street = characters_[at] == "街" && at + 1 < characters_.size() && characters_[at + 1] == "道";
      const bool sumu = characters_[at] == "苏" && at + 1 < characters_.size() && characters_[at + 1] == "木";
      const bool town = characters_[at] == "镇" || characters_[at] == "乡";
      if (length > 0 && (street || sumu || (town && !Follows(at, "村")))) {
        at_ = at + (street || sumu ? 2 : 1);
        return true;
      }
      if (Is(at, {"路", "街", "号", "村", "巷", "弄"})) return false;
    }
    return false;
  }

  std::string Kept() const {
    std::string kept;
    for (size_t i = 0; i < at_; ++i) kept += characters_[i];
    return kept;
  }

 private:
  static constexpr size_t kProvinceMax = 9;    // 新疆维吾尔自治区
  static constexpr size_t kPrefectureMax = 11;  // 黔西南布依族苗族自治州
  static constexpr size_t kCountyMax = 14;
  static constexpr size_t kStreetMax = 8;

  bool Is(size_t at, std::initializer_list<std::string_view> any) const {
    for (const std::string_view one : any) {
      if (characters_[at] == one) return true;
    }
    return false;
  }
  bool Follows(size_t at, std::string_view what) const {
    return at + 1 < characters_.size() && characters_[at + 1] == what;
  }
  // Part of a place's name: a Han character (three or four bytes, not a sign of punctuation or full width).
  bool IsPlace(size_t at) const {
    const std::string_view c = characters_[at];
    if (c.size() < 3) return false;
    const auto lead = static_cast<unsigned char>(c[0]);
    return lead >= 0xE4 && lead != 0xEF;
  }

  // Below every district: what stands before it is no name of one.
  bool IsDoor(size_t at) const { return Is(at, {"号", "巷", "弄", "栋", "幢", "室", "村"}); }

  void SkipProvince() {
    for (size_t at = 1; at < characters_.size() && at < kProvinceMax; ++at) {
      if (!IsPlace(at) || !IsPlace(0) || IsDoor(at)) return;
      if (characters_[at] == "省" && at >= 2) {
        at_ = at + 1;
        return;
      }
      if (characters_[at] == "区" && at >= 4 && characters_[at - 1] == "治" && characters_[at - 2] == "自") {
        at_ = at + 1;
        return;
      }
    }
  }
  void SkipPrefecture() {
    for (size_t at = at_, length = 0; at < characters_.size() && length < kPrefectureMax; ++at, ++length) {
      if (!IsPlace(at) || IsDoor(at)) return;
      if (Is(at, {"区", "县", "旗"}) && !(characters_[at] == "区" && length > 0 && characters_[at - 1] == "地")) return;
      const bool region = characters_[at] == "区" && length > 1;  // 地区
      const bool state = characters_[at] == "州" && length > 2 && characters_[at - 1] == "治";
      if ((characters_[at] == "市" && length > 0) || region || state || (characters_[at] == "盟" && length > 1)) {
        at_ = at + 1;
        return;
      }
    }
  }
  bool Skip(std::initializer_list<std::string_view> endings, size_t max) {
    for (size_t at = at_, length = 0; at < characters_.size() && length < max; ++at, ++length) {
      if (!IsPlace(at) || IsDoor(at)) return false;
      if (length > 0 && Is(at, {"路", "街", "道"}) && !(at + 1 < characters_.size() && Is(at + 1, endings))) return false;
      if (length == 0 || !Is(at, endings)) continue;
      if (Is(at - 1, {"小", "社", "园", "校", "厂", "院", "片", "辖", "营", "景", "库", "街", "商", "住", "超", "夜", "菜"}))
        return false;
      at_ = at + 1;
      return true;
    }
    return false;
  }

  const std::vector<std::string_view> characters_;
  size_t at_ = 0;  // what is before is understood
};

}  // namespace

std::string MaskMobile(std::string_view text) {
  if (!IsMobile(text)) return std::string(kStars);
  return std::string(text.substr(0, 3)) + "****" + std::string(text.substr(7));
}

std::string MaskLandline(std::string_view text) {
  // Codes of two digits after the 0 are those of 010 and 02x.
  const size_t code = text.substr(0, 3) == "010" || text.substr(0, 2) == "02" ? 3 : 4;
  if (text.size() < code + 7 || text.size() > 20 || text[0] != '0' || !AllDigits(text.substr(0, code)))
    return std::string(kStars);
  size_t at = code + (text[code] == '-' ? 1 : 0);
  size_t digits = 0, extension = 0;
  for (; at < text.size() && IsDigit(text[at]); ++at) ++digits;
  if (at < text.size() && text[at] == '-') {
    for (++at; at < text.size() && IsDigit(text[at]); ++at) ++extension;
    if (extension == 0 || extension > 6) return std::string(kStars);
  }
  if (at != text.size() || digits < 7 || digits > 8) return std::string(kStars);
  return std::string(text.substr(0, code)) + "-****";
}

std::string MaskEmail(std::string_view text) {
  const size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at > 64 || text.size() > 254) return std::string(kStars);
  const std::string_view domain = text.substr(at + 1);
  const size_t dot = domain.find('.');
  if (dot == 0 || dot == std::string_view::npos || domain.back() == '.') return std::string(kStars);
  for (const char c : domain) {
    if (!IsLetter(c) && !IsDigit(c) && c != '.' && c != '-') return std::string(kStars);
  }
  for (const char c : text.substr(0, at)) {
    if (!IsLetter(c) && !IsDigit(c) && std::string_view("._%+-").find(c) == std::string_view::npos)
      return std::string(kStars);
  }
  // Of a local part of one character nothing would be hidden.
  return (at > 1 ? std::string(text.substr(0, 1)) : std::string()) + "***@" + std::string(domain);
}

std::string MaskBankCard(std::string_view text) {
  if (!IsBankCard(text)) return std::string(kStars);
  return std::string(text.size() - 4, '*') + std::string(text.substr(text.size() - 4));
}

std::string MaskBankCardForDisplay(std::string_view text) {
  if (!IsBankCard(text)) return std::string(kStars);
  return std::string(text.substr(0, 6)) + std::string(text.size() - 10, '*') + std::string(text.substr(text.size() - 4));
}

std::string MaskPlate(std::string_view text) {
  const auto characters = Characters(text);
  if (characters.size() != 7 && characters.size() != 8) return std::string(kStars);
  bool known = false;
  for (const std::string_view province : kPlateProvinces) known = known || characters[0] == province;
  if (!known || characters[1].size() != 1 || !(characters[1][0] >= 'A' && characters[1][0] <= 'Z')) return std::string(kStars);
  for (size_t i = 2; i < characters.size(); ++i) {
    const std::string_view c = characters[i];
    const bool plain = c.size() == 1 && (IsDigit(c[0]) || (c[0] >= 'A' && c[0] <= 'Z'));
    const bool special = i + 1 == characters.size() && (c == "警" || c == "学" || c == "挂" || c == "港" || c == "澳");
    if (!plain && !special) return std::string(kStars);
  }
  return std::string(characters[0]) + std::string(characters[1]) + "****" + std::string(characters.back());
}

std::string MaskAddress(std::string_view text) {
  Address address(text);
  address.SkipCounty();
  return address.Kept() + std::string(kStars);
}

std::string MaskAddressForDisplay(std::string_view text) {
  Address address(text);
  if (address.SkipCounty()) address.SkipStreet();
  return address.Kept() + std::string(kStars);
}

}  // namespace zhanqiao
