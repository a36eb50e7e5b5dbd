#include "hub/ledger/archive/retention.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

constexpr char kHeader[] = "effective_date,entries_online_months,source\n";

TEST(RetentionPolicyTest, ThreeYearsUnlessARowSaysOtherwiseFromItsDateOn) {
  const auto policy =
      RetentionPolicy::FromCsv(std::string(kHeader) + "2028-01-01,60,市办\n2027-01-01,24,市办\n");
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->OnlineMonthsOn(absl::CivilDay(2026, 12, 31)), 36);
  EXPECT_EQ(policy->OnlineMonthsOn(absl::CivilDay(2027, 1, 1)), 24);
  EXPECT_EQ(policy->OnlineMonthsOn(absl::CivilDay(2028, 6, 1)), 60);
}

TEST(RetentionPolicyTest, KeptFromIsTheSameDayThatManyMonthsAgoOrTheLastOfAShorterMonth) {
  const RetentionPolicy policy;
  EXPECT_EQ(policy.KeptFrom(absl::CivilDay(2026, 11, 24)), absl::CivilDay(2023, 11, 24));
  const auto six = RetentionPolicy::FromCsv(std::string(kHeader) + "2020-01-01,6,法\n");
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(six->KeptFrom(absl::CivilDay(2026, 8, 31)), absl::CivilDay(2026, 2, 28));
}

TEST(RetentionPolicyTest, LessThanSixMonthsAndRowsWithoutSourceAreRefused) {
  for (const char* row : {"2026-01-01,5,法\n", "2026-01-01,36,\n", "2026-13-01,36,法\n", "2026-01-01,x,法\n",
                          "2026-01-01,36,法\n2026-01-01,48,法\n"}) {
    EXPECT_EQ(ReasonOf(RetentionPolicy::FromCsv(std::string(kHeader) + row).status()), "RETENTION_INVALID")
        << row;
  }
  EXPECT_EQ(ReasonOf(RetentionPolicy::FromCsv("a,b,c\n").status()), "RETENTION_INVALID");
}

}  // namespace
}  // namespace zhanqiao::ledger
