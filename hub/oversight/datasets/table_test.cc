#include "hub/oversight/datasets/table.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

absl::StatusOr<Table> Read(const std::string& csv) {
  google::protobuf::RepeatedPtrField<v1::DatasetColumn> columns;
  for (const auto& column : TestDatasets::ParkColumns()) *columns.Add() = column;
  return ReadTable(csv, columns);
}

TEST(ReadTable, TakesHeadingsOrFieldNames) {
  EXPECT_EQ(Read("名称,区市,泊位数\n甲,市南区,12\n")->rows.size(), 1u);
  EXPECT_EQ(Read("\xEF\xBB\xBFpark,district,spaces\r\n甲,市南区,*\r\n乙,,\r\n")->rows.size(), 2u);
}

TEST(ReadTable, RefusesOtherColumnsByName) {
  const auto status = Read("名称,泊位数,区市\n甲,12,市南区\n").status();
  EXPECT_EQ(ReasonOf(status), "COLUMNS_DIFFER");
  EXPECT_EQ(FactOf(status, "column"), "2");
  EXPECT_EQ(FactOf(status, "expected"), "区市");
  EXPECT_EQ(ReasonOf(Read("名称,区市\n甲,市南区\n").status()), "COLUMNS_DIFFER");
  EXPECT_EQ(ReasonOf(Read("名称,区市,泊位数,备注\n甲,市南区,1,x\n").status()), "COLUMNS_DIFFER");
}

TEST(ReadTable, NamesEveryCellThatDoesNotFitAndNeverItsContent) {
  const auto status = Read("名称,区市,泊位数\n甲,市南区,十二\n乙,市南区,12\n丙,市南区,1.5\n").status();
  const auto violations = ViolationsOf(status);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "row 2, 泊位数");
  EXPECT_EQ(violations[1].field, "row 4, 泊位数");
  EXPECT_EQ(status.ToString().find("十二"), std::string::npos);
}

TEST(ReadTable, WantsDataBelowTheHeading) { EXPECT_EQ(ReasonOf(Read("名称,区市,泊位数\n").status()), "NO_ROWS"); }

TEST(Fits, KnowsTheShapesOfTheGuidesTypes) {
  EXPECT_TRUE(Fits("-12.50", v1::DATA_TYPE_CURRENCY));
  EXPECT_FALSE(Fits("12.", v1::DATA_TYPE_NUMERIC));
  EXPECT_TRUE(Fits("2018-02-28", v1::DATA_TYPE_DATE));
  EXPECT_FALSE(Fits("2018-02-29", v1::DATA_TYPE_DATE));
  EXPECT_TRUE(Fits("2018-03-31T09:00:00+08:00", v1::DATA_TYPE_DATETIME));
  EXPECT_FALSE(Fits("昨天", v1::DATA_TYPE_DATETIME));
  EXPECT_TRUE(Fits("否", v1::DATA_TYPE_LOGICAL));
  EXPECT_TRUE(Fits("*", v1::DATA_TYPE_INTEGER));
}

}  // namespace
}  // namespace zhanqiao::datasets
