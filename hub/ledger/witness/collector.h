// Collects the cosignatures of the policy's witnesses, beside the write path: a slow or dead witness delays nothing but
// its own word.
//
// Rounds: every witness is asked to cosign the same checkpoint, so that a quorum can meet on it while the log goes on.
// A round begins at most every `interval` with the newest checkpoint, once the one before met its quorum, or every
// witness answered or failed, or `round_max` passed. When the log rests, the same checkpoint is cosigned anew every
// `refresh`, so that the times show which witnesses live. A witness that fails is asked again after a growing pause.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/ids.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/vouching.h"
#include "hub/ledger/witness/client.h"
#include "hub/ledger/witness/policy.h"

namespace zhanqiao::ledger {

struct WitnessTimes {
  absl::Duration interval = absl::Seconds(1);
  absl::Duration round_max = absl::Seconds(10);
  absl::Duration refresh = absl::Minutes(1);
  absl::Duration timeout = absl::Seconds(5);     // of one request
  absl::Duration pause_min = absl::Seconds(1);   // after a failure; doubles up to
  absl::Duration pause_max = absl::Minutes(1);
};

// Thread-safe. One thread for each witness of the policy that has a URL.
class Collector final : public VouchingSource {
 public:
  // Takes up what the store kept, then starts. All references must outlive it. `ca_file`: see WitnessClient.
  // INVALID_ARGUMENT / WITNESS_URL (fact: witness).
  static absl::StatusOr<std::unique_ptr<Collector>> Start(const Log& log, const Checkpointer& checkpointer,
                                                          storage::CommitPipeline& pipeline, Random& random,
                                                          Policy policy, std::string ca_file, WitnessTimes times);
  // Ends at once, also while a witness is asked. The pipeline must still run.
  ~Collector() override;

  Vouching vouching() const override;

 private:
  struct Round;
  struct Desk;  // what belongs to one witness
  using RoundPtr = std::shared_ptr<Round>;  // shared by the witnesses that are asked in it

  Collector(const Log& log, const Checkpointer& checkpointer, storage::CommitPipeline& pipeline, Random& random,
            Policy policy, WitnessTimes times);
  absl::Status MakeDesks(const std::string& ca_file);
  absl::Status Load();
  void Loop(size_t place);
  RoundPtr NextRound(size_t place);
  bool MayBegin(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Begin(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Ask(size_t place, const RoundPtr& round);
  absl::Status Keep(std::string key, std::string note);
  void Accept(size_t place, const RoundPtr& round, const VerifiedSignature& cosignature);
  void Refuse(size_t place, const absl::Status& why);
  SignedCheckpointPtr CosignedIn(const Round& round) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Log& log_;
  const Checkpointer& checkpointer_;
  storage::CommitPipeline& pipeline_;
  Random& random_;
  const Policy policy_;
  const WitnessTimes times_;

  mutable absl::Mutex mu_;  // makes each answer, and the beginning of a round, one step
  std::vector<std::unique_ptr<Desk>> desks_;  // the list is fixed after Start; what is inside is guarded
  RoundPtr round_ ABSL_GUARDED_BY(mu_);
  SignedCheckpointPtr cosigned_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace zhanqiao::ledger
