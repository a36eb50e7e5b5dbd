// The broker: checks a request against its grant, has a connector answer it, checks and masks the answer, writes
// the ledger entry, and only then releases. No thread of its own and no waiting: callers' threads bring
// requests, connectors' threads bring replies, the commit thread brings the entry, and `Sweep` brings time.
//
// A release is one commit whose preconditions are the grant's, the caller's, the entry's and the certificate's state;
// what was revoked before the commit's turn is refused, whatever was in flight. Quotas are counted in memory: the day's
// counts are taken from the ledger at a start (quota_recovery.h), request ids are forgotten.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/model/catalog.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/grant_view.h"
#include "hub/access/refusals.h"
#include "hub/exchange/link_times.h"
#include "hub/exchange/quotas.h"
#include "hub/exchange/release.h"
#include "hub/exchange/session.h"
#include "hub/ledger/subject_keys.h"
#include "zhanqiao/v1/exchange.pb.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::exchange {

struct BrokerOptions {
  std::string origin;                              // origin line of the log, for receipts
  size_t in_flight_max = 4096;                     // beyond: RESOURCE_EXHAUSTED / HUB_OVERLOADED
  absl::Duration timeout_max = absl::Seconds(30);  // of calls without an earlier deadline
  ledger::SubjectKeys* subjects = nullptr;         // notes whose records are asked for; null: nobody's
  const SealKey* pseudonyms = nullptr;             // what the grants' pseudonym keys are derived from; null: stars
};

class Broker {
 public:
  using Options = BrokerOptions;
  using Done = absl::AnyInvocable<void(absl::StatusOr<EncodedAnswer>)>;
  // Set when the caller has gone: its answer is not released and not logged. May be null.
  using Abandoned = std::shared_ptr<const std::atomic<bool>>;

  // Everything referred to must outlive it; the pipeline must be stopped first.
  Broker(const catalog::Catalog& catalog, const access::GrantView& grants, access::Refusals& refusals,
         storage::CommitPipeline& pipeline, const Clock& clock, Random& random, Options options);
  ~Broker();

  // Answers one request, from any thread. `done` runs once, on whatever thread ends the request (often the
  // commit thread): it must be quick. Every error is in the ledger and carries `link` and `ledger_index`.
  void Query(Caller caller, v1::QueryRequest request, Done done);
  // The same for callers who bring many requests: the caller is shared, not copied; `method` names the RPC. A request
  // with a digest needs the checked `signature` it stands under, else it is refused: REQUEST_SIGNATURE. With a `chunk`
  // it is one of a bulk fetch: up to 10,000 rows in the source's order, and the answer says where they end.
  void Query(std::shared_ptr<const Caller> caller, v1::QueryRequest request, std::string_view method,
             Abandoned abandoned, Done done, Signed signature = {}, std::unique_ptr<Chunk> chunk = nullptr);

  // Refuses a request that is malformed outside of what Query sees, with an entry like every refusal.
  void Reject(std::shared_ptr<const Caller> caller, v1::QueryRequest request, std::string_view method,
              absl::Status status, Done done);

  // Writes the entry that ends a fetch (its resource is that of its grant); the answer tells its place only.
  // UNAVAILABLE / LEDGER_UNAVAILABLE.
  void Close(const Caller& caller, v1::FetchClosed closed, Done done);

  // The counts of the grants' limits, to be restored before traffic starts.
  Quotas& quotas() { return quotas_; }

  // A connector came or went; its unanswered requests go to another session of the resource once, else fail.
  void Add(std::shared_ptr<Session> session);
  void Remove(const std::shared_ptr<Session>& session);
  // Takes a connector's replies. With a `signing_key` of the connector only what it signed is released; the rest is
  // refused: ANSWER_SIGNATURE.
  void Take(Session& session, v1::ReplyBatch& replies, std::string_view signing_key);

  // Ends requests whose deadline has passed. Call every 5 to 50 ms from one thread.
  void Sweep();

  // Asks each stream of `connector` whether the source of `resource` answers; `done` runs once, with the first answer that
  // is good or else the last failure, which carries `link`. UNAVAILABLE / CONNECTOR_UNAVAILABLE without a stream.
  void Probe(std::string_view connector, std::shared_ptr<const v1::Resource> resource, absl::Time deadline,
             absl::AnyInvocable<void(absl::StatusOr<Probed>)> done);
  // Streams of the connector that are open.
  int Streams(std::string_view connector) const;
  // What the newest entries do not tell of themselves.
  const LinkTimes& link_times() const { return link_times_; }

  size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  bool Connected(std::string_view connector) const;

 private:
  using Routes = absl::flat_hash_map<std::string, std::vector<std::shared_ptr<Session>>>;  // by resource

  absl::Status Prepare(Flight& flight);
  absl::StatusOr<std::shared_ptr<const ReleasePlan>> PlanFor(const Flight& flight);
  absl::Status Dispatch(std::unique_ptr<Flight>& flight, const Session* except);
  void Answer(Session& session, std::unique_ptr<Flight> flight, v1::ConnectorReply& reply, bool must_sign,
              const Signed& signature);
  static void EndProbe(std::unique_ptr<Flight> flight, const v1::ConnectorReply& reply);
  void Release(std::unique_ptr<Flight> flight, Released released, const v1::ConnectorReply& reply,
               const Signed& signature);
  void Committed(std::unique_ptr<Flight> flight, EncodedAnswer answer,
                 absl::StatusOr<storage::CommitResult> result);
  void Refuse(std::unique_ptr<Flight> flight, absl::Status status);
  void Finish(Flight& flight, absl::StatusOr<EncodedAnswer> result);
  std::shared_ptr<const Routes> routes() const;
  std::string NewSeed();
  absl::StatusOr<std::vector<std::string>> SubjectsOf(const Flight& flight, std::vector<std::string> persons);

  const catalog::Catalog& catalog_;
  const access::GrantView& grants_;
  access::Refusals& refusals_;
  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  const Options options_;
  Quotas quotas_;
  LinkTimes link_times_;
  std::atomic<size_t> in_flight_{0};
  mutable absl::Mutex mu_;  // makes one change of the routes one step
  std::vector<std::shared_ptr<Session>> sessions_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const Routes> routes_ ABSL_GUARDED_BY(mu_);  // replaced, never changed
  absl::Mutex plans_mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<const ReleasePlan>> plans_ ABSL_GUARDED_BY(plans_mu_);
  absl::Mutex seeds_mu_;  // random bytes are drawn in blocks: one call of the generator costs more than a hash
  Random& random_ ABSL_GUARDED_BY(seeds_mu_);
  std::string seeds_ ABSL_GUARDED_BY(seeds_mu_);
};

}  // namespace zhanqiao::exchange
