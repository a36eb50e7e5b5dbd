#include "connectors/adapters/csv/csv.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "connectors/adapters/adapter_contract.h"
#include "connectors/adapters/csv/watched.h"

namespace zhanqiao::connectors {
namespace {

Mapping IdentityMapping(const v1::Resource& entry, const std::vector<std::string>& key) {
  Mapping mapping;
  for (const auto& field : entry.fields()) mapping.fields[field.field()].column = field.field();
  mapping.key = key;
  return mapping;
}

class CsvSource final : public ContractSource {
 public:
  std::unique_ptr<Adapter> Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                 const std::vector<std::string>& key) override {
    text_.clear();
    for (const auto& field : entry.fields()) absl::StrAppend(&text_, text_.empty() ? "" : ",", field.field());
    for (const auto& row : rows) {
      for (int i = 0; i < row.values_size(); ++i) absl::StrAppend(&text_, i == 0 ? "\n" : ",", CsvCell(PlainText(row.values(i))));
    }
    text_ += '\n';
    entry_ = entry;
    mapping_ = IdentityMapping(entry, key);
    return Again();
  }
  std::unique_ptr<Adapter> Again() override {
    auto table = TableFromCsv(text_, entry_, mapping_.key.empty() ? nullptr : &mapping_);
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }

 private:
  v1::Resource entry_;
  std::string text_;
  Mapping mapping_;
};

std::unique_ptr<ContractSource> MakeCsvSource() { return std::make_unique<CsvSource>(); }

INSTANTIATE_TEST_SUITE_P(Csv, AdapterContract, testing::Values(&MakeCsvSource));

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

TEST(Csv, ReadsGb18030) {
  const auto text = FromGb18030("\xC7\xE0\xB5\xBA,\x81\x39\xEF\x30");  // 青岛, and a character of four bytes
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, "青岛,㐁");
  const absl::Status bad = FromGb18030("ab\xFF").status();
  EXPECT_EQ(ReasonOf(bad), "CSV_INVALID");
  EXPECT_EQ(FactOf(bad, "byte"), "2");
}

TEST(Csv, AMappingNamesColumnsMapsValuesAndReadsFormats) {
  const auto mapping = ParseMapping(
      "[fields]\npermit = \"xkzh\"\nlevel = {column = \"jb\", values = {1 = \"市\", 2 = \"区\"}}\n"
      "floors = {constant = \"3\"}\nissued = {column = \"rq\", format = \"YYYYMMDD\"}\n");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  const auto table = TableFromCsv("rq,jb,xkzh\n20170102,2,A-1\n", ContractEntry(), &*mapping);
  ASSERT_TRUE(table.ok()) << table.status();
  v1::ConnectorReply reply;
  ASSERT_TRUE((*table)->Answer(AskOf(ContractEntry(), {"permit", "level", "floors", "issued"}), reply).ok());
  const v1::Row& row = reply.records().rows(0);
  EXPECT_EQ(row.values(1).text(), "区");
  EXPECT_EQ(row.values(2).integer(), 3);
  EXPECT_EQ(row.values(3).text(), "2017-01-02");
  EXPECT_EQ(ReasonOf(TableFromCsv("rq,jb,xkzh\n20170102,3,A-1\n", ContractEntry(), &*mapping).status()), "VALUE_TYPE");
}

// A folder of files that a test writes and looks at.
class WatchedFilesTest : public testing::Test {
 protected:
  WatchedFilesTest() {
    std::string name = testing::TempDir() + "zhanqiao-csv-XXXXXX";
    folder_ = mkdtemp(name.data());
    options_.look = absl::InfiniteDuration();
  }
  ~WatchedFilesTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& file, const std::string& rows) {
    std::ofstream(folder_ / file) << "permit,level,floors,issued\n" << rows;
  }
  void Open() {
    auto files = WatchedFiles::Open(options_, ContractEntry());
    ASSERT_TRUE(files.ok()) << files.status();
    files_ = *std::move(files);
  }
  std::string Permits() {
    v1::ConnectorReply reply;
    if (!files_->Answer(AskOf(ContractEntry(), {"permit"}), reply).ok()) return "refused";
    std::string permits;
    for (const auto& row : reply.records().rows()) permits += row.values(0).text() + " ";
    return permits;
  }

  std::filesystem::path folder_;
  CsvOptions options_;
  std::unique_ptr<WatchedFiles> files_;
};

TEST_F(WatchedFilesTest, ServesAFileAnewOnceItHasChangedAndStandsStill) {
  Write("a.csv", "A-1,,,\n");
  options_.file = folder_ / "a.csv";
  Open();
  EXPECT_FALSE(files_->Look());
  Write("a.csv", "A-1,,,\nA-2,,,\n");
  EXPECT_FALSE(files_->Look());  // it may still be being written
  EXPECT_EQ(Permits(), "A-1 ");
  EXPECT_TRUE(files_->Look());
  EXPECT_EQ(Permits(), "A-1 A-2 ");
  EXPECT_FALSE(files_->Look());
}

TEST_F(WatchedFilesTest, ABadOrMissingFileLeavesTheOldRowsInForce) {
  Write("a.csv", "A-1,,,\n");
  options_.file = folder_ / "a.csv";
  Open();
  Write("a.csv", "A-1,,six,\n");
  files_->Look();
  EXPECT_FALSE(files_->Look());
  EXPECT_EQ(Permits(), "A-1 ");
  std::filesystem::remove(options_.file);
  files_->Look();
  EXPECT_FALSE(files_->Look());
  EXPECT_EQ(Permits(), "A-1 ");
  Write("a.csv", "A-3,,,\n");
  files_->Look();
  EXPECT_TRUE(files_->Look());
  EXPECT_EQ(Permits(), "A-3 ");
}

TEST_F(WatchedFilesTest, ServesTheNewestFileOfAFolderOrAllOfThem) {
  Write("2017-01-01.csv", "A-1,,,\n");
  Write("2017-01-02.csv", "A-2,,,\n");
  Write("2017-01-03.txt", "A-3,,,\n");
  options_.folder = folder_;
  Open();
  EXPECT_EQ(Permits(), "A-2 ");
  options_.newest = false;
  Open();
  EXPECT_EQ(Permits(), "A-1 A-2 ");
  Write("2017-01-04.csv", "A-4,,,\n");
  files_->Look();
  EXPECT_TRUE(files_->Look());
  EXPECT_EQ(Permits(), "A-1 A-2 A-4 ");
}

TEST_F(WatchedFilesTest, LooksByItself) {
  Write("a.csv", "A-1,,,\n");
  options_.file = folder_ / "a.csv";
  options_.look = absl::Milliseconds(1);
  Open();
  Write("a.csv", "A-2,,,\n");
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (Permits() != "A-2 " && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(Permits(), "A-2 ");
}

TEST(Csv, AFileThatCannotBeReadIsNamed) {
  const auto adapter = CsvFiles({.file = "missing/file.csv"})(ContractEntry());
  EXPECT_EQ(ReasonOf(adapter.status()), "SOURCE_NOT_READABLE");
  EXPECT_EQ(FactOf(adapter.status(), "link"), "source");
}

}  // namespace
}  // namespace zhanqiao::connectors
