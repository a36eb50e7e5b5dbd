#include "catalog/base/workdays.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

using absl::CivilDay;

// National Day of 2018: 1 to 7 October off, Saturday 29 and Sunday 30 September worked.
WorkCalendar NationalDay() {
  const auto calendar = WorkCalendar::FromCsv(
      "date,kind,note\n2018-09-29,workday,调休\n2018-09-30,workday,调休\r\n2018-10-01,holiday,国庆节\n"
      "2018-10-02,holiday,\n2018-10-03,holiday,\n2018-10-04,holiday,\n2018-10-05,holiday,with, comma\n");
  EXPECT_TRUE(calendar.ok()) << calendar.status();
  return calendar.value_or(WorkCalendar());
}

TEST(WorkCalendar, KnowsWeekdaysWithoutData) {
  const WorkCalendar calendar;
  EXPECT_TRUE(calendar.IsWorkday(CivilDay(2018, 9, 28)));   // Friday
  EXPECT_FALSE(calendar.IsWorkday(CivilDay(2018, 9, 29)));  // Saturday
  EXPECT_FALSE(calendar.IsWorkday(CivilDay(2018, 9, 30)));  // Sunday
}

TEST(WorkCalendar, FollowsHolidaysAndSwappedDays) {
  const WorkCalendar calendar = NationalDay();
  EXPECT_TRUE(calendar.IsWorkday(CivilDay(2018, 9, 29)));
  EXPECT_TRUE(calendar.IsWorkday(CivilDay(2018, 9, 30)));
  EXPECT_FALSE(calendar.IsWorkday(CivilDay(2018, 10, 1)));
  EXPECT_FALSE(calendar.IsWorkday(CivilDay(2018, 10, 6)));  // a Saturday as ever
  EXPECT_TRUE(calendar.IsWorkday(CivilDay(2018, 10, 8)));
}

TEST(AddWorkdays, StartsOnTheDayAfterAndSkipsHolidays) {
  const WorkCalendar calendar = NationalDay();
  const CivilDay friday(2018, 9, 28);
  EXPECT_EQ(calendar.AddWorkdays(friday, 1), CivilDay(2018, 9, 29));
  EXPECT_EQ(calendar.AddWorkdays(friday, 2), CivilDay(2018, 9, 30));
  EXPECT_EQ(calendar.AddWorkdays(friday, 3), CivilDay(2018, 10, 8));
  EXPECT_EQ(calendar.AddWorkdays(friday, 10), CivilDay(2018, 10, 17));
  EXPECT_EQ(calendar.AddWorkdays(friday, 0), friday);
  EXPECT_EQ(WorkCalendar().AddWorkdays(friday, 10), CivilDay(2018, 10, 12));
}

TEST(WorkdaysBetween, IsTheInverseOfAddWorkdays) {
  const WorkCalendar calendar = NationalDay();
  for (int days = 1; days <= 30; ++days) {
    const CivilDay from(2018, 9, 20);
    EXPECT_EQ(calendar.WorkdaysBetween(from, calendar.AddWorkdays(from, days)), days);
  }
  EXPECT_EQ(calendar.WorkdaysBetween(CivilDay(2018, 10, 1), CivilDay(2018, 10, 7)), 0);
  EXPECT_EQ(calendar.WorkdaysBetween(CivilDay(2018, 10, 8), CivilDay(2018, 10, 8)), 0);
  EXPECT_EQ(calendar.WorkdaysBetween(CivilDay(2018, 10, 8), CivilDay(2018, 9, 8)), 0);
}

TEST(FromCsv, NamesRowAndColumnOfWhatIsWrong) {
  const auto wrong = [](std::string_view csv) {
    const absl::Status status = WorkCalendar::FromCsv(csv).status();
    EXPECT_EQ(ReasonOf(status), "CALENDAR_INVALID");
    return FactOf(status, "row") + "/" + FactOf(status, "column");
  };
  EXPECT_EQ(wrong(""), "1/date");
  EXPECT_EQ(wrong("day,kind,note\n"), "1/date");
  EXPECT_EQ(wrong("date,kind,note\n2018-02-30,holiday,x\n"), "2/date");
  EXPECT_EQ(wrong("date,kind,note\n2018-10-01,off,x\n"), "2/kind");
  EXPECT_EQ(wrong("date,kind,note\n2018-10-01,holiday\n"), "2/kind");
  EXPECT_EQ(wrong("date,kind,note\n2018-10-01,holiday,x\n2018-10-01,workday,x\n"), "3/date");
}

}  // namespace
}  // namespace zhanqiao
