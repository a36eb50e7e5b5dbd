#include "hub/oversight/oversight_service.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "catalog/base/error.h"
#include "hub/oversight/milestones.h"

namespace zhanqiao::oversight {
namespace {

// An index behind the head answers with what it has and says how far that is.
constexpr absl::Duration kIndexWait = absl::Seconds(2);

absl::Status CheckMeasure(v1::Measure measure) {
  const bool known = measure != v1::MEASURE_UNSPECIFIED && v1::Measure_IsValid(measure);
  return known ? absl::OkStatus() : BadField("ENUM_VALUE", "measure", "Give one of Measure.");
}

absl::StatusOr<absl::CivilDay> Day(std::string_view text, std::string_view field) {
  const auto day = ParseDay(text);
  if (!day.ok()) return BadField("DATE_INVALID", field, "Give an existing date as YYYY-MM-DD.");
  return *day;
}

}  // namespace

absl::StatusOr<v1::Progress> OversightService::GetProgress(const Caller& caller, const v1::GetProgressRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  const std::vector<v1::Figure> figures = TRY(figures_.CountAll(scope));
  v1::Progress progress;
  progress.set_as_of(FormatDay(scope.as_of));
  progress.set_organization(scope.organization);
  progress.set_sample(TRY(figures_.HoldsSample()));
  for (const v1::Figure& figure : figures) {
    progress.set_known_at(figure.known_at());
    *progress.add_measures() = figure;
    if (figure.measure() != v1::MEASURE_CLOUD_MIGRATION_RATIO) continue;
    v1::CloudMigrationRatio& cloud = *progress.mutable_cloud_migration_ratio();
    cloud.set_on_cloud(figure.total().counted());
    cloud.set_eligible(figure.total().due());
    cloud.set_ratio(figure.total().ratio());
    cloud.set_target(figure.target());
  }
  progress.mutable_open_datasets()->set_target(scope.organization.empty() ? kOpenDatasetsTarget : 0);
  if (parts_.open_datasets) *progress.mutable_open_datasets() = TRY(parts_.open_datasets(scope));
  progress.mutable_reports();
  if (parts_.reports) *progress.mutable_reports() = TRY(parts_.reports(scope));
  progress.mutable_tasks();
  if (parts_.tasks) *progress.mutable_tasks() = TRY(parts_.tasks(scope));
  return progress;
}

absl::StatusOr<v1::Figure> OversightService::GetFigure(const Caller& caller, const v1::GetFigureRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  TRY(CheckMeasure(request.measure()));
  if (!v1::FigureGroup_IsValid(request.group_by())) return BadField("ENUM_VALUE", "group_by", "Give one of FigureGroup.");
  return figures_.Count(request.measure(), scope, request.group_by());
}

absl::StatusOr<v1::ListFigureItemsResponse> OversightService::ListFigureItems(
    const Caller& caller, const v1::ListFigureItemsRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  TRY(CheckMeasure(request.measure()));
  return figures_.Items(request, scope);
}

absl::StatusOr<v1::FigureCurve> OversightService::GetFigureCurve(const Caller& caller,
                                                                 const v1::GetFigureCurveRequest& request) const {
  constexpr int kYearsMax = 10;
  const FigureScope scope = TRY(ScopeOf(caller, {}, request.organization(), clock_));
  TRY(CheckMeasure(request.measure()));
  const absl::CivilDay from = TRY(Day(request.from_day(), "from_day"));
  const absl::CivilDay to = TRY(Day(request.to_day(), "to_day"));
  if (to < from || to.year() - from.year() > kYearsMax) {
    return BadField("DATE_SPAN", "to_day", "Give a date on or after from_day, at most ten years later.");
  }
  return figures_.Curve(request.measure(), from, to, request.as_known_then(), scope);
}

absl::StatusOr<v1::CloudForecast> OversightService::GetCloudForecast(const Caller& caller,
                                                                     const v1::GetCloudForecastRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  return figures_.Forecast(scope);
}

absl::StatusOr<v1::Sharing> OversightService::GetSharing(const Caller& caller, const v1::GetSharingRequest& request) const {
  const std::string organization = TRY(BodyAskedFor(caller, request.organization()));
  return sharing_.Sum(request, organization, std::min(caller.deadline, absl::Now() + kIndexWait));
}

absl::StatusOr<v1::SharingQuality> OversightService::GetSharingQuality(const Caller& caller,
                                                                       const v1::GetSharingQualityRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  std::optional<absl::CivilDay> from;
  if (!request.from_day().empty()) from = TRY(Day(request.from_day(), "from_day"));
  return sharing_.Quality(scope, from);
}

}  // namespace zhanqiao::oversight
