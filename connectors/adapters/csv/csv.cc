#include "connectors/adapters/csv/csv.h"

#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {
namespace {

constexpr size_t kViolationsMax = 1000;

// `cell` as a value of `type`; false when it cannot even be read as one.
bool Read(const std::string& cell, v1::DataType type, v1::Value& value) {
  switch (type) {
    case v1::DATA_TYPE_INTEGER: {
      int64_t number = 0;
      if (!absl::SimpleAtoi(cell, &number)) return false;
      value.set_integer(number);
      return true;
    }
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT: {
      double number = 0;
      if (!absl::SimpleAtod(cell, &number) || !std::isfinite(number)) return false;
      value.set_real(number);
      return true;
    }
    case v1::DATA_TYPE_LOGICAL: {
      const bool yes = cell == "true" || cell == "1" || cell == "是";
      if (!yes && cell != "false" && cell != "0" && cell != "否") return false;
      value.set_logical(yes);
      return true;
    }
    case v1::DATA_TYPE_GENERAL: {
      auto bytes = FromBase64(cell);
      if (!bytes.ok()) return false;
      value.set_binary(*std::move(bytes));
      return true;
    }
    default:
      value.set_text(cell);
      return true;
  }
}

std::string Expectation(v1::DataType type) {
  switch (type) {
    case v1::DATA_TYPE_INTEGER: return "a whole number of at most 64 bits";
    case v1::DATA_TYPE_LOGICAL: return "true, false, 1, 0, 是 or 否";
    case v1::DATA_TYPE_GENERAL: return "base64";
    default: return "a decimal number";
  }
}

// Position in the file of each field of the entry, in the entry's order.
absl::StatusOr<std::vector<int>> Columns(const CsvTable& csv, const v1::Resource& entry) {
  std::vector<int> columns;
  for (const v1::Field& field : entry.fields()) {
    int column = csv.Column(field.field());
    if (column < 0) column = csv.Column(field.display_name());
    if (column < 0) {
      return Fail(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING",
                  "The file has no column for a field of the entry; add it, headed by the field's name.",
                  {{"column", field.field()}, {"resource", entry.name()}});
    }
    columns.push_back(column);
  }
  return columns;
}

// Types one cell into `value`, or adds what is wrong with it.
void TypeCell(const std::string& cell, const v1::Field& field, int line, v1::Value& value,
              std::vector<Violation>& violations) {
  if (cell.empty()) return;
  std::string expected;
  if (!Read(cell, field.data_type(), value)) {
    expected = Expectation(field.data_type());
  } else if (const absl::Status fits = CheckValue(value, field.data_type(), field.length(), field.field());
             !fits.ok()) {
    expected = FactOf(fits, "expected");
  }
  if (expected.empty()) return;
  violations.push_back({absl::StrCat("row ", line, ", column ", field.field()), "VALUE_TYPE",
                        absl::StrCat("The cell does not fit the field's data type; give ", expected, ".")});
}

absl::StatusOr<std::vector<v1::Row>> Rows(const CsvTable& csv, const v1::Resource& entry) {
  const std::vector<int> columns = TRY(Columns(csv, entry));
  std::vector<v1::Row> rows;
  rows.reserve(csv.rows.size());
  std::vector<Violation> violations;
  for (const CsvRow& source : csv.rows) {
    v1::Row& row = rows.emplace_back();
    for (int i = 0; i < entry.fields_size() && violations.size() < kViolationsMax; ++i) {
      const std::string& cell = source.cells[static_cast<size_t>(columns[static_cast<size_t>(i)])];
      TypeCell(cell, entry.fields(i), source.line, *row.add_values(), violations);
    }
  }
  TRY(BadFields(violations));
  return rows;
}

absl::StatusOr<std::unique_ptr<Table>> Load(std::string_view text, const v1::Resource& entry) {
  const CsvTable csv = TRY(ParseCsv(text));
  std::vector<v1::Row> rows = TRY(Rows(csv, entry));
  return std::make_unique<Table>(entry, std::move(rows));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Table>> TableFromCsv(std::string_view text, const v1::Resource& entry) {
  auto table = Load(text, entry);
  if (!table.ok()) return WithFact(table.status(), "link", kLinkSource);
  return table;
}

AdapterFactory CsvFile(std::string path) {
  return [path = std::move(path)](const v1::Resource& entry) -> absl::StatusOr<std::unique_ptr<Adapter>> {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
      return Fail(absl::StatusCode::kNotFound, "SOURCE_NOT_READABLE", "The file to be served cannot be read.",
                  {{"link", std::string(kLinkSource)}, {"file", path}});
    }
    return TRY(TableFromCsv(text.str(), entry));
  };
}

}  // namespace zhanqiao::connectors
