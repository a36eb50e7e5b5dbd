// Any file a department sends, as a sheet.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/workbook/sheet.h"
#include "catalog/base/workbook/xlsx_reader.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

struct ReadOptions {
  std::string_view sheet = {};  // worksheet of a workbook; empty: the first that is not hidden
  v1::SheetEncoding encoding = v1::SHEET_ENCODING_UNSPECIFIED;  // of CSV
  SheetLimits limits = {};
};

// Tells workbooks from text by their first bytes. INVALID_ARGUMENT with FILE_EMPTY, FILE_TOO_LARGE, OLE_FILE (.xls, or
// a workbook protected by a password), FILE_NOT_A_SHEET, or what the readers refuse.
absl::StatusOr<Sheet> ReadSheet(std::string_view file, const ReadOptions& options, OnRows on_rows);

}  // namespace zhanqiao::sheets
