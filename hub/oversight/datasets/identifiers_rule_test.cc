#include "hub/oversight/datasets/identifiers_rule.h"

#include <gtest/gtest.h>

#include <string>

#include "catalog/base/identifiers.h"

namespace zhanqiao::datasets {
namespace {

std::string IdNumber() {
  const std::string first = "37020219800101001";
  return first + IdNumberCheck(first);
}

TEST(HoldsIdentifier, FindsIdentityNumbersInAnyDress) {
  const std::string id = IdNumber();
  EXPECT_TRUE(HoldsIdentifier(id));
  EXPECT_TRUE(HoldsIdentifier("证号:" + id + "，男"));
  EXPECT_TRUE(HoldsIdentifier(id.substr(0, 6) + " " + id.substr(6, 8) + "-" + id.substr(14)));
  EXPECT_TRUE(HoldsIdentifier("３７０２０２１９８００１０１００１" + id.substr(17)));
}

TEST(HoldsIdentifier, FindsMobilesCardsAndMail) {
  EXPECT_TRUE(HoldsIdentifier("13812345678"));
  EXPECT_TRUE(HoldsIdentifier("电话 138-1234-5678 转"));
  EXPECT_TRUE(HoldsIdentifier("6222021234567890128"));
  EXPECT_TRUE(HoldsIdentifier("来信：zhang.san@example.com。"));
}

TEST(HoldsIdentifier, LeavesOtherNumbersAlone) {
  for (const char* text : {"", "00-01-01", "0532-85911001", "370202198001010011", "91350100M000100Y43", "2018-05-07 09:00:00",
                           "100000000000000000", "12345678901", "@", "a@b", "泊位 120 个", "308001370200/000001"}) {
    EXPECT_FALSE(HoldsIdentifier(text)) << text;
  }
}

TEST(HoldsIdentifier, ABodysOwnContactsMayBeLeftOut) {
  EXPECT_FALSE(HoldsIdentifier("13812345678", {.contacts = false}));
  EXPECT_FALSE(HoldsIdentifier("kf@example.gov.cn", {.contacts = false}));
  EXPECT_TRUE(HoldsIdentifier(IdNumber(), {.contacts = false}));
}

}  // namespace
}  // namespace zhanqiao::datasets
