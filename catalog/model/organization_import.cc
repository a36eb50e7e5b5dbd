#include "catalog/model/organization_import.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/identifiers.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/csv_problems.h"
#include "catalog/model/names.h"
#include "catalog/model/organization.h"

namespace zhanqiao::catalog {
namespace {

constexpr std::string_view kRequired[] = {"code", "name", "short_name", "kind", "division_code", "parent_code", "plan_role"};
constexpr std::string_view kCreditCode = "unified_credit_code";

// The column that holds each element of an organisation.
std::string_view ColumnOf(std::string_view element) {
  if (element == "name") return "code";
  if (element == "display_name") return "name";
  if (element == "parent") return "parent_code";
  return element;
}

class Planner {
 public:
  explicit Planner(const Catalog& catalog) : catalog_(catalog) {}

  OrganizationPlan Run(std::string_view csv) {
    auto table = ParseCsv(csv, {.bytes_max = 3 << 20, .rows_max = 100'000, .columns_max = 50});
    if (!table.ok()) {
      problems_.AddUnreadable(table.status());
    } else if (CheckColumns(*table)) {
      for (const CsvRow& row : table->rows) TakeRow(*table, row);
      for (const auto& [name, line] : lines_) CheckParents(name, line);
      if (problems_.empty()) Sort();
    }
    plan_.problems = problems_.Take();
    std::stable_sort(plan_.problems.begin(), plan_.problems.end(),
                     [](const auto& a, const auto& b) { return a.row() < b.row(); });
    return std::move(plan_);
  }

 private:
  void Problem(int row, std::string_view column, std::string_view reason, std::string_view description) {
    problems_.Add(row, column, reason, description);
  }

  bool CheckColumns(const CsvTable& table) {
    for (const std::string_view column : kRequired) {
      if (table.Column(column) < 0) Problem(1, column, "COLUMN_MISSING", "The heading lacks this column; add it.");
    }
    for (const std::string& heading : table.header) {
      const bool known = heading == kCreditCode ||
                         std::find(std::begin(kRequired), std::end(kRequired), heading) != std::end(kRequired);
      if (!known) Problem(1, heading, "COLUMN_UNKNOWN", "No such column is known; remove or rename it.");
    }
    return problems_.empty();
  }

  void TakeRow(const CsvTable& table, const CsvRow& row) {
    const auto cell = [&](std::string_view column) -> const std::string& {
      return row.cells[static_cast<size_t>(table.Column(column))];
    };
    v1::Organization organization;
    organization.set_name(OrganizationName(cell("code")));
    if (const auto stored = catalog_.FindOrganization(organization.name())) organization = *stored;
    organization.set_display_name(cell("name"));
    organization.set_short_name(cell("short_name"));
    organization.set_kind(OrganizationKindOf(cell("kind")));
    organization.set_division_code(cell("division_code"));
    organization.set_parent(cell("parent_code").empty() ? "" : OrganizationName(cell("parent_code")));
    organization.set_plan_role(cell("plan_role"));
    if (table.Column(kCreditCode) >= 0) organization.set_unified_credit_code(cell(kCreditCode));
    Normalize(organization);
    for (const Violation& violation : Check(organization)) AddViolation(row.line, violation);
    if (!lines_.emplace(organization.name(), row.line).second) {
      Problem(row.line, "code", "CODE_REPEATED", "Another row of the file has this code; keep one of them.");
    }
    asked_.insert_or_assign(organization.name(), std::move(organization));
  }

  void AddViolation(int line, const Violation& violation) {
    const std::string_view column = ColumnOf(violation.field);
    if (violation.reason == "ORGANIZATION_NAME") {
      Problem(line, column, "ORGANIZATION_CODE", "Give 1 to 32 digits, upper-case letters and inner hyphens.");
    } else if (violation.field == "kind") {
      Problem(line, column, violation.reason,
              absl::StrCat("Required; give one of ", Absl(OrganizationKindWords()), "."));
    } else {
      Problem(line, column, violation.reason, violation.description);
    }
  }

  std::string ParentOf(const std::string& name) const {
    const auto asked = asked_.find(name);
    if (asked != asked_.end()) return asked->second.parent();
    const auto stored = catalog_.FindOrganization(name);
    return stored == nullptr ? "" : stored->parent();
  }

  void CheckParents(const std::string& name, int line) {
    const std::string& parent = asked_.at(name).parent();
    if (parent.empty() || parent == name || !IsOrganizationName(parent)) return;  // reported with the row
    if (!asked_.contains(parent) && catalog_.FindOrganization(parent) == nullptr) {
      Problem(line, "parent_code", "PARENT_UNKNOWN", "No such organisation is stored or stands in the file; add it.");
      return;
    }
    std::string above = parent;
    for (size_t steps = 0; !above.empty() && steps <= asked_.size() + 64; ++steps) {
      if (above == name) {
        Problem(line, "parent_code", "PARENT_CYCLE", "The chain of parents comes back to this body; break it.");
        return;
      }
      above = ParentOf(above);
    }
  }

  void Sort() {
    for (auto& [name, organization] : asked_) {
      const auto stored = catalog_.FindOrganization(name);
      if (stored == nullptr) {
        plan_.created.push_back(std::move(organization));
      } else if (documents::Canonical(*stored) == documents::Canonical(organization)) {
        ++plan_.unchanged;
      } else {
        plan_.updated.push_back(std::move(organization));
      }
    }
  }

  const Catalog& catalog_;
  OrganizationPlan plan_;
  CellProblems problems_;
  std::map<std::string, v1::Organization> asked_;
  std::map<std::string, int> lines_;
};

}  // namespace

OrganizationPlan PlanOrganizations(std::string_view csv, const Catalog& catalog) { return Planner(catalog).Run(csv); }

}  // namespace zhanqiao::catalog
