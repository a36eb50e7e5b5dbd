// PortalService (proto/zhanqiao/v1/portal.proto): what the public says to the portal. Methods block until durable: call from
// a worker thread. Thread-safe.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "zhanqiao/v1/portal.pb.h"

namespace zhanqiao::portal {

class PortalService {
 public:
  // All outlive it.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Clock& clock;
    Random& random;
  };
  explicit PortalService(Parts parts) : parts_(parts) {}

  absl::StatusOr<v1::Submission> CreateSubmission(const Caller&, const v1::CreateSubmissionRequest&);
  absl::StatusOr<v1::Submission> GetSubmission(const Caller&, const v1::GetSubmissionRequest&);
  absl::StatusOr<v1::ListSubmissionsResponse> ListSubmissions(const Caller&, const v1::ListSubmissionsRequest&);
  absl::StatusOr<v1::Submission> ModerateSubmission(const Caller&, const v1::ModerateSubmissionRequest&);
  absl::StatusOr<v1::Submission> AnswerSubmission(const Caller&, const v1::AnswerSubmissionRequest&);

  // Those the public may read, newest first, of one dataset or (empty) of all, at most `count`.
  absl::StatusOr<std::vector<v1::Submission>> Shown(std::string_view dataset, size_t count) const;

 private:
  struct Held {
    v1::Submission submission;
    uint64_t revision = 0;
  };
  absl::StatusOr<Held> Find(const std::string& name) const;
  absl::StatusOr<v1::Submission> Store(const std::string& actor, v1::Submission submission, uint64_t revision, std::string_view reason);
  absl::Status Admit(const std::string& network);

  const Parts parts_;
  absl::Mutex mu_;  // makes counting one step
  std::deque<absl::Time> all_ ABSL_GUARDED_BY(mu_);  // of the last hour
  absl::flat_hash_map<std::string, std::deque<absl::Time>> by_network_ ABSL_GUARDED_BY(mu_);
};

// A submission without what is not for the public.
v1::Submission ForThePublic(v1::Submission submission);

}  // namespace zhanqiao::portal
