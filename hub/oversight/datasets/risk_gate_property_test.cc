// The gate against naive readings of its rules, over random tables. The seed is printed; ZHANQIAO_SEED replays one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "hub/oversight/datasets/risk_gate.h"
#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

constexpr int kRounds = 2000;

class RandomTables : public ::testing::Test {
 protected:
  RandomTables() {
    const char* given = std::getenv("ZHANQIAO_SEED");
    const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    random_.seed(seed);
  }
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  Table Columns() {
    Table table;
    const int count = 1 + Below(5);
    for (int i = 0; i < count; ++i) {
      const std::string name = absl::StrCat("c", i);
      table.columns.push_back(Column(name, name, static_cast<v1::ColumnRole>(1 + Below(3))));
    }
    return table;
  }
  void Fill(Table& table) {
    const int rows = Below(40);
    for (int i = 0; i < rows; ++i) table.rows.push_back(Row(table));
  }
  std::vector<std::string> Row(const Table& table) {
    std::vector<std::string> row;
    for (size_t i = 0; i < table.columns.size(); ++i) row.push_back(std::string(1, static_cast<char>('a' + Below(3))));
    return row;
  }

  std::mt19937_64 random_;
};

using Cells = std::vector<std::string>;

Cells Part(const Cells& row, const std::vector<size_t>& columns) {
  Cells part;
  for (const size_t at : columns) part.push_back(row[at]);
  return part;
}

bool AllPassed(const std::vector<v1::RiskCheck>& checks, const std::string& rule) {
  for (const auto& check : checks) {
    if (check.rule() == rule && !check.passed()) return false;
  }
  return true;
}

TEST_F(RandomTables, KAnonymityIsThatEachRowHasKLikeIt) {
  for (int round = 0; round < kRounds; ++round) {
    Table table = Columns();
    Fill(table);
    const GateRules rules{.k = 1 + Below(6), .l = 1 + Below(3)};
    const auto quasi = ColumnsWith(table, v1::COLUMN_ROLE_QUASI_IDENTIFIER);
    const auto sensitive = ColumnsWith(table, v1::COLUMN_ROLE_SENSITIVE);
    bool anonymous = true;
    bool diverse = true;
    int64_t few = 0;
    for (const Cells& row : table.rows) {
      int64_t alike = 0;
      std::vector<std::set<std::string>> values(sensitive.size());
      for (const Cells& other : table.rows) {
        if (Part(other, quasi) != Part(row, quasi)) continue;
        ++alike;
        for (size_t i = 0; i < sensitive.size(); ++i) values[i].insert(other[sensitive[i]]);
      }
      few += alike < rules.k;
      anonymous = anonymous && alike >= rules.k;
      for (const auto& one : values) diverse = diverse && static_cast<int64_t>(one.size()) >= rules.l;
    }
    if (quasi.empty() && sensitive.empty()) anonymous = true, few = 0;
    const auto checks = CheckAnonymity(table, rules);
    ASSERT_EQ(AllPassed(checks, "K_ANONYMITY"), anonymous) << "round " << round;
    ASSERT_EQ(checks[0].rows(), few) << "round " << round;
    ASSERT_EQ(AllPassed(checks, "L_DIVERSITY"), diverse) << "round " << round;
  }
}

TEST_F(RandomTables, DifferencingIsThatThoseWhoMovedAreKInTheirGroup) {
  for (int round = 0; round < kRounds; ++round) {
    Table before = Columns();
    Fill(before);
    Table after = before;
    for (int i = Below(6); i > 0 && !after.rows.empty(); --i) after.rows.erase(after.rows.begin() + Below(static_cast<int>(after.rows.size())));
    for (int i = Below(6); i > 0; --i) after.rows.push_back(Row(after));
    const GateRules rules{.k = 1 + Below(4)};
    const auto quasi = ColumnsWith(before, v1::COLUMN_ROLE_QUASI_IDENTIFIER);
    const bool persons = !quasi.empty() || !ColumnsWith(before, v1::COLUMN_ROLE_SENSITIVE).empty();
    std::multiset<Cells> came(after.rows.begin(), after.rows.end());
    std::multiset<Cells> went;
    for (const Cells& row : before.rows) {
      const auto there = came.find(row);
      if (there == came.end()) {
        went.insert(row);
      } else {
        came.erase(there);
      }
    }
    bool hidden = true;
    for (const auto* moved : {&came, &went}) {
      std::map<Cells, int64_t> groups;
      for (const Cells& row : *moved) ++groups[Part(row, quasi)];
      for (const auto& [group, size] : groups) hidden = hidden && size >= rules.k;
    }
    ASSERT_EQ(AllPassed(CheckDifferencing(after, before, rules), "DIFFERENCING"), hidden || !persons) << "round " << round;
  }
}

}  // namespace
}  // namespace zhanqiao::datasets
