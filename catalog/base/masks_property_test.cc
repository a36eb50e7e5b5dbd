// A million values for each mask, well-formed and malformed: what comes out is stars, or exactly the little the mask
// keeps of a value of its own form. The seed is printed; ZHANQIAO_SEED replays one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/masks.h"

namespace zhanqiao {
namespace {

constexpr int kCases = 1'000'000;
constexpr std::string_view kStars = "****";

class Values {
 public:
  explicit Values(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }
  bool OneIn(size_t n) { return Below(n) == 0; }
  std::string Digits(size_t count) {
    std::string digits;
    while (digits.size() < count) digits += static_cast<char>('0' + Below(10));
    return digits;
  }
  // A GB 11643 number: any real date and division digits, the check digit right.
  std::string IdNumber() {
    const std::string body = absl::StrFormat("%06d%04d%02d%02d%s", 110000 + Below(540000), 1920 + Below(105), 1 + Below(12),
                                             1 + Below(28), Digits(3));
    return body + CheckDigit(body);
  }
  std::string Mobile() { return absl::StrCat("1", 3 + Below(7), Digits(9)); }
  // 1 to `most` Han characters.
  std::string Han(size_t most) {
    std::string text;
    for (size_t left = 1 + Below(most); left > 0; --left) text += Encoded(OneIn(50) ? 0x20000 + Below(0x300) : 0x4E00 + Below(0x5000));
    return text;
  }
  // Something that may be no value of any form: bytes, scripts, widths, controls, halves of characters.
  std::string Junk() {
    std::string text;
    for (size_t left = Below(40); left > 0; --left) {
      switch (Below(6)) {
        case 0: text += static_cast<char>(Below(256)); break;
        case 1: text += Encoded(0xFF10 + Below(10)); break;  // full-width digits
        case 2: text += Encoded(0x4E00 + Below(0x5000)).substr(0, 1 + Below(3)); break;
        case 3: text += Digits(1 + Below(6)); break;
        case 4: text += "·"; break;
        default: text += Encoded(1 + Below(0x10FFFF));
      }
    }
    return text;
  }
  // `text` as it is, or with a byte changed, cut, doubled, surrounded or mixed with junk.
  std::string Bent(std::string text) {
    if (text.empty()) return text;
    switch (Below(8)) {
      case 0: text[Below(text.size())] = static_cast<char>(Below(256)); break;
      case 1: text.resize(Below(text.size())); break;
      case 2: text += text; break;
      case 3: text.insert(text.begin(), ' '); break;
      case 4: text += '\0'; break;
      case 5: text.insert(Below(text.size()), Junk()); break;
      default: break;
    }
    return text;
  }

  static char CheckDigit(std::string_view body) {
    constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < 17; ++i) sum += (body[i] - '0') * kWeights[i];
    return "10X98765432"[sum % 11];
  }

 private:
  static std::string Encoded(size_t code) {
    std::string text;
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xC0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      text += static_cast<char>(0xE0 | code >> 12);
      text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      text += static_cast<char>(0xF0 | code >> 18);
      text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
      text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (code & 0x3F));
    }
    return text;
  }
  std::mt19937_64 random_;
};

class MaskProperty : public ::testing::Test {
 protected:
  static uint64_t Seed() {
    const char* given = std::getenv("ZHANQIAO_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  }
  // Runs `check` on a million values: a third of the mask's own form, a third of them bent, a third anything.
  template <typename Own, typename Check>
  void ForAll(Own own, Check check) {
    for (int i = 0; i < kCases && !HasFailure(); ++i) {
      const std::string value = i % 3 == 0 ? own(values_) : i % 3 == 1 ? values_.Bent(own(values_)) : values_.Junk();
      SCOPED_TRACE("seed " + std::to_string(seed_) + ", case " + std::to_string(i));
      check(value);
    }
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed_));
  }
  const uint64_t seed_ = Seed();
  Values values_{seed_};
};

bool AllDigits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

TEST_F(MaskProperty, OfAnIdNumberItsEndsAloneComeOutAndOnlyOfARealOne) {
  int shown = 0;
  ForAll([](Values& values) { return values.IdNumber(); }, [&](const std::string& value) {
    const std::string masked = MaskIdNumber(value);
    if (masked == kStars) return;
    ++shown;
    ASSERT_EQ(value.size(), 18u);
    ASSERT_TRUE(AllDigits(value.substr(0, 17)));
    ASSERT_EQ(value[17], Values::CheckDigit(value));
    ASSERT_EQ(masked, absl::StrCat(value.substr(0, 1), "****************", value.substr(17)));
  });
  EXPECT_GT(shown, kCases / 10) << "values of the form are kept in part: the test sees both sides";
}

TEST_F(MaskProperty, OfAMobileNumberSevenDigitsComeOutAndOnlyOfARealOne) {
  int shown = 0;
  ForAll([](Values& values) { return values.Mobile(); }, [&](const std::string& value) {
    const std::string masked = MaskMobile(value);
    if (masked == kStars) return;
    ++shown;
    ASSERT_EQ(value.size(), 11u);
    ASSERT_TRUE(AllDigits(value) && value[0] == '1');
    ASSERT_EQ(masked, absl::StrCat(value.substr(0, 3), "****", value.substr(7)));
  });
  EXPECT_GT(shown, kCases / 10);
}

TEST_F(MaskProperty, OfANameTheSurnameComesOutAndNeverTheWhole) {
  int shown = 0;
  ForAll([](Values& values) { return values.OneIn(5) ? values.Han(4) + "·" + values.Han(4) : values.Han(7); },
         [&](const std::string& value) {
           const std::string masked = MaskName(value);
           const size_t stars = masked.find('*');
           ASSERT_NE(stars, std::string::npos);
           ASSERT_EQ(masked.find_first_not_of('*', stars), std::string::npos) << "stars to the end";
           const std::string kept = masked.substr(0, stars);
           if (kept.empty()) return;
           ++shown;
           ASSERT_TRUE(IsCleanText(kept));
           ASSERT_EQ(value.substr(0, kept.size()), kept);
           ASSERT_LE(CodePoints(kept), 2u);
           ASSERT_LT(CodePoints(kept), CodePoints(value));
           ASSERT_FALSE(std::any_of(kept.begin(), kept.end(), [](char c) { return static_cast<signed char>(c) >= 0; }))
               << "nothing of ASCII is part of a Chinese surname";
         });
  EXPECT_GT(shown, kCases / 10);
}

TEST_F(MaskProperty, WhateverTheMaskAndTheKindOfValueNothingRawIsLeft) {
  ForAll([](Values& values) { return values.OneIn(2) ? values.IdNumber() : values.Mobile(); },
         [&](const std::string& text) {
           // Masks of a later version included: what is not understood is stars.
           const auto mask = static_cast<v1::Mask>(1 + values_.Below(v1::Mask_MAX + 3));
           v1::Value value;
           switch (values_.Below(5)) {
             case 0: value.set_integer(static_cast<int64_t>(values_.Below(1u << 30))); break;
             case 1: value.set_real(0.5 + static_cast<double>(values_.Below(1000))); break;
             case 2: value.set_binary(text); break;
             case 3: value.set_logical(true); break;
             default: value.set_text(text);
           }
           const bool is_text = value.kind_case() == v1::Value::kText;
           Apply(mask, value, "key of a grant");
           ASSERT_EQ(value.kind_case(), v1::Value::kText);
           if (mask == v1::MASK_PSEUDONYM) {
             ASSERT_EQ(value.text().size(), 32u);
           } else if (!is_text || mask == v1::MASK_ALL || mask > v1::Mask_MAX) {
             ASSERT_EQ(value.text(), kStars);
           }
           ASSERT_TRUE(IsCleanText(value.text()));
           ASSERT_NE(value.text(), text == kStars ? "" : text);
         });
}

TEST_F(MaskProperty, OfAnAddressOnlyAPrefixOfPlaceNamesComesOut) {
  static constexpr const char* kParts[] = {"山东省", "青岛市", "市南区", "莒县", "胶州市", "香港中路", "小区", "11号", "石老人",
                                           "街道", "镇", "自治区", "内蒙古", "旗", "3", "a", " ", "·"};
  ForAll([](Values& values) {
    std::string text;
    for (size_t left = 1 + values.Below(8); left > 0; --left) text += kParts[values.Below(std::size(kParts))];
    return text;
  }, [](const std::string& value) {
    for (const std::string& masked : {MaskAddress(value), MaskAddressForDisplay(value)}) {
      ASSERT_TRUE(masked.ends_with(kStars));
      const std::string kept = masked.substr(0, masked.size() - kStars.size());
      ASSERT_EQ(value.substr(0, kept.size()), kept);
      ASSERT_TRUE(IsCleanText(kept));
      ASSERT_TRUE(kept.find("号") == std::string::npos);
      ASSERT_FALSE(std::any_of(kept.begin(), kept.end(), [](char c) { return static_cast<signed char>(c) >= 0; }));
    }
  });
}

}  // namespace
}  // namespace zhanqiao
