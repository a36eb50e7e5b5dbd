#include <gtest/gtest.h>
#include <xlsxwriter.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "connectors/adapters/adapter_contract.h"
#include "connectors/adapters/csv/csv.h"
#include "connectors/adapters/csv/watched.h"

namespace zhanqiao::connectors {
namespace {

// A folder, and workbooks in it as a department's own program writes them.
class Workbooks {
 public:
  Workbooks() {
    std::string name = testing::TempDir() + "zqxlsxXXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~Workbooks() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& file) const { return folder_ / file; }
  static std::string Bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // The rows as typed cells: numbers as numbers, dates as dates, all else as text.
  void Write(const std::string& file, const v1::Resource& entry, const std::vector<v1::Row>& rows) {
    lxw_workbook* book = workbook_new(path(file).c_str());
    lxw_worksheet* sheet = workbook_add_worksheet(book, "项目");
    lxw_format* date = workbook_add_format(book);
    format_set_num_format(date, "yyyy-mm-dd");
    for (int column = 0; column < entry.fields_size(); ++column) {
      const auto at = static_cast<lxw_col_t>(column);
      worksheet_write_string(sheet, 0, at, entry.fields(column).field().c_str(), nullptr);
      for (size_t i = 0; i < rows.size(); ++i) {
        const v1::Value& value = rows[i].values(column);
        const auto row = static_cast<lxw_row_t>(i + 1);
        if (value.has_integer() && std::abs(value.integer()) < 1'000'000'000'000'000) {
          worksheet_write_number(sheet, row, at, static_cast<double>(value.integer()), nullptr);
        } else if (value.has_real()) {
          worksheet_write_number(sheet, row, at, value.real(), nullptr);
        } else if (value.has_logical()) {
          worksheet_write_boolean(sheet, row, at, value.logical() ? 1 : 0, nullptr);
        } else if (entry.fields(column).data_type() == v1::DATA_TYPE_DATE && value.has_text()) {
          lxw_datetime day = {std::stoi(value.text().substr(0, 4)), std::stoi(value.text().substr(5, 2)),
                              std::stoi(value.text().substr(8, 2)), 0, 0, 0};
          worksheet_write_datetime(sheet, row, at, &day, date);
        } else if (value.kind_case() != v1::Value::KIND_NOT_SET) {
          worksheet_write_string(sheet, row, at, PlainText(value).c_str(), nullptr);
        }
      }
    }
    ASSERT_EQ(workbook_close(book), LXW_NO_ERROR);
  }

 private:
  std::filesystem::path folder_;
};

class XlsxSource final : public ContractSource {
 public:
  std::unique_ptr<Adapter> Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                 const std::vector<std::string>& key) override {
    books_.Write("contract.xlsx", entry, rows);
    entry_ = entry;
    mapping_ = Mapping();
    for (const auto& field : entry.fields()) mapping_.fields[field.field()].column = field.field();
    mapping_.key = key;
    return Again();
  }
  std::unique_ptr<Adapter> Again() override {
    const auto cells = CellsOfXlsx(Workbooks::Bytes(books_.path("contract.xlsx")), "");
    EXPECT_TRUE(cells.ok()) << cells.status();
    auto table = TableFromCells(*cells, entry_, mapping_.key.empty() ? nullptr : &mapping_);
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }
  size_t cell_bytes_max() const override { return 32'767; }  // of the format

 private:
  Workbooks books_;
  v1::Resource entry_;
  Mapping mapping_;
};

std::unique_ptr<ContractSource> MakeXlsxSource() {
  return std::make_unique<XlsxSource>();
}

INSTANTIATE_TEST_SUITE_P(Xlsx, AdapterContract, testing::Values(&MakeXlsxSource));

class XlsxTest : public testing::Test {
 protected:
  // A worksheet that `fill` writes, as cells.
  absl::StatusOr<CsvTable> Cells(const std::function<void(lxw_workbook*, lxw_worksheet*)>& fill, const std::string& name = "") {
    lxw_workbook* book = workbook_new(books_.path("a.xlsx").c_str());
    fill(book, workbook_add_worksheet(book, "一"));
    workbook_close(book);
    return CellsOfXlsx(Workbooks::Bytes(books_.path("a.xlsx")), name);
  }
  static void Heading(lxw_worksheet* sheet, std::initializer_list<const char*> names) {
    lxw_col_t column = 0;
    for (const char* name : names) worksheet_write_string(sheet, 0, column++, name, nullptr);
  }

  Workbooks books_;
};

TEST_F(XlsxTest, NumbersAreReadAsTheyWouldBeTyped) {
  const auto cells = Cells([](lxw_workbook*, lxw_worksheet* sheet) {
    Heading(sheet, {"a", "b", "c"});
    worksheet_write_number(sheet, 1, 0, 0.1, nullptr);
    worksheet_write_number(sheet, 1, 1, 370'200'000'000'001, nullptr);
    worksheet_write_number(sheet, 1, 2, -12.5, nullptr);
  });
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_EQ(cells->rows[0].cells, (std::vector<std::string>{"0.1", "370200000000001", "-12.5"}));
}

TEST_F(XlsxTest, DatesHaveTheirTimeOfDayOnlyIfTheyHaveOne) {
  const auto cells = Cells([](lxw_workbook* book, lxw_worksheet* sheet) {
    Heading(sheet, {"a", "b"});
    lxw_format* format = workbook_add_format(book);
    format_set_num_format(format, "yyyy-mm-dd hh:mm:ss");
    lxw_datetime day = {2017, 1, 2, 0, 0, 0}, moment = {2017, 1, 2, 23, 59, 59};
    worksheet_write_datetime(sheet, 1, 0, &day, format);
    worksheet_write_datetime(sheet, 1, 1, &moment, format);
  });
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_EQ(cells->rows[0].cells, (std::vector<std::string>{"2017-01-02", "2017-01-02T23:59:59"}));
}

TEST_F(XlsxTest, TheWorksheetIsChosenByItsName) {
  const auto fill = [](lxw_workbook* book, lxw_worksheet* sheet) {
    Heading(sheet, {"a"});
    Heading(workbook_add_worksheet(book, "二"), {"b"});
  };
  EXPECT_EQ(Cells(fill)->header, std::vector<std::string>{"a"});
  EXPECT_EQ(Cells(fill, "二")->header, std::vector<std::string>{"b"});
  const absl::Status missing = Cells(fill, "三").status();
  EXPECT_EQ(ReasonOf(missing), "WORKSHEET_MISSING");
  EXPECT_EQ(FactOf(missing, "link"), "source");
}

TEST_F(XlsxTest, WhatIsNoListWithOneHeadingIsRefusedByItsCell) {
  const auto refused = [this](auto fill) {
    const absl::Status status = Cells([&](lxw_workbook*, lxw_worksheet* sheet) { fill(sheet); }).status();
    return absl::StrCat(ReasonOf(status), " ", FactOf(status, "cell"));
  };
  EXPECT_EQ(refused([](lxw_worksheet* sheet) { Heading(sheet, {"a", "a"}); }), "XLSX_INVALID B1");
  EXPECT_EQ(refused([](lxw_worksheet* sheet) {
              Heading(sheet, {"a"});
              worksheet_write_string(sheet, 2, 1, "right of it", nullptr);
            }),
            "XLSX_INVALID B3");
  EXPECT_EQ(refused([](lxw_worksheet*) {}), "XLSX_INVALID ");
}

TEST_F(XlsxTest, AFolderServesWorkbooksAndCsvTogether) {
  books_.Write("2017-01-01.xlsx", ContractEntry(), {ContractRows()[0]});
  std::ofstream(books_.path("2017-01-02.csv")) << "permit,level,floors,issued\nA-2,,,\n";
  std::ofstream(books_.path("~$2017-01-01.xlsx")) << "the lock of a workbook that is open";
  const auto files = WatchedFiles::Open(
      {.folder = std::filesystem::path(books_.path("x")).parent_path(), .newest = false, .look = absl::InfiniteDuration()},
      ContractEntry());
  ASSERT_TRUE(files.ok()) << files.status();
  v1::ConnectorReply reply;
  ASSERT_TRUE((*files)->Answer(AskOf(ContractEntry(), {"permit"}), reply).ok());
  ASSERT_EQ(reply.records().rows_size(), 2);
  EXPECT_EQ(reply.records().rows(0).values(0).text(), "A-1");
  EXPECT_EQ(reply.records().rows(1).values(0).text(), "A-2");
}

TEST_F(XlsxTest, AWorkbookThatIsNoneIsRefusedAndNamed) {
  std::ofstream(books_.path("a.xlsx")) << "PK but no workbook";
  const auto files = WatchedFiles::Open({.file = books_.path("a.xlsx"), .look = absl::InfiniteDuration()}, ContractEntry());
  EXPECT_EQ(FactOf(files.status(), "link"), "source");
  EXPECT_EQ(FactOf(files.status(), "file"), books_.path("a.xlsx"));
}

}  // namespace
}  // namespace zhanqiao::connectors
