// ReceiptService (proto/zhanqiao/v1/receipt.proto): receipts for the parties of an entry, acknowledgements by
// consumers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/ledger_service.h"
#include "hub/ledger/log.h"
#include "zhanqiao/v1/receipt.pb.h"

namespace zhanqiao::ledger {

// The labels whose salts `caller` may have: the consumer (the system itself) those of request and released,
// subjects of the provider those of request, answer and released; the refused caller that of its request; of
// grants and documents those they concern that of the document. Nobody else has any, the auditor included.
std::vector<std::string_view> LabelsFor(const Caller& caller, const v1::LedgerEntry& entry,
                                        const ProviderOf& provider_of);

// Thread-safe; methods block (GetReceipt up to a second, Acknowledge until it is durable) and belong on a
// worker.
class ReceiptService {
 public:
  // All references must outlive the service.
  ReceiptService(const Log& log, const Checkpointer& checkpointer, storage::CommitPipeline& pipeline,
                 std::string origin, ProviderOf provider_of = {});

  absl::StatusOr<v1::Receipt> GetReceipt(const Caller& caller, const v1::GetReceiptRequest& request) const;
  absl::StatusOr<v1::AcknowledgeResponse> Acknowledge(const Caller& caller,
                                                      const v1::AcknowledgeRequest& request);

 private:
  absl::Status AddSecrets(const Caller& caller, const v1::LedgerEntry& entry, v1::Receipt& receipt) const;
  absl::Status CheckOwn(const Caller& caller, const std::vector<uint64_t>& indexes) const;

  const Log& log_;
  const Checkpointer& checkpointer_;
  storage::CommitPipeline& pipeline_;
  const std::string origin_;
  const ProviderOf provider_of_;
  const LedgerService reads_;  // who may read which entry
  absl::Mutex mu_;             // makes remembering one acknowledgement one step
  absl::flat_hash_map<std::string, v1::AcknowledgeResponse> acknowledged_
      ABSL_GUARDED_BY(mu_);  // by entry body
};

}  // namespace zhanqiao::ledger
