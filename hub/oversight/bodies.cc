#include "hub/oversight/bodies.h"

#include "catalog/base/clock.h"

namespace zhanqiao::oversight {

const v1::Organization* Bodies::Find(std::string_view organization) const {
  const auto* history = view_.organizations.Find(organization);
  if (history == nullptr) return nullptr;
  const auto* standing = history->Standing(day_, known_);
  if (standing == nullptr) standing = history->First(known_);
  return standing == nullptr ? nullptr : &standing->fact;
}

// The date of a succession is a fact of its own, so the newest known version tells it.
std::string Bodies::FollowSuccessors(std::string_view organization) const {
  constexpr int kStepsMax = 64;  // the catalogue lets no circle in; this ends one all the same
  std::string holder(organization);
  for (int step = 0; step < kStepsMax; ++step) {
    const auto* history = view_.organizations.Find(holder);
    const auto* newest = history == nullptr ? nullptr : history->Newest(known_);
    if (newest == nullptr || newest->fact.successor().empty()) break;
    const auto since = ParseDay(newest->fact.succession_date());
    if (!since.ok() || *since > day_) break;
    holder = newest->fact.successor();
  }
  return holder;
}

const std::string& Bodies::HolderOf(std::string_view organization) {
  auto [at, fresh] = holders_.try_emplace(std::string(organization));
  if (fresh) at->second = FollowSuccessors(organization);
  return at->second;
}

}  // namespace zhanqiao::oversight
