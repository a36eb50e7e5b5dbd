// Errors: made by `Fail`, passed on by `TRY`, turned into wire form once at the edge.
//
// A status made here carries a google.rpc.ErrorInfo (stable reason, domain "zhanqiao", facts) and, for bad
// input, a google.rpc.BadRequest naming the fields. The message is one constant English sentence that says
// what to do; what varies goes into the facts. Thread-safe: statuses are values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/base/text.h"

namespace zhanqiao {

// Facts of an error: name and value, for example {"dataset", "resources/308…"}. Values never hold personal data.
using Facts = std::vector<std::pair<std::string, std::string>>;

// The links of an exchange; every refusal names the one that refused.
inline constexpr std::string_view kLinkCaller = "caller";        // certificate, registration, request form
inline constexpr std::string_view kLinkGrant = "grant";          // grant state, fields, purpose, quota
inline constexpr std::string_view kLinkHub = "hub";              // overload, ledger, deadline at the hub
inline constexpr std::string_view kLinkConnector = "connector";  // absent, dead, or answering wrongly
inline constexpr std::string_view kLinkSource = "source";        // the department's own database

// A status with a stable `reason` for programs, one constant sentence for people, and facts.
absl::Status Fail(absl::StatusCode code, std::string_view reason, std::string_view message, Facts facts = {});

// INVALID_ARGUMENT / `reason` for one field of the request. `description` says what is wrong with a value of
// which shape, and the fix. The field path is also in the facts.
absl::Status BadField(std::string_view reason, std::string_view field, std::string_view description,
                      Facts facts = {});

// One wrong field of a request.
struct Violation {
  std::string field;        // path, for example `fields[2].length`
  std::string reason;       // stable code
  std::string description;  // what is wrong with a value of which shape, and the fix
};

// OK without violations; otherwise INVALID_ARGUMENT carrying all of them. The status's reason and `field` fact are
// those of the first; the fact `violations` counts them.
absl::Status BadFields(const std::vector<Violation>& violations);

// The violations of a status made by BadField or BadFields, in order.
std::vector<Violation> ViolationsOf(const absl::Status& status);

// `status` with one more fact; an existing fact of that name is replaced.
absl::Status WithFact(absl::Status status, std::string_view name, std::string_view value);

// `status` with the retry delay a client should wait before it tries again (google.rpc.RetryInfo).
absl::Status WithRetryAfter(absl::Status status, int delay_ms);

// The reason of a status made by Fail, or empty.
std::string ReasonOf(const absl::Status& status);

// A fact of a status made by Fail, or empty.
std::string FactOf(const absl::Status& status, std::string_view name);

// `status` as a serialised google.rpc.Status, for `grpc-status-details-bin`; empty when it has no details.
std::string ToDetails(const absl::Status& status);

// The inverse of ToDetails: rebuilds the status a server sent. Unknown details are kept.
absl::Status FromDetails(absl::StatusCode code, std::string_view message, std::string_view details);

// Copies a status received by the gRPC library (grpc::Status or alike) into absl::Status.
template <typename GrpcStatus>
absl::Status FromGrpc(const GrpcStatus& status) {
  if (status.ok()) return absl::OkStatus();
  return FromDetails(static_cast<absl::StatusCode>(status.error_code()), status.error_message(),
                     status.error_details());
}

namespace internal {
inline absl::Status StatusOf(const absl::Status& status) { return status; }
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}
inline void ValueOf(absl::Status&&) {}
template <typename T>
T ValueOf(absl::StatusOr<T>&& result) {
  return *std::move(result);
}
}  // namespace internal
}  // namespace zhanqiao

// The value of a StatusOr (or nothing, of a Status); leaves the function with the status when it is not OK.
// One TRY per statement. Not for coroutines.
#define TRY(expression)                                                                      \
  __extension__({                                                                            \
    auto try_result_ = (expression);                                                         \
    if (!try_result_.ok()) return ::zhanqiao::internal::StatusOf(try_result_);               \
    ::zhanqiao::internal::ValueOf(std::move(try_result_));                                   \
  })
