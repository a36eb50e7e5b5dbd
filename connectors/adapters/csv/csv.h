// Serves a CSV file: the simplest way for a department to share a list it keeps.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "connectors/adapters/adapter.h"
#include "connectors/adapters/memory/table.h"

namespace zhanqiao::connectors {

// The rows of `text` typed by `entry`. The heading names fields by their `field` or their Chinese name; columns the
// entry does not name are not served. An empty cell is an absent value; logical cells are true, false, 1, 0, 是 or
// 否; binary cells are base64. All or nothing: INVALID_ARGUMENT with one violation per bad cell (`row 3, column
// level`, the first 1,000), CSV_INVALID, or COLUMN_MISSING; link source; never the cell's content.
absl::StatusOr<std::unique_ptr<Table>> TableFromCsv(std::string_view text, const v1::Resource& entry);

// Reads the file whenever it is asked for an adapter. NOT_FOUND / SOURCE_NOT_READABLE, or as above.
AdapterFactory CsvFile(std::string path);

}  // namespace zhanqiao::connectors
