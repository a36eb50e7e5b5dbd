// Worksheets of Office Open XML workbooks (ECMA-376), as they come from Excel, WPS, LibreOffice and programs.
#pragma once

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "catalog/base/workbook/sheet.h"

namespace zhanqiao::sheets {

// Rows read so far; an error ends the reading with it.
using OnRows = absl::FunctionRef<absl::Status(int64_t rows)>;

// The worksheet called `name` (empty: the first that is not hidden), merged ranges of one column spread out. Formulas
// give the value they had when the file was saved. INVALID_ARGUMENT with one of WORKSHEET_MISSING (facts: sheet,
// sheets), SHEET_TOO_LARGE, CELL_TOO_LONG, SHEET_DAMAGED, or what parts, XML and ZIP refuse.
absl::StatusOr<Sheet> ReadXlsx(std::string_view file, std::string_view name, const SheetLimits& limits, OnRows on_rows);

}  // namespace zhanqiao::sheets
