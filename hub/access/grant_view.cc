#include "hub/access/grant_view.h"

#include <algorithm>

#include "hub/access/access_rules.h"

#include <set>

#include "catalog/base/clock.h"
#include "catalog/model/names.h"

namespace zhanqiao::access {

struct GrantView::State {
  mutable absl::Mutex mu;  // makes replacing one grant one step
  absl::flat_hash_map<std::string, std::shared_ptr<const GrantInForce>> grants ABSL_GUARDED_BY(mu);

  void Take(const documents::Version& version) {
    if (version.type != "zhanqiao.v1.Grant") return;
    const auto grant = version.As<v1::Grant>();
    if (version.deleted || !grant.ok()) {
      absl::MutexLock lock(&mu);
      grants.erase(version.name);
      return;
    }
    auto made = std::make_shared<GrantInForce>();
    made->name = version.name;
    made->consumer = grant->consumer();
    made->resource = grant->resource();
    made->state = grant->state();
    for (const auto& field : grant->fields()) {
      made->fields.emplace_back(field.field(), field.mask());
      made->masks[field.field()] = field.mask();
    }
    made->row_conditions.assign(grant->row_conditions().begin(), grant->row_conditions().end());
    if (const auto day = ParseDay(grant->start_date()); day.ok()) made->start = *day;
    if (const auto day = ParseDay(grant->end_date()); day.ok()) made->end = *day;
    made->rate_per_second = grant->rate_per_second();
    made->daily_calls_max = grant->daily_calls_max();
    made->daily_rows_max = grant->daily_rows_max();
    made->daily_bytes_max = grant->daily_bytes_max();
    made->daily_persons_max = grant->daily_persons_max();
    made->weight = std::clamp(grant->weight(), 1, 100);
    made->revision = version.revision;
    made->grant_index = version.known_at;
    absl::MutexLock lock(&mu);
    grants[version.name] = std::move(made);
  }
};

GrantView::GrantView() : state_(std::make_shared<State>()) {}
GrantView::~GrantView() = default;

absl::Status GrantView::Follow(documents::DocumentStore& store) {
  return store.Observe("grants/", [state = state_](const documents::Version& version) { state->Take(version); });
}

void GrantView::Take(const documents::Version& version) { state_->Take(version); }

std::vector<std::string> GrantView::OrganizationsUsing(std::string_view resource, absl::CivilDay today) const {
  std::set<std::string> organizations;
  absl::ReaderMutexLock lock(&state_->mu);
  for (const auto& [name, grant] : state_->grants) {
    const bool holds = grant->state == v1::GRANT_STATE_APPROVED || grant->state == v1::GRANT_STATE_ACTIVE ||
                       grant->state == v1::GRANT_STATE_SUSPENDED;
    if (!holds || grant->resource != resource || (grant->end && *grant->end < today)) continue;
    organizations.emplace(catalog::OrganizationOf(grant->consumer));
  }
  return {organizations.begin(), organizations.end()};
}

std::shared_ptr<const GrantInForce> GrantView::Find(std::string_view name) const {
  absl::ReaderMutexLock lock(&state_->mu);
  const auto found = state_->grants.find(absl::string_view(name.data(), name.size()));
  return found == state_->grants.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const GrantInForce>> GrantView::WithDailyLimits() const {
  std::vector<std::shared_ptr<const GrantInForce>> limited;
  absl::ReaderMutexLock lock(&state_->mu);
  for (const auto& [name, grant] : state_->grants) {
    if (grant->daily_calls_max > 0 || grant->LimitsReleases()) limited.push_back(grant);
  }
  return limited;
}

absl::Status CheckConcerned(const Caller& caller, const GrantView& grants, std::string_view resource,
                            std::string_view provider, absl::CivilDay today) {
  if (caller.organization == provider || HoldsAny(caller, {"office", "auditor"})) return absl::OkStatus();
  const std::vector<std::string> users = grants.OrganizationsUsing(resource, today);
  if (std::find(users.begin(), users.end(), caller.organization) != users.end()) return absl::OkStatus();
  return RoleRequired("of the provider, of a body with a grant, office, auditor");
}

}  // namespace zhanqiao::access
