// Whose a thing is on a date: bodies merge and change, and what was counted before stays where it was.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "hub/oversight/records.h"

namespace zhanqiao::oversight {

// The organisations as they stand on one day, as known. Refers to the view it is made of. Not thread-safe.
class Bodies {
 public:
  Bodies(const RecordsView& view, absl::CivilDay day, documents::Knowledge known)
      : view_(view), day_(day), known_(known) {}

  // The body that holds on the day what was registered under `organization`: itself, or who took over from it until then.
  const std::string& HolderOf(std::string_view organization);

  // What is known of a body: as it stands on the day, else (it was recorded later) as first recorded. Null if unknown.
  const v1::Organization* Find(std::string_view organization) const;

 private:
  std::string FollowSuccessors(std::string_view organization) const;

  const RecordsView& view_;
  const absl::CivilDay day_;
  const documents::Knowledge known_;
  absl::flat_hash_map<std::string, std::string> holders_;
};

}  // namespace zhanqiao::oversight
