// One subscriber's stream: opens under a grant, delivers what it may see in order, keeps its cursor.
//
// Nothing is queued for a subscriber: it reads the store when it has credit, so a slow one holds back neither publishers
// nor others. One commit at a time carries what was acknowledged and the entry of the next delivery; the delivery is
// written to the stream after it. Grant, caller and certificate are looked up for every delivery and are preconditions of
// its commit; the cursor's row is one too, so that of two streams of a subscription only one goes on. Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/stream.h"
#include "hub/exchange/feeds/delivery.h"
#include "hub/exchange/feeds/feeds.h"
#include "zhanqiao/v1/feed.pb.h"

namespace zhanqiao::exchange {

class Subscription : public std::enable_shared_from_this<Subscription> {
 public:
  using Sink = StreamSink<v1::SubscribeResponse>;
  // `feeds` must outlive it.
  Subscription(Feeds& feeds, std::shared_ptr<Sink> sink);

  // From the stream's thread. `caller` is as resolved for the message.
  void Take(const Caller& caller, const v1::SubscribeRequest& message);
  void HalfClose();  // no more acknowledgements: ends once those taken are durable
  void Gone();       // nobody listens any more
  void Wake();       // there may be something to do
  void WakeIfDue(absl::Time now);  // a quota allows more again, or the certificate has ended

 private:
  // What a commit under way carries.
  struct Pending {
    v1::StoredCursor cursor;     // durable with it
    std::string cursor_row;
    bool acknowledges = false;
    std::string delivery;        // v1.FeedDelivery in wire format without its receipt; empty: none
    uint64_t through = 0;
    int rows = 0;
    bool released = false;       // an entry of a release is the commit's last record
    bool opens = false;
    int attempts = 0;
  };
  struct Delivered {
    uint64_t through = 0;
    int rows = 0;
    uint64_t index = 0;  // of its entry; 0: nothing was released
  };
  enum class Phase { kNew, kOpening, kLive, kEnded };

  void Work();
  void Open(const Caller& caller);
  absl::Status CheckStart() const;
  absl::StatusOr<uint64_t> Place(const std::optional<v1::StoredCursor>& stored);
  absl::Status Lost(uint64_t place, const v1::StoredFeed& ends) const;
  absl::StatusOr<std::shared_ptr<const ReleasePlan>> PlanFor(const Caller& caller);
  absl::StatusOr<Gathered> Read(const ReleasePlan& plan, int rows_max);
  // Adds the next delivery to `pending` and `commit`; nothing when there is none yet.
  absl::Status Deliver(const Caller& caller, int rows_max, Pending& pending, storage::Commit& commit);
  absl::Status AddRelease(const Caller& caller, std::shared_ptr<const ReleasePlan> plan, Gathered gathered,
                          Pending& pending, storage::Commit& commit);
  absl::Status Pause(const absl::Status& quota, absl::Time now);
  void Fill(uint64_t through, int rows, std::string delivery, Pending& pending) const;
  void AddAcknowledgement(const Caller& caller, uint64_t offset, storage::Commit& commit);
  void Submit(Pending pending, storage::Commit commit);
  void Settle(const Caller& caller, Pending pending, absl::StatusOr<storage::CommitResult> result);
  void Refuse(const Caller& caller, absl::Status status);
  void End(const absl::Status& status);
  bool ended() const;

  Feeds& feeds_;
  FeedParts& parts_;
  const std::shared_ptr<Sink> sink_;  // shared with the stream
  Strand strand_;
  mutable absl::Mutex mu_;  // makes one change of what is below one step
  Phase phase_ ABSL_GUARDED_BY(mu_) = Phase::kNew;
  Caller caller_ ABSL_GUARDED_BY(mu_);  // of the newest message
  uint64_t wanted_ ABSL_GUARDED_BY(mu_) = 0;  // acknowledged by the subscriber
  bool half_closed_ ABSL_GUARDED_BY(mu_) = false;
  bool committing_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<std::pair<Pending, absl::StatusOr<storage::CommitResult>>> settled_ ABSL_GUARDED_BY(mu_);
  absl::Time wait_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  std::shared_ptr<Feed> feed_ ABSL_GUARDED_BY(mu_);
  uint64_t stream_ ABSL_GUARDED_BY(mu_) = 0;
  // Set by the start, and then the strand's alone.
  v1::SubscribeStart start_;
  CursorName name_;
  std::shared_ptr<const ReleasePlan> plan_;  // newest
  std::optional<std::string> cursor_row_;    // as stored
  v1::StoredCursor cursor_;
  uint64_t next_ = 0;                        // offset to read next
  std::deque<Delivered> outstanding_;        // delivered, not acknowledged
  int unacknowledged_ = 0;                   // records in them
  int aborted_ = 0;                          // commits in a row that found something changed
};

}  // namespace zhanqiao::exchange
