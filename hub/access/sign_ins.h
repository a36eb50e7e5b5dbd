// Who began to work with the hub: one SignIn entry for each certificate of a person, network address and
// civil day, before anything the person does that day is written. Persons only; systems and connectors have
// entries of their own.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/directory.h"

namespace zhanqiao::access {

// Writes without being waited for: the commit thread keeps the order. What was seen is remembered in memory,
// so that a hub that restarts writes a person's first call anew. Thread-safe.
class SignIns {
 public:
  // Both must outlive it; the pipeline must be stopped first.
  SignIns(storage::CommitPipeline& pipeline, const Clock& clock) : pipeline_(pipeline), clock_(clock) {}

  // A person makes a call. Cheap for everyone else, and for a person who has been seen.
  void Seen(const Caller& caller);
  // Someone was refused who presents a person's certificate.
  void Refused(const Presented& presented);

 private:
  void Write(std::string_view person, std::string_view address, std::string_view fingerprint, bool refused);

  static constexpr size_t kSeenMax =
      65536;  // beyond, a new kind is not written: its calls have entries themselves
  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  absl::Mutex mu_;  // makes "is it the first" one step
  absl::CivilDay day_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<std::string> seen_ ABSL_GUARDED_BY(mu_);  // of that day
};

}  // namespace zhanqiao::access
