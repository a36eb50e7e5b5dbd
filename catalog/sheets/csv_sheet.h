// CSV as people's spreadsheets write it: read as a sheet, written so that nothing in it is run as a formula.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/workbook/sheet.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

// RFC 4180 with rows of any length, lines ended by CRLF, LF or CR, separated by commas, or by tabs or semicolons if the
// first line has those and no comma. INVALID_ARGUMENT / CSV_INVALID (facts: line, problem), TEXT_ENCODING, and the
// limits of sheet.h.
absl::StatusOr<Sheet> ReadCsvSheet(std::string_view file, v1::SheetEncoding encoding, const SheetLimits& limits);

// `text` with an apostrophe before it if a spreadsheet would take it for a formula (OWASP: = + - @, tab, carriage
// return, and the full-width signs), or if it is such a text with apostrophes before it already; and back. The two are
// inverse for every text.
std::string Neutralized(std::string_view text);
std::string_view Restored(std::string_view text);

// Appends a row, cells neutralised and quoted where they must be, ended by CRLF.
void AppendCsvRow(const std::vector<std::string>& cells, std::string& out);

}  // namespace zhanqiao::sheets
