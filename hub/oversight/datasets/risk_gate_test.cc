#include "hub/oversight/datasets/risk_gate.h"

#include <gtest/gtest.h>

#include "catalog/base/identifiers.h"
#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

// Persons by age group and district, with an illness.
Table Persons() {
  Table table;
  table.columns = {Column("age", "年龄段", v1::COLUMN_ROLE_QUASI_IDENTIFIER), Column("district", "区市", v1::COLUMN_ROLE_QUASI_IDENTIFIER),
                   Column("illness", "病种", v1::COLUMN_ROLE_SENSITIVE)};
  return table;
}

void Add(Table& table, int count, const std::string& age, const std::string& district, const std::vector<std::string>& illnesses) {
  for (int i = 0; i < count; ++i) table.rows.push_back({age, district, illnesses[static_cast<size_t>(i) % illnesses.size()]});
}

v1::RiskCheck Of(const std::vector<v1::RiskCheck>& checks, const std::string& rule) {
  for (const auto& check : checks) {
    if (check.rule() == rule) return check;
  }
  return {};
}

TEST(RiskGate, EveryCombinationStandsForAtLeastK) {
  Table table = Persons();
  Add(table, 20, "30-39", "市南区", {"甲", "乙"});
  Add(table, 21, "40-49", "市南区", {"甲", "乙"});
  EXPECT_TRUE(Of(CheckAnonymity(table, {.k = 20}), "K_ANONYMITY").passed());
  Add(table, 3, "90-", "市北区", {"甲", "乙"});
  const auto check = Of(CheckAnonymity(table, {.k = 20}), "K_ANONYMITY");
  EXPECT_FALSE(check.passed());
  EXPECT_EQ(check.required(), 20);
  EXPECT_EQ(check.found(), 3);
  EXPECT_EQ(check.rows(), 3);
  EXPECT_FALSE(Of(CheckAnonymity(table, {.k = 5}), "K_ANONYMITY").passed());
  EXPECT_TRUE(Of(CheckAnonymity(table, {.k = 3}), "K_ANONYMITY").passed());
}

TEST(RiskGate, ASensitiveColumnStaysUncertainInEachGroup) {
  Table table = Persons();
  Add(table, 20, "30-39", "市南区", {"甲", "乙"});
  EXPECT_TRUE(Of(CheckAnonymity(table, {}), "L_DIVERSITY").passed());
  Add(table, 25, "40-49", "市南区", {"甲"});
  const auto check = Of(CheckAnonymity(table, {}), "L_DIVERSITY");
  EXPECT_FALSE(check.passed());
  EXPECT_EQ(check.column(), "病种");
  EXPECT_EQ(check.found(), 1);
  EXPECT_EQ(check.rows(), 25);
}

TEST(RiskGate, IdentifiersInCellsOrHeadingsAreFoundAndNeverShown) {
  Table table;
  table.columns = {Column("note", "备注"), Column("person", "负责人姓名"), Column("hotline", "热线", v1::COLUMN_ROLE_PUBLIC_CONTACT)};
  table.rows = {{"联系 13812345678", "张三", "0532-85911001"}, {"无", "李四", "13900000000"}};
  const auto checks = CheckIdentifiers(table);
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].column(), "备注");
  EXPECT_EQ(checks[0].rows(), 1);
  EXPECT_EQ(checks[1].column(), "负责人姓名");
  for (const auto& check : checks) {
    EXPECT_FALSE(check.passed());
    EXPECT_EQ(check.explanation().find("138"), std::string::npos);
  }
}

TEST(RiskGate, CountsOfFewPersonsAreSuppressed) {
  Table table;
  table.columns = {Column("district", "区市"), Column("persons", "人数", v1::COLUMN_ROLE_PERSON_COUNT, v1::DATA_TYPE_INTEGER)};
  table.rows = {{"市南区", "120"}, {"市北区", "*"}, {"李沧区", "0"}, {"崂山区", "5"}};
  EXPECT_TRUE(CheckSmallCells(table, {})[0].passed());
  table.rows.push_back({"城阳区", "4"});
  EXPECT_FALSE(CheckSmallCells(table, {})[0].passed());
  EXPECT_EQ(CheckSmallCells(table, {})[0].found(), 4);
}

TEST(RiskGate, WhoCameOrWentBetweenTwoReleasesIsNotAlone) {
  Table before = Persons();
  Add(before, 40, "30-39", "市南区", {"甲", "乙"});
  Table after = before;
  EXPECT_TRUE(CheckDifferencing(after, before, {.k = 20})[0].passed());
  Add(after, 1, "30-39", "市南区", {"丙"});
  const auto check = CheckDifferencing(after, before, {.k = 20})[0];
  EXPECT_FALSE(check.passed()) << "each release is 20-anonymous, the new row is one person's";
  EXPECT_EQ(check.found(), 1);
  Add(after, 19, "30-39", "市南区", {"丙"});
  EXPECT_TRUE(CheckDifferencing(after, before, {.k = 20})[0].passed());
  Table fewer = before;
  fewer.rows.resize(38);
  EXPECT_FALSE(CheckDifferencing(fewer, before, {.k = 20})[0].passed());
}

TEST(RiskGate, ACountThatGrowsByFewTellsWhoJoined) {
  Table before;
  before.columns = {Column("district", "区市"), Column("persons", "人数", v1::COLUMN_ROLE_PERSON_COUNT, v1::DATA_TYPE_INTEGER)};
  before.rows = {{"市南区", "120"}, {"市北区", "80"}};
  Table after = before;
  after.rows[0][1] = "122";
  EXPECT_FALSE(CheckDifferencing(after, before, {})[0].passed());
  after.rows[0][1] = "130";
  after.rows.push_back({"崂山区", "7"});
  EXPECT_TRUE(CheckDifferencing(after, before, {})[0].passed());
}

TEST(RiskGate, ARenamedOrDroppedColumnDoesNotHideTheDifference) {
  Table before = Persons();
  Add(before, 40, "30-39", "市南区", {"甲", "乙"});
  Table after = before;
  Add(after, 2, "30-39", "市南区", {"甲", "乙"});
  after.columns[0].set_role(v1::COLUMN_ROLE_ORDINARY);
  EXPECT_FALSE(CheckDifferencing(after, before, {.k = 20})[0].passed());
}

TEST(RiskGate, DataWithoutPersonsPassEveryRule) {
  Table table;
  table.columns = TestDatasets::ParkColumns();
  table.rows = {{"甲", "市南区", "3"}};
  const auto checks = CheckTable("data", table, &table, {});
  EXPECT_EQ(checks.size(), 5u);
  for (const auto& check : checks) {
    EXPECT_TRUE(check.passed()) << check.rule();
    EXPECT_EQ(check.distribution(), "data");
  }
}

TEST(RiskGate, TheNumbersAreThePolicysOfTheDay) {
  EXPECT_EQ(GateRulesOf(Policy(), v1::DATASET_ACCESS_PUBLIC, absl::CivilDay(2018, 5, 7))->k, 20);
  EXPECT_EQ(GateRulesOf(Policy(), v1::DATASET_ACCESS_CONTROLLED, absl::CivilDay(2018, 5, 7))->k, 5);
}

}  // namespace
}  // namespace zhanqiao::datasets
