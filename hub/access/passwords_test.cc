#include "hub/access/passwords.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

constexpr PasswordCost kCheap{.passes = 1, .memory_kib = 8};

std::string RuleAgainst(std::string_view password) {
  const absl::Status status = CheckPassword({}, password, {"clerk-zhang", "370200-GAJ", "张三"}, "new_password");
  if (status.ok()) return "";
  EXPECT_EQ(ReasonOf(status), "PASSWORD_WEAK");
  EXPECT_EQ(FactOf(status, "field"), "new_password");
  return FactOf(status, "rule");
}

TEST(PasswordPolicyTest, TakesLongPasswordsOfAnyKind) {
  for (const char* good : {"correct horse battery", "栈桥回澜阁海风吹过五四广场", "Vq7-mReu-0kTz-44", "kartoffel zu mittag"}) {
    EXPECT_EQ(RuleAgainst(good), "") << good;
  }
}

TEST(PasswordPolicyTest, RefusesWhatIsGuessedFirst) {
  const std::pair<const char*, const char*> bad[] = {
      {"", "length"},         {"short-one-1", "length"},     {"海风吹过五四", "length"},   {"aaaaaaaaaaaa", "repetitive"},
      {"abababababab", "repetitive"}, {"password12345", "common"}, {"Qingdao@123456", "common"}, {"qwertyuiop123", "common"},
      {"abcdefghijklmn", "common"},   {"zhanqiao2026!", "common"}, {"admin-admin-1q2w3e", "common"}, {"clerk-zhang-01", "personal"},
      {"370200-gaj-clerk-zhang", "personal"}};
  for (const auto& [password, rule] : bad) EXPECT_EQ(RuleAgainst(password), rule) << password;
  EXPECT_EQ(RuleAgainst(std::string(200, 'x') + std::string(57, 'y')), "text");
}

TEST(PasswordHasherTest, VerifiesItsOwnPasswordOnly) {
  const PasswordHasher hasher(kCheap);
  const std::string hash = hasher.Hash("correct horse battery").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
  EXPECT_TRUE(hasher.Verify(hash, "correct horse battery").value());
  EXPECT_FALSE(hasher.Verify(hash, "correct horse batterz").value());
  EXPECT_FALSE(hasher.Verify(hash, "").value());
  EXPECT_NE(hasher.Hash("correct horse battery").value(), hash);  // salted
}

TEST(PasswordHasherTest, NobodysHashIsNeverRight) {
  const PasswordHasher hasher(kCheap);
  EXPECT_FALSE(hasher.Verify("", "").value());
  EXPECT_FALSE(hasher.Verify("", "anything").value());
  EXPECT_FALSE(hasher.Verify("$argon2id$broken", "anything").value());
}

TEST(PasswordHasherTest, AChangedCostIsNoticed) {
  const std::string hash = PasswordHasher(kCheap).Hash("correct horse battery").value();
  EXPECT_FALSE(PasswordHasher(kCheap).Outdated(hash));
  const PasswordHasher dearer({.passes = 2, .memory_kib = 16});
  EXPECT_TRUE(dearer.Outdated(hash));
  EXPECT_TRUE(dearer.Verify(hash, "correct horse battery").value());
}

}  // namespace
}  // namespace zhanqiao::access
