#include "catalog/documents/carry_over.h"

#include <gtest/gtest.h>

#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::documents {
namespace {

class CarryOverTest : public ::testing::Test {
 protected:
  void Change(documents::Change change) {
    ASSERT_TRUE(old_->documents.Apply(Changing(std::move(change))).ok());
  }
  void SetUp() override {
    Change(Put("tasks/2", "first"));
    Change(Put("tasks/1", "one"));
    Change(Put("tasks/2", "second"));
    Change(Put("tasks/3", "gone"));
    Change(Delete("tasks/3"));
    old_.reset();
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'514'520'000)};
  SeededRandom random_{7};
  storage::MemoryStore from_;
  storage::MemoryStore to_;
  std::optional<LowerHub> old_{std::in_place, from_, clock_, random_};
};

TEST_F(CarryOverTest, EveryVersionIsKnownFromTheStartOfTheNewLogInItsOrder) {
  const auto carried = CarryOver(from_, to_);
  ASSERT_TRUE(carried.ok()) << carried.status();
  EXPECT_EQ(*carried, 5u);
  LowerHub hub(to_, clock_, random_);
  EXPECT_EQ(hub.documents.Get("tasks/2")->document, "second");
  EXPECT_EQ(hub.documents.Get("tasks/2")->revision, 2u);
  EXPECT_EQ(hub.documents.Get("tasks/2")->known_at, 0u);
  EXPECT_EQ(ReasonOf(hub.documents.Get("tasks/3").status()), "DOCUMENT_NOT_FOUND");
  const auto changes = hub.documents.ChangesSince(std::nullopt, 100);
  ASSERT_TRUE(changes.ok());
  std::vector<std::string> order;
  for (const Version& version : *changes) order.push_back(version.name + "@" + version.etag());
  EXPECT_EQ(order, (std::vector<std::string>{"tasks/2@r1", "tasks/1@r1", "tasks/2@r2", "tasks/3@r1", "tasks/3@r2"}));
}

TEST_F(CarryOverTest, ChangesGoOnAfterIt) {
  ASSERT_TRUE(CarryOver(from_, to_).ok());
  LowerHub hub(to_, clock_, random_);
  ASSERT_TRUE(hub.documents.Apply(Changing(Put("tasks/4", "fresh"))).ok());  // takes the place of entry 0
  const auto next = hub.documents.Apply(Changing(Put("tasks/2", "third")));
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->at(0).revision, 3u);
  EXPECT_EQ(hub.documents.Get("tasks/2")->document, "third");
}

TEST_F(CarryOverTest, OnlyIntoAnEmptyStore) {
  ASSERT_TRUE(CarryOver(from_, to_).ok());
  EXPECT_EQ(ReasonOf(CarryOver(from_, to_).status()), "DOCUMENTS_NOT_EMPTY");
}

}  // namespace
}  // namespace zhanqiao::documents
