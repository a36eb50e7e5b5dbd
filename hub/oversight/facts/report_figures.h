// The figures of a monthly report, derived for every body at once from a source of facts: one pass over the documents as
// they hold at the end of the period, one over those of the day before it, one over what was exchanged.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hub/oversight/facts/body_register.h"
#include "hub/oversight/facts/fact_source.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

// In the order of a report. Meanings: README.md.
enum class ReportFigureKey {
  kEntries,
  kPublished,
  kNewlyPublished,
  kWithdrawn,
  kUpdated,
  kOverdueUpdates,
  kShareable,
  kSystems,
  kOnCloud,
  kNewlyOnCloud,
  kCleared,
  kSectionMerged,
  kUnifiedId,
  kTargetNetworks,
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

struct FigureDefinition {
  std::string_view key;           // "catalogue.published"
  v1::ReportSection section;
  std::string_view display_name;  // Chinese
  std::string_view unit;          // empty: a ratio
};
// One for each key, in order.
absl::Span<const FigureDefinition> FigureDefinitions();
// Nothing for an unknown key.
std::optional<size_t> FigureNumber(std::string_view key);

// A number, or a ratio of two.
struct FigureValue {
  int64_t value = 0;
  int64_t denominator = 0;  // of ratios
  void Add(const FigureValue& other) {
    value += other.value;
    denominator += other.denominator;
  }
  friend bool operator==(const FigureValue&, const FigureValue&) = default;
};
using FigureRow = std::array<FigureValue, kReportFigures>;

// Figures of every body with any, by organizations/{code}, and their sum.
struct FigureTable {
  std::map<std::string, FigureRow> bodies;
  FigureRow Of(const std::string& organization) const;
  FigureRow City() const;
};

// Derives the table. What a body held before it was succeeded counts as its own for days before, as its successor's from
// then on.
absl::StatusOr<FigureTable> DeriveFigures(const FactSource& facts, const Period& period);

// A row as a report shows it.
v1::ReportFigures ToMessage(const FigureRow& row, const Period& period);
// The period of figures that were kept. INVALID_ARGUMENT / DATE_INVALID.
absl::StatusOr<Period> PeriodOf(const v1::ReportFigures& figures);

}  // namespace zhanqiao::oversight
