#include "connectors/adapters/csv/csv.h"

#include <iconv.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "connectors/adapters/reading.h"

namespace zhanqiao::connectors {
namespace {

constexpr size_t kViolationsMax = 1000;
constexpr CsvLimits kLimits = {.cell_bytes_max = size_t{1} << 20};

// Where a field comes from: a column of the file, or a constant of the mapping (column -1).
struct Origin {
  int column = -1;
  FieldMapping how;
};

absl::StatusOr<Origin> OriginOf(const CsvTable& csv, const v1::Field& field, const Mapping* mapping,
                                const std::string& resource) {
  Origin origin;
  std::string heading = field.field();
  if (mapping != nullptr) {
    origin.how = mapping->fields.at(field.field());
    if (origin.how.constant) return origin;
    heading = origin.how.column;
  }
  origin.column = csv.Column(heading);
  if (origin.column < 0 && mapping == nullptr) origin.column = csv.Column(field.display_name());
  if (origin.column >= 0) return origin;
  return Fail(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING",
              "The file has no column for a field of the entry; add it, headed by the field's name or as mapped.",
              {{"column", heading}, {"resource", resource}});
}

// Types one cell into `value`, or adds what is wrong with it.
void TypeCell(const std::string& cell, const v1::Field& field, const FieldMapping& how, int line, v1::Value& value,
              std::vector<Violation>& violations) {
  if (cell.empty() || ReadText(cell, field, how, value)) return;
  violations.push_back({absl::StrCat("row ", line, ", column ", field.field()), "VALUE_TYPE",
                        absl::StrCat("The cell does not fit the field's data type; give ", Expected(field), ".")});
}

absl::StatusOr<std::vector<v1::Row>> RowsOf(const CsvTable& csv, const v1::Resource& entry, const Mapping* mapping) {
  std::vector<Origin> origins;
  for (const v1::Field& field : entry.fields()) {
    origins.push_back(TRY(OriginOf(csv, field, mapping, entry.name())));
  }
  std::vector<v1::Row> rows;
  rows.reserve(csv.rows.size());
  std::vector<Violation> violations;
  for (const CsvRow& source : csv.rows) {
    v1::Row& row = rows.emplace_back();
    for (int i = 0; i < entry.fields_size() && violations.size() < kViolationsMax; ++i) {
      const Origin& origin = origins[static_cast<size_t>(i)];
      const std::string& cell =
          origin.column < 0 ? *origin.how.constant : source.cells[static_cast<size_t>(origin.column)];
      TypeCell(cell, entry.fields(i), origin.how, source.line, *row.add_values(), violations);
    }
  }
  TRY(BadFields(violations));
  return rows;
}

// The mapping's key as fields: a key names columns of the file, or fields.
absl::StatusOr<std::vector<std::string>> KeyOf(const Mapping& mapping) {
  std::vector<std::string> fields;
  for (const std::string& column : mapping.key) {
    for (const auto& [field, how] : mapping.fields) {
      if (how.column == column && how.values.empty()) {
        fields.push_back(field);
        break;
      }
    }
  }
  if (fields.size() == mapping.key.size()) return fields;
  return Fail(absl::StatusCode::kInvalidArgument, "KEY_UNMAPPED",
              "The mapping's key names a column no field is read from; map each column of the key.");
}

absl::StatusOr<std::unique_ptr<Table>> Load(const CsvTable& csv, const v1::Resource& entry, const Mapping* mapping) {
  std::vector<std::string> key;
  if (mapping != nullptr) {
    TRY(MappingFits(CheckMapping(*mapping, entry)));
    key = TRY(KeyOf(*mapping));
  }
  std::vector<v1::Row> rows = TRY(RowsOf(csv, entry, mapping));
  return std::make_unique<Table>(entry, std::move(rows), key);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Table>> TableFromCsv(std::string_view text, const v1::Resource& entry,
                                                    const Mapping* mapping) {
  const auto csv = ParseCsv(text, kLimits);
  if (!csv.ok()) return WithFact(csv.status(), "link", kLinkSource);
  return TableFromCells(*csv, entry, mapping);
}

absl::StatusOr<std::unique_ptr<Table>> TableFromCells(const CsvTable& cells, const v1::Resource& entry,
                                                      const Mapping* mapping) {
  auto table = Load(cells, entry, mapping);
  if (!table.ok() && FactOf(table.status(), "link").empty()) return WithFact(table.status(), "link", kLinkSource);
  return table;
}

absl::StatusOr<std::string> FromGb18030(std::string_view text) {
  const iconv_t converter = iconv_open("UTF-8", "GB18030");
  if (converter == reinterpret_cast<iconv_t>(-1)) {
    return Fail(absl::StatusCode::kInternal, "GB18030_UNKNOWN", "This system's C library does not know GB18030.",
                {{"link", std::string(kLinkConnector)}});
  }
  std::string out(text.size() * 2 + 16, '\0');
  std::string in(text);
  char* from = in.data();
  size_t left = in.size();
  char* to = out.data();
  size_t room = out.size();
  const size_t converted = iconv(converter, &from, &left, &to, &room);
  iconv_close(converter);
  if (converted == static_cast<size_t>(-1) || left > 0) {
    return Fail(absl::StatusCode::kInvalidArgument, "CSV_INVALID",
                "The file is not GB18030 from the named byte on; correct it or name its encoding.",
                {{"byte", absl::StrCat(in.size() - left)}, {"link", std::string(kLinkSource)}});
  }
  out.resize(out.size() - room);
  return out;
}

}  // namespace zhanqiao::connectors
