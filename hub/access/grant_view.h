// The grants as the exchange needs them: in memory, precomputed, changed with the commit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

// One version of a grant, ready for checks. Never changes; a new version is a new object.
struct GrantInForce {
  std::string name;
  std::string consumer;
  std::string resource;
  v1::GrantState state = v1::GRANT_STATE_UNSPECIFIED;
  std::vector<std::pair<std::string, v1::Mask>> fields;  // in the grant's order
  absl::flat_hash_map<std::string, v1::Mask> masks;      // the same, by name
  std::vector<v1::Condition> row_conditions;
  std::optional<absl::CivilDay> start;
  std::optional<absl::CivilDay> end;
  int rate_per_second = 0;      // 0: no limit
  int64_t daily_calls_max = 0;  // 0: no limit, here and below
  int64_t daily_rows_max = 0;
  int64_t daily_bytes_max = 0;
  int64_t daily_persons_max = 0;
  int weight = 1;               // share among those that wait for one connector, 1 to 100
  uint64_t revision = 0;        // precondition of every release under it
  uint64_t grant_index = 0;     // ledger index of the move to this revision

  // Decided, neither suspended nor ended, and `today` within its term. The dates decide, not the sweep: an APPROVED
  // grant releases from its first day on, an ACTIVE one not after its last, however late the sweep comes.
  bool Allows(absl::CivilDay today) const {
    const bool decided = state == v1::GRANT_STATE_ACTIVE || state == v1::GRANT_STATE_APPROVED;
    return decided && (!start || today >= *start) && (!end || today <= *end);
  }
  // What is released under it counts against a limit of the day.
  bool LimitsReleases() const { return daily_rows_max > 0 || daily_bytes_max > 0 || daily_persons_max > 0; }
};

// Thread-safe. A look-up is one hash look-up under a shared lock.
class GrantView {
 public:
  GrantView();
  ~GrantView();
  // Loads what `store` holds and follows its changes. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);
  // Takes one version in, as Follow does for every change.
  void Take(const documents::Version& version);
  // The grant in whatever state it is, or null. Shared: a request keeps the version it was checked against.
  std::shared_ptr<const GrantInForce> Find(std::string_view name) const;
  // Organisations whose systems hold a grant of `resource` that releases or may again: approved, active or suspended,
  // its term not over on `today`. In order, each once. Looks at every grant: for notices, not for calls.
  std::vector<std::string> OrganizationsUsing(std::string_view resource, absl::CivilDay today) const;
  // Those that limit what a day may see, in no order.
  std::vector<std::shared_ptr<const GrantInForce>> WithDailyLimits() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this view
};

// PERMISSION_DENIED / ROLE_REQUIRED unless the caller is concerned with a resource: of its provider, of a body that uses
// it (OrganizationsUsing), the office or an auditor. Looks at every grant: not for the calls of an exchange.
absl::Status CheckConcerned(const Caller& caller, const GrantView& grants, std::string_view resource,
                            std::string_view provider, absl::CivilDay today);

}  // namespace zhanqiao::access
