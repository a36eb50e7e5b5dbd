// OversightService (proto/zhanqiao/v1/oversight.proto). Thread-safe; methods block on the store: on a worker.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "hub/oversight/figures.h"
#include "hub/oversight/sharing.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::oversight {

// What other parts of the hub say of progress: each counts what it keeps, of the scope's body or of the city.
struct ProgressParts {
  std::function<absl::StatusOr<v1::OpenDatasetProgress>(const FigureScope&)> open_datasets;
  std::function<absl::StatusOr<v1::ReportProgress>(const FigureScope&)> reports;
  std::function<absl::StatusOr<v1::TaskProgress>(const FigureScope&)> tasks;
};

class OversightService {
 public:
  // All but `parts` must outlive it. A part that is not given keeps nothing: its counts are 0.
  OversightService(const Figures& figures, const SharingFigures& sharing, const Clock& clock, ProgressParts parts)
      : figures_(figures), sharing_(sharing), clock_(clock), parts_(std::move(parts)) {}

  absl::StatusOr<v1::Progress> GetProgress(const Caller&, const v1::GetProgressRequest&) const;
  absl::StatusOr<v1::Figure> GetFigure(const Caller&, const v1::GetFigureRequest&) const;
  absl::StatusOr<v1::ListFigureItemsResponse> ListFigureItems(const Caller&, const v1::ListFigureItemsRequest&) const;
  absl::StatusOr<v1::FigureCurve> GetFigureCurve(const Caller&, const v1::GetFigureCurveRequest&) const;
  absl::StatusOr<v1::CloudForecast> GetCloudForecast(const Caller&, const v1::GetCloudForecastRequest&) const;
  absl::StatusOr<v1::Sharing> GetSharing(const Caller&, const v1::GetSharingRequest&) const;
  absl::StatusOr<v1::SharingQuality> GetSharingQuality(const Caller&, const v1::GetSharingQualityRequest&) const;

 private:
  const Figures& figures_;
  const SharingFigures& sharing_;
  const Clock& clock_;
  const ProgressParts parts_;
};

}  // namespace zhanqiao::oversight
