#include "catalog/operations/operation_service.h"

#include <algorithm>
#include <string_view>

#include "catalog/base/error.h"

namespace zhanqiao::operations {
namespace {

constexpr int kPageDefault = 50;
constexpr int kPageMax = 1000;
constexpr int kWaitDefaultMs = 10'000;
constexpr int kWaitMaxMs = 60'000;

}  // namespace

absl::StatusOr<v1::Operation> OperationService::GetOperation(const Caller& caller, const v1::GetOperationRequest& request) {
  return operations_.Get(caller.subject, request.name());
}

absl::StatusOr<v1::ListOperationsResponse> OperationService::ListOperations(const Caller& caller,
                                                                            const v1::ListOperationsRequest& request) {
  if (request.page_size() < 0) return BadField("PAGE_SIZE", "page_size", "Give 0 or more.");
  if (!request.page_token().empty() && !std::string_view(request.page_token()).starts_with("operations/")) {
    return BadField("PAGE_TOKEN_INVALID", "page_token", "Send the next_page_token of the page before, or nothing.");
  }
  const int count = request.page_size() == 0 ? kPageDefault : std::min(request.page_size(), kPageMax);
  std::vector<v1::Operation> found =
      operations_.List(caller.subject, request.page_token(), static_cast<size_t>(count) + 1);
  v1::ListOperationsResponse response;
  if (found.size() > static_cast<size_t>(count)) {
    found.pop_back();
    response.set_next_page_token(found.back().name());
  }
  for (v1::Operation& operation : found) *response.add_operations() = std::move(operation);
  return response;
}

absl::StatusOr<v1::Operation> OperationService::CancelOperation(const Caller& caller,
                                                                const v1::CancelOperationRequest& request) {
  return operations_.Cancel(caller.subject, request.name());
}

void OperationService::WaitOperation(const Caller& caller, const v1::WaitOperationRequest& request,
                                     Operations::Done done) {
  if (request.timeout_ms() < 0 || request.timeout_ms() > kWaitMaxMs) {
    std::move(done)(BadField("TIMEOUT_INVALID", "timeout_ms", "Give 0 to 60000 milliseconds."));
    return;
  }
  const int timeout_ms = request.timeout_ms() == 0 ? kWaitDefaultMs : request.timeout_ms();
  operations_.Wait(caller.subject, request.name(), clock_.Now() + absl::Milliseconds(timeout_ms), std::move(done));
}

}  // namespace zhanqiao::operations
