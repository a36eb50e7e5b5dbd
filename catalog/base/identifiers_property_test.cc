// A million cases each of the identifiers people type: right ones are taken, and whatever is not right, by the words of
// the standard computed here a second time, is refused. ZHANQIAO_SEED repeats a run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "catalog/base/identifiers.h"

namespace zhanqiao {
namespace {

constexpr int kCases = 1'000'000;

class IdentifierPropertyTest : public testing::Test {
 protected:
  IdentifierPropertyTest() { RecordProperty("seed", std::to_string(seed_)); }
  ~IdentifierPropertyTest() override {
    if (HasFailure()) std::fprintf(stderr, "ZHANQIAO_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  }
  size_t Below(size_t bound) { return static_cast<size_t>(random_() % bound); }
  char OneOf(std::string_view alphabet) { return alphabet[Below(alphabet.size())]; }
  std::string Of(std::string_view alphabet, size_t length) {
    std::string text(length, ' ');
    for (char& c : text) c = OneOf(alphabet);
    return text;
  }
  // One change of the kind hands and machines make: another character, one less, one more, two swapped.
  std::string Spoilt(std::string text, std::string_view alphabet) {
    const size_t at = Below(text.size());
    switch (Below(5)) {
      case 0: text[at] = OneOf(alphabet); break;
      case 1: text.erase(at, 1); break;
      case 2: text.insert(at, 1, OneOf(alphabet)); break;
      case 3: std::swap(text[at], text[Below(text.size())]); break;
      default: text[at] = static_cast<char>(Below(256)); break;
    }
    return text;
  }

 private:
  const uint64_t seed_ = std::getenv("ZHANQIAO_SEED") != nullptr ? std::strtoull(std::getenv("ZHANQIAO_SEED"), nullptr, 10)
                                                                : std::random_device()();
  std::mt19937_64 random_{seed_};
};

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::string_view kAnything = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZxyz/~- \t\xEF\xBC\x91";

// GB 32100-2015 by its table of weights.
bool IsCreditCodeByTable(const std::string& text) {
  static constexpr int kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  if (text.size() != 18) return false;
  int sum = 0;
  for (size_t i = 0; i < 18; ++i) {
    const size_t value = kCreditAlphabet.find(text[i]);
    if (value == std::string_view::npos) return false;
    if (i >= 2 && i < 8 && value > 9) return false;
    sum += i < 17 ? static_cast<int>(value) * kWeights[i] : 0;
  }
  return kCreditAlphabet[static_cast<size_t>((31 - sum % 31) % 31)] == text[17];
}

TEST_F(IdentifierPropertyTest, CreditCodes) {
  for (int i = 0; i < kCases; ++i) {
    std::string code = Of(kCreditAlphabet, 2) + Of(kDigits, 6) + Of(kCreditAlphabet, 9);
    code += CreditCodeCheck(code);
    ASSERT_TRUE(IsCreditCodeByTable(code)) << code;
    ASSERT_TRUE(IsCreditCode(code)) << code;
    const std::string spoilt = Spoilt(code, kAnything);
    ASSERT_EQ(IsCreditCode(spoilt), IsCreditCodeByTable(spoilt)) << testing::PrintToString(spoilt);
    // Every single other character of the alphabet is found out.
    const size_t at = Below(18);
    std::string other = code;
    other[at] = OneOf(kCreditAlphabet);
    ASSERT_EQ(IsCreditCode(other), other == code) << other;
  }
}

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// GB 11643-1999: a date that exists, and weights 2^(17-i) mod 11 with the check read as 0 to 10 that makes the sum 1.
bool IsIdNumberByPowers(const std::string& text) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (text.size() != 18) return false;
  int sum = 0;
  int weight = 1;
  for (size_t i = 18; i-- > 0; weight = weight * 2 % 11) {
    const bool check = i == 17 && text[i] == 'X';
    if (!check && (text[i] < '0' || text[i] > '9')) return false;
    sum += weight * (check ? 10 : text[i] - '0');
  }
  const int year = std::stoi(text.substr(6, 4));
  const int month = std::stoi(text.substr(10, 2));
  const int day = std::stoi(text.substr(12, 2));
  if (text[0] == '0' || year < 1800 || month < 1 || month > 12) return false;
  const int last = kDays[month - 1] + (month == 2 && IsLeap(year) ? 1 : 0);
  return day >= 1 && day <= last && sum % 11 == 1;
}

TEST_F(IdentifierPropertyTest, IdNumbers) {
  for (int i = 0; i < kCases; ++i) {
    char date[16];
    std::snprintf(date, sizeof date, "%04d%02d%02d", static_cast<int>(1800 + Below(300)), static_cast<int>(Below(14)),
                  static_cast<int>(Below(33)));
    std::string number = Of(kDigits, 6) + date + Of(kDigits, 3);
    number += IdNumberCheck(number);
    ASSERT_EQ(IsIdNumber(number), IsIdNumberByPowers(number)) << number;
    const std::string spoilt = Spoilt(number, kAnything);
    ASSERT_EQ(IsIdNumber(spoilt), IsIdNumberByPowers(spoilt)) << testing::PrintToString(spoilt);
    const size_t at = Below(17);
    std::string other = number;
    other[at] = OneOf(kDigits);
    ASSERT_EQ(IsIdNumber(other), other == number && IsIdNumberByPowers(number)) << other;
  }
}

// [123]\d{2}\d{3}\d{0,12}/\d{1,12}, read from left to right.
bool IsResourceCodeByReading(const std::string& text) {
  size_t before = 0;
  size_t after = 0;
  bool slash = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      if (slash) return false;
      slash = true;
    } else if (kDigits.find(text[i]) == std::string_view::npos) {
      return false;
    } else {
      ++(slash ? after : before);
    }
  }
  return slash && before >= 6 && before <= 18 && after >= 1 && after <= 12 && text[0] >= '1' && text[0] <= '3';
}

TEST_F(IdentifierPropertyTest, ResourceCodes) {
  for (int i = 0; i < kCases; ++i) {
    const std::string code = Of("123", 1) + Of(kDigits, 5 + Below(13)) + "/" + Of(kDigits, 1 + Below(12));
    ASSERT_TRUE(IsResourceCode(code)) << code;
    ASSERT_TRUE(IsClassification(std::string_view(code).substr(0, code.find('/')))) << code;
    const std::string spoilt = Spoilt(code, "0123456789//4A ");
    ASSERT_EQ(IsResourceCode(spoilt), IsResourceCodeByReading(spoilt)) << testing::PrintToString(spoilt);
    const std::string any = Of("0123456789/", Below(33));
    ASSERT_EQ(IsResourceCode(any), IsResourceCodeByReading(any)) << any;
  }
}

TEST_F(IdentifierPropertyTest, CodesAreInFormAfterNormalisingOnce) {
  for (int i = 0; i < kCases; ++i) {
    std::string text;
    for (size_t n = Below(12); n > 0; --n) {
      static constexpr std::string_view kPieces[] = {"a", "Z", "７", "ｘ", "／", "　", " ", "\t", "青", "\xFF", "~"};
      text += kPieces[Below(std::size(kPieces))];
    }
    const std::string once = NormalizeCode(text);
    ASSERT_EQ(NormalizeCode(once), once) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace zhanqiao
