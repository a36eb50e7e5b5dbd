#include "hub/oversight/evaluation/scores.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/model/text_rules.h"
#include "hub/oversight/evaluation/formula.h"
#include "hub/oversight/facts/report_figures.h"

namespace zhanqiao::oversight {
namespace {

using Presence = catalog::Violations::Presence;

constexpr int kIndicatorsMax = 100;
constexpr int kAdviceMax = 3;  // indicators that are named in it

double Rounded(double value) { return std::round(value * 100) / 100; }

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 40 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool IsKnown(const std::string& name) {
  const auto& names = FormulaNames();
  return std::any_of(names.begin(), names.end(), [&](const auto& known) { return known.first == name; });
}

void CheckFormula(const v1::Indicator& indicator, const std::string& path, catalog::Violations& found) {
  const auto formula = Formula::Parse(indicator.formula());
  if (!formula.ok()) {
    found.Add(path + ".formula", "FORMULA_INVALID",
              absl::StrCat("A mistake at position ", FactOf(formula.status(), "position"), "; expected ",
                           FactOf(formula.status(), "expected"), "."));
    return;
  }
  for (const std::string& name : formula->names()) {
    found.Require(IsKnown(name), path + ".formula", "FIGURE_UNKNOWN",
                  absl::StrCat("There is no figure ", name, "; the names stand in hub/oversight/evaluation/README.md."));
  }
}

std::string NumberText(double value) { return absl::StrFormat("%.4g", value); }

// "41 / 50 = 0.82；(0.82 − 0) / (0.9 − 0) × 20 = 18.22"
std::string Explained(const v1::Indicator& indicator, const v1::IndicatorScore& score) {
  std::string text = absl::StrCat(indicator.formula(), " = ", NumberText(score.value()), "，其中");
  for (const v1::ScoreInput& input : score.inputs()) {
    absl::StrAppend(&text, " ", input.figure(), " = ", NumberText(input.value()), "（", input.display_name(), "）");
  }
  absl::StrAppend(&text, "；(", NumberText(score.value()), " − ", NumberText(indicator.zero_at()), ") / (",
                  NumberText(indicator.full_at()), " − ", NumberText(indicator.zero_at()), ") × ", NumberText(indicator.weight()),
                  "，限于 0 至 ", NumberText(indicator.weight()), " = ", absl::StrFormat("%.2f", score.score()));
  return text;
}

v1::IndicatorScore ScoreIndicator(const v1::Indicator& indicator, const Formula& formula, const FormulaFigures& figures) {
  const auto value_of = [&](const std::string& name) {
    const auto found = figures.find(name);
    return found == figures.end() ? 0.0 : found->second;
  };
  v1::IndicatorScore score;
  score.set_indicator(indicator.id());
  score.set_display_name(indicator.display_name());
  score.set_weight(indicator.weight());
  score.set_formula(indicator.formula());
  for (const auto& [name, display_name] : FormulaNames()) {
    if (!formula.names().contains(name)) continue;
    v1::ScoreInput& input = *score.add_inputs();
    input.set_figure(name);
    input.set_display_name(display_name);
    input.set_value(value_of(name));
  }
  const std::optional<double> value = formula.Evaluate(value_of);
  if (!value) {
    score.set_explanation(absl::StrCat(indicator.formula(), " 对本单位没有值（没有可计算的对象），权重由其他指标分担"));
    return score;
  }
  score.set_applies(true);
  score.set_value(*value);
  const double share = (*value - indicator.zero_at()) / (indicator.full_at() - indicator.zero_at());
  score.set_score(std::clamp(share, 0.0, 1.0) * indicator.weight());
  score.set_explanation(Explained(indicator, score));
  return score;
}

// Names what loses most, worst first.
std::string AdviceOf(const v1::BodyScore& body) {
  std::vector<const v1::IndicatorScore*> losing;
  for (const v1::IndicatorScore& score : body.indicators()) {
    if (score.applies() && score.score() < score.weight()) losing.push_back(&score);
  }
  std::stable_sort(losing.begin(), losing.end(), [](const auto* a, const auto* b) {
    return a->weight() - a->score() > b->weight() - b->score();
  });
  if (losing.empty()) return "各项指标均得满分，请保持。";
  std::string text = "建议重点改进：";
  for (size_t i = 0; i < losing.size() && i < static_cast<size_t>(kAdviceMax); ++i) {
    absl::StrAppend(&text, i > 0 ? "；" : "", losing[i]->display_name(), "（失 ",
                    absl::StrFormat("%.2f", losing[i]->weight() - losing[i]->score()), " 分）");
  }
  return text + "。";
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& FormulaNames() {
  static const auto* const names = [] {
    auto* made = new std::vector<std::pair<std::string, std::string>>();
    for (const ReportFigureDefinition& definition : ReportFigureDefinitions()) {
      const std::string name = absl::StrReplaceAll(Absl(definition.key), {{".", "_"}});
      made->emplace_back(name, definition.display_name);
      if (definition.unit.empty()) made->emplace_back(name + "_of", absl::StrCat(Absl(definition.display_name), "，分母"));
    }
    made->emplace_back("reports_due", "应报月报份数");
    made->emplace_back("reports_on_time", "按时报送月报份数");
    made->emplace_back("reports_late", "迟报月报份数");
    made->emplace_back("reports_missing", "未报月报份数");
    made->emplace_back("tasks_total", "牵头和配合的任务项数");
    made->emplace_back("tasks_done", "已完成任务项数");
    made->emplace_back("tasks_overdue", "逾期任务项数");
    made->emplace_back("open_datasets", "计数的开放数据集");
    return made;
  }();
  return *names;
}

absl::Status CheckIndicatorSystem(const v1::IndicatorSystem& system) {
  catalog::Violations found;
  const std::string_view id = std::string_view(system.name()).substr(std::min<size_t>(system.name().size(), system.name().find('/') + 1));
  const bool named = system.name().starts_with("indicatorSystems/") && !id.empty() && id.size() <= 40 &&
                     std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  found.Require(named, "name", "NAME_INVALID", "Give indicatorSystems/{id}; the id is 1 to 40 of a-z, 0-9 and -.");
  found.Text("display_name", system.display_name(), Presence::kRequired, 100);
  found.Require(ParseDay(system.from_date()).ok(), "from_date", "DATE_INVALID", "Give an existing date as YYYY-MM-DD.");
  found.Require(system.indicators_size() > 0 && system.indicators_size() <= kIndicatorsMax, "indicators", "LIST_LENGTH", "Give 1 to 100 indicators.");
  double weights = 0;
  std::set<std::string> ids;
  for (int i = 0; i < system.indicators_size(); ++i) {
    const v1::Indicator& indicator = system.indicators(i);
    const std::string path = absl::StrCat("indicators[", i, "]");
    found.Require(IsId(indicator.id()) && ids.insert(indicator.id()).second, path + ".id", "ID_INVALID",
                  "Give 1 to 40 of a-z, 0-9 and _, once.");
    found.Text(path + ".display_name", indicator.display_name(), Presence::kRequired, 100);
    found.Text(path + ".dimension", indicator.dimension(), Presence::kOptional, 50);
    found.Text(path + ".basis", indicator.basis(), Presence::kOptional, 200);
    found.Require(std::isfinite(indicator.weight()) && indicator.weight() > 0 && indicator.weight() <= 100, path + ".weight", "WEIGHT_INVALID", "Give points above 0.");
    found.Require(std::isfinite(indicator.zero_at()) && std::isfinite(indicator.full_at()) && indicator.zero_at() != indicator.full_at(),
                  path + ".full_at", "THRESHOLDS_EQUAL", "Give two different values.");
    CheckFormula(indicator, path, found);
    weights += indicator.weight();
  }
  found.Require(std::abs(weights - 100) < 1e-6, "indicators", "WEIGHTS_NOT_100", "The weights of all indicators together are 100.");
  return BadFields(found.Take());
}

absl::StatusOr<v1::BodyScore> ScoreOf(const v1::IndicatorSystem& system, const FormulaFigures& figures) {
  v1::BodyScore body;
  double points = 0;
  double weights = 0;
  for (const v1::Indicator& indicator : system.indicators()) {
    const Formula formula = TRY(Formula::Parse(indicator.formula()));
    v1::IndicatorScore score = ScoreIndicator(indicator, formula, figures);
    if (score.applies()) {
      points += score.score();
      weights += score.weight();
    }
    *body.add_indicators() = std::move(score);
  }
  body.set_score(weights == 0 ? 0 : Rounded(100 * points / weights));
  body.set_advice(AdviceOf(body));
  SetFinal(body);
  return body;
}

void SetFinal(v1::BodyScore& score) {
  score.set_final_score(Rounded(std::clamp(score.score() + score.adjustment(), 0.0, 100.0)));
}

void Rank(std::vector<v1::BodyScore>& scores) {
  std::stable_sort(scores.begin(), scores.end(), [](const v1::BodyScore& a, const v1::BodyScore& b) {
    return a.final_score() != b.final_score() ? a.final_score() > b.final_score() : a.organization() < b.organization();
  });
  for (size_t i = 0; i < scores.size(); ++i) {
    const bool shared = i > 0 && scores[i].final_score() == scores[i - 1].final_score();
    scores[i].set_rank(shared ? scores[i - 1].rank() : static_cast<int32_t>(i) + 1);
  }
}

}  // namespace zhanqiao::oversight
