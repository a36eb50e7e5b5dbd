#include "hub/ledger/self_check.h"

#include <gtest/gtest.h>

#include <map>

#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

class SelfCheckTest : public testing::Test {
 protected:
  // Steps through one whole round; what was found.
  std::vector<std::string> Round() {
    std::vector<std::string> found;
    for (uint64_t left = hub_.log().head()->size() / kTileWidth; left > 0; --left) {
      const absl::Status step = check_.Step();
      if (!step.ok()) found.push_back(ReasonOf(step) + " " + FactOf(step, "index") + FactOf(step, "tile"));
    }
    return found;
  }
  void Flip(Table table, const std::string& key, size_t byte) {
    std::string value = hub_.store().Get(table, key).value().value();
    value.at(byte) = static_cast<char>(value.at(byte) ^ 1);
    storage::Batch batch;
    batch.Put(table, key, value);
    ASSERT_TRUE(hub_.store().Apply(batch).ok());
  }
  TestLog hub_;
  SelfCheck check_{hub_.log()};
};

TEST_F(SelfCheckTest, ASoundLogIsCheckedRoundAfterRoundAsItGrows) {
  EXPECT_TRUE(check_.Step().ok()) << "nothing to check yet";
  EXPECT_EQ(check_.tiles_checked(), 0u);
  hub_.GrowTo(700);
  EXPECT_TRUE(Round().empty());
  hub_.GrowTo(1300);
  EXPECT_TRUE(check_.Step().ok());
  EXPECT_EQ(check_.rounds(), 0u) << "the round goes on into what was added";
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(check_.Step().ok());
  EXPECT_EQ(check_.rounds(), 1u);
  EXPECT_EQ(check_.tiles_checked(), 8u);
  EXPECT_EQ(check_.problems_found(), 0u);
}

TEST_F(SelfCheckTest, AnAlteredOldEntryOrTileIsNamedWithinOneRound) {
  hub_.GrowTo(66'000);
  Flip(Table::kEntries, storage::BigEndian(300), 12);
  Flip(Table::kTiles, TileKey(0, 7), 100);
  Flip(Table::kTiles, TileKey(1, 0), 5 * 32);
  EXPECT_EQ(Round(), (std::vector<std::string>{"LEDGER_ENTRY_ALTERED 300", "LEDGER_TILE_ALTERED tile/0/005",
                                               "LEDGER_ENTRY_ALTERED 1795", "LEDGER_TILE_ALTERED tile/1/000"}));
  EXPECT_EQ(check_.problems_found(), 4u);
}

TEST_F(SelfCheckTest, WhatIsMissingIsNamed) {
  hub_.GrowTo(1000);
  storage::Batch batch;
  batch.Delete(Table::kEntries, storage::BigEndian(600));
  batch.Delete(Table::kTiles, TileKey(0, 0));
  ASSERT_TRUE(hub_.store().Apply(batch).ok());
  EXPECT_EQ(Round(), (std::vector<std::string>{"LEDGER_TILE_MISSING tile/0/000", "LEDGER_ENTRY_MISSING 600"}));
}

}  // namespace
}  // namespace zhanqiao::ledger
