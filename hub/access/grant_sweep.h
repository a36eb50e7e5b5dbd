// What a civil day does to grants by itself: applications nobody answered in time go to the same-level authority,
// approved grants come into term, those past it end, and both parties are warned before.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/grant_writer.h"
#include "hub/access/rules.h"

namespace zhanqiao::access {

// Whether anything was ever released under the grant of this name.
using ReleasedUnder = std::function<absl::StatusOr<bool>(std::string_view grant)>;

// Thread-safe, though one at a time is enough. Safe to repeat: what is done shows in the grant or beside it.
class GrantSweep {
 public:
  // Everything referred to must outlive it.
  GrantSweep(documents::DocumentStore& store, const catalog::Catalog& catalog, const Rules& rules, const Clock& clock,
             Random& random, ReleasedUnder released_under)
      : store_(store), catalog_(catalog), rules_(rules), clock_(clock), released_under_(std::move(released_under)),
        writer_(store, rules, clock, random) {}

  // For every grant, by its dates and the policy rows of `today`:
  //   EXPIRED after its last day; ACTIVE from its first on. Releases follow the dates themselves: a late sweep lets
  //   nothing out and holds nothing back.
  //   ESCALATED (cause OVERDUE) once more than grant.escalate_after_working_days have passed since its due date.
  //   A warning (entry `expiring`, notices to both) grant.expiry_warning_days before its last day and again
  //   grant.expiry_last_warning_days before; of two that are due, only the last.
  //   Once, when grant.deliver_working_days (0: no limit) have passed since the consent and nothing was released under it:
  //   an entry `undelivered` and notices to both. A suspended grant, and one whose term has not begun, wait.
  // A grant that was moved meanwhile is left to the next sweep. The first other error ends the sweep.
  absl::Status Run(absl::CivilDay today);

 private:
  absl::Status Visit(v1::Grant grant, absl::CivilDay today);
  absl::Status Escalate(v1::Grant grant, absl::CivilDay today);
  absl::Status Warn(const v1::Grant& grant, absl::CivilDay today);
  absl::Status WarnUndelivered(const v1::Grant& grant, absl::CivilDay today);
  std::string ProviderOf(const v1::Grant& grant) const;

  documents::DocumentStore& store_;
  const catalog::Catalog& catalog_;
  const Rules& rules_;
  const Clock& clock_;
  const ReleasedUnder released_under_;
  GrantWriter writer_;
};

}  // namespace zhanqiao::access
