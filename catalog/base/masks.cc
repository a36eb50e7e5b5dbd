#include "catalog/base/masks.h"

#include <array>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao {
namespace {

constexpr std::string_view kStars = "****";
constexpr std::string_view kDot = "·";

// Compound surnames in use (《中国姓氏》 most frequent).
constexpr std::array<std::string_view, 40> kCompound = {
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "长孙", "宇文", "司徒", "司空", "夏侯",
    "端木", "百里", "呼延", "令狐", "南宫", "轩辕", "钟离", "申屠", "澹台", "闻人", "公羊", "公冶", "宗政", "濮阳",
    "淳于", "单于", "太叔", "仲孙", "赫连", "拓跋", "独孤", "万俟", "东郭", "西门", "第五", "纳兰"};

// The code points of Chinese text; empty when a character is not a Han one (or "·" between parts).
std::vector<std::string_view> HanCharacters(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (at + size > text.size()) return {};
    const std::string_view character = text.substr(at, size);
    uint32_t code = size == 4 ? lead & 0x07u : size == 3 ? lead & 0x0Fu : size == 2 ? lead & 0x1Fu : lead;
    for (size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(character[i]) & 0x3Fu);
    const bool han = (code >= 0x3400 && code <= 0x9FFF) || (code >= 0x20000 && code <= 0x323AF) || code == 0x3007;
    if (!han && character != kDot) return {};
    characters.push_back(character);
    at += size;
  }
  return characters;
}

std::string KeepFirst(const std::vector<std::string_view>& characters, size_t kept) {
  std::string masked;
  for (size_t i = 0; i < characters.size(); ++i) {
    if (i < kept) {
      masked += characters[i];
    } else {
      masked += '*';
    }
  }
  return masked;
}

}  // namespace

std::string MaskIdNumber(std::string_view text) {
  if (!IsIdNumber(text)) return std::string(kStars);
  std::string masked(18, '*');
  masked.front() = text.front();
  masked.back() = text.back();
  return masked;
}

std::string MaskName(std::string_view text) {
  if (text.size() > 120 || !IsCleanText(text)) return std::string(kStars);
  const auto characters = HanCharacters(text);
  if (characters.empty() || characters.size() > 30) return std::string(kStars);
  for (size_t i = 0; i < characters.size(); ++i) {
    if (characters[i] != kDot) continue;
    if (i == 0 || i + 1 == characters.size()) return std::string(kStars);
    return std::string(characters[0]) + "**";
  }
  if (characters.size() == 1) return "*";
  if (characters.size() > 6) return std::string(kStars);  // not a name of surname and given name
  if (characters.size() > 2) {
    for (const std::string_view surname : kCompound) {
      if (text.substr(0, surname.size()) == surname) return KeepFirst(characters, 2);
    }
  }
  return KeepFirst(characters, 1);
}

std::string MaskIdNumberForDisplay(std::string_view text) {
  if (!IsIdNumber(text)) return std::string(kStars);
  return std::string(text.substr(0, 6)) + "********" + std::string(text.substr(14));
}

std::string MaskNameForDisplay(std::string_view text) {
  std::string masked = MaskName(text);
  const size_t surname = masked.find('*');
  const auto characters = HanCharacters(text);
  if (surname == 0 || surname == std::string::npos || masked.size() - surname < 2) return masked;
  if (text.find(kDot) != std::string_view::npos) return masked;
  masked.pop_back();
  masked += characters.back();
  return masked;
}

std::string MaskBirthDate(std::string_view text) {
  if (text.size() != 10 || !ParseDay(text).ok()) return std::string(kStars);
  return std::string(text.substr(0, 4));
}

std::string MaskBirthDateForDisplay(std::string_view text) {
  if (text.size() != 10 || !ParseDay(text).ok()) return std::string(kStars);
  return std::string(text.substr(0, 7));
}

std::string MaskPassport(std::string_view text) {
  if (text.size() != 9) return std::string(kStars);
  for (size_t i = 0; i < text.size(); ++i) {
    const bool letter = text[i] >= 'A' && text[i] <= 'Z';
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (!(i == 0 ? letter : i == 1 ? letter || digit : digit)) return std::string(kStars);
  }
  return std::string(text.substr(0, 1)) + "******" + std::string(text.substr(7));
}

std::string Pseudonym(const v1::Value& value, std::string_view key) {
  if (key.empty()) return std::string(kStars);
  return ToHex(Bytes(HmacSha256(key, value.SerializeAsString())).substr(0, 16));
}

namespace {

std::string Masked(v1::Mask mask, std::string_view text) {
  switch (mask) {
    case v1::MASK_ID_NUMBER: return MaskIdNumber(text);
    case v1::MASK_ID_NUMBER_DISPLAY: return MaskIdNumberForDisplay(text);
    case v1::MASK_NAME: return MaskName(text);
    case v1::MASK_NAME_DISPLAY: return MaskNameForDisplay(text);
    case v1::MASK_MOBILE: return MaskMobile(text);
    case v1::MASK_BANK_CARD: return MaskBankCard(text);
    case v1::MASK_BANK_CARD_DISPLAY: return MaskBankCardForDisplay(text);
    case v1::MASK_ADDRESS: return MaskAddress(text);
    case v1::MASK_ADDRESS_DISPLAY: return MaskAddressForDisplay(text);
    case v1::MASK_BIRTH_DATE: return MaskBirthDate(text);
    case v1::MASK_BIRTH_DATE_DISPLAY: return MaskBirthDateForDisplay(text);
    case v1::MASK_EMAIL: return MaskEmail(text);
    case v1::MASK_LANDLINE: return MaskLandline(text);
    case v1::MASK_PLATE: return MaskPlate(text);
    case v1::MASK_PASSPORT: return MaskPassport(text);
    default: return std::string(kStars);  // MASK_ALL, and masks a later version knows
  }
}

}  // namespace

void Apply(v1::Mask mask, v1::Value& value, std::string_view pseudonym_key) {
  if (mask == v1::MASK_UNSPECIFIED || value.kind_case() == v1::Value::KIND_NOT_SET) return;
  std::string masked(kStars);
  if (mask == v1::MASK_PSEUDONYM) {
    masked = Pseudonym(value, pseudonym_key);
  } else if (value.kind_case() == v1::Value::kText) {
    masked = Masked(mask, value.text());
  }
  value.set_text(std::move(masked));
}

v1::Mask DefaultForm(v1::Mask mask) {
  switch (mask) {
    case v1::MASK_ID_NUMBER_DISPLAY: return v1::MASK_ID_NUMBER;
    case v1::MASK_NAME_DISPLAY: return v1::MASK_NAME;
    case v1::MASK_BANK_CARD_DISPLAY: return v1::MASK_BANK_CARD;
    case v1::MASK_ADDRESS_DISPLAY: return v1::MASK_ADDRESS;
    case v1::MASK_BIRTH_DATE_DISPLAY: return v1::MASK_BIRTH_DATE;
    default: return mask;
  }
}

}  // namespace zhanqiao
