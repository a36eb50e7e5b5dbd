#include "hub/oversight/reports/report_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "catalog/model/text_rules.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/facts/report_figures.h"

namespace zhanqiao::oversight {
namespace {

using Presence = catalog::Violations::Presence;

constexpr size_t kNarrativeMax = 5000;
constexpr size_t kStatedReasonMax = 500;
constexpr int kVersionMax = 999;

void CheckStated(const v1::ReportFigure& figure, const std::string& path, std::set<std::string>& keys,
                 catalog::Violations& found) {
  const auto number = ReportFigureNumber(figure.key());
  found.Require(number.has_value(), path + ".key", "FIGURE_UNKNOWN", "Give a key of the report, as GetReport shows them.");
  if (!number) return;
  found.Require(keys.insert(figure.key()).second, path + ".key", "FIGURE_REPEATED", "State a figure once.");
  found.Require(figure.has_stated() && figure.stated() >= 0, path + ".stated", "NUMBER_INVALID", "Give a number, 0 or more.");
  const bool ratio = ReportFigureDefinitions()[*number].unit.empty();
  found.Require(figure.has_stated_denominator() == ratio, path + ".stated_denominator", "NUMBER_INVALID",
                "Give the denominator of a ratio, and none of a number.");
  found.Require(!ratio || figure.stated() <= figure.stated_denominator(), path + ".stated", "NUMBER_INVALID",
                "A part is not larger than the whole; put numerator and denominator right.");
  found.Text(path + ".stated_reason", figure.stated_reason(), Presence::kRequired, kStatedReasonMax, /*lines=*/true);
}

}  // namespace

absl::StatusOr<ReportName> ParseReportName(std::string_view name) {
  const std::vector<std::string> parts = absl::StrSplit(Absl(name), '/');
  ReportName parsed;
  bool good = (parts.size() == 3 || parts.size() == 4) && parts[0] == "reports" && access::IsOrganizationCode(parts[2]);
  if (good) {
    const auto month = ParseMonth(parts[1]);
    good = month.ok();
    parsed.month = month.value_or(absl::CivilMonth());
    parsed.organization = absl::StrCat("organizations/", parts[2]);
  }
  if (good && parts.size() == 4) {
    good = absl::SimpleAtoi(parts[3], &parsed.version) && parsed.version > 0 && parsed.version <= kVersionMax &&
           parts[3] == absl::StrCat(parsed.version);
  }
  if (good) return parsed;
  return BadField("NAME_INVALID", "name", "Give reports/{YYYY-MM}/{organisation code}, with /{version} for one that is not the newest.");
}

std::string NameOfReport(const ReportName& name) {
  const std::string prefix = absl::StrCat("reports/", FormatMonth(name.month), "/", CodeOf(name.organization));
  return name.version == 0 ? prefix : absl::StrCat(prefix, "/", name.version);
}

absl::Status CheckReportState(const v1::Report& report, std::initializer_list<v1::ReportState> states) {
  if (std::find(states.begin(), states.end(), report.state()) != states.end()) return absl::OkStatus();
  const std::string expected = absl::StrJoin(states, ", ", [](std::string* out, v1::ReportState state) {
    absl::StrAppend(out, v1::ReportState_Name(state));
  });
  return Fail(absl::StatusCode::kFailedPrecondition, "REPORT_STATE",
              "The report is in another state than this move begins from; read it again.",
              {{"document", report.name()}, {"state", v1::ReportState_Name(report.state())}, {"expected", expected}});
}

absl::Status CheckStatement(const v1::UpdateReportRequest& request) {
  catalog::Violations found;
  std::set<int> sections;
  for (int i = 0; i < request.narratives_size(); ++i) {
    const std::string path = absl::StrCat("narratives[", i, "]");
    const v1::ReportNarrative& narrative = request.narratives(i);
    const bool known = narrative.section() >= v1::REPORT_SECTION_CATALOGUE && narrative.section() <= v1::REPORT_SECTION_SHARING;
    found.Require(known && sections.insert(narrative.section()).second, path + ".section", "ENUM_VALUE",
                  "Give each section once: CATALOGUE, INTEGRATION, SHARING.");
    found.Text(path + ".text", narrative.text(), Presence::kOptional, kNarrativeMax, /*lines=*/true);
  }
  std::set<std::string> keys;
  for (int i = 0; i < request.stated_size(); ++i) {
    CheckStated(request.stated(i), absl::StrCat("stated[", i, "]"), keys, found);
  }
  return BadFields(found.Take());
}

const v1::ReportFigure* FindFigure(const v1::ReportFigures& figures, std::string_view key) {
  for (const v1::ReportFigure& figure : figures.figures()) {
    if (figure.key() == key) return &figure;
  }
  return nullptr;
}

v1::ReportFigures WithStated(v1::ReportFigures derived, const v1::ReportFigures& stated) {
  for (v1::ReportFigure& figure : *derived.mutable_figures()) {
    const v1::ReportFigure* said = FindFigure(stated, figure.key());
    if (said == nullptr || !said->has_stated()) continue;
    figure.set_stated(said->stated());
    if (said->has_stated_denominator()) figure.set_stated_denominator(said->stated_denominator());
    figure.set_stated_reason(said->stated_reason());
    figure.set_difference(said->stated() - figure.value());
  }
  return derived;
}

v1::ReportFigures StatedIn(const v1::ReportFigures& figures) {
  v1::ReportFigures stated;
  for (const v1::ReportFigure& figure : figures.figures()) {
    if (!figure.has_stated()) continue;
    v1::ReportFigure& kept = *stated.add_figures();
    kept.set_key(figure.key());
    kept.set_stated(figure.stated());
    if (figure.has_stated_denominator()) kept.set_stated_denominator(figure.stated_denominator());
    kept.set_stated_reason(figure.stated_reason());
  }
  return stated;
}

void StatedSum::Add(const v1::ReportFigures& figures) {
  for (const auto& definition : ReportFigureDefinitions()) {
    const v1::ReportFigure* figure = FindFigure(figures, definition.key);
    v1::ReportFigure* sum = nullptr;
    for (v1::ReportFigure& known : *sum_.mutable_figures()) {
      if (known.key() == definition.key) sum = &known;
    }
    if (sum == nullptr) {
      sum = sum_.add_figures();
      sum->set_key(std::string(definition.key));
      sum->set_stated(0);
      if (definition.unit.empty()) sum->set_stated_denominator(0);
    }
    if (figure == nullptr) continue;
    sum->set_stated(sum->stated() + (figure->has_stated() ? figure->stated() : figure->value()));
    if (!definition.unit.empty()) continue;
    sum->set_stated_denominator(sum->stated_denominator() + (figure->has_stated_denominator() ? figure->stated_denominator()
                                                                                                : figure->denominator()));
  }
}

v1::ReportFigures StatedSum::Beside(v1::ReportFigures derived) const { return WithStated(std::move(derived), sum_); }

}  // namespace zhanqiao::oversight
