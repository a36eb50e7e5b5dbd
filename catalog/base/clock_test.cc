#include "catalog/base/clock.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

TEST(SimulatedClock, MovesOnlyWhenTold) {
  SimulatedClock clock(absl::FromUnixSeconds(1000));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1000));
  clock.Advance(absl::Minutes(1));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1060));
  clock.Set(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
}

TEST(CivilDayOf, IsTheDateInShanghai) {
  // 2017-12-31T16:00Z is midnight of the new year there.
  const absl::Time midnight = absl::FromCivil(absl::CivilSecond(2017, 12, 31, 16, 0, 0), absl::UTCTimeZone());
  EXPECT_EQ(CivilDayOf(midnight), absl::CivilDay(2018, 1, 1));
  EXPECT_EQ(CivilDayOf(midnight - absl::Nanoseconds(1)), absl::CivilDay(2017, 12, 31));
}

TEST(ParseDay, ReadsWhatFormatDayWrites) {
  EXPECT_EQ(FormatDay(absl::CivilDay(2017, 12, 29)), "2017-12-29");
  EXPECT_EQ(ParseDay("2017-12-29").value(), absl::CivilDay(2017, 12, 29));
  EXPECT_EQ(ParseDay("2020-02-29").value(), absl::CivilDay(2020, 2, 29));
}

TEST(ParseDay, RefusesWhatIsNoDateInExactlyThatForm) {
  for (const char* bad : {"", "2018-02-29", "2018-13-01", "2018-00-10", "2018-1-1", "18-01-01", "2018/01/01",
                          "2018-01-01 ", " 2018-01-01", "2018-01-01T", "20180101", "2018-01-1a"}) {
    EXPECT_EQ(ReasonOf(ParseDay(bad).status()), "DATE_INVALID") << bad;
  }
}

}  // namespace
}  // namespace zhanqiao
