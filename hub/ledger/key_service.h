// LedgerKeyService (proto/zhanqiao/v1/ledger_key.proto): the log's keys, listed for all, changed by the security
// administrator.
#pragma once

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "hub/ledger/log_keys.h"
#include "zhanqiao/v1/ledger_key.pb.h"

namespace zhanqiao::ledger {

// Thread-safe; changes block until they are durable and belong on a worker. Every method: PERMISSION_DENIED /
// CALLER_UNREGISTERED; changes: PERMISSION_DENIED / ROLE_REQUIRED without the role security_admin.
class LedgerKeyService {
 public:
  // Both must outlive the service.
  LedgerKeyService(LogKeys& keys, storage::CommitPipeline& pipeline) : keys_(keys), pipeline_(pipeline) {}

  absl::StatusOr<v1::ListLedgerKeysResponse> ListLedgerKeys(const Caller& caller,
                                                            const v1::ListLedgerKeysRequest& request) const;
  absl::StatusOr<v1::LedgerKey> AddLedgerKey(const Caller& caller, const v1::AddLedgerKeyRequest& request);
  absl::StatusOr<v1::LedgerKey> RetireLedgerKey(const Caller& caller, const v1::RetireLedgerKeyRequest& request);

 private:
  LogKeys& keys_;
  storage::CommitPipeline& pipeline_;
};

}  // namespace zhanqiao::ledger
