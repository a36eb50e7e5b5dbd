#include "hub/access/sweep.h"

#include <gtest/gtest.h>

namespace zhanqiao::access {
namespace {

SimulatedClock EveningOf(int day) {
  return SimulatedClock(absl::FromCivil(absl::CivilSecond(2018, 2, day, 23, 59, 0), Shanghai()));
}

TEST(Sweep, RunsEachDutyOnceACivilDayInOrder) {
  SimulatedClock clock = EveningOf(14);
  Sweep sweep(clock);
  std::vector<std::string> done;
  sweep.Add("first", [&](absl::CivilDay today) { done.push_back("first " + FormatDay(today)); return absl::OkStatus(); });
  sweep.Add("second", [&](absl::CivilDay today) { done.push_back("second " + FormatDay(today)); return absl::OkStatus(); });
  EXPECT_EQ(sweep.Run(), 0);
  EXPECT_EQ(sweep.Run(), 0);
  clock.Advance(absl::Minutes(2));  // past midnight in Shanghai
  EXPECT_EQ(sweep.Run(), 0);
  EXPECT_EQ(done, (std::vector<std::string>{"first 2018-02-14", "second 2018-02-14", "first 2018-02-15", "second 2018-02-15"}));
}

TEST(Sweep, ADutyThatFailsIsTriedAgainAndKeepsNoOtherBack) {
  SimulatedClock clock = EveningOf(14);
  Sweep sweep(clock);
  int tried = 0;
  int others = 0;
  sweep.Add("fails_once", [&](absl::CivilDay) { return ++tried == 1 ? absl::UnavailableError("ledger") : absl::OkStatus(); });
  sweep.Add("other", [&](absl::CivilDay) { return ++others, absl::OkStatus(); });
  EXPECT_EQ(sweep.Run(), 1);
  EXPECT_EQ(sweep.Run(), 0);
  EXPECT_EQ(sweep.Run(), 0);
  EXPECT_EQ(tried, 2);
  EXPECT_EQ(others, 1);
}

}  // namespace
}  // namespace zhanqiao::access
