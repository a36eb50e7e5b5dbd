// Finds the heading of a sheet and says which of its columns hold what.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/problems.h"
#include "catalog/base/workbook/sheet.h"

namespace zhanqiao::sheets {

// Where things are.
struct Layout {
  size_t first_data = 0;          // position in Sheet::rows of the first row below the heading
  int heading_row = 0;            // of the file: the lowest row of the heading
  std::vector<int> column_of;     // by position in the table: the sheet's column, or -1
  std::vector<int> meaning_of;    // by the sheet's column: position in the table, or -1
  std::vector<std::string> headings;  // by the sheet's column, as it stands there
  std::vector<Problem> problems;  // unknown, repeated and missing columns
};

// Looks at the first rows for the heading: one to three rows, the upper ones over several columns; titles and blank rows
// may stand above it. Headings count without blanks, line breaks, punctuation, numbering and remarks in parentheses; width
// and case do not matter. INVALID_ARGUMENT / HEADING_NOT_FOUND when fewer than two of the table's columns are found.
absl::StatusOr<Layout> FindHeading(const Sheet& sheet, const SheetTable& table);

}  // namespace zhanqiao::sheets
