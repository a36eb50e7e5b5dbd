// Which datasets count toward the plan's 1,400 at any time, and why the others do not. Derived from the documents alone:
// datasets, what fetching them gave, and the entries they derive from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/policy.h"
#include "catalog/documents/timeline.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::datasets {

// What counting needs of one version of a dataset.
struct DatasetFacts {
  std::string resource;
  std::string title;
  bool published = false;
  bool risk_passed = false;
  bool has_distribution = false;
  int release = 0;
  std::optional<absl::CivilDay> due;  // last day within the update cycle
};
struct ProbeFacts {
  bool working = false;
  int release = 0;
  absl::CivilDay date;
};
struct EntryFacts {
  bool open = false;
};

DatasetFacts FactsOf(const v1::Dataset& dataset);
ProbeFacts FactsOf(const v1::DatasetProbe& probe);

// Why a dataset does not count on `day`, as DatasetsMissing.reason; empty: it counts. `probe` and `entry` are null where
// there is none.
std::string_view WhyNotCounted(const DatasetFacts& dataset, const ProbeFacts* probe, const EntryFacts* entry, absl::CivilDay day,
                               int64_t probe_days);

// Keeps every version of what it counts, caught up from the change feed before each answer. Thread-safe.
class DatasetCount {
 public:
  // All outlive it.
  DatasetCount(const documents::DocumentStore& store, const Policy& policy, const Clock& clock);

  // As CountDatasets says. INVALID_ARGUMENT / DATE_INVALID, CURVE_TOO_LONG (more than 120 months).
  absl::StatusOr<v1::CountDatasetsResponse> Count(const v1::CountDatasetsRequest& request) const;
  // Reads what there is, so that the first question need not wait for it.
  absl::Status Warm() const;

 private:
  // What there is to count.
  struct Known {
    documents::Timeline<DatasetFacts> datasets;
    documents::Timeline<ProbeFacts> probes;
    documents::Timeline<EntryFacts> entries;
  };
  // Counts at one moment.
  struct Moment;

  const Policy& policy_;
  const Clock& clock_;
  mutable absl::Mutex mu_;  // makes reading a consistent state one step
  mutable Known known_ ABSL_GUARDED_BY(mu_);
  mutable documents::ChangeReader changes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::datasets
