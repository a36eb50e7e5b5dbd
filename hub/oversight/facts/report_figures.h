// The figures of a monthly report, derived for every body at once from the documents as they were known and what was
// exchanged. Integration is counted by the plan's measures (hub/oversight/measures.h), so that a report and the progress of
// the plan never differ.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hub/oversight/facts/exchanges.h"
#include "hub/oversight/records.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

// In the order of a report. Meanings: hub/oversight/reports/README.md.
enum class ReportFigureKey {
  kEntries,
  kPublished,
  kNewlyPublished,
  kWithdrawn,
  kUpdated,
  kOverdueUpdates,
  kShareable,
  kCoverage,
  kSystems,
  kOnCloud,
  kNewlyOnCloud,
  kIntegrated,
  kCleared,
  kPrivateNetworks,
  kInternetExits,
  kPortals,
  kUnifiedId,
  kProvided,
  kProvidedRows,
  kUsed,
  kUsedRows,
  kRefused,
  kGrantsGiven,
  kGrantsHeld,
  kApplications,
  kOverdueAnswers,
  kOpenDemands,
  kOpenObjections,
  kCount,
};
inline constexpr size_t kReportFigures = static_cast<size_t>(ReportFigureKey::kCount);

struct ReportFigureDefinition {
  std::string_view key;           // "catalogue.published"
  v1::ReportSection section;
  std::string_view display_name;  // Chinese
  std::string_view unit;          // empty: a ratio
  std::string_view english;
  bool is_public;                 // anybody may see it (../reports/README.md says which)
};
// One for each key, in order.
absl::Span<const ReportFigureDefinition> ReportFigureDefinitions();
// Nothing for an unknown key.
std::optional<size_t> ReportFigureNumber(std::string_view key);

// A number, or a ratio of two.
struct ReportValue {
  int64_t value = 0;
  int64_t denominator = 0;  // of ratios
  void Add(const ReportValue& other) {
    value += other.value;
    denominator += other.denominator;
  }
  friend bool operator==(const ReportValue&, const ReportValue&) = default;
};
using ReportRow = std::array<ReportValue, kReportFigures>;

// Figures of every body with any, by organizations/{code}.
struct ReportTable {
  std::map<std::string, ReportRow> bodies;
  ReportRow Of(const std::string& organization) const;
  // Their sum.
  ReportRow City() const;
};

// Derives the table. What a body held before it was succeeded counts as its successor's at the end of the period; an
// exchange counts for who held system and resource on its own day.
absl::StatusOr<ReportTable> DeriveFigures(const RecordsView& view, const Exchanges& exchanges, const Period& period);

// A row as a report shows it.
v1::ReportFigures ToMessage(const ReportRow& row, const Period& period);
// The period of figures that were kept. INVALID_ARGUMENT / DATE_INVALID.
absl::StatusOr<Period> PeriodOf(const v1::ReportFigures& figures);

}  // namespace zhanqiao::oversight
