#include "hub/oversight/evaluation/evaluation_service.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/error.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/report_figures.h"
#include "hub/oversight/reports/punctuality.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kEvaluations = "evaluations/";
constexpr std::string_view kSystems = "indicatorSystems/";
constexpr size_t kReasonMax = 1000;
constexpr size_t kAdviceMax = 10000;

absl::StatusOr<int> YearOf(std::string_view name) {
  int year = 0;
  if (name.starts_with(kEvaluations) && name.size() == kEvaluations.size() + 4 &&
      absl::SimpleAtoi(Absl(name.substr(kEvaluations.size())), &year) && year >= 2018 && year <= 9999) {
    return year;
  }
  return BadField("NAME_INVALID", "name", "Give evaluations/{year}, from 2018 on.");
}

std::string NameOf(int year) { return absl::StrCat(Absl(kEvaluations), year); }

bool SeesAll(const Caller& caller) { return access::HoldsAny(caller, {"office", "auditor"}); }

// What `caller` may see of it: before publication people of a body see their own score and objections.
absl::StatusOr<v1::Evaluation> Visible(const Caller& caller, v1::Evaluation evaluation, std::string organization) {
  const bool open = evaluation.state() == v1::EVALUATION_STATE_PUBLISHED || SeesAll(caller);
  if (!open && !organization.empty() && organization != caller.organization) return access::RoleRequired("office, auditor");
  if (!open) organization = caller.organization;
  if (organization.empty()) return evaluation;
  v1::Evaluation shown = evaluation;
  shown.clear_scores();
  shown.clear_objections();
  for (const v1::BodyScore& score : evaluation.scores()) {
    if (score.organization() == organization) *shown.add_scores() = score;
  }
  for (const v1::ScoreObjection& objection : evaluation.objections()) {
    if (objection.organization() == organization) *shown.add_objections() = objection;
  }
  return shown;
}

v1::BodyScore* FindScore(v1::Evaluation& evaluation, std::string_view organization) {
  for (v1::BodyScore& score : *evaluation.mutable_scores()) {
    if (score.organization() == organization) return &score;
  }
  return nullptr;
}

void RankAgain(v1::Evaluation& evaluation) {
  std::vector<v1::BodyScore> scores(evaluation.scores().begin(), evaluation.scores().end());
  for (v1::BodyScore& score : scores) SetFinal(score);
  Rank(scores);
  *evaluation.mutable_scores() = {scores.begin(), scores.end()};
}

std::vector<std::string> BodiesIn(const v1::Evaluation& evaluation) {
  std::vector<std::string> bodies;
  for (const v1::BodyScore& score : evaluation.scores()) bodies.push_back(score.organization());
  return bodies;
}

}  // namespace

absl::StatusOr<v1::IndicatorSystem> EvaluationService::PutIndicatorSystem(const Caller& caller,
                                                                          const v1::PutIndicatorSystemRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  const v1::IndicatorSystem& system = request.indicator_system();
  TRY(CheckIndicatorSystem(system));
  TRY(access::CheckText("reason", request.reason(), 500, false));
  uint64_t revision = 0;
  const auto stored = parts_.store.Get(system.name());
  if (stored.ok()) {
    TRY(access::RequireCurrent(system.etag(), *stored));
    v1::IndicatorSystem same = system;
    same.clear_etag();
    if (documents::Canonical(same) == stored->document) return catalog::DocumentOf<v1::IndicatorSystem>(*stored);
    revision = stored->revision;
  } else if (ReasonOf(stored.status()) != "DOCUMENT_NOT_FOUND") {
    return stored.status();
  }
  return catalog::Put(parts_.store, caller, system, revision, request.reason());
}

absl::StatusOr<v1::IndicatorSystem> EvaluationService::SystemOn(absl::CivilDay day) const {
  std::optional<v1::IndicatorSystem> newest;
  const auto page = TRY(parts_.store.List(kSystems, 1000, ""));
  for (const documents::Version& version : page.versions) {
    v1::IndicatorSystem system = TRY(catalog::DocumentOf<v1::IndicatorSystem>(version));
    if (system.from_date() > FormatDay(day)) continue;
    if (!newest || newest->from_date() <= system.from_date()) newest = std::move(system);
  }
  if (newest) return *std::move(newest);
  return Fail(absl::StatusCode::kFailedPrecondition, "NO_INDICATOR_SYSTEM",
              "No indicator system holds on this date; the office stores one first (PutIndicatorSystem).", {{"date", FormatDay(day)}});
}

absl::StatusOr<v1::IndicatorSystem> EvaluationService::GetIndicatorSystem(const Caller& caller,
                                                                          const v1::GetIndicatorSystemRequest& request) {
  if (caller.kind == SubjectKind::kNone) return access::RoleRequired("any registered subject");
  if (!request.name().empty()) return catalog::Fetch<v1::IndicatorSystem>(parts_.store, request.name(), {});
  return SystemOn(TRY(access::CountingDay(request.as_of(), Today())));
}

// Reports, duties and open datasets of one body.
absl::StatusOr<FormulaFigures> EvaluationService::CountBeside(const FigureScope& scope) const {
  FormulaFigures figures;
  const v1::TaskProgress tasks = TRY(parts_.tasks.Progress(scope));
  figures["tasks_total"] = tasks.total();
  figures["tasks_done"] = tasks.done();
  figures["tasks_overdue"] = tasks.overdue();
  if (parts_.open_datasets) {
    const v1::OpenDatasetProgress datasets = TRY(parts_.open_datasets(scope));
    figures["open_datasets"] = datasets.published();
  }
  return figures;
}

absl::StatusOr<v1::Evaluation> EvaluationService::Compute(int year, std::string_view as_of, std::optional<uint64_t> known_at) const {
  const absl::CivilDay last = std::min(absl::CivilDay(year, 12, 31), Today());
  const absl::CivilDay day = as_of.empty() ? last : TRY(ParseDay(as_of));
  const absl::CivilDay first(year, 1, 1);
  if (day < first) return BadField("DATE_INVALID", "as_of", "Give a date of the year or after it; the year has not begun.");
  const v1::IndicatorSystem system = TRY(SystemOn(day));
  v1::Evaluation evaluation;
  evaluation.set_name(NameOf(year));
  evaluation.set_year(year);
  evaluation.set_state(v1::EVALUATION_STATE_COMPUTED);
  evaluation.set_as_of(FormatDay(day));
  evaluation.set_known_at(known_at.value_or(parts_.position()));
  evaluation.set_indicator_system(system.name());
  evaluation.set_indicator_system_etag(system.etag());
  const Period period{first, day, evaluation.known_at()};
  const documents::Knowledge known{.known_at = period.known_at, .before = std::nullopt};
  ReportTable table;
  std::map<std::string, std::string> bodies;  // with their names
  std::map<std::string, v1::ReportProgress> reports;
  const absl::Status read = parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    table = TRY(DeriveFigures(view, parts_.exchanges, period));
    for (const std::string& body : ReportingBodies(view, day, known)) {
      bodies[body] = DisplayNameOf(view, body, day, known);
      reports[body] = CountReports(view, FigureScope{day, known, body});
    }
    return absl::OkStatus();
  });
  TRY(read);
  std::vector<v1::BodyScore> scores;
  for (const auto& [body, display_name] : bodies) {
    FormulaFigures figures = TRY(CountBeside({day, known, body}));
    figures["reports_due"] = reports[body].due();
    figures["reports_on_time"] = reports[body].on_time();
    figures["reports_late"] = reports[body].late();
    figures["reports_missing"] = reports[body].missing();
    const ReportRow row = table.Of(body);
    for (size_t i = 0; i < kReportFigures; ++i) {
      const ReportFigureDefinition& definition = ReportFigureDefinitions()[i];
      const std::string name = absl::StrReplaceAll(Absl(definition.key), {{".", "_"}});
      figures[name] = static_cast<double>(row[i].value);
      if (definition.unit.empty()) figures[name + "_of"] = static_cast<double>(row[i].denominator);
    }
    v1::BodyScore score = TRY(ScoreOf(system, figures));
    score.set_organization(body);
    score.set_display_name(display_name);
    scores.push_back(std::move(score));
  }
  Rank(scores);
  *evaluation.mutable_scores() = {scores.begin(), scores.end()};
  return evaluation;
}

absl::StatusOr<v1::Evaluation> EvaluationService::GetEvaluation(const Caller& caller, const v1::GetEvaluationRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return access::RoleRequired("a person of a body, office, auditor");
  const int year = TRY(YearOf(request.name()));
  const bool asks_anew = request.recompute() || !request.as_of().empty() || request.has_known_at();
  if (!asks_anew) {
    const auto stored = parts_.store.Get(NameOf(year));
    if (stored.ok()) return Visible(caller, TRY(catalog::DocumentOf<v1::Evaluation>(*stored)), request.organization());
    if (ReasonOf(stored.status()) != "DOCUMENT_NOT_FOUND") return stored.status();
  }
  const auto known_at = request.has_known_at() ? std::optional<uint64_t>(request.known_at()) : std::nullopt;
  return Visible(caller, TRY(Compute(year, request.as_of(), known_at)), request.organization());
}

absl::StatusOr<v1::Evaluation> EvaluationService::Held(int year, v1::EvaluationState state, std::string_view etag, uint64_t& revision) const {
  const documents::Version version = TRY(parts_.store.Get(NameOf(year)));
  TRY(access::RequireCurrent(etag, version));
  v1::Evaluation evaluation = TRY(version.As<v1::Evaluation>());
  revision = version.revision;
  if (evaluation.state() == state) return evaluation;
  return Fail(absl::StatusCode::kFailedPrecondition, "EVALUATION_STATE", "The evaluation is in another state than this move begins from.",
              {{"document", evaluation.name()}, {"state", v1::EvaluationState_Name(evaluation.state())}});
}

absl::StatusOr<v1::Evaluation> EvaluationService::Store(const Caller& caller, v1::Evaluation evaluation, uint64_t revision,
                                                        std::string_view reason, std::string_view notice,
                                                        const std::vector<std::string>& told) {
  documents::Transaction transaction;
  const std::string name = evaluation.name();  // the notice looks at it after the evaluation has gone into the transaction
  const catalog::NewNotice news{.kind = notice, .subject = name, .facts = {{"year", absl::StrCat(evaluation.year())}}};
  transaction.changes.push_back(catalog::ChangeTo(std::move(evaluation), revision));
  for (const std::string& body : told) {
    transaction.changes.push_back(catalog::NoticeTo(body, news, parts_.clock.Now(), parts_.random));
  }
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  const std::vector<documents::Version> versions = TRY(parts_.store.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::Evaluation>(versions.front());
}

absl::StatusOr<v1::Evaluation> EvaluationService::ProposeEvaluation(const Caller& caller, const v1::ProposeEvaluationRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  const int year = TRY(YearOf(request.name()));
  uint64_t revision = 0;
  v1::Evaluation evaluation = TRY(Compute(year, "", std::nullopt));
  const auto stored = parts_.store.Get(NameOf(year));
  if (stored.ok()) {
    const v1::Evaluation before = TRY(Held(year, v1::EVALUATION_STATE_PROPOSED, request.etag(), revision));
    *evaluation.mutable_objections() = before.objections();
    for (const v1::ScoreObjection& objection : evaluation.objections()) {
      v1::BodyScore* score = FindScore(evaluation, objection.organization());
      if (score != nullptr) score->set_adjustment(score->adjustment() + objection.adjustment());
    }
    RankAgain(evaluation);
  } else if (ReasonOf(stored.status()) != "DOCUMENT_NOT_FOUND") {
    return stored.status();
  }
  evaluation.set_state(v1::EVALUATION_STATE_PROPOSED);
  evaluation.set_proposer(caller.subject);
  const std::vector<std::string> bodies = BodiesIn(evaluation);
  return Store(caller, std::move(evaluation), revision, "proposed", "EVALUATION_PROPOSED", bodies);
}

absl::StatusOr<v1::Evaluation> EvaluationService::ObjectToScore(const Caller& caller, const v1::ObjectToScoreRequest& request) {
  const int year = TRY(YearOf(request.name()));
  if (!access::HoldsAnyAt(caller, caller.organization, {"org_approver"})) return access::RoleRequired("org_approver");
  uint64_t revision = 0;
  v1::Evaluation evaluation = TRY(Held(year, v1::EVALUATION_STATE_PROPOSED, "", revision));
  const v1::BodyScore* score = FindScore(evaluation, caller.organization);
  if (score == nullptr) return access::RoleRequired("org_approver of a body that is evaluated");
  TRY(access::CheckText("reason", request.reason(), kReasonMax, true));
  const bool known = request.indicator().empty() ||
                     std::any_of(score->indicators().begin(), score->indicators().end(),
                                 [&](const v1::IndicatorScore& one) { return one.indicator() == request.indicator(); });
  if (!known) return BadField("INDICATOR_UNKNOWN", "indicator", "Give the id of an indicator of the score, or nothing.");
  v1::ScoreObjection& objection = *evaluation.add_objections();
  objection.set_id(evaluation.objections_size());
  objection.set_organization(caller.organization);
  objection.set_indicator(request.indicator());
  objection.set_reason(request.reason());
  objection.set_objector(caller.subject);
  objection.set_state(v1::SCORE_OBJECTION_STATE_OPEN);
  return Visible(caller, TRY(Store(caller, std::move(evaluation), revision, request.reason(), "", {})), "");
}

absl::StatusOr<v1::Evaluation> EvaluationService::AnswerScoreObjection(const Caller& caller,
                                                                       const v1::AnswerScoreObjectionRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  const int year = TRY(YearOf(request.name()));
  uint64_t revision = 0;
  v1::Evaluation evaluation = TRY(Held(year, v1::EVALUATION_STATE_PROPOSED, "", revision));
  if (request.objection() < 1 || request.objection() > evaluation.objections_size()) {
    return BadField("OBJECTION_UNKNOWN", "objection", "Give the id of an objection of this evaluation.");
  }
  TRY(access::CheckText("answer", request.answer(), kReasonMax, true));
  const bool in_bounds = std::isfinite(request.adjustment()) && std::abs(request.adjustment()) <= 100;
  if (!in_bounds || (!request.upheld() && request.adjustment() != 0)) {
    return BadField("ADJUSTMENT_INVALID", "adjustment", "Give points between -100 and 100, and none when the objection is rejected.");
  }
  v1::ScoreObjection& objection = *evaluation.mutable_objections(request.objection() - 1);
  if (objection.state() != v1::SCORE_OBJECTION_STATE_OPEN) {
    return Fail(absl::StatusCode::kFailedPrecondition, "EVALUATION_STATE", "The objection has been answered.",
                {{"objection", absl::StrCat(request.objection())}});
  }
  objection.set_state(request.upheld() ? v1::SCORE_OBJECTION_STATE_UPHELD : v1::SCORE_OBJECTION_STATE_REJECTED);
  objection.set_answer(request.answer());
  objection.set_adjustment(request.adjustment());
  objection.set_answerer(caller.subject);
  const std::string body = objection.organization();
  v1::BodyScore* score = FindScore(evaluation, body);
  if (score != nullptr) score->set_adjustment(score->adjustment() + request.adjustment());
  RankAgain(evaluation);
  return Store(caller, std::move(evaluation), revision, request.answer(), "SCORE_OBJECTION_ANSWERED", {body});
}

absl::StatusOr<v1::Evaluation> EvaluationService::PublishEvaluation(const Caller& caller, const v1::PublishEvaluationRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  const int year = TRY(YearOf(request.name()));
  uint64_t revision = 0;
  v1::Evaluation evaluation = TRY(Held(year, v1::EVALUATION_STATE_PROPOSED, request.etag(), revision));
  if (evaluation.proposer() == caller.subject) {
    return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES", "A second person of the office publishes what one proposed.",
                {{"document", evaluation.name()}});
  }
  TRY(access::CheckText("advice", request.advice(), kAdviceMax, true));
  for (const v1::ScoreObjection& objection : evaluation.objections()) {
    if (objection.state() != v1::SCORE_OBJECTION_STATE_OPEN) continue;
    return Fail(absl::StatusCode::kFailedPrecondition, "OBJECTIONS_OPEN", "Answer every objection before the scores are published.",
                {{"objection", absl::StrCat(objection.id())}, {"organization", objection.organization()}});
  }
  evaluation.set_state(v1::EVALUATION_STATE_PUBLISHED);
  evaluation.set_advice(request.advice());
  evaluation.set_publisher(caller.subject);
  *evaluation.mutable_publish_time() = catalog::ToTimestamp(parts_.clock.Now());
  const std::vector<std::string> bodies = BodiesIn(evaluation);
  return Store(caller, std::move(evaluation), revision, "published", "EVALUATION_PUBLISHED", bodies);
}

}  // namespace zhanqiao::oversight
