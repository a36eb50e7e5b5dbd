// The risk gate: what a release must fulfil before anybody outside may have it. Pure functions over tables.
//
// Rules, of the issue "Oversight": identifiers are dropped or generalised; where there are quasi-identifiers every
// combination stands for at least k persons (k-anonymity) and each sensitive column has at least l values in each
// (l-diversity); counts of few persons are suppressed; and the difference from the release in force does not single
// out fewer persons than either of them alone may (differencing).
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/policy.h"
#include "hub/oversight/datasets/table.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::datasets {

// The numbers of the gate.
struct GateRules {
  int64_t k = 20;          // persons a combination of quasi-identifiers stands for at least
  int64_t l = 2;           // values of a sensitive column in each
  int64_t small_cell = 5;  // counts from 1 to one below it are suppressed
};

// Those in force on `day` for `access`: policy rows dataset.k_public, dataset.k_controlled, dataset.l_diversity,
// dataset.small_cell. FAILED_PRECONDITION / POLICY_MISSING.
absl::StatusOr<GateRules> GateRulesOf(const Policy& policy, v1::DatasetAccess access, absl::CivilDay day);

// One check for each rule and, where it looks at one, column; `previous` is the same distribution of the release in force,
// null without one. Rules with nothing to look at pass and say so. No check holds a value of the data.
std::vector<v1::RiskCheck> CheckTable(std::string_view distribution, const Table& table, const Table* previous,
                                      const GateRules& rules);

// The rules one by one, for those above and for tests.
std::vector<v1::RiskCheck> CheckIdentifiers(const Table& table);
std::vector<v1::RiskCheck> CheckAnonymity(const Table& table, const GateRules& rules);  // K_ANONYMITY and L_DIVERSITY
std::vector<v1::RiskCheck> CheckSmallCells(const Table& table, const GateRules& rules);
std::vector<v1::RiskCheck> CheckDifferencing(const Table& table, const Table& previous, const GateRules& rules);

// Positions of the columns with `role`.
std::vector<size_t> ColumnsWith(const Table& table, v1::ColumnRole role);

}  // namespace zhanqiao::datasets
