#include "hub/oversight/sample/sample_reports.h"

#include <algorithm>

#include "catalog/base/error.h"
#include "catalog/base/policy.h"
#include "hub/oversight/facts/month.h"

namespace zhanqiao::oversight {
namespace {

// The exchanges of a sample are documents, which the records hold.
class NoExchanges final : public Exchanges {
 public:
  absl::Status Each(const Period&, ledger::VisitRollup) const override { return absl::OkStatus(); }
};

}  // namespace

absl::StatusOr<v1::ReportFigures> SampleReports::Derive(const std::string& organization, absl::CivilMonth month, absl::CivilDay to) {
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    const Period period{absl::CivilDay(month), to, changes.PositionAt({})};
    if (period == derived_for_) return absl::OkStatus();
    derived_ = TRY(DeriveFigures(view, NoExchanges(), period));
    derived_for_ = period;
    return absl::OkStatus();
  });
  TRY(read);
  return ToMessage(derived_.Of(organization), derived_for_);
}

absl::StatusOr<v1::Report> SampleReports::Filled(v1::Report report, absl::CivilDay day) {
  if (const auto known = handed_in_.find(report.name()); known != handed_in_.end()) {
    *report.mutable_figures() = known->second.figures();
    if (known->second.has_full_month()) *report.mutable_full_month() = known->second.full_month();
  } else {
    const absl::CivilMonth month = TRY(ParseMonth(report.month()));
    const absl::CivilDay last = LastDayOf(month);
    const int64_t cut_off = TRY(Policy().At("report.cut_off_day", last));
    *report.mutable_figures() = TRY(Derive(report.organization(), month, std::min(CutOffOf(month, cut_off), day)));
    if (day > last) *report.mutable_full_month() = TRY(Derive(report.organization(), month, last));
  }
  handed_in_.insert_or_assign(report.name(), report);
  return report;
}

absl::StatusOr<std::vector<v1::Report>> SampleReports::WithWholeMonth(absl::CivilMonth month) {
  std::vector<v1::Report> filled;
  for (auto& [name, report] : handed_in_) {
    if (report.month() != FormatMonth(month) || report.has_full_month()) continue;
    *report.mutable_full_month() = TRY(Derive(report.organization(), month, LastDayOf(month)));
    filled.push_back(report);
  }
  return filled;
}

}  // namespace zhanqiao::oversight
