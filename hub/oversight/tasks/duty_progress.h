// How far a duty of the plan is on a day: derived from the plan's measures where it has one, attested by the bodies that
// lead otherwise. Traffic lights: proto/zhanqiao/v1/task.proto.
//
// Whose holdings a measure counts: of the groups among the leads; where no group leads, of those among the supports; where
// none is named, of the city. A measured duty is done when its target is reached; without a number the plan says 基本, which
// is the policy's share (task.basically_percent).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/policy.h"
#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"
#include "zhanqiao/v1/task.pb.h"

namespace zhanqiao::oversight {

// What the duties are looked at with. Not thread-safe: it keeps what it has counted.
class DutyBook {
 public:
  // What is counted of open datasets by {as_of, known}; nothing where the hub keeps none.
  struct Outside {
    std::optional<int64_t> open_datasets;
  };
  DutyBook(const RecordsView& view, absl::CivilDay as_of, documents::Knowledge known, const Policy& policy, Outside outside)
      : view_(view), as_of_(as_of), known_(known), policy_(policy), outside_(outside) {}

  // FAILED_PRECONDITION / POLICY_MISSING.
  absl::StatusOr<v1::DutyProgress> ProgressOf(const v1::Task& task);
  // How one body stands in a derived duty: value and, where nothing is due of it, nothing.
  std::optional<double> ValueOf(const v1::Task& task, const std::string& organization);
  // The bodies that lead, groups spelt out. In the order of names.
  std::vector<std::string> LeadsOf(const v1::Task& task) const;
  // Whether the body leads or supports it.
  bool Concerns(const v1::Task& task, const std::string& organization, v1::TaskRole role) const;

 private:
  struct Share {
    int64_t counted = 0;
    int64_t due = 0;
  };
  struct Counted {
    std::map<std::string, Share> bodies;
    std::vector<std::pair<uint64_t, std::string>> evidence;   // ledger index and body, of what counts
    std::map<std::string, std::optional<absl::CivilDay>> last;  // newest date of what counts, by body
  };
  const Counted& Count(std::string_view measure);
  void CountUnifiedId(Counted& counted) const;
  void CountReporting(Counted& counted) const;
  std::set<std::string> ScopeOf(const v1::Task& task) const;
  absl::Status Derive(const v1::Task& task, v1::DutyProgress& progress);
  void Attested(const v1::Task& task, v1::DutyProgress& progress) const;
  absl::Status SetLight(const v1::Task& task, v1::DutyProgress& progress) const;

  const RecordsView& view_;
  const absl::CivilDay as_of_;
  const documents::Knowledge known_;
  const Policy& policy_;
  const Outside outside_;
  std::map<std::string, Counted, std::less<>> counted_;  // by measure
};

// Whether the duty's progress is derived: a measure that the hub counts, and no "one thing" (个) it cannot see.
bool IsDerived(const v1::Task& task);

}  // namespace zhanqiao::oversight
