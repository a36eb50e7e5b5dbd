#include "hub/oversight/datasets/table.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"

namespace zhanqiao::datasets {
namespace {

constexpr size_t kViolationsMax = 100;

bool IsDecimal(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return digits(whole) && (dot == std::string_view::npos || digits(text.substr(dot + 1)));
}

bool IsMoment(std::string_view text) {
  absl::Time time;
  std::string problem;
  return absl::ParseTime(absl::RFC3339_full, Absl(text), &time, &problem);
}

bool IsLogical(std::string_view text) {
  return text == "true" || text == "false" || text == "1" || text == "0" || text == "是" || text == "否";
}

std::string_view ShapeOf(v1::DataType type) {
  switch (type) {
    case v1::DATA_TYPE_NUMERIC:
    case v1::DATA_TYPE_CURRENCY:
      return "Give decimal digits, for example -12.5, \"*\" or nothing.";
    case v1::DATA_TYPE_INTEGER:
      return "Give a whole number, \"*\" or nothing.";
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return "Give a number, \"*\" or nothing.";
    case v1::DATA_TYPE_DATE:
      return "Give an existing date as YYYY-MM-DD, \"*\" or nothing.";
    case v1::DATA_TYPE_DATETIME:
      return "Give a time like 2018-03-31T09:00:00+08:00, \"*\" or nothing.";
    case v1::DATA_TYPE_LOGICAL:
      return "Give true, false, 1, 0, 是, 否, \"*\" or nothing.";
    default:
      return "Give valid UTF-8 without control characters.";
  }
}

absl::Status Differs(size_t at, std::string_view expected, std::string_view found) {
  return Fail(absl::StatusCode::kInvalidArgument, "COLUMNS_DIFFER",
              "The file's heading is not the columns declared, in their order; correct one of them.",
              {{"column", absl::StrCat(at + 1)}, {"expected", std::string(expected)}, {"found", std::string(found)}});
}

absl::Status CheckHeading(const std::vector<std::string>& header, const std::vector<v1::DatasetColumn>& columns) {
  for (size_t i = 0; i < std::max(header.size(), columns.size()); ++i) {
    if (i >= header.size()) return Differs(i, columns[i].display_name(), "");
    if (i >= columns.size()) return Differs(i, "", header[i]);
    if (header[i] != columns[i].display_name() && header[i] != columns[i].field()) {
      return Differs(i, columns[i].display_name(), header[i]);
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool Fits(std::string_view cell, v1::DataType type) {
  if (cell.empty() || cell == kSuppressed) return true;
  int64_t whole = 0;
  double real = 0;
  switch (type) {
    case v1::DATA_TYPE_NUMERIC:
    case v1::DATA_TYPE_CURRENCY:
      return IsDecimal(cell);
    case v1::DATA_TYPE_INTEGER:
      return absl::SimpleAtoi(Absl(cell), &whole);
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return absl::SimpleAtod(Absl(cell), &real);
    case v1::DATA_TYPE_DATE:
      return ParseDay(cell).ok();
    case v1::DATA_TYPE_DATETIME:
      return IsMoment(cell);
    case v1::DATA_TYPE_LOGICAL:
      return IsLogical(cell);
    default:
      return IsCleanText(cell);
  }
}

absl::StatusOr<Table> ReadTable(std::string_view text, const google::protobuf::RepeatedPtrField<v1::DatasetColumn>& columns) {
  CsvLimits limits;
  limits.bytes_max = kDataBytesMax;
  limits.rows_max = kDataRowsMax;
  limits.columns_max = 200;
  CsvTable read = TRY(ParseCsv(text, limits));
  Table table;
  table.columns.assign(columns.begin(), columns.end());
  TRY(CheckHeading(read.header, table.columns));
  if (read.rows.empty()) {
    return Fail(absl::StatusCode::kInvalidArgument, "NO_ROWS", "The file has a heading and nothing below; send data.");
  }
  std::vector<Violation> violations;
  table.rows.reserve(read.rows.size());
  for (CsvRow& row : read.rows) {
    for (size_t i = 0; i < row.cells.size() && violations.size() < kViolationsMax; ++i) {
      if (Fits(row.cells[i], table.columns[i].data_type())) continue;
      violations.push_back({absl::StrCat("row ", row.line, ", ", table.columns[i].display_name()), "DATA_CELL",
                            std::string(ShapeOf(table.columns[i].data_type()))});
    }
    table.rows.push_back(std::move(row.cells));
  }
  TRY(BadFields(violations));
  return table;
}

}  // namespace zhanqiao::datasets
