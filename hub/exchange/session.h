// One connected connector as the broker sees it: what it serves, what it has been asked and not yet answered,
// and the queue of requests waiting for its credits. Knows no transport.
//
// As long as credits suffice requests go in the order they came. When they run out those that wait are lined up by
// consumer and served in turn, each consumer as many at a time as its grant's weight says; a consumer may have no more
// places than are still free, so that one who floods leaves half of the queue to the others.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/caller.h"
#include "catalog/base/signatures.h"
#include "hub/access/grant_view.h"
#include "hub/exchange/answer.h"
#include "hub/exchange/release.h"
#include "zhanqiao/v1/connector.pb.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::exchange {

// Where a message stands in a batch that was signed; null: it was not.
struct Signed {
  std::shared_ptr<const SignedBatch> batch;  // shared by the messages of the batch
  size_t position = 0;
};

// What makes a request one chunk of a bulk fetch.
struct Chunk {
  std::string fetch;     // id of the fetch
  uint64_t number = 0;   // 1, 2, 3 …
  std::string cursor;    // where the chunk before ended; replaced by where this one ends once it is answered
};

// What came of asking a connector whether its source answers.
struct Probed {
  absl::Duration round_trip;  // hub, connector, source and back
  absl::Duration source;      // of which in the source, as the connector says
};

// One request on its way. Owned by exactly one place at a time; who takes it out ends it.
struct Flight {
  std::shared_ptr<const Caller> caller;
  std::string_view method;  // static text
  v1::QueryRequest request;
  absl::AnyInvocable<void(absl::StatusOr<EncodedAnswer>)> done;
  std::shared_ptr<const std::atomic<bool>> abandoned;
  std::shared_ptr<const access::GrantInForce> grant;
  std::shared_ptr<const ReleasePlan> plan;
  std::string connector;  // that has it
  std::string canonical;  // of the request as really asked; empty before that is known
  std::string seed;       // of the entry's commitments, drawn with it
  Digest commitment{};    // to the canonical request: the connector is told it, the entry carries it
  Signed signature;       // of the caller
  std::unique_ptr<Chunk> chunk;  // null: not part of a fetch
  // Not an exchange: whether the source answers. Then there is no caller, no grant, and nothing is released or logged.
  absl::AnyInvocable<void(absl::StatusOr<Probed>)> probed;
  std::string entry_tail;  // further members of v1.Exchange in wire format, numbered above those every release has
  absl::Time received;
  absl::Time sent = absl::InfinitePast();
  absl::Time replied = absl::InfinitePast();
  absl::Time checked = absl::InfinitePast();  // the answer was checked and masked
  absl::Time deadline;
  int row_limit = 0;  // as asked, 0 replaced
  int attempts = 0;
  bool retry = false;  // its request id was released before
};

// Thread-safe.
class Session {
 public:
  struct Options {
    size_t waiting_max = 4096;  // requests waiting for credits; beyond, Ask refuses
    int batch_max = 64;         // requests in one message
  };
  // `kick` is called, from any thread and never under a lock, when there is something to Collect after there
  // was nothing; the transport then calls Collect on its own thread, once for a whole burst.
  Session(std::string connector, std::vector<std::string> resources, int credits, Options options,
          std::function<void()> kick);

  const std::string& connector() const { return connector_; }
  const std::vector<std::string>& resources() const { return resources_; }

  // Queues a request. False, leaving `flight` alone, when its consumer has no place in the queue or the session is closed.
  bool Ask(std::unique_ptr<Flight>& flight);
  // Messages to send now (v1.ConnectResponse in wire format), at most 64 requests each, as far as credits reach;
  // cancellations first.
  std::vector<std::string> Collect(absl::Time now);
  // The request a reply is for, or null if it is no longer wanted. Gives back one credit (a cancelled request
  // gave its own back when it was cancelled).
  std::unique_ptr<Flight> Answered(uint64_t number);
  void AddCredits(int credits);
  // Requests whose deadline is before `now`, to be refused; their numbers are cancelled at the connector.
  std::vector<std::unique_ptr<Flight>> Expired(absl::Time now);
  // Ends the session and hands back everything unanswered.
  std::vector<std::unique_ptr<Flight>> Close();

  // Requests asked and unanswered, for the choice between sessions.
  size_t load() const { return load_.load(std::memory_order_relaxed); }

 private:
  struct Pending {
    std::unique_ptr<Flight> flight;
    bool sent = false;
  };

  // One consumer's waiting requests.
  struct Line {
    std::deque<uint64_t> numbers;
    int weight = 1;
    int turn = 0;  // requests it may still have before the next consumer's turn
  };

  void LineUp(uint64_t number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // The next request to send; 0: none waits.
  uint64_t TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  size_t waiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return waiting_.size() - waiting_from_ + lined_up_; }

  const std::string connector_;
  const std::vector<std::string> resources_;
  const Options options_;
  const std::function<void()> kick_;
  std::atomic<size_t> load_{0};
  absl::Mutex mu_;  // makes taking one request one step
  absl::flat_hash_map<uint64_t, Pending> pending_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> waiting_ ABSL_GUARDED_BY(mu_);  // not yet sent, in order, from waiting_from_
  size_t waiting_from_ ABSL_GUARDED_BY(mu_) = 0;
  // Of those that came or were left when credits ran out, by consumer; sent after `waiting_`. Empty most of the time.
  absl::flat_hash_map<std::string, std::unique_ptr<Line>> lines_ ABSL_GUARDED_BY(mu_);
  std::deque<Line*> turns_ ABSL_GUARDED_BY(mu_);  // lines with requests, in the order of their turns
  size_t lined_up_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<uint64_t> cancelled_ ABSL_GUARDED_BY(mu_);
  absl::Time next_deadline_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();  // not after the earliest
  uint64_t next_number_ ABSL_GUARDED_BY(mu_) = 1;
  int64_t credits_ ABSL_GUARDED_BY(mu_);
  bool kicked_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace zhanqiao::exchange
