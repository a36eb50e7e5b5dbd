// Every refusal is evidence: this writes it to the ledger before the caller hears of it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/directory.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {

// What is known of a refused request.
struct Refused {
  v1::Denial denial;              // link, reason and code are taken from the status where empty
  std::string actor;              // subject, or empty when nobody was recognised
  std::string trace;
  std::string canonical_request;  // committed to when not empty
  std::string seed;               // of that commitment where it was made before; empty: a new one
  std::vector<std::string> subjects;  // tokens of the persons it names (ledger/subject_keys.h), sorted
};

// Writes Denial entries without waiting for them. Beyond `window_limit` equal refusals (same caller, reason,
// method and grant) in a window no entry is written each; one entry with their count is written when the window
// ends, so that refusals cannot fill the disk. Thread-safe.
class Refusals {
 public:
  struct Options {
    uint32_t window_limit = 10;
    absl::Duration window = absl::Minutes(1);
    size_t subjects_max = 1000;  // persons noted with one count
    size_t windows_max = 65536;  // kinds of refusal remembered; further kinds share one window per reason
  };
  Refusals(storage::CommitPipeline& pipeline, const Clock& clock, Random& random, Options options);
  Refusals(storage::CommitPipeline& pipeline, const Clock& clock, Random& random)
      : Refusals(pipeline, clock, random, Options()) {}

  // Gets the status as the caller is to see it: with the facts `link` and `ledger_index`. For a refusal that is
  // only counted the index is that of the last one written out, with the fact counted=true. While the ledger cannot
  // be written nobody learns what would have been decided: UNAVAILABLE / LEDGER_UNAVAILABLE.
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // `done` runs on the commit thread, or at once for a counted refusal; it must not block.
  void Record(Refused refused, absl::Status status, Done done);

  // A refusal before the request reached a service: unidentified, revoked, unknown.
  void Record(std::string_view method, const Presented& presented, absl::Status status, Done done);

  // Writes the counts of windows that have ended; while the ledger cannot be written they are kept. Call about once
  // a second.
  void Sweep();
  // Writes all counts now, for a clean stop.
  void Flush();

 private:
  struct Window {
    absl::Time end;
    uint32_t seen = 0;
    uint32_t counted = 0;       // refusals without an entry of their own
    uint64_t index = 0;         // of the last entry written
    bool indexed = false;
    v1::Denial denial;          // the last one counted
    std::string actor;
    std::set<std::string> subjects;  // of those counted, at most `subjects_max`
  };

  void Write(std::string actor, std::string trace, v1::Denial denial, std::string_view request, std::string seed,
             const std::vector<std::string>& subjects, storage::CommitPipeline::Done done);
  void FlushEnded(absl::Time now);

  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  Random& random_;
  const Options options_;
  absl::Mutex mu_;  // makes counting one refusal one step
  absl::flat_hash_map<std::string, Window> windows_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::access
