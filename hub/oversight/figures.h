// The plan's figures, derived when they are asked for: no figure is stored anywhere. Who may see which is the service's.
//
// `Figures` answers other parts of the room too (reports, task ledger, evaluation): it asks for no caller.
#pragma once

#include "absl/status/statusor.h"
#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::oversight {

// Thread-safe.
class Figures {
 public:
  // `records` must outlive it.
  explicit Figures(const Records& records) : records_(records) {}

  // NOT_FOUND / DOCUMENT_NOT_FOUND if the scope names a body nobody knows then.
  absl::StatusOr<v1::Figure> Count(v1::Measure measure, const FigureScope& scope,
                                   v1::FigureGroup group_by = v1::FIGURE_GROUP_UNSPECIFIED) const;
  // Every measure in order, and the position they reach.
  absl::StatusOr<std::vector<v1::Figure>> CountAll(const FigureScope& scope) const;
  // Fills items and token of a page; times and organisation of the request are those of `scope`.
  absl::StatusOr<v1::ListFigureItemsResponse> Items(const v1::ListFigureItemsRequest& request,
                                                    const FigureScope& scope) const;
  // At each month's end from `from` to `to`, and on `to`; `scope.as_of` is not looked at.
  absl::StatusOr<v1::FigureCurve> Curve(v1::Measure measure, absl::CivilDay from, absl::CivilDay to, bool as_known_then,
                                        const FigureScope& scope) const;
  absl::StatusOr<v1::CloudForecast> Forecast(const FigureScope& scope) const;

  // The position of the newest change that `known` covers.
  absl::StatusOr<uint64_t> PositionOf(const documents::Knowledge& known) const;
  // True when the hub holds a generated sample (样例).
  absl::StatusOr<bool> HoldsSample() const;

 private:
  const Records& records_;
};

}  // namespace zhanqiao::oversight
