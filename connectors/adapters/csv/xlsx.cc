// Worksheets as cells of text.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/workbook/xlsx_reader.h"
#include "connectors/adapters/csv/csv.h"

namespace zhanqiao::connectors {
namespace {

// A department's own list may fill a whole worksheet.
constexpr sheets::SheetLimits kLimits = {.file_bytes_max = size_t{200} << 20,
                                         .inflated_bytes_max = size_t{2} << 30,
                                         .text_bytes_max = size_t{512} << 20,
                                         .rows_max = 1'048'576,
                                         .columns_max = 500,
                                         .cells_max = 16'000'000};

absl::Status Invalid(const sheets::Row& row, size_t column, std::string_view problem) {
  return Fail(absl::StatusCode::kInvalidArgument, "XLSX_INVALID",
              "The worksheet is not a list with one heading: correct the named cell.",
              {{"cell", absl::StrCat(sheets::ColumnLetters(static_cast<int>(column)), row.number)},
               {"problem", std::string(problem)}});
}

std::string NumberText(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) return absl::StrFormat("%.0f", number);
  for (int digits = 15; digits <= 17; ++digits) {  // the shortest that reads back, as it would be typed
    std::string text = absl::StrFormat("%.*g", digits, number);
    if (std::stod(text) == number && text.find('e') == std::string::npos) return text;
  }
  return absl::StrFormat("%.17g", number);
}

std::string DateText(double serial) {
  absl::CivilDay day;
  const double seconds = std::round((serial - std::floor(serial)) * 86'400);
  const bool next = seconds >= 86'400;  // a fraction that rounds up to midnight
  if (!sheets::DayOfSerial(std::floor(serial) + (next ? 1 : 0), day)) return "";
  const auto of_day = next ? 0 : static_cast<int>(seconds);
  if (of_day == 0) return FormatDay(day);
  return absl::StrFormat("%sT%02d:%02d:%02d", FormatDay(day), of_day / 3600, of_day / 60 % 60, of_day % 60);
}

absl::StatusOr<std::string> TextOf(const sheets::Row& row, size_t column) {
  const sheets::Cell& cell = row.at(static_cast<int>(column));
  switch (cell.kind) {
    case sheets::CellKind::kBlank:
      return "";
    case sheets::CellKind::kText:
      return std::string(cell.view());
    case sheets::CellKind::kNumber:
      return NumberText(cell.number);
    case sheets::CellKind::kLogical:
      return cell.number != 0 ? "true" : "false";
    case sheets::CellKind::kDate: {
      std::string text = DateText(cell.number);
      if (text.empty()) return Invalid(row, column, "a date outside 1900 to 9999");
      return text;
    }
    default:
      return Invalid(row, column, "an error of a formula");
  }
}

absl::StatusOr<CsvTable> CellsOf(const sheets::Sheet& sheet) {
  CsvTable table;
  for (const sheets::Row& row : sheet.rows) {
    if (row.blank()) continue;
    std::vector<std::string> cells;
    const size_t columns = table.header.empty() ? row.cells.size() : table.header.size();
    for (size_t i = 0; i < columns; ++i) cells.push_back(TRY(TextOf(row, i)));
    if (!table.header.empty()) {
      for (size_t i = columns; i < row.cells.size(); ++i) {
        if (!row.cells[i].blank()) return Invalid(row, i, "a cell right of the heading");
      }
      table.rows.push_back({row.number, std::move(cells)});
      continue;
    }
    while (!cells.empty() && cells.back().empty()) cells.pop_back();
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].empty()) return Invalid(row, i, "an empty heading");
      if (table.Column(cells[i]) >= 0) return Invalid(row, i, "a repeated heading");
      table.header.push_back(cells[i]);
    }
  }
  if (!table.header.empty()) return table;
  return Fail(absl::StatusCode::kInvalidArgument, "XLSX_INVALID", "The worksheet is empty; give it at least a heading.");
}

}  // namespace

absl::StatusOr<CsvTable> CellsOfXlsx(std::string_view file, const std::string& sheet) {
  const auto read = sheets::ReadXlsx(file, sheet, kLimits, [](int64_t) { return absl::OkStatus(); });
  if (!read.ok()) return WithFact(read.status(), "link", kLinkSource);
  auto cells = CellsOf(*read);
  if (!cells.ok()) return WithFact(cells.status(), "link", kLinkSource);
  return cells;
}

}  // namespace zhanqiao::connectors
