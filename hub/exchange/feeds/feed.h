// One feed: its end, its publishers' queue, its sweep, and the cursors of its subscriptions.
//
// Everything that changes the feed is one commit at a time, made on its strand: what publishers brought meanwhile goes
// into the next one together (group commit), so a feed takes as many records as the disk takes segments. A commit has
// the feed's end as a precondition: a write whose outcome is unknown can neither be doubled nor lost. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/model/catalog.h"
#include "catalog/storage/pipeline.h"
#include "catalog/storage/store.h"
#include "hub/access/directory.h"
#include "hub/access/grant_view.h"
#include "hub/access/refusals.h"
#include "hub/exchange/at_rest/payload_keys.h"
#include "hub/exchange/at_rest/strand.h"
#include "hub/exchange/feeds/feed_rows.h"
#include "hub/exchange/quotas.h"
#include "hub/ledger/subject_keys.h"
#include "zhanqiao/v1/feed.pb.h"

namespace zhanqiao::exchange {

// Counts since the hub started, of all feeds.
struct FeedCounts {
  std::atomic<int64_t> published{0};
  std::atomic<int64_t> repeated{0};
  std::atomic<int64_t> delivered{0};
  std::atomic<int64_t> acknowledged{0};
  std::atomic<int64_t> swept{0};
  std::atomic<int64_t> swept_unread{0};
};

// What the feeds of a hub share; it outlives them.
struct FeedParts {
  storage::Store& store;
  storage::CommitPipeline& pipeline;
  const catalog::Catalog& catalog;
  const access::GrantView& grants;
  const access::Directory& directory;
  access::Refusals& refusals;
  Quotas& quotas;                           // of the grants, shared with the broker
  const PayloadKeys& keys;
  ledger::SubjectKeys* subjects = nullptr;  // notes whose records are delivered; null: nobody's
  const Clock& clock;
  Random& random;
  Executor executor;
  std::string origin;                       // origin line of the log, for receipts
  const SealKey* pseudonyms = nullptr;      // what the grants' pseudonym keys are derived from; null: stars
};

// Records of one message of a publisher.
struct Publication {
  struct Stored {
    uint64_t last_offset = 0;  // of the last record stored; 0: all were repeated
    int64_t stored = 0;
    int64_t repeated = 0;
  };
  std::shared_ptr<const Caller> caller;
  std::string schema;                // v1.RecordBatch in wire format: fingerprint and fields
  std::string rows;                  // the same: rows
  int count = 0;
  std::vector<std::string> digests;  // of the idempotency keys, empty strings without one; or none at all
  std::shared_ptr<const std::atomic<bool>> gone;  // set: its stream has ended, nothing more of it may be stored
  absl::AnyInvocable<void(absl::StatusOr<Stored>)> done;  // once, on any thread; quick
  int attempts = 0;
};

class Feed : public std::enable_shared_from_this<Feed> {
 public:
  // Both must outlive it.
  Feed(FeedParts& parts, FeedCounts& counts, std::string code);

  const std::string& code() const { return code_; }
  std::string name() const { return std::string(kFeedNames) + code_; }
  std::string resource_name() const { return "resources/" + code_; }

  // What is declared, and of which revision. Quick.
  void Declare(v1::Feed declared, uint64_t revision);
  v1::Feed declared() const;

  // Queues records; refused with HUB_OVERLOADED when too much waits.
  void Publish(Publication publication);

  // Reads the feed's end and cursors, once. Waits for the store.
  absl::Status Load();
  // Durable. After Load.
  v1::StoredFeed ends() const;

  // Sweeps what retention no longer keeps, soon.
  void Sweep();

  // A subscriber's stream takes the subscription, from another one if need be. `woken` is called, from any thread, when
  // there is more to read, `taken_over` when it is no longer this stream's. Gives the stream's number.
  uint64_t Listen(const CursorName& name, std::function<void()> woken, std::function<void()> taken_over);
  void Leave(const CursorName& name, uint64_t stream);
  // The cursor is durable there. In commit order.
  void Moved(const CursorName& name, const v1::StoredCursor& cursor);

  struct Reached {
    CursorName name;
    v1::StoredCursor cursor;
    bool connected = false;
  };
  std::vector<Reached> cursors() const;
  // Forgets the cursor, durably, and ends its stream. NOT_FOUND / SUBSCRIPTION_NOT_FOUND. Waits for the commit.
  absl::StatusOr<Reached> Forget(const CursorName& name);

  // PERMISSION_DENIED / PUBLISHER_NOT_NAMED, or GRANT_NOT_ACTIVE's like for a resource that is not published:
  // FAILED_PRECONDITION / RESOURCE_NOT_PUBLISHED.
  absl::Status CheckPublisher(const std::string& subject) const;

 private:
  struct Prepared;
  void Work();
  bool SweepNext();
  void PublishNext();
  std::vector<Publication> Take();
  absl::Status Prepare(std::vector<Publication>& taken, Prepared& prepared);
  void Published(std::vector<Publication> taken, Prepared prepared, absl::StatusOr<storage::CommitResult> result);
  void Settle(v1::StoredFeed ends, const absl::Status& status);
  void FailQueued(const absl::Status& status);
  uint64_t SlowestReader() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  FeedParts& parts_;
  FeedCounts& counts_;
  const std::string code_;
  Strand strand_;
  mutable absl::Mutex mu_;  // makes one change of what is below one step
  v1::Feed declared_ ABSL_GUARDED_BY(mu_);
  uint64_t revision_ ABSL_GUARDED_BY(mu_) = 0;
  bool loaded_ ABSL_GUARDED_BY(mu_) = false;
  v1::StoredFeed ends_ ABSL_GUARDED_BY(mu_);
  std::string ends_row_ ABSL_GUARDED_BY(mu_);  // as stored; empty: there is none
  bool committing_ ABSL_GUARDED_BY(mu_) = false;
  bool sweep_due_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<Publication> queue_ ABSL_GUARDED_BY(mu_);
  size_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t next_stream_ ABSL_GUARDED_BY(mu_) = 1;
  struct Entry {
    v1::StoredCursor cursor;           // durable
    uint64_t stream = 0;               // that holds it; 0: none
    std::function<void()> woken;
    std::function<void()> taken_over;
  };
  std::map<std::pair<std::string, std::string>, Entry> cursors_ ABSL_GUARDED_BY(mu_);
};

// Makes what a failed commit of a feed becomes at the caller.
absl::Status NotStored(const absl::Status& failed);

}  // namespace zhanqiao::exchange
