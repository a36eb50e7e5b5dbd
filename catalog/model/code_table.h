// Code tables: registries the hub goes by but does not make (proto/zhanqiao/v1/code_table.proto), as loaded by the
// office. Without a table nothing is held against it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "zhanqiao/v1/code_table.pb.h"

namespace zhanqiao::catalog {

inline constexpr std::string_view kClassificationTable = "codeTables/classification";         // 类, 项, 目, 细目
inline constexpr std::string_view kCertificateTypesTable = "codeTables/certificate_types";    // 证照类型
inline constexpr std::string_view kBaseDatabasesTable = "codeTables/base_databases";          // who is to provide them
inline constexpr std::string_view kExpectedProviders = "expected_providers";                  // column of the last

bool IsCodeTableName(std::string_view name);

// A table ready for look-ups. A value; const use is thread-safe.
class CodeTable {
 public:
  CodeTable() = default;  // not loaded: knows everything
  explicit CodeTable(const v1::CodeTable& table);

  bool loaded() const { return loaded_; }
  // The row of `code`, or null.
  const v1::CodeRow* Find(std::string_view code) const;
  // True if `classification` (类项目细目) is one of the table: it stands there itself, or its 目 does and the table lists
  // no 细目 under that 目. True of every one while no table is loaded.
  bool KnowsClassification(std::string_view classification) const;
  // Organisations' names in the column expected_providers of `code`, in order.
  std::vector<std::string> ExpectedProviders(std::string_view code) const;

 private:
  bool loaded_ = false;
  std::map<std::string, v1::CodeRow, std::less<>> rows_;
};

// What a file asks for. Problems not empty: the table means nothing.
struct CodeTablePlan {
  v1::CodeTable table;  // name and rows
  std::vector<v1::CellProblem> problems;
};

// Reads `csv` (columns code, name and any others) as the table called `name`, one of the three above. Codes are brought
// into form; each table's own rules are checked: the length of classifications, certificate type codes, names of base
// databases and codes of organisations.
CodeTablePlan PlanCodeTable(std::string_view name, std::string_view csv);

}  // namespace zhanqiao::catalog
