// Two releases together tell more than each alone: whoever is in one and not in the other stands out.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "catalog/base/text.h"
#include "hub/oversight/datasets/risk_gate.h"

namespace zhanqiao::datasets {
namespace {

// Columns of one field in both tables.
struct Pair {
  size_t now = 0;
  size_t before = 0;
};

std::vector<Pair> CommonColumns(const Table& table, const Table& previous) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    for (size_t j = 0; j < previous.columns.size(); ++j) {
      if (table.columns[i].field() == previous.columns[j].field()) pairs.push_back({i, j});
    }
  }
  return pairs;
}

std::string KeyOf(const std::vector<std::string>& row, const std::vector<Pair>& pairs, size_t Pair::*side) {
  std::string key;
  for (const Pair& pair : pairs) {
    key += row[pair.*side];
    key.push_back('\x1f');
  }
  return key;
}

v1::RiskCheck Outcome(int64_t required, int64_t smallest, int64_t rows, std::string_view column) {
  v1::RiskCheck check;
  check.set_rule("DIFFERENCING");
  check.set_passed(rows == 0);
  check.set_column(std::string(column));
  check.set_required(required);
  check.set_found(smallest);
  check.set_rows(rows);
  check.set_explanation(rows == 0 ? "The difference from the release in force singles out no few persons."
                                  : "The difference from the release in force singles out few persons; hold the change back until more "
                                    "rows change together, or generalise further.");
  return check;
}

// Rows that came or went, by combination of quasi-identifiers.
struct Moved {
  int64_t came = 0;
  int64_t went = 0;
};

v1::RiskCheck CheckRows(const Table& table, const Table& previous, const std::vector<Pair>& common, int64_t k) {
  std::vector<Pair> quasi;
  for (const Pair& pair : common) {
    if (table.columns[pair.now].role() == v1::COLUMN_ROLE_QUASI_IDENTIFIER ||
        previous.columns[pair.before].role() == v1::COLUMN_ROLE_QUASI_IDENTIFIER) {
      quasi.push_back(pair);
    }
  }
  struct Count {
    std::string group;
    int64_t change = 0;  // rows now less rows before
  };
  absl::flat_hash_map<std::string, Count> rows;
  const auto count = [&](const Table& of, size_t Pair::*side, int64_t sign) {
    for (const auto& row : of.rows) {
      Count& one = rows[KeyOf(row, common, side)];
      if (one.group.empty()) one.group = KeyOf(row, quasi, side);
      one.change += sign;
    }
  };
  count(table, &Pair::now, 1);
  count(previous, &Pair::before, -1);
  absl::flat_hash_map<std::string, Moved> groups;
  for (const auto& [key, one] : rows) {
    Moved& moved = groups[one.group];
    (one.change > 0 ? moved.came : moved.went) += std::abs(one.change);
  }
  int64_t smallest = 0;
  int64_t breaking = 0;
  for (const auto& [key, moved] : groups) {
    for (const int64_t size : {moved.came, moved.went}) {
      if (size == 0) continue;
      if (smallest == 0 || size < smallest) smallest = size;
      if (size < k) breaking += size;
    }
  }
  return Outcome(k, smallest, breaking, "");
}

v1::RiskCheck CheckCounts(const Table& table, const Table& previous, const std::vector<Pair>& common, const Pair& counted,
                          int64_t small_cell) {
  std::vector<Pair> dimensions;
  for (const Pair& pair : common) {
    if (table.columns[pair.now].role() != v1::COLUMN_ROLE_PERSON_COUNT) dimensions.push_back(pair);
  }
  struct Sums {
    double now = 0;
    double before = 0;
    bool known = true;  // no part of either is suppressed
    bool in_both = false;
  };
  std::map<std::string, Sums> cells;
  const auto add = [&](const Table& of, size_t Pair::*side, size_t column, double Sums::*sum) {
    for (const auto& row : of.rows) {
      const auto [at, fresh] = cells.try_emplace(KeyOf(row, dimensions, side));
      double value = 0;
      at->second.known = at->second.known && absl::SimpleAtod(row[column], &value);
      at->second.in_both = at->second.in_both || (!fresh && sum == &Sums::before);
      at->second.*sum += value;
    }
  };
  add(table, &Pair::now, counted.now, &Sums::now);
  add(previous, &Pair::before, counted.before, &Sums::before);
  int64_t smallest = 0;
  int64_t breaking = 0;
  for (const auto& [key, sums] : cells) {
    if (!sums.known || !sums.in_both) continue;
    const auto change = static_cast<int64_t>(std::llround(std::abs(sums.now - sums.before)));
    if (change == 0) continue;
    if (smallest == 0 || change < smallest) smallest = change;
    breaking += change < small_cell;
  }
  return Outcome(small_cell, smallest, breaking, table.columns[counted.now].display_name());
}

bool IsPerson(const v1::DatasetColumn& column) {
  return column.role() == v1::COLUMN_ROLE_QUASI_IDENTIFIER || column.role() == v1::COLUMN_ROLE_SENSITIVE;
}

}  // namespace

std::vector<v1::RiskCheck> CheckDifferencing(const Table& table, const Table& previous, const GateRules& rules) {
  const std::vector<Pair> common = CommonColumns(table, previous);
  std::vector<v1::RiskCheck> checks;
  const bool persons = std::any_of(table.columns.begin(), table.columns.end(), IsPerson) ||
                       std::any_of(previous.columns.begin(), previous.columns.end(), IsPerson);
  if (persons) checks.push_back(CheckRows(table, previous, common, rules.k));
  for (const Pair& pair : common) {
    if (table.columns[pair.now].role() == v1::COLUMN_ROLE_PERSON_COUNT) {
      checks.push_back(CheckCounts(table, previous, common, pair, rules.small_cell));
    }
  }
  if (checks.empty()) {
    checks.push_back(Outcome(0, 0, 0, ""));
    checks.back().set_explanation("Nothing in the data tells of persons.");
  }
  return checks;
}

}  // namespace zhanqiao::datasets
