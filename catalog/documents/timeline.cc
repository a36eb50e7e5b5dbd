#include "catalog/documents/timeline.h"

namespace zhanqiao::documents {

absl::Status ChangeReader::CatchUp() {
  TRY(broken_);
  constexpr int kChanges = 1000;
  while (true) {
    const std::optional<uint64_t> position =
        positions_.empty() ? std::nullopt : std::optional<uint64_t>(positions_.back().first);
    const std::vector<Version> changes = TRY(store_.ChangesSince(position, kChanges));
    if (changes.empty()) return absl::OkStatus();
    for (const Version& version : changes) {
      if (positions_.empty() || positions_.back().first != version.known_at) {
        positions_.emplace_back(version.known_at, version.change_time);
      }
      ++versions_read_;
      const auto takers = takers_.find(version.type);
      if (takers == takers_.end()) continue;
      for (const Taker& take : takers->second) broken_.Update(take(version));
    }
    TRY(broken_);
  }
}

uint64_t ChangeReader::PositionAt(const Knowledge& known) const {
  for (auto at = positions_.rbegin(); at != positions_.rend(); ++at) {
    if (known.Covers(at->first, at->second)) return at->first;
  }
  return 0;
}

}  // namespace zhanqiao::documents
