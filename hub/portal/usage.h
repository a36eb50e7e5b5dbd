// How often datasets are looked at and taken: counted in memory, written as one document a day.
#pragma once

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/portal.pb.h"

namespace zhanqiao::portal {

// Counts no persons and keeps no address. Thread-safe.
class Usage {
 public:
  struct Counts {
    int64_t views = 0;
    int64_t downloads = 0;
    int64_t queries = 0;
  };
  // Both outlive it.
  Usage(documents::DocumentStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Reads what was counted before. Once, before traffic starts.
  absl::Status Load();
  void Viewed(const std::string& dataset) { Add(dataset, {1, 0, 0}); }
  void Downloaded(const std::string& dataset) { Add(dataset, {0, 1, 0}); }
  void Queried(const std::string& dataset) { Add(dataset, {0, 0, 1}); }
  void Searched();

  Counts Of(std::string_view dataset) const;  // since ever
  int64_t searches() const;
  int64_t downloads() const;

  // Writes down what was counted since the last time, under the day it was counted on; nothing when nothing was. Call about
  // once an hour and before a clean stop, from a thread that may wait: a crash loses what was not written.
  absl::Status Flush();

 private:
  using ByDataset = absl::btree_map<std::string, Counts>;
  struct Day {
    ByDataset datasets;
    int64_t searches = 0;
  };
  void Add(const std::string& dataset, Counts counts);
  absl::Status Write(const std::string& day, const Day& counted);

  documents::DocumentStore& store_;
  const Clock& clock_;
  absl::Mutex writing_;     // one flush at a time
  mutable absl::Mutex mu_;  // makes counting one step
  ByDataset totals_ ABSL_GUARDED_BY(mu_);
  int64_t searches_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t downloads_ ABSL_GUARDED_BY(mu_) = 0;
  absl::btree_map<std::string, Day> fresh_ ABSL_GUARDED_BY(mu_);  // by day, not yet written
};

}  // namespace zhanqiao::portal
