// The data of one distribution: CSV held to the columns that were declared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/csv.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::datasets {

inline constexpr int64_t kDataBytesMax = 32 << 20;  // of one file
inline constexpr int64_t kDataRowsMax = 300'000;

// A mark that a value is withheld: it fits every column and is no value of any.
inline constexpr std::string_view kSuppressed = "*";

// A value; const use is thread-safe.
struct Table {
  std::vector<v1::DatasetColumn> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as columns
};

// `text` as a table whose heading names `columns` in their order, by heading or by field. INVALID_ARGUMENT /
// CSV_INVALID, CSV_TOO_LARGE, COLUMNS_DIFFER (facts: column, expected, found), NO_ROWS, or one violation DATA_CELL for
// each of the first 100 cells that do not fit their column's type (`row 3, 金额`); never the cell's content.
absl::StatusOr<Table> ReadTable(std::string_view text, const google::protobuf::RepeatedPtrField<v1::DatasetColumn>& columns);

// Whether `cell` is a value of `type`; empty and suppressed cells are.
bool Fits(std::string_view cell, v1::DataType type);

}  // namespace zhanqiao::datasets
