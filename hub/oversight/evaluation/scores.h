// Scores of a year: indicators over derived figures, each open to its inputs. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "zhanqiao/v1/evaluation.pb.h"

namespace zhanqiao::oversight {

// What formulas may name, and what it is in Chinese, in order. Figures of the monthly report over the year, `systems.on_cloud`
// as systems_on_cloud and, of ratios, its denominator as systems_on_cloud_of; and what is counted besides.
const std::vector<std::pair<std::string, std::string>>& FormulaNames();

// Figures of one body by those names.
using FormulaFigures = std::map<std::string, double>;

// INVALID_ARGUMENT naming every wrong element: WEIGHTS_NOT_100, FORMULA_INVALID, FIGURE_UNKNOWN, …
absl::Status CheckIndicatorSystem(const v1::IndicatorSystem& system);

// The score of one body by a checked system: every indicator with its inputs, the sum, and advice on what loses most.
absl::StatusOr<v1::BodyScore> ScoreOf(const v1::IndicatorSystem& system, const FormulaFigures& figures);

// Best first, with ranks: equal scores share one.
void Rank(std::vector<v1::BodyScore>& scores);

// Score with its adjustment, held between 0 and 100.
void SetFinal(v1::BodyScore& score);

}  // namespace zhanqiao::oversight
