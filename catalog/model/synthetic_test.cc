#include "catalog/model/synthetic.h"

#include <gtest/gtest.h>

#include <set>

#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao::catalog {
namespace {

CsvTable Residents(int count, uint64_t seed) {
  auto table = ParseCsv(SyntheticResidentsCsv(count, seed));
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : CsvTable();
}

TEST(SyntheticResidents, AreTheSameForTheSameSeed) {
  EXPECT_EQ(SyntheticResidentsCsv(50, 7), SyntheticResidentsCsv(50, 7));
  EXPECT_NE(SyntheticResidentsCsv(50, 7), SyntheticResidentsCsv(50, 8));
}

TEST(SyntheticResidents, HaveValidAndDistinctNumbers) {
  std::set<std::string> ids;
  for (const CsvRow& row : Residents(2000, 2018).rows) {
    const std::string& id = row.cells[0];
    EXPECT_TRUE(IsIdNumber(id)) << id;
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_TRUE(IsMobile(row.cells[4])) << row.cells[4];
    ASSERT_TRUE(ParseDay(row.cells[3]).ok());
    EXPECT_EQ(id.substr(6, 4) + "-" + id.substr(10, 2) + "-" + id.substr(12, 2), row.cells[3]);
    EXPECT_EQ(row.cells[2], (id[16] - '0') % 2 == 1 ? "男" : "女");
  }
  EXPECT_EQ(ids.size(), 2000u);
}

TEST(SyntheticResidents, AreMarkedInEveryRow) {
  for (const CsvRow& row : Residents(2000, 2018).rows) {
    EXPECT_EQ(row.cells[0].substr(0, 6), "370299");
    EXPECT_NE(row.cells[1].find("测试"), std::string::npos);
    EXPECT_EQ(row.cells[5].find("合成数据"), 0u);
    EXPECT_EQ(row.cells[7].find("CS"), 0u);
  }
}

}  // namespace
}  // namespace zhanqiao::catalog
