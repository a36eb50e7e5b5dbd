#include "connectors/agent/backoff.h"

#include <gtest/gtest.h>

namespace zhanqiao::connectors {
namespace {

TEST(Backoff, CeilingDoublesUpToTheCapAndThePauseIsDrawnFromAllOfIt) {
  SeededRandom random(7);
  absl::Duration longest[4] = {};
  for (int round = 0; round < 400; ++round) {
    Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(400), random);
    for (absl::Duration& most : longest) {
      const absl::Duration pause = backoff.Next();
      EXPECT_GE(pause, absl::ZeroDuration());
      most = std::max(most, pause);
    }
  }
  const int ceilings_ms[] = {100, 200, 400, 400};
  for (int i = 0; i < 4; ++i) {
    EXPECT_LE(longest[i], absl::Milliseconds(ceilings_ms[i]));
    EXPECT_GE(longest[i], absl::Milliseconds(ceilings_ms[i]) * 0.9);
  }
}

TEST(Backoff, StaysAtTheCapHoweverLongTheHubIsAway) {
  SeededRandom random(7);
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(30), random);
  for (int i = 0; i < 10'000; ++i) EXPECT_LE(backoff.Next(), absl::Seconds(30));
}

TEST(Backoff, StartsAgainFromTheBaseAfterAConnectionThatLasted) {
  SeededRandom random(7);
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(30), random);
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(100));
}

}  // namespace
}  // namespace zhanqiao::connectors
