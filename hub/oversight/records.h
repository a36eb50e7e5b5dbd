// The documents that figures are made of, every version of each, in memory and always as new as the store.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/documents/timeline.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/demand.pb.h"
#include "zhanqiao/v1/inventory.pb.h"
#include "zhanqiao/v1/objection.pb.h"
#include "zhanqiao/v1/oversight.pb.h"
#include "zhanqiao/v1/report.pb.h"
#include "zhanqiao/v1/task.pb.h"

namespace zhanqiao::oversight {

// What there is to read. Of catalogue entries only what figures need (see records.cc).
struct RecordsView {
  documents::Timeline<v1::Organization> organizations;
  documents::Timeline<v1::InformationSystem> systems;
  documents::Timeline<v1::Facility> facilities;
  documents::Timeline<v1::Resource> resources;
  documents::Timeline<v1::Grant> grants;
  documents::Timeline<v1::Demand> demands;
  documents::Timeline<v1::Objection> objections;
  documents::Timeline<v1::CleanupJudgement> judgements;
  documents::Timeline<v1::SharingSample> samples;
  documents::Timeline<v1::Report> reports;  // without what they say
  documents::Timeline<v1::Task> tasks;
};

// Thread-safe.
class Records {
 public:
  // `store` must outlive it. Reads nothing yet: the first question does, or Warm.
  explicit Records(const documents::DocumentStore& store);

  // Calls `use` with everything the store holds now; nothing changes meanwhile.
  using Use = absl::FunctionRef<absl::Status(const RecordsView& view, const documents::ChangeReader& changes)>;
  absl::Status Read(Use use) const;
  // Reads what there is, so that the first question need not wait for it.
  absl::Status Warm() const;

 private:
  mutable absl::Mutex mu_;  // makes reading a consistent state one step
  mutable RecordsView view_ ABSL_GUARDED_BY(mu_);
  mutable documents::ChangeReader changes_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::oversight
