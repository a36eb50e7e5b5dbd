#include "hub/oversight/datasets/risk_gate.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "hub/oversight/datasets/identifiers_rule.h"

namespace zhanqiao::datasets {
namespace {

v1::RiskCheck Result(std::string_view rule, bool passed, std::string_view explanation) {
  v1::RiskCheck check;
  check.set_rule(std::string(rule));
  check.set_passed(passed);
  check.set_explanation(std::string(explanation));
  return check;
}

// Headings that name a person's identifier whatever the cells look like.
bool NamesIdentifier(std::string_view heading) {
  for (const char* word : {"姓名", "身份证", "手机", "银行卡", "微信号"}) {
    if (absl::StrContains(Absl(heading), word)) return true;
  }
  return false;
}

// The cells of `positions` as one key.
std::string KeyOf(const std::vector<std::string>& row, const std::vector<size_t>& positions) {
  std::string key;
  for (const size_t at : positions) {
    key += row[at];
    key.push_back('\x1f');
  }
  return key;
}

// Rows with one combination of quasi-identifiers.
struct Group {
  int64_t rows = 0;
  std::vector<std::vector<std::string>> values;  // of each sensitive column, different ones, at most l
};

v1::RiskCheck DiversityOf(const std::vector<Group>& groups, size_t place, const v1::DatasetColumn& column, int64_t l) {
  int64_t fewest = -1;
  int64_t rows = 0;
  for (const Group& group : groups) {
    const auto distinct = static_cast<int64_t>(group.values[place].size());
    if (fewest < 0 || distinct < fewest) fewest = distinct;
    if (distinct < l) rows += group.rows;
  }
  v1::RiskCheck check = Result("L_DIVERSITY", rows == 0,
                               rows == 0 ? "In every group the column has enough different values."
                                         : "In some groups the column has too few different values, so that membership tells it; "
                                           "generalise the quasi-identifiers or the column, or suppress the rows.");
  check.set_column(column.display_name());
  check.set_required(l);
  check.set_found(std::max<int64_t>(fewest, 0));
  check.set_rows(rows);
  return check;
}

}  // namespace

absl::StatusOr<GateRules> GateRulesOf(const Policy& policy, v1::DatasetAccess access, absl::CivilDay day) {
  GateRules rules;
  rules.k = TRY(policy.At(access == v1::DATASET_ACCESS_CONTROLLED ? "dataset.k_controlled" : "dataset.k_public", day));
  rules.l = TRY(policy.At("dataset.l_diversity", day));
  rules.small_cell = TRY(policy.At("dataset.small_cell", day));
  return rules;
}

std::vector<size_t> ColumnsWith(const Table& table, v1::ColumnRole role) {
  std::vector<size_t> found;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].role() == role) found.push_back(i);
  }
  return found;
}

std::vector<v1::RiskCheck> CheckIdentifiers(const Table& table) {
  std::vector<v1::RiskCheck> checks;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const v1::DatasetColumn& column = table.columns[i];
    const bool contact = column.role() == v1::COLUMN_ROLE_PUBLIC_CONTACT;
    int64_t cells = 0;
    for (const auto& row : table.rows) cells += HoldsIdentifier(row[i], {.contacts = !contact});
    const bool named = NamesIdentifier(column.display_name()) && !contact && column.role() != v1::COLUMN_ROLE_QUASI_IDENTIFIER;
    if (cells == 0 && !named) continue;
    v1::RiskCheck check = Result("IDENTIFIERS", false,
                                 cells > 0 ? "Cells hold identity, bank card or mobile numbers or mail addresses; drop the column or "
                                             "generalise it (a body's own contact goes into a PUBLIC_CONTACT column)."
                                           : "The heading names an identifier of persons; drop the column or generalise it.");
    check.set_column(column.display_name());
    check.set_found(cells);
    check.set_rows(cells);
    checks.push_back(std::move(check));
  }
  if (checks.empty()) checks.push_back(Result("IDENTIFIERS", true, "No identifiers of persons were found."));
  return checks;
}

std::vector<v1::RiskCheck> CheckAnonymity(const Table& table, const GateRules& rules) {
  const std::vector<size_t> quasi = ColumnsWith(table, v1::COLUMN_ROLE_QUASI_IDENTIFIER);
  const std::vector<size_t> sensitive = ColumnsWith(table, v1::COLUMN_ROLE_SENSITIVE);
  if (quasi.empty() && sensitive.empty()) {
    std::vector<v1::RiskCheck> none;
    none.push_back(Result("K_ANONYMITY", true, "No column is a quasi-identifier."));
    none.push_back(Result("L_DIVERSITY", true, "No column is sensitive."));
    return none;
  }
  absl::flat_hash_map<std::string, size_t> places;
  std::vector<Group> groups;
  for (const auto& row : table.rows) {
    const auto [at, fresh] = places.try_emplace(KeyOf(row, quasi), groups.size());
    if (fresh) groups.emplace_back().values.resize(sensitive.size());
    Group& group = groups[at->second];
    ++group.rows;
    for (size_t i = 0; i < sensitive.size(); ++i) {
      auto& values = group.values[i];
      const std::string& cell = row[sensitive[i]];
      if (static_cast<int64_t>(values.size()) < rules.l && std::find(values.begin(), values.end(), cell) == values.end()) {
        values.push_back(cell);
      }
    }
  }
  int64_t smallest = groups.empty() ? 0 : groups.front().rows;
  int64_t rows = 0;
  for (const Group& group : groups) {
    smallest = std::min(smallest, group.rows);
    if (group.rows < rules.k) rows += group.rows;
  }
  std::vector<v1::RiskCheck> checks;
  v1::RiskCheck& check = checks.emplace_back(
      Result("K_ANONYMITY", rows == 0,
             rows == 0 ? "Every combination of quasi-identifiers stands for enough rows."
                       : "Some combinations of quasi-identifiers stand for too few rows; generalise them further or suppress the rows."));
  check.set_required(rules.k);
  check.set_found(smallest);
  check.set_rows(rows);
  for (size_t i = 0; i < sensitive.size(); ++i) checks.push_back(DiversityOf(groups, i, table.columns[sensitive[i]], rules.l));
  if (sensitive.empty()) checks.push_back(Result("L_DIVERSITY", true, "No column is sensitive."));
  return checks;
}

std::vector<v1::RiskCheck> CheckSmallCells(const Table& table, const GateRules& rules) {
  std::vector<v1::RiskCheck> checks;
  for (const size_t at : ColumnsWith(table, v1::COLUMN_ROLE_PERSON_COUNT)) {
    int64_t rows = 0;
    int64_t smallest = 0;
    for (const auto& row : table.rows) {
      double count = 0;
      if (row[at].empty() || row[at] == kSuppressed || !absl::SimpleAtod(row[at], &count) || count <= 0) continue;
      const auto whole = static_cast<int64_t>(count);
      if (smallest == 0 || whole < smallest) smallest = std::max<int64_t>(whole, 1);
      rows += count < static_cast<double>(rules.small_cell);
    }
    v1::RiskCheck& check = checks.emplace_back(
        Result("SMALL_CELLS", rows == 0,
               rows == 0 ? "No count shows few persons." : "Counts show few persons; write \"*\" instead, and for another cell of the same sum."));
    check.set_column(table.columns[at].display_name());
    check.set_required(rules.small_cell);
    check.set_found(smallest);
    check.set_rows(rows);
  }
  if (checks.empty()) checks.push_back(Result("SMALL_CELLS", true, "No column counts persons."));
  return checks;
}

std::vector<v1::RiskCheck> CheckTable(std::string_view distribution, const Table& table, const Table* previous,
                                      const GateRules& rules) {
  std::vector<v1::RiskCheck> all;
  const auto add = [&](std::vector<v1::RiskCheck> checks) {
    for (v1::RiskCheck& check : checks) {
      check.set_distribution(std::string(distribution));
      all.push_back(std::move(check));
    }
  };
  add(CheckIdentifiers(table));
  add(CheckAnonymity(table, rules));
  add(CheckSmallCells(table, rules));
  if (previous != nullptr) {
    add(CheckDifferencing(table, *previous, rules));
    return all;
  }
  all.push_back(Result("DIFFERENCING", true, "There is no release to differ from."));
  all.back().set_distribution(std::string(distribution));
  return all;
}

}  // namespace zhanqiao::datasets
