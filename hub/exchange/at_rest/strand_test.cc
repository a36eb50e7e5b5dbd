#include "hub/exchange/at_rest/strand.h"

#include <gtest/gtest.h>

#include <deque>

namespace zhanqiao::exchange {
namespace {

class StrandTest : public ::testing::Test {
 protected:
  void RunAll() {
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
  }
  std::deque<std::function<void()>> tasks_;
  const Executor executor_ = [this](std::function<void()> task) { tasks_.push_back(std::move(task)); };
  std::shared_ptr<int> owner_ = std::make_shared<int>(0);
};

TEST_F(StrandTest, WakingItOftenRunsItOnce) {
  int runs = 0;
  Strand strand(executor_, [&] { ++runs; });
  for (int i = 0; i < 5; ++i) strand.Wake(owner_);
  RunAll();
  EXPECT_EQ(runs, 1);
}

TEST_F(StrandTest, WakingItWhileItRunsRunsItOnceMoreBehindTheOthers) {
  std::vector<std::string> order;
  std::unique_ptr<Strand> strand;
  strand = std::make_unique<Strand>(executor_, [&] {
    order.push_back("strand");
    if (order.size() > 1) return;
    strand->Wake(owner_);
    strand->Wake(owner_);
    executor_([&] { order.push_back("other"); });
  });
  strand->Wake(owner_);
  RunAll();
  EXPECT_EQ(order, (std::vector<std::string>{"strand", "other", "strand"}));
}

TEST_F(StrandTest, ItsOwnerLivesUntilItHasRun) {
  int runs = 0;
  Strand strand(executor_, [&] { ++runs; });
  const std::weak_ptr<int> watched = owner_;
  strand.Wake(std::move(owner_));
  EXPECT_FALSE(watched.expired());
  RunAll();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace zhanqiao::exchange
