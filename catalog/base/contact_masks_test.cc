#include <gtest/gtest.h>

#include "catalog/base/masks.h"

namespace zhanqiao {
namespace {

v1::Value Text(const std::string& text) {
  v1::Value value;
  value.set_text(text);
  return value;
}

std::string Applied(v1::Mask mask, v1::Value value, std::string_view key = {}) {
  Apply(mask, value, key);
  return value.text();
}

TEST(DisplayMasks, ShowMoreOfTheSameForm) {
  EXPECT_EQ(MaskIdNumberForDisplay("11010519491231002X"), "110105********002X");
  EXPECT_EQ(MaskNameForDisplay("张小三"), "张*三");
  EXPECT_EQ(MaskNameForDisplay("张三"), "张*");
  EXPECT_EQ(MaskNameForDisplay("欧阳娜娜"), "欧阳*娜");
  EXPECT_EQ(MaskNameForDisplay("欧阳修"), "欧阳*");
  EXPECT_EQ(MaskNameForDisplay("买买提·吐尔逊"), "买**");
  EXPECT_EQ(MaskBankCardForDisplay("6222021234567890128"), "622202*********0128");
  EXPECT_EQ(MaskBirthDateForDisplay("1949-12-31"), "1949-12");
}

TEST(DisplayMasks, WhatIsNotOfTheFormIsStarsInThemToo) {
  for (const char* odd : {"", "11010519491231002x", "110105194912310021", "1949-02-30", "1949-12-31T00:00:00", "John", "6222021234567890123", "张"}) {
    EXPECT_EQ(MaskIdNumberForDisplay(odd), "****") << odd;
    EXPECT_EQ(MaskBankCardForDisplay(odd), "****") << odd;
    EXPECT_EQ(MaskBirthDateForDisplay(odd), "****") << odd;
  }
  EXPECT_EQ(MaskNameForDisplay("张"), "*");
  EXPECT_EQ(MaskNameForDisplay("John"), "****");
}

TEST(ContactMasks, KeepWhatTheirFormAllows) {
  EXPECT_EQ(MaskBankCard("6222021234567890128"), "***************0128");
  EXPECT_EQ(MaskEmail("zhang.san@qingdao.gov.cn"), "z***@qingdao.gov.cn");
  EXPECT_EQ(MaskEmail("z@qq.com"), "***@qq.com");
  EXPECT_EQ(MaskLandline("0532-85911234"), "0532-****");
  EXPECT_EQ(MaskLandline("01085911234-803"), "010-****");
  EXPECT_EQ(MaskPlate("鲁B12345"), "鲁B****5");
  EXPECT_EQ(MaskPlate("鲁BD12345"), "鲁B****5");
  EXPECT_EQ(MaskPassport("E12345678"), "E******78");
  EXPECT_EQ(MaskBirthDate("1949-12-31"), "1949");
}

TEST(ContactMasks, WhatIsNotOfTheFormIsStars) {
  for (const char* odd : {"", "****", "6222021234567890123", "622202123456789", "a b@x.cn", "a@b", "@x.cn", "a@.cn", "a@x.cn@y.cn",
                          "532-85911234", "0532-859112", "0532-85911234-", "鲁12345", "鲁b12345", "X12345", "鲁B1234\xFF",
                          "E1234567", "EEE123456", "青岛", "1949-13-01"}) {
    for (const auto mask : {v1::MASK_BANK_CARD, v1::MASK_EMAIL, v1::MASK_LANDLINE, v1::MASK_PLATE, v1::MASK_PASSPORT, v1::MASK_BIRTH_DATE})
      EXPECT_EQ(Applied(mask, Text(odd)), "****") << odd << " " << v1::Mask_Name(mask);
  }
}

TEST(ContactMasks, AnAddressIsKeptToItsCounty) {
  EXPECT_EQ(MaskAddress("山东省青岛市市南区香港中路11号"), "山东省青岛市市南区****");
  EXPECT_EQ(MaskAddress("青岛市崂山区石老人市场3号楼"), "青岛市崂山区****");
  EXPECT_EQ(MaskAddress("市南区香港中路11号"), "市南区****");
  EXPECT_EQ(MaskAddress("青岛市胶州市北京路1号"), "青岛市胶州市****");
  EXPECT_EQ(MaskAddress("日照市莒县浮来山镇"), "日照市莒县****");
  EXPECT_EQ(MaskAddress("新疆维吾尔自治区伊犁哈萨克自治州霍城县清水河镇"), "新疆维吾尔自治区伊犁哈萨克自治州霍城县****");
  EXPECT_EQ(MaskAddress("黑龙江省哈尔滨市道里区中央大街1号"), "黑龙江省哈尔滨市道里区****");
}

TEST(ContactMasks, AHousingEstateIsNoCounty) {
  EXPECT_EQ(MaskAddress("青岛市阳光小区3号楼"), "青岛市****");
  EXPECT_EQ(MaskAddress("青岛市南京路创业园区"), "青岛市****");
  EXPECT_EQ(MaskAddress("青岛市6号区"), "青岛市****");
  EXPECT_EQ(MaskAddress("阳光小区3号楼"), "****");
  EXPECT_EQ(MaskAddress("Hong Kong Road 11"), "****");
  EXPECT_EQ(MaskAddress(""), "****");
}

TEST(ContactMasks, ToDisplayAnAddressIsKeptToItsStreetOrTownship) {
  EXPECT_EQ(MaskAddressForDisplay("青岛市市南区香港中路街道南京路1号"), "青岛市市南区****") << "a road is passed by";
  EXPECT_EQ(MaskAddressForDisplay("青岛市市南区八大湖街道南京路1号"), "青岛市市南区八大湖街道****");
  EXPECT_EQ(MaskAddressForDisplay("日照市莒县浮来山镇邢家庄村5号"), "日照市莒县浮来山镇****");
  EXPECT_EQ(MaskAddressForDisplay("青岛市市南区香港中路11号"), "青岛市市南区****");
}

TEST(Pseudonyms, AreEqualForEqualValuesUnderOneKeyOnly) {
  const std::string one = Applied(v1::MASK_PSEUDONYM, Text("11010519491231002X"), "key of one grant");
  EXPECT_EQ(one.size(), 32u);
  EXPECT_EQ(one, Applied(v1::MASK_PSEUDONYM, Text("11010519491231002X"), "key of one grant"));
  EXPECT_NE(one, Applied(v1::MASK_PSEUDONYM, Text("110105194912310021"), "key of one grant"));
  EXPECT_NE(one, Applied(v1::MASK_PSEUDONYM, Text("11010519491231002X"), "key of another grant"));
}

TEST(Pseudonyms, AreMadeOfAnyTypeOfValueButNeverWithoutAKey) {
  v1::Value number;
  number.set_integer(7);
  EXPECT_EQ(Applied(v1::MASK_PSEUDONYM, number, "key").size(), 32u);
  EXPECT_NE(Applied(v1::MASK_PSEUDONYM, number, "key"), Applied(v1::MASK_PSEUDONYM, Text("7"), "key"));
  EXPECT_EQ(Applied(v1::MASK_PSEUDONYM, Text("7")), "****");
  v1::Value absent;
  Apply(v1::MASK_PSEUDONYM, absent, "key");
  EXPECT_EQ(absent.kind_case(), v1::Value::KIND_NOT_SET);
}

TEST(DisplayMasks, EachKnowsTheFormThatShowsLess) {
  EXPECT_EQ(DefaultForm(v1::MASK_ID_NUMBER_DISPLAY), v1::MASK_ID_NUMBER);
  EXPECT_EQ(DefaultForm(v1::MASK_ADDRESS_DISPLAY), v1::MASK_ADDRESS);
  EXPECT_EQ(DefaultForm(v1::MASK_EMAIL), v1::MASK_EMAIL);
}

}  // namespace
}  // namespace zhanqiao
