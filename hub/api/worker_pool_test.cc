#include "hub/api/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

namespace zhanqiao::api {
namespace {

TEST(WorkerPoolTest, RunsEverythingItTookBeforeItCloses) {
  std::atomic<int> ran = 0;
  WorkerPool pool({.threads = 3, .queue_max = 1000});
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }));
  pool.Close();
  EXPECT_EQ(ran, 500);
  EXPECT_FALSE(pool.Submit([] {}));
}

TEST(WorkerPoolTest, RefusesBeyondItsQueue) {
  WorkerPool pool({.threads = 0, .queue_max = 1});
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_FALSE(pool.Submit([] {}));
  EXPECT_EQ(pool.queued(), 1u);
  EXPECT_TRUE(pool.RunOne());
  EXPECT_FALSE(pool.RunOne());
  EXPECT_TRUE(pool.Submit([] {}));
}

}  // namespace
}  // namespace zhanqiao::api
