#include "connectors/adapters/csv/csv.h"

#include <fstream>

#include "connectors/adapters/adapter_contract.h"

namespace zhanqiao::connectors {
namespace {

std::unique_ptr<Adapter> MakeCsv() { return *TableFromCsv(kContractCsv, ContractEntry()); }

INSTANTIATE_TEST_SUITE_P(Csv, AdapterContract, testing::Values(&MakeCsv));

absl::Status LoadStatus(const std::string& text) { return TableFromCsv(text, ContractEntry()).status(); }

TEST(Csv, NamesEveryBadCellByRowAndColumnAndLoadsNothing) {
  const absl::Status status = LoadStatus(
      "permit,level,floors,issued\n"
      "A-1,市,six,2017-01-02\n"
      "A-2,区,,2017-02-30\n"
      "A-3-is-too-long,市,11,2017-05-06\n");
  EXPECT_EQ(ReasonOf(status), "VALUE_TYPE");
  EXPECT_EQ(FactOf(status, "link"), "source");
  std::vector<std::string> cells;
  for (const Violation& bad : ViolationsOf(status)) cells.push_back(bad.field);
  EXPECT_EQ(cells, (std::vector<std::string>{"row 2, column floors", "row 3, column issued", "row 4, column permit"}));
}

TEST(Csv, NeverRepeatsTheContentOfACell) {
  const absl::Status status = LoadStatus("permit,level,floors,issued\nA-1,市,secret-value,2017-01-02\n");
  EXPECT_EQ(ToDetails(status).find("secret-value"), std::string::npos);
}

TEST(Csv, NeedsAColumnForEveryFieldOfTheEntry) {
  const absl::Status status = LoadStatus("permit,level,issued\nA-1,市,2017-01-02\n");
  EXPECT_EQ(ReasonOf(status), "COLUMN_MISSING");
  EXPECT_EQ(FactOf(status, "column"), "floors");
}

TEST(Csv, FindsColumnsInAnyOrderAndByTheirChineseName) {
  const auto table = TableFromCsv("发证日期,备注,层数,许可证号,级别\n2017-01-02,not served,6,A-1,市\n", ContractEntry());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->size(), 1u);
}

TEST(Csv, RefusesWhatIsNotCsv) {
  EXPECT_EQ(ReasonOf(LoadStatus("permit,level,floors,issued\nA-1,市\n")), "CSV_INVALID");
  EXPECT_EQ(ReasonOf(LoadStatus("permit,level,floors,issued\n\"A-1,市,6,2017-01-02\n")), "CSV_INVALID");
}

TEST(Csv, ReadsEachDataType) {
  v1::Resource entry;
  const v1::DataType types[] = {v1::DATA_TYPE_LOGICAL, v1::DATA_TYPE_GENERAL, v1::DATA_TYPE_DOUBLE, v1::DATA_TYPE_CURRENCY};
  for (int i = 0; i < 4; ++i) {
    entry.add_fields()->set_field(std::string(1, static_cast<char>('a' + i)));
    entry.mutable_fields(i)->set_data_type(types[i]);
  }
  EXPECT_TRUE(TableFromCsv("a,b,c,d\n是,AQI=,2.5,12.3400\nfalse,,-1e3,0\n", entry).ok());
  for (const char* row : {"yes,,,", ",A,,", ",,nan,", ",,,1.23456", ",,1 2,"}) {
    EXPECT_FALSE(TableFromCsv(std::string("a,b,c,d\n") + row + "\n", entry).ok()) << row;
  }
}

TEST(Csv, AFileThatCannotBeReadIsNamed) {
  const auto adapter = CsvFile("missing/file.csv")(ContractEntry());
  EXPECT_EQ(ReasonOf(adapter.status()), "SOURCE_NOT_READABLE");
  EXPECT_EQ(FactOf(adapter.status(), "link"), "source");
}

}  // namespace
}  // namespace zhanqiao::connectors
