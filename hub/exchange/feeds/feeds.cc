#include "hub/exchange/feeds/feeds.h"

#include <algorithm>

#include "catalog/base/text.h"
#include "hub/exchange/feeds/subscription.h"

namespace zhanqiao::exchange {

struct Feeds::State {
  State(FeedParts& parts_of, FeedCounts& counts_of) : parts(parts_of), counts(counts_of) {}
  FeedParts& parts;
  FeedCounts& counts;
  absl::Mutex mu;  // makes one change of the lists one step
  absl::flat_hash_map<std::string, std::shared_ptr<Feed>> feeds ABSL_GUARDED_BY(mu);  // by name
  std::vector<std::weak_ptr<Subscription>> subscriptions ABSL_GUARDED_BY(mu);
  absl::Time swept ABSL_GUARDED_BY(mu) = absl::InfinitePast();

  void Take(const documents::Version& version) {
    const auto declared = version.As<v1::Feed>();
    if (!declared.ok()) return;  // feeds are not deleted
    std::shared_ptr<Feed> feed;
    {
      absl::MutexLock lock(&mu);
      auto& place = feeds[version.name];
      if (place == nullptr) {
        place = std::make_shared<Feed>(parts, counts, version.name.substr(kFeedNames.size()));
      }
      feed = place;
    }
    feed->Declare(*declared, version.revision);
  }
};

Feeds::Feeds(FeedParts parts) : parts_(std::move(parts)), state_(std::make_shared<State>(parts_, counts_)) {}

Feeds::~Feeds() = default;

absl::Status Feeds::Follow(documents::DocumentStore& store) {
  return store.Observe(std::string(kFeedNames), [state = state_](const documents::Version& version) { state->Take(version); });
}

std::shared_ptr<Feed> Feeds::Find(std::string_view name) const {
  absl::MutexLock lock(&state_->mu);
  const auto found = state_->feeds.find(Absl(name));
  return found == state_->feeds.end() ? nullptr : found->second;
}

std::shared_ptr<Feed> Feeds::FindOf(std::string_view resource) const {
  constexpr std::string_view kResources = "resources/";
  if (!resource.starts_with(kResources)) return nullptr;
  return Find(std::string(kFeedNames) + std::string(resource.substr(kResources.size())));
}

std::vector<std::shared_ptr<Feed>> Feeds::all() const {
  std::vector<std::shared_ptr<Feed>> feeds;
  absl::MutexLock lock(&state_->mu);
  for (const auto& [name, feed] : state_->feeds) feeds.push_back(feed);
  return feeds;
}

void Feeds::Add(std::weak_ptr<Subscription> subscription) {
  absl::MutexLock lock(&state_->mu);
  state_->subscriptions.push_back(std::move(subscription));
}

void Feeds::Sweep() {
  const absl::Time now = parts_.clock.Now();
  std::vector<std::shared_ptr<Subscription>> live;
  bool due = false;
  {
    absl::MutexLock lock(&state_->mu);
    auto& all = state_->subscriptions;
    all.erase(std::remove_if(all.begin(), all.end(), [](const auto& one) { return one.expired(); }), all.end());
    for (const auto& one : all) {
      if (auto subscription = one.lock()) live.push_back(std::move(subscription));
    }
    due = now - state_->swept >= absl::Seconds(1);
    if (due) state_->swept = now;
  }
  for (const auto& subscription : live) subscription->WakeIfDue(now);
  if (!due) return;
  for (const auto& feed : all()) feed->Sweep();
}

Feeds::Totals Feeds::totals() const {
  Totals totals;
  for (const auto& feed : all()) {
    const v1::StoredFeed ends = feed->ends();
    totals.bytes += ends.bytes();
    totals.records += static_cast<int64_t>(ends.next_offset() - ends.earliest_offset());
    for (const auto& reached : feed->cursors()) {
      if (reached.connected) ++totals.connected;
      const uint64_t next = reached.cursor.acknowledged_offset() + 1;
      if (ends.next_offset() > next) totals.lag_records_max = std::max(totals.lag_records_max, ends.next_offset() - next);
    }
  }
  return totals;
}

}  // namespace zhanqiao::exchange
