// The feeds of a hub by the resource they are of, as declared; who listens to them. No thread of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/documents/document_store.h"
#include "hub/exchange/feeds/feed.h"

namespace zhanqiao::exchange {

class Subscription;

// Thread-safe.
class Feeds {
 public:
  // The pipeline must be stopped before it goes.
  explicit Feeds(FeedParts parts);
  ~Feeds();

  // Loads what is declared and follows it. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);

  // The feed "feeds/{code}", or null if none is declared.
  std::shared_ptr<Feed> Find(std::string_view name) const;
  // The feed of "resources/{code}", or null.
  std::shared_ptr<Feed> FindOf(std::string_view resource) const;

  // Wakes subscriptions that waited for a quota or whose certificate has ended, and once a second has every feed drop what
  // retention no longer keeps. Call about ten times a second.
  void Sweep();

  // Follows a subscriber's stream until it goes.
  void Add(std::weak_ptr<Subscription> subscription);

  FeedParts& parts() { return parts_; }
  FeedCounts& counts() { return counts_; }

  // For metrics.
  struct Totals {
    int64_t bytes = 0;            // kept
    int64_t records = 0;          // kept
    uint64_t lag_records_max = 0;  // of the subscription that is furthest behind
    int64_t connected = 0;        // subscribers' streams
  };
  Totals totals() const;

 private:
  struct State;
  std::vector<std::shared_ptr<Feed>> all() const;

  FeedParts parts_;
  FeedCounts counts_;
  const std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this
};

}  // namespace zhanqiao::exchange
