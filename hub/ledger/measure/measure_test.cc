#include "hub/ledger/measure/measure.h"

#include <gtest/gtest.h>

#include <set>

#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::ledger {
namespace {

TEST(MeasureTest, ASmallRunGivesEveryFigureOnceAndChecksWhatItTimes) {
  const storage::TemporaryDirectory directory;
  const auto figures =
      MeasureLedger({.directory = directory.path() / "scratch", .entries = 70'000, .archives = true}, {});
  ASSERT_TRUE(figures.ok()) << figures.status();
  std::set<std::string> keys;
  for (const Figure& figure : *figures) {
    EXPECT_TRUE(keys.insert(figure.key).second) << figure.key;
    EXPECT_GE(figure.value, 0) << figure.key;
  }
  for (const char* key :
       {"append_1_per_s", "append_64_clients_per_s", "append_1024_per_s", "append_64_clients_p99_ms",
        "append_64_clients_unsigned_p99_ms", "inclusion_proof_p50_ms", "consistency_proof_p50_ms",
        "filtered_page_p50_ms", "subject_question_p50_ms", "month_rollup_s", "bytes_per_entry", "start_s",
        "memory_mib", "archive_write_s"}) {
    EXPECT_TRUE(keys.contains(key)) << key;
  }
}

}  // namespace
}  // namespace zhanqiao::ledger
