#include "hub/ledger/restart.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

const std::string kKey(32, 'k');

TEST(RestartTest, EntryZeroOfTheNewLogHoldsTheOldLogsLastCheckpoint) {
  TestLog old;
  old.GrowTo(300);
  const std::string last = old.Sign()->note;
  storage::MemoryStore fresh;
  ASSERT_TRUE(PrepareNewLog(fresh, last).ok());
  const auto record = FirstRecord(fresh, "ledger.example/zhanqiao-2", kKey);
  ASSERT_TRUE(record.ok()) << record.status();
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(record->body));
  EXPECT_EQ(entry.genesis().origin(), "ledger.example/zhanqiao-2");
  EXPECT_EQ(entry.genesis().previous_checkpoint(), last);
  EXPECT_EQ(OpenCheckpoint(entry.genesis().previous_checkpoint(), old.key())->size, 300u);
}

TEST(RestartTest, TheOldOriginIsNotUsedAgain) {
  TestLog old;
  storage::MemoryStore fresh;
  ASSERT_TRUE(PrepareNewLog(fresh, old.Sign()->note).ok());
  EXPECT_EQ(ReasonOf(FirstRecord(fresh, TestLog::kOrigin, kKey).status()), "LEDGER_ORIGIN_REUSED");
}

TEST(RestartTest, ALogIsNotReplacedInItsOwnStore) {
  TestLog old;
  const std::string last = old.Sign()->note;
  EXPECT_EQ(ReasonOf(PrepareNewLog(old.store(), last)), "LEDGER_NOT_EMPTY");
  storage::MemoryStore fresh;
  EXPECT_EQ(ReasonOf(PrepareNewLog(fresh, "nothing of the kind")), "NOTE_MALFORMED");
}

TEST(RestartTest, AFirstLogHasNoPredecessor) {
  const storage::MemoryStore empty;
  EXPECT_EQ(FirstRecord(empty, "o", kKey)->body, GenesisRecord("o", kKey).body);
}

}  // namespace
}  // namespace zhanqiao::ledger
