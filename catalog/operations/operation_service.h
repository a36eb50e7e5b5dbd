// OperationService (proto/zhanqiao/v1/operation.proto) over the operations: one method per RPC.
#pragma once

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/operations/operations.h"
#include "zhanqiao/v1/operation.pb.h"

namespace zhanqiao::operations {

// Thread-safe; none of its methods blocks.
class OperationService {
 public:
  // `operations` and `clock` must outlive it.
  OperationService(Operations& operations, const Clock& clock) : operations_(operations), clock_(clock) {}

  absl::StatusOr<v1::Operation> GetOperation(const Caller&, const v1::GetOperationRequest&);
  absl::StatusOr<v1::ListOperationsResponse> ListOperations(const Caller&, const v1::ListOperationsRequest&);
  absl::StatusOr<v1::Operation> CancelOperation(const Caller&, const v1::CancelOperationRequest&);
  // Answers through `done`, once, on any thread.
  void WaitOperation(const Caller&, const v1::WaitOperationRequest&, Operations::Done done);

 private:
  Operations& operations_;
  const Clock& clock_;
};

}  // namespace zhanqiao::operations
