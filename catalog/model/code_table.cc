#include "catalog/model/code_table.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_split.h"
#include "catalog/base/csv.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/base_database.h"
#include "catalog/model/csv_problems.h"
#include "catalog/model/electronic_certificate.h"
#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

constexpr size_t kMuDigits = 6;  // 类(1) 项(2) 目(3)
constexpr size_t kRowsMax = 20'000;

bool IsColumn(std::string_view heading) {
  return !heading.empty() && heading.size() <= 63 && std::all_of(heading.begin(), heading.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// 类, 类项, 类项目 or 类项目细目.
bool IsClassificationCode(std::string_view code) {
  if (code.size() == 1 || code.size() == 3) return IsClassification(std::string(code) + std::string(6 - code.size(), '0'));
  return IsClassification(code);
}

class Planner {
 public:
  explicit Planner(std::string_view name) { plan_.table.set_name(std::string(name)); }

  CodeTablePlan Run(std::string_view csv) {
    const auto table = ParseCsv(csv, {.bytes_max = 3 << 20, .rows_max = kRowsMax, .columns_max = 50});
    if (!table.ok()) {
      problems_.AddUnreadable(table.status());
    } else if (CheckColumns(*table)) {
      for (const CsvRow& row : table->rows) TakeRow(*table, row);
    }
    plan_.problems = problems_.Take();
    return std::move(plan_);
  }

 private:
  bool CheckColumns(const CsvTable& table) {
    for (const char* column : {"code", "name"}) {
      if (table.Column(column) < 0) problems_.Add(1, column, "COLUMN_MISSING", "The heading lacks this column; add it.");
    }
    for (const std::string& heading : table.header) {
      if (!IsColumn(heading)) problems_.Add(1, heading, "COLUMN_NAME", "Head columns with a-z, 0-9 and _ only.");
    }
    return problems_.empty();
  }

  void TakeRow(const CsvTable& table, const CsvRow& row) {
    v1::CodeRow& made = *plan_.table.add_rows();
    for (size_t i = 0; i < table.header.size(); ++i) {
      const std::string& heading = table.header[i];
      const std::string& cell = row.cells[i];
      if (heading == "code") {
        made.set_code(NormalizeCode(cell));
      } else if (heading == "name") {
        made.set_display_name(cell);
      } else if (!cell.empty()) {
        (*made.mutable_attributes())[heading] = cell;
      }
    }
    CheckRow(row.line, made);
  }

  void CheckRow(int line, const v1::CodeRow& row) {
    Violations found;
    found.Text("code", row.code(), Violations::Presence::kRequired, 64);
    found.Text("name", row.display_name(), Violations::Presence::kRequired, 100);
    for (const auto& [column, text] : row.attributes()) {
      found.Text(column, text, Violations::Presence::kOptional, 1000);
    }
    for (const Violation& violation : found.Take()) {
      problems_.Add(line, violation.field, violation.reason, violation.description);
    }
    if (plan_.table.name() == kClassificationTable && !IsClassificationCode(row.code())) {
      problems_.Add(line, "code", "CLASSIFICATION", "Give 类 (1 digit), 类项 (3), 类项目 (6) or with 细目 (7 to 18).");
    }
    if (plan_.table.name() == kCertificateTypesTable && !IsCertificateTypeCode(row.code())) {
      problems_.Add(line, "code", "CERTIFICATE_TYPE", "Give the 18 characters of the defining body and three digits.");
    }
    if (plan_.table.name() == kBaseDatabasesTable) CheckBaseDatabase(line, row);
    if (!codes_.insert(row.code()).second) {
      problems_.Add(line, "code", "CODE_REPEATED", "Another row of the file has this code; keep one of them.");
    }
  }

  void CheckBaseDatabase(int line, const v1::CodeRow& row) {
    if (!IsBaseDatabase(row.code()) && row.code() != kCertificates) {
      problems_.Add(line, "code", "BASE_DATABASE", "Give 自然人, 法人, 公共信用, 空间地理, 行政执法 or 电子证照.");
    }
    const auto expected = row.attributes().find(std::string(kExpectedProviders));
    if (expected == row.attributes().end()) return;
    for (const absl::string_view code : absl::StrSplit(expected->second, ';')) {
      if (IsOrganizationCode(Std(code))) continue;
      problems_.Add(line, kExpectedProviders, "ORGANIZATION_CODE", "Give codes of organisations with \";\" between them.");
      return;
    }
  }

  CodeTablePlan plan_;
  CellProblems problems_;
  std::set<std::string> codes_;
};

}  // namespace

bool IsCodeTableName(std::string_view name) {
  return name == kClassificationTable || name == kCertificateTypesTable || name == kBaseDatabasesTable;
}

CodeTable::CodeTable(const v1::CodeTable& table) : loaded_(true) {
  for (const auto& row : table.rows()) rows_.emplace(row.code(), row);
}

const v1::CodeRow* CodeTable::Find(std::string_view code) const {
  const auto found = rows_.find(code);
  return found == rows_.end() ? nullptr : &found->second;
}

bool CodeTable::KnowsClassification(std::string_view classification) const {
  if (!loaded_ || Find(classification) != nullptr) return true;
  const std::string_view mu = classification.substr(0, kMuDigits);
  if (Find(mu) == nullptr) return false;
  const auto next = rows_.upper_bound(mu);
  return next == rows_.end() || !next->first.starts_with(mu);
}

std::vector<std::string> CodeTable::ExpectedProviders(std::string_view code) const {
  std::vector<std::string> providers;
  const v1::CodeRow* row = Find(code);
  if (row == nullptr) return providers;
  const auto expected = row->attributes().find(std::string(kExpectedProviders));
  if (expected == row->attributes().end()) return providers;
  for (const absl::string_view one : absl::StrSplit(expected->second, ';')) providers.push_back(OrganizationName(Std(one)));
  std::sort(providers.begin(), providers.end());
  providers.erase(std::unique(providers.begin(), providers.end()), providers.end());
  return providers;
}

CodeTablePlan PlanCodeTable(std::string_view name, std::string_view csv) { return Planner(name).Run(csv); }

}  // namespace zhanqiao::catalog
