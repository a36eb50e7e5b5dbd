#include "catalog/sheets/read_sheet.h"

#include "catalog/base/error.h"
#include "catalog/sheets/csv_sheet.h"

namespace zhanqiao::sheets {
namespace {

constexpr std::string_view kOleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

absl::Status NotASheet() {
  return Fail(absl::StatusCode::kInvalidArgument, "FILE_NOT_A_SHEET",
              "The file is neither a workbook nor text; send an .xlsx workbook or a .csv file.");
}

}  // namespace

absl::StatusOr<Sheet> ReadSheet(std::string_view file, const ReadOptions& options, OnRows on_rows) {
  if (file.empty()) {
    return Fail(absl::StatusCode::kInvalidArgument, "FILE_EMPTY", "The file is empty; send an .xlsx workbook or a .csv file.");
  }
  if (file.size() > options.limits.file_bytes_max) {
    return BeyondLimit("FILE_TOO_LARGE", "The file is larger than the hub takes in; split it into several.",
                       "file_bytes_max", options.limits.file_bytes_max);
  }
  if (file.starts_with(kOleMagic)) {
    return Fail(absl::StatusCode::kInvalidArgument, "OLE_FILE",
                "The file is in the old .xls format or protected by a password; save it as .xlsx without a password.");
  }
  if (file.starts_with("PK")) return ReadXlsx(file, options.sheet, options.limits, on_rows);
  for (const std::string_view magic : {"%PDF", "\x1F\x8B", "Rar!", "7z\xBC\xAF", "\x7F" "ELF", "{\\rtf", "<?xml", "<html"}) {
    if (file.starts_with(magic)) return NotASheet();
  }
  return ReadCsvSheet(file, options.encoding, options.limits);
}

}  // namespace zhanqiao::sheets
