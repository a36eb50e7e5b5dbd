// The client certificates the hub has met: whose they are, when they end, when they were last shown. The hub issues none and
// keeps none; this is how it can warn before one ends. An observation, not a decision: rows of the store (FORMAT.md), no
// entries of the ledger.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "catalog/base/clock.h"
#include "catalog/storage/pipeline.h"
#include "zhanqiao/v1/administration.pb.h"

namespace zhanqiao::access {

// Thread-safe.
class SeenCertificates {
 public:
  // All outlive it; the pipeline must be stopped first.
  SeenCertificates(const storage::Store& store, storage::CommitPipeline& pipeline, const Clock& clock, std::string city)
      : store_(store), pipeline_(pipeline), clock_(clock), city_(std::move(city)) {}

  // Reads what was seen before. Once, before traffic starts. DATA_LOSS / CERTIFICATE_ROW_MALFORMED.
  absl::Status Load();

  // A connection showed a certificate that verified. Quick, never blocks: at most one write for each certificate and civil
  // day, which nobody waits for. Certificates without exactly one identity of this city are not noted.
  void Connected(absl::Span<const std::string> identities, std::string_view fingerprint, absl::Time not_after);

  // Those of `organization` ("organizations/{code}"; empty: all), in order of their end; `state` and `days_left` are left open.
  std::vector<v1::Certificate> Of(std::string_view organization) const;

  // Forgets what ended more than a year ago.
  void Sweep();

 private:
  static constexpr size_t kCertificatesMax = 200'000;  // beyond, new ones are not noted

  const storage::Store& store_;
  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  const std::string city_;
  mutable absl::Mutex mu_;  // makes one look or change one step
  absl::flat_hash_map<std::string, v1::Certificate> by_fingerprint_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::access
