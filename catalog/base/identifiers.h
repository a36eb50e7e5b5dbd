// Identifiers of people and organisations, with their check digits.
#pragma once

#include <string>
#include <string_view>

namespace zhanqiao {

// 居民身份证号, GB 11643-1999: 17 digits and a check character (ISO 7064 MOD 11-2) 0-9 or X; the birth date must
// exist. The 15-digit form of before 1999 is not accepted.
bool IsIdNumber(std::string_view text);
// The 18th character for the first 17 digits.
char IdNumberCheck(std::string_view first17);

// 统一社会信用代码, GB 32100-2015: 18 characters of 0-9A-HJ-NPQRTUWXY with a MOD 31 check character.
bool IsCreditCode(std::string_view text);
// The 18th character for the first 17; '\0' when one is outside the alphabet.
char CreditCodeCheck(std::string_view first17);

// 信息资源代码: [123]\d{2}\d{3}\d{0,12}/\d{1,12} (the guide; design section 5).
bool IsResourceCode(std::string_view text);

// The classification in it, before the slash: 类项目细目, [123]\d{2}\d{3}\d{0,12}.
bool IsClassification(std::string_view text);

// 手机号: 1[3-9] and nine more digits.
bool IsMobile(std::string_view text);

// GB/T 2260 division code: six digits, the first 1-8.
bool IsDivisionCode(std::string_view text);

// Trims blanks, turns full-width letters, digits and signs into half-width, upper-cases ASCII letters: how codes
// typed by people are brought into form before they are checked.
std::string NormalizeCode(std::string_view text);

// Valid UTF-8 without control characters other than tab and line breaks.
bool IsCleanText(std::string_view text);
// Unicode code points of valid UTF-8.
size_t CodePoints(std::string_view text);

}  // namespace zhanqiao
