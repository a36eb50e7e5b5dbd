// The mapping file: which column of the source is which 信息项, and how its content becomes a value.
//
//   table = ["permit", "projects"]        # schema and table; each name is quoted as it stands
//   key = ["id"]                          # columns that identify a row: chunks go by them
//   [fields]                              # 信息项 = column, or a table:
//   permit = "xkzh"
//   level = { column = "jb", values = { "1" = "市", "2" = "区" } }
//   issued = { column = "fzrq", format = "YYYYMMDD" }
//   region = { constant = "370200" }
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::connectors {

// How one 信息项 is read.
struct FieldMapping {
  std::string column{};                         // in the source; empty with `constant`
  std::optional<std::string> constant{};        // the value itself, as text
  std::map<std::string, std::string> values{};  // source text -> text of the value; empty: as it stands
  // Dates and times kept as text: YYYY MM DD hh mm ss in this order, any signs between, for example
  // "YYYYMMDD".
  std::string format{};
  std::string zone = "+08:00";  // offset of times that name none
};

struct HttpMapping {
  std::string path;  // with a query string, if it needs one
  std::string rows;  // JSON pointer to the list of rows in an answer; empty: the answer itself
  // How further rows are asked for: "none", "page" (numbers from `first`), "offset", "cursor" (JSON pointer
  // `next`).
  std::string paging = "none";
  std::string page_parameter, size_parameter, next;
  int first = 1;
  int page_rows = 100;
  std::map<std::string, std::string> parameters;  // 信息项 -> query parameter that asks for equality with it
};

struct Mapping {
  std::vector<std::string> table;              // qualified name, outermost first
  std::string query;                           // instead of a table: a SELECT of the operator's own
  std::vector<std::string> key;                // columns
  std::map<std::string, FieldMapping> fields;  // by 信息项
  std::optional<HttpMapping> http;
};

// INVALID_ARGUMENT / CONFIG_INVALID with the facts `line`, `key`, `expected`.
absl::StatusOr<Mapping> ParseMapping(std::string_view toml);
// The same from a file; NOT_FOUND / CONFIG_NOT_READABLE. The fact `file` is added.
absl::StatusOr<Mapping> LoadMapping(const std::string& path);

// What does not fit between `mapping` and `entry`: a 信息项 without mapping (FIELD_UNMAPPED) or a mapping
// without 信息项 (FIELD_UNKNOWN), constants and mapped values that are not of the field's type or too long
// (VALUE_TYPE), formats that are none (FORMAT_INVALID). Empty: everything fits.
std::vector<Violation> CheckMapping(const Mapping& mapping, const v1::Resource& entry);

// INVALID_ARGUMENT / the first mismatch's reason, carrying all of them; link connector.
absl::Status MappingFits(const std::vector<Violation>& mismatches);

}  // namespace zhanqiao::connectors
