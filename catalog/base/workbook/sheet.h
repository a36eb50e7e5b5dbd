// One worksheet in memory: rows of cells, as small as they can be.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/base/workbook/limits.h"

namespace zhanqiao::sheets {

enum class CellKind : uint8_t {
  kBlank,
  kText,
  kNumber,
  kDate,     // `number`: days since 1899-12-30, whatever the file's date system; the fraction is the time of day
  kLogical,  // `number`: 0 or 1
  kError,    // a formula's error; `text`: "#N/A"
};

// A cell's value; its text is kept by the sheet.
struct Cell {
  union {
    double number = 0;
    const char* text;
  };
  uint32_t size = 0;  // of the text, bytes
  CellKind kind = CellKind::kBlank;

  bool blank() const { return kind == CellKind::kBlank; }
  bool has_text() const { return kind == CellKind::kText || kind == CellKind::kError; }
  std::string_view view() const { return has_text() ? std::string_view(text, size) : std::string_view(); }
};

// Equal kind and content.
bool operator==(const Cell& a, const Cell& b);

struct Row {
  int number = 0;           // of the file, from 1
  std::vector<Cell> cells;  // from column 0; shorter than others where the rest is blank

  const Cell& at(int column) const {
    static const Cell kNone{};
    return column >= 0 && static_cast<size_t>(column) < cells.size() ? cells[static_cast<size_t>(column)] : kNone;
  }
  bool blank() const;
};

// A merged range: rows as in the file, columns from 0, both ends included.
struct Merge {
  int first_row = 0;
  int last_row = 0;
  int first_column = 0;
  int last_column = 0;
};

// Rows in order; blank rows are left out. Not thread-safe while it is filled.
class Sheet {
 public:
  explicit Sheet(const SheetLimits& limits) : limits_(limits) {}
  Sheet(Sheet&&) = default;
  Sheet& operator=(Sheet&&) = default;

  std::string name;     // of the worksheet; empty for CSV
  bool csv = false;     // its cells may begin with the apostrophe that keeps formulas from being run
  std::vector<Row> rows;
  std::vector<Merge> merges;

  // A cell of text, kept once however often it occurs. SHEET_TOO_LARGE, CELL_TOO_LONG.
  absl::Status SetText(Cell& cell, std::string_view text, CellKind kind = CellKind::kText);
  // Adds a cell at the end of the last row or further right. SHEET_TOO_LARGE.
  absl::Status Place(int column, Cell cell);
  // Begins a row; numbers must grow. SHEET_TOO_LARGE, SHEET_DAMAGED.
  absl::Status BeginRow(int number);
  // Drops the last row if it is blank, so that blank rows cost nothing.
  void EndRow();
  // Writes what stands in the top-left cell of every merged range of one column into its other cells. SHEET_TOO_LARGE.
  absl::Status SpreadMerges();

  int columns() const { return columns_; }  // the widest row's

 private:
  std::string_view Keep(std::string_view text);

  SheetLimits limits_;
  int columns_ = 0;
  int last_row_ = 0;  // number of the last row that was begun
  size_t cells_ = 0;
  size_t text_bytes_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t left_ = 0;  // free bytes of the last block
  absl::flat_hash_set<absl::string_view> texts_;
};

// "A", "Z", "AA" for columns from 0.
std::string ColumnLetters(int column);
// Column and row of "AB12"; false if it is none. Either part may be missing from `column` -1 or `row` 0 on.
bool ParseCellReference(std::string_view reference, int& column, int& row);

// The civil day of a kDate cell's number; nothing outside years 1900 to 9999.
bool DayOfSerial(double serial, absl::CivilDay& day);
double SerialOfDay(absl::CivilDay day);

// INVALID_ARGUMENT / `reason` about a whole file, with the limit's name and value.
absl::Status BeyondLimit(std::string_view reason, std::string_view message, std::string_view limit, size_t value);

}  // namespace zhanqiao::sheets
