// AuditService (proto/zhanqiao/v1/audit.proto): auditors' questions, answered from the index.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/archive/archivist.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/index/index.h"
#include "hub/ledger/ledger_service.h"
#include "hub/ledger/subject_keys.h"
#include "zhanqiao/v1/audit.pb.h"

namespace zhanqiao::ledger {

// Thread-safe; methods block on the store and (questions that are entries) on the commit pipeline: on a
// worker.
//
// Every method: PERMISSION_DENIED / CALLER_UNREGISTERED unless the caller is a registered subject. Who may
// ask what stands in audit.proto; others get PERMISSION_DENIED / ROLE_REQUIRED (fact: roles).
class AuditService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    storage::Store& store;
    storage::CommitPipeline& pipeline;
    const Log& log;
    const Checkpointer& checkpointer;
    Index& index;
    const Entries& entries;
    const Archivist& archivist;
    SubjectKeys& subjects;
    Random& random;
    ProviderOf provider_of;  // of a resource; may be empty
    // Names of the resources an organisation provides, so that it finds what concerns them; may be empty.
    std::function<std::vector<std::string>(std::string_view organization)> resources_of;
  };
  explicit AuditService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::QueryEntriesResponse> QueryEntries(const Caller& caller,
                                                        const v1::QueryEntriesRequest& request) const;
  absl::StatusOr<v1::ApprovalTrace> TraceApproval(const Caller& caller,
                                                  const v1::TraceApprovalRequest& request) const;
  absl::StatusOr<v1::QuerySubjectResponse> QuerySubject(const Caller& caller,
                                                        const v1::QuerySubjectRequest& request);
  absl::StatusOr<v1::GetRollupResponse> GetRollup(const Caller& caller,
                                                  const v1::GetRollupRequest& request) const;
  absl::StatusOr<v1::ExportRangeResponse> ExportRange(const Caller& caller,
                                                      const v1::ExportRangeRequest& request);
  absl::StatusOr<v1::EraseSubjectResponse> EraseSubject(const Caller& caller,
                                                        const v1::EraseSubjectRequest& request);
  absl::StatusOr<v1::ListArchivesResponse> ListArchives(const Caller& caller,
                                                        const v1::ListArchivesRequest& request) const;

 private:
  bool MaySee(const Caller& caller, const v1::LedgerEntry& entry) const;
  SegmentSet Indexed(const Caller& caller) const;
  // Writes the question of `entry` as the caller's and gives its index. It commits to `subject` unless that
  // is empty.
  absl::StatusOr<uint64_t> Write(const Caller& caller, v1::LedgerEntry entry, std::string_view subject);

  // The pages of one export hang from one checkpoint: the last few that exports began with.
  SignedCheckpointPtr KeptCheckpoint(uint64_t size) const;
  absl::StatusOr<v1::ExportRangeResponse> GiveFiles(const v1::ExportRangeRequest& request,
                                                    const SignedCheckpoint& checkpoint, uint64_t from_file,
                                                    std::string_view question) const;

  Parts parts_;
  absl::Mutex erasing_;     // one erasure at a time: it reads secrets and writes them back
  mutable absl::Mutex mu_;  // makes keeping a checkpoint one step
  std::map<uint64_t, SignedCheckpointPtr> exported_ ABSL_GUARDED_BY(mu_);  // by size
};

}  // namespace zhanqiao::ledger
