// Writes workbooks that look like what an office sends round. A thin hand on libxlsxwriter, which writes to a file: one
// of no name in the temporary directory, read back and gone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/values.h"

struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

namespace zhanqiao::sheets {

// How a cell looks.
enum class Look {
  kTitle,
  kGroup,        // heading above several columns
  kHeading,
  kRequired,     // heading of a column that must be filled in
  kText,
  kCentred,
  kNumber,
  kDate,
  kWrong,        // marked
  kWrongDate,
  kPlain,        // text of the instructions, no border
  kStrong,
  kCount,
};

// One workbook being written. Cells of a sheet must come row by row, from left to right, in a large workbook, which is
// kept on disk instead of in memory and has no ranges merged over rows. Not thread-safe.
class XlsxWriter {
 public:
  // INTERNAL / WORKBOOK_NOT_WRITABLE when there is no room for its files.
  static absl::StatusOr<std::unique_ptr<XlsxWriter>> Begin(bool large);
  ~XlsxWriter();
  XlsxWriter(const XlsxWriter&) = delete;
  XlsxWriter& operator=(const XlsxWriter&) = delete;

  bool large() const { return large_; }

  // Adds a worksheet; what follows is written into it.
  void AddSheet(std::string_view name);
  void SetWidth(int column, double characters);
  void SetHeight(int row, double points);
  void Freeze(int rows, int columns);
  // Landscape A3, `pages` wide, the heading rows and the first columns on every page.
  void SetPrinting(int first_heading_row, int last_heading_row, int first_columns, int pages);
  void SetFilter(int first_row, int last_row, int last_column);

  // Rows and columns from 0.
  void Write(int row, int column, const Value& value, Look look);
  void WriteText(int row, int column, std::string_view text, Look look);
  void WriteBlank(int row, int column, Look look);
  // A range under one text. Over several rows only where the workbook is not large.
  void Merge(int first_row, int first_column, int last_row, int last_column, std::string_view text, Look look);
  void Merge(int first_row, int first_column, int last_row, int last_column, const Value& value, Look look);
  void Comment(int row, int column, std::string_view text);
  // Choices for a column's cells, where they fit into what spreadsheets allow.
  void AddChoices(int first_row, int last_row, int column, const Words& words);
  void AddYesNo(int first_row, int last_row, int column);
  // Jumps to a cell of another worksheet.
  void WriteLink(int row, int column, std::string_view text, std::string_view sheet, int to_row, int to_column);

  // The file. Once.
  absl::StatusOr<std::string> Finish();

 private:
  XlsxWriter(bool large, std::string path) : large_(large), path_(std::move(path)) {}
  lxw_format* FormatOf(Look look) { return formats_[static_cast<size_t>(look)]; }
  void MakeFormats();
  void AddList(int first_row, int last_row, int column, const std::vector<std::string>& choices);

  const bool large_;
  const std::string path_;
  lxw_workbook* workbook_ = nullptr;  // freed by Finish or the destructor
  lxw_worksheet* sheet_ = nullptr;    // the workbook's
  std::vector<lxw_format*> formats_;  // the workbook's
};

}  // namespace zhanqiao::sheets
