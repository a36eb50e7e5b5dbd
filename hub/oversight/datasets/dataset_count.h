// Which datasets count toward the plan's 1,400 at any time, and why the others do not. Derived from the documents alone:
// datasets, what fetching them gave, and the entries they derive from.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "catalog/base/policy.h"
#include "catalog/documents/document_store.h"
#include "hub/oversight/datasets/facts_history.h"
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

// Thread-safe.
class DatasetCount {
 public:
  // All outlive it.
  DatasetCount(documents::DocumentStore& store, const Policy& policy, const Clock& clock);
  ~DatasetCount();

  // Follows the store. Once, before traffic starts.
  absl::Status Follow();

  // As CountDatasets says. INVALID_ARGUMENT / DATE_INVALID, CURVE_TOO_LONG (more than 120 months).
  absl::StatusOr<v1::CountDatasetsResponse> Count(const v1::CountDatasetsRequest& request) const;

 private:
  struct State;
  struct Moment;
  absl::Status LoadAll(const std::string& organization) const;

  documents::DocumentStore& store_;
  const Policy& policy_;
  const Clock& clock_;
  const std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this
};

}  // namespace zhanqiao::datasets
