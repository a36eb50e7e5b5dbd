#include "catalog/base/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

using absl::CivilDay;

constexpr char kHeading[] = "key,value,from,to,variant,source\n";

std::string Table(std::string_view rows) { return absl::StrCat(kHeading, absl::string_view(rows.data(), rows.size())); }

TEST(Policy, GivesTheRowThatHoldsOnTheDayWithItsSource) {
  const auto policy = Policy::FromCsv(Table("grant.answer_working_days,10,2016-09-05,2025-07-31,,国发〔2016〕51号 Art. 12\r\n"
                                            "grant.answer_working_days,9,2025-08-01,,,政务数据共享条例\r\n"));
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ(policy->At("grant.answer_working_days", CivilDay(2016, 9, 5)).value(), 10);
  EXPECT_EQ(policy->At("grant.answer_working_days", CivilDay(2025, 7, 31)).value(), 10);
  const auto later = policy->RowAt("grant.answer_working_days", CivilDay(2025, 8, 1)).value();
  EXPECT_EQ(later.value, 9);
  EXPECT_EQ(later.source, "政务数据共享条例");
  EXPECT_EQ(policy->At("account.lockout_tries", CivilDay(2026, 1, 1)).value(), 5) << "what the table leaves out is built in";
}

TEST(Policy, SaysWhenNoRowHolds) {
  const absl::Status before = Policy().At("grant.answer_working_days", CivilDay(2016, 9, 4)).status();
  EXPECT_EQ(ReasonOf(before), "POLICY_MISSING");
  EXPECT_EQ(FactOf(before, "key"), "grant.answer_working_days");
  EXPECT_EQ(FactOf(before, "date"), "2016-09-04");
  EXPECT_EQ(ReasonOf(Policy().At("no.such", CivilDay(2020, 1, 1)).status()), "POLICY_MISSING");
  const auto gap = Policy::FromCsv(Table("account.lockout_tries,5,2018-01-01,2018-12-31,,a\naccount.lockout_tries,3,2020-01-01,,,b\n")).value();
  EXPECT_FALSE(gap.At("account.lockout_tries", CivilDay(2019, 6, 1)).ok());
  EXPECT_EQ(gap.At("account.lockout_tries", CivilDay(2020, 1, 1)).value(), 3);
}

TEST(Policy, AVariantStandsInPlaceOfTheCommonRowsOfItsKeys) {
  const std::string csv = Table(
      "grant.answer_working_days,10,2016-09-05,,,51号\n"
      "grant.answer_working_days,5,2018-01-01,,2-5-10,local\n"
      "grant.accept_working_days,2,2018-01-01,,2-5-10,local\n"
      "account.lockout_tries,4,2018-01-01,,,city\n");
  const CivilDay day(2018, 3, 1);
  EXPECT_EQ(Policy::FromCsv(csv).value().At("grant.answer_working_days", day).value(), 10);
  EXPECT_EQ(Policy::FromCsv(csv).value().At("grant.accept_working_days", day).value(), 0);
  const Policy variant = Policy::FromCsv(csv, "2-5-10").value();
  EXPECT_EQ(variant.At("grant.answer_working_days", day).value(), 5);
  EXPECT_EQ(variant.At("grant.accept_working_days", day).value(), 2);
  EXPECT_EQ(variant.At("account.lockout_tries", day).value(), 4);
  EXPECT_EQ(FactOf(Policy::FromCsv(csv, "3-6-9").status(), "column"), "variant");
}

TEST(Policy, NamesRowAndColumnOfWhatIsWrong) {
  const auto wrong = [](std::string_view csv) {
    const absl::Status status = Policy::FromCsv(csv).status();
    EXPECT_EQ(ReasonOf(status), "POLICY_INVALID") << csv;
    return FactOf(status, "row") + "/" + FactOf(status, "column");
  };
  EXPECT_EQ(wrong("key,value,from,to,source\n"), "1/key");
  EXPECT_EQ(wrong(Table("grant.anser_working_days,10,2016-09-05,,,x\n")), "2/key");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,ten,2016-09-05,,,x\n")), "2/value");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,-1,2016-09-05,,,x\n")), "2/value");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,10,2016-9-5,,,x\n")), "2/from");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,10,2016-09-05,2016-09-04,,x\n")), "2/to");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,10,2016-09-05,,,\n")), "2/source");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,10,2016-09-05,,,x\ngrant.answer_working_days,9,2017-01-01,,,x\n")), "3/from");
  EXPECT_EQ(wrong(Table("grant.answer_working_days,10,2016-09-05,2017-01-01,,x\ngrant.answer_working_days,9,2017-01-01,,,x\n")),
            "3/from");
}

}  // namespace
}  // namespace zhanqiao
