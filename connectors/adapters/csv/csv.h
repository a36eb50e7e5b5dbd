// Serves CSV files: the simplest way for a department to share a list it keeps.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/csv.h"
#include "connectors/adapters/adapter.h"
#include "connectors/adapters/mapping.h"
#include "connectors/adapters/memory/table.h"

namespace zhanqiao::connectors {

// The rows of `text` typed by `entry`. Without `mapping` the heading names fields by their `field` or their Chinese
// name; with one, its columns are headings. Columns that are not asked for are not served. An empty cell is an absent
// value; logical cells are true, false, 1, 0, 是 or 否; binary cells are base64. All or nothing: INVALID_ARGUMENT with
// one violation per bad cell (`row 3, column level`, the first 1,000), CSV_INVALID, or COLUMN_MISSING; link source;
// never the cell's content.
absl::StatusOr<std::unique_ptr<Table>> TableFromCsv(std::string_view text, const v1::Resource& entry,
                                                    const Mapping* mapping = nullptr);
// The same of text that is cells already.
absl::StatusOr<std::unique_ptr<Table>> TableFromCells(const CsvTable& cells, const v1::Resource& entry,
                                                      const Mapping* mapping = nullptr);

// The cells of a worksheet (empty name: the first that is shown) as text: its first row with content is the heading,
// numbers as they would be typed, dates YYYY-MM-DD, with a time of day YYYY-MM-DDTHH:MM:SS. INVALID_ARGUMENT / XLSX_INVALID
// (fact: cell) for an error of a formula or a heading that is empty or repeated, or as ReadXlsx; link source.
absl::StatusOr<CsvTable> CellsOfXlsx(std::string_view file, const std::string& sheet);

// `text` of GB18030 (and so GBK and GB2312) in UTF-8. INVALID_ARGUMENT / CSV_INVALID with the fact `byte`: where it
// ceases to be GB18030; link source.
absl::StatusOr<std::string> FromGb18030(std::string_view text);

struct CsvOptions {
  std::string file{};              // the file, or
  std::string folder{};            // a folder: its files that end in .csv or .xlsx, with one heading each
  bool newest = true;              // of a folder: only the last by name (nightly files by date), or all of them
  bool gb18030 = false;            // encoding; otherwise UTF-8
  std::string sheet{};             // worksheet of workbooks; empty: the first that is shown
  std::string mapping{};           // mapping file; empty: headings name the fields
  absl::Duration look = absl::Seconds(1);  // how often the files are looked at for changes
};

// Loads the files and again when they changed: rows are replaced as one, once two looks in a row have seen the files
// the same (a file that is being written is left alone). Files that do not load leave the old rows in force, which the
// log says, with each bad cell. The first load fails with NOT_FOUND / SOURCE_NOT_READABLE, or as TableFromCsv.
AdapterFactory CsvFiles(CsvOptions options);

}  // namespace zhanqiao::connectors
