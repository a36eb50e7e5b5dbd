#include "hub/portal/download_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/portal/test_portal.h"

namespace zhanqiao::portal {
namespace {

constexpr char kCsv[] = "/download/370200-gaj_parking/data.csv";

class DownloadLimitsTest : public testing::Test {
 protected:
  int Taken(DownloadLimits& limits, const std::string& network, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += limits.Take(network) == absl::ZeroDuration() ? 1 : 0;
    return taken;
  }
  SimulatedClock clock_{absl::FromUnixSeconds(1'500'000'000)};
};

TEST_F(DownloadLimitsTest, ANetworkHasItsBurstAndThenItsRate) {
  DownloadLimits limits(clock_, {.per_minute = 60, .burst = 5});
  EXPECT_EQ(Taken(limits, "192.0.2.1", 9), 5);
  clock_.Advance(absl::Seconds(3));
  EXPECT_EQ(Taken(limits, "192.0.2.1", 9), 3);
  EXPECT_EQ(limits.Take("192.0.2.1"), absl::Seconds(1));
}

TEST_F(DownloadLimitsTest, OthersAreNotHeldUp) {
  DownloadLimits limits(clock_, {.per_minute = 60, .burst = 2});
  EXPECT_EQ(Taken(limits, "192.0.2.1", 5), 2);
  EXPECT_EQ(Taken(limits, "192.0.2.2", 5), 2);
}

TEST_F(DownloadLimitsTest, MemoryIsBoundedAndQuietNetworksMakeRoom) {
  DownloadLimits limits(clock_, {.per_minute = 60, .burst = 2, .networks_max = 2});
  EXPECT_EQ(Taken(limits, "a", 1) + Taken(limits, "b", 1), 2);
  EXPECT_EQ(Taken(limits, "c", 1), 0);
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(Taken(limits, "c", 1), 1);
}

TEST_F(DownloadLimitsTest, ZeroIsNoLimit) {
  DownloadLimits limits(clock_, {.per_minute = 0, .burst = 1});
  EXPECT_EQ(Taken(limits, "192.0.2.1", 1000), 1000);
}

class LimitedPortalTest : public testing::Test, protected TestPortal {
 protected:
  LimitedPortalTest() { Published(); }
  edge::HttpResponse Ask(edge::Metadata headers = {}) {
    auto kept = portal.Kept(Request(kCsv, headers));
    return kept ? *std::move(kept) : Get(kCsv, headers);
  }
};

TEST_F(LimitedPortalTest, TooManyDownloadsAreToldWhenToComeAgain) {
  for (int i = 0; i < 60; ++i) ASSERT_EQ(Ask().status, 200) << i;
  const auto refused = Ask();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(Header(refused, "retry-after"), "1");
  EXPECT_THAT(refused.body, testing::HasSubstr("DOWNLOADS_TOO_MANY"));
  const auto read = Ask({{"accept", "text/html"}});
  EXPECT_EQ(Header(read, "content-type"), "text/plain; charset=utf-8");
  EXPECT_THAT(read.body, testing::HasSubstr("稍后再试"));
  EXPECT_EQ(Get("/api/3/action/package_list").status, 200);
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(Ask().status, 200);
}

}  // namespace
}  // namespace zhanqiao::portal
