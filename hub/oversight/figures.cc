#include "hub/oversight/figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/documents/page_token.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/measures.h"
#include "hub/oversight/milestones.h"

namespace zhanqiao::oversight {
namespace {

void AddTo(const Judged& judged, v1::FigureCount& count) {
  if (judged.state == v1::FIGURE_ITEM_STATE_EXCLUDED) return count.set_excluded(count.excluded() + judged.count);
  count.set_due(count.due() + judged.count);
  if (judged.state == v1::FIGURE_ITEM_STATE_COUNTED) count.set_counted(count.counted() + judged.count);
}

void SetRatio(v1::FigureCount& count) {
  if (count.due() > 0) count.set_ratio(static_cast<double>(count.counted()) / count.due());
}

// What a body's counts are summed under.
std::string KeyOf(v1::FigureGroup group_by, const std::string& body, const Bodies& bodies) {
  if (group_by == v1::FIGURE_GROUP_BODY) return body;
  const v1::Organization* organization = bodies.Find(body);
  if (organization == nullptr) return "";
  return group_by == v1::FIGURE_GROUP_DISTRICT ? organization->division_code()
                                               : v1::OrganizationKind_Name(organization->kind());
}

absl::Status RequireKnown(const FigureScope& scope, const Bodies& bodies) {
  if (scope.organization.empty() || bodies.Find(scope.organization) != nullptr) return absl::OkStatus();
  return catalog::NotFound(scope.organization);
}

// Calls `each` with what `measure` holds of the scope's body, or of all.
void JudgeIn(v1::Measure measure, const RecordsView& view, const FigureScope& scope, Bodies& bodies,
             absl::FunctionRef<void(const Judged&, const std::string& body)> each) {
  Judge(measure, view, scope.as_of, scope.known, [&](const Judged& judged) {
    const std::string& body = bodies.HolderOf(judged.owner);
    if (scope.organization.empty() || scope.organization == body) each(judged, body);
  });
}

v1::Figure CountIn(v1::Measure measure, const RecordsView& view, const documents::ChangeReader& changes,
                   const FigureScope& scope, v1::FigureGroup group_by, Bodies& bodies) {
  v1::Figure figure;
  figure.set_measure(measure);
  figure.set_as_of(FormatDay(scope.as_of));
  figure.set_known_at(changes.PositionAt(scope.known));
  figure.set_organization(scope.organization);
  std::map<std::string, v1::FigureCount> groups;
  JudgeIn(measure, view, scope, bodies, [&](const Judged& judged, const std::string& body) {
    AddTo(judged, *figure.mutable_total());
    if (group_by != v1::FIGURE_GROUP_UNSPECIFIED) AddTo(judged, groups[KeyOf(group_by, body, bodies)]);
  });
  SetRatio(*figure.mutable_total());
  for (auto& [key, count] : groups) {
    SetRatio(count);
    v1::FigureRow& row = *figure.add_rows();
    row.set_key(key);
    const v1::Organization* body = group_by == v1::FIGURE_GROUP_BODY ? bodies.Find(key) : nullptr;
    if (body != nullptr) row.set_display_name(body->display_name());
    *row.mutable_count() = std::move(count);
  }
  if (const auto milestone = MilestoneAt(measure, scope.as_of)) {
    figure.set_target(milestone->target);
    figure.set_target_date(FormatDay(milestone->date));
  }
  return figure;
}

v1::FigureItem ItemOf(const Judged& judged, const std::string& body) {
  v1::FigureItem item;
  item.set_document(std::string(judged.document));
  item.set_display_name(std::string(judged.display_name));
  item.set_organization(body);
  item.set_state(judged.state);
  item.set_reason(std::string(judged.reason));
  item.set_note(std::string(judged.note));
  if (judged.fact_date) item.set_fact_date(FormatDay(*judged.fact_date));
  item.set_ledger_index(judged.known_at);
  *item.mutable_change_time() = catalog::ToTimestamp(judged.change_time);
  item.set_count(judged.count);
  item.set_planned_date(std::string(judged.planned_date));
  return item;
}

bool BodyFits(const v1::ListFigureItemsRequest& request, const std::string& body, const Bodies& bodies) {
  if (request.division_code().empty() && request.kind() == v1::ORGANIZATION_KIND_UNSPECIFIED) return true;
  const v1::Organization* organization = bodies.Find(body);
  if (organization == nullptr) return false;
  return (request.division_code().empty() || request.division_code() == organization->division_code()) &&
         (request.kind() == v1::ORGANIZATION_KIND_UNSPECIFIED || request.kind() == organization->kind());
}

}  // namespace

absl::StatusOr<v1::Figure> Figures::Count(v1::Measure measure, const FigureScope& scope, v1::FigureGroup group_by) const {
  v1::Figure figure;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    Bodies bodies(view, scope.as_of, scope.known);
    TRY(RequireKnown(scope, bodies));
    figure = CountIn(measure, view, changes, scope, group_by, bodies);
    return absl::OkStatus();
  });
  TRY(read);
  return figure;
}

absl::StatusOr<std::vector<v1::Figure>> Figures::CountAll(const FigureScope& scope) const {
  std::vector<v1::Figure> figures;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    Bodies bodies(view, scope.as_of, scope.known);
    TRY(RequireKnown(scope, bodies));
    for (int measure = v1::Measure_MIN + 1; measure <= v1::Measure_MAX; ++measure) {
      figures.push_back(CountIn(static_cast<v1::Measure>(measure), view, changes, scope, v1::FIGURE_GROUP_UNSPECIFIED, bodies));
    }
    return absl::OkStatus();
  });
  TRY(read);
  return figures;
}

absl::StatusOr<v1::ListFigureItemsResponse> Figures::Items(const v1::ListFigureItemsRequest& request,
                                                           const FigureScope& scope) const {
  const size_t size = TRY(documents::PageSize(request.page_size()));
  // Later pages are of the first one's day and position, also when the request says neither.
  v1::ListFigureItemsRequest asked = request;
  asked.mutable_time()->set_as_of(FormatDay(scope.as_of));
  asked.set_organization(scope.organization);
  const std::string tag = catalog::ListTag(asked);
  const std::string last = TRY(documents::LastOfPage(request.page_token(), tag));
  v1::ListFigureItemsResponse response;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    Bodies bodies(view, scope.as_of, scope.known);
    TRY(RequireKnown(scope, bodies));
    JudgeIn(request.measure(), view, scope, bodies, [&](const Judged& judged, const std::string& body) {
      if (!response.next_page_token().empty() || judged.document <= std::string_view(last)) return;
      if (request.state() != v1::FIGURE_ITEM_STATE_UNSPECIFIED && request.state() != judged.state) return;
      if (!BodyFits(request, body, bodies)) return;
      if (static_cast<size_t>(response.items_size()) == size) {
        response.set_next_page_token(documents::PageToken(tag, response.items().rbegin()->document()));
        return;
      }
      *response.add_items() = ItemOf(judged, body);
    });
    response.set_known_at(changes.PositionAt(scope.known));
    return absl::OkStatus();
  });
  TRY(read);
  return response;
}

absl::StatusOr<uint64_t> Figures::PositionOf(const documents::Knowledge& known) const {
  uint64_t position = 0;
  const absl::Status read = records_.Read([&](const RecordsView&, const documents::ChangeReader& changes) -> absl::Status {
    position = changes.PositionAt(known);
    return absl::OkStatus();
  });
  TRY(read);
  return position;
}

absl::StatusOr<bool> Figures::HoldsSample() const {
  bool holds = false;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    holds = !view.samples.all().empty();
    return absl::OkStatus();
  });
  TRY(read);
  return holds;
}

absl::StatusOr<v1::FigureCurve> Figures::Curve(v1::Measure measure, absl::CivilDay from, absl::CivilDay to,
                                               bool as_known_then, const FigureScope& scope) const {
  std::vector<absl::CivilDay> days;
  for (absl::CivilMonth month(from); absl::CivilDay(month) <= to; ++month) {
    const absl::CivilDay end = absl::CivilDay(month + 1) - 1;
    if (end >= from && end <= to) days.push_back(end);
  }
  if (days.empty() || days.back() != to) days.push_back(to);
  v1::FigureCurve curve;
  curve.set_measure(measure);
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    for (const absl::CivilDay day : days) {
      FigureScope then = scope;
      then.as_of = day;
      if (as_known_then) then.known = KnownOn(day);
      Bodies bodies(view, then.as_of, then.known);
      const v1::Figure figure = CountIn(measure, view, changes, then, v1::FIGURE_GROUP_UNSPECIFIED, bodies);
      v1::FigurePoint& point = *curve.add_points();
      point.set_day(figure.as_of());
      *point.mutable_count() = figure.total();
      point.set_target(figure.target());
    }
    return absl::OkStatus();
  });
  TRY(read);
  return curve;
}

absl::StatusOr<v1::CloudForecast> Figures::Forecast(const FigureScope& scope) const {
  v1::CloudForecast forecast;
  forecast.set_as_of(FormatDay(scope.as_of));
  std::map<absl::CivilDay, int> planned;  // systems by the day they are planned for
  v1::FigureCount now;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    Bodies bodies(view, scope.as_of, scope.known);
    TRY(RequireKnown(scope, bodies));
    forecast.set_known_at(changes.PositionAt(scope.known));
    JudgeIn(v1::MEASURE_CLOUD_MIGRATION_RATIO, view, scope, bodies, [&](const Judged& judged, const std::string&) {
      AddTo(judged, now);
      if (judged.state != v1::FIGURE_ITEM_STATE_DUE) return;
      const auto day = ParseDay(judged.planned_date);
      if (!day.ok()) return forecast.set_without_plan(forecast.without_plan() + judged.count);
      // A plan whose day has passed without its being done is no plan any more.
      if (*day < scope.as_of) return forecast.set_plan_passed(forecast.plan_passed() + judged.count);
      planned[*day] += judged.count;
    });
    return absl::OkStatus();
  });
  TRY(read);
  for (const Milestone& milestone : Milestones()) {
    if (milestone.measure != v1::MEASURE_CLOUD_MIGRATION_RATIO) continue;
    int on_cloud = now.counted();
    for (const auto& [day, count] : planned) on_cloud += day <= milestone.date ? count : 0;
    const int wanted = static_cast<int>(std::ceil(milestone.target * now.due() - 1e-9));
    v1::CloudForecastPoint& point = *forecast.add_milestones();
    point.set_day(FormatDay(milestone.date));
    point.set_on_cloud(on_cloud);
    point.set_eligible(now.due());
    point.set_ratio(now.due() > 0 ? static_cast<double>(on_cloud) / now.due() : 0);
    point.set_target(milestone.target);
    point.set_met(on_cloud >= wanted);
    point.set_short_by(std::max(0, wanted - on_cloud));
  }
  return forecast;
}

}  // namespace zhanqiao::oversight
