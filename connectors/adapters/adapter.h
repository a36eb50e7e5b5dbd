// What every data source implements: one pure read.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// Answers requests for one catalogue entry from one data source. Const and thread-safe: many requests may be
// answered at once, and the agent calls it for a whole batch in a row, on the thread that read the batch.
// `adapter_contract.h` is the list of promises each adapter is tested against.
class Adapter {
 public:
  virtual ~Adapter() = default;

  // Fills `records` and `truncated` of `reply` (which may live on an arena) with the rows that meet all
  // conditions: the fields asked for and no other, in that order, at most `row_limit` rows, typed by the entry.
  // On failure `reply` is unspecified and the fact `link` says who refused:
  //   INVALID_ARGUMENT / FIELD_UNKNOWN, FIELDS_REQUIRED, CONDITION_INVALID, VALUE_TYPE, ROW_LIMIT  (connector)
  //   FAILED_PRECONDITION / SCHEMA_CHANGED: the fingerprint is not that of these fields here       (connector)
  //   UNAVAILABLE / SOURCE_UNAVAILABLE and the like: the department's own data source              (source)
  virtual absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const = 0;
};

// Makes the adapter for `entry` as the hub knows it; called once per entry and again when its schema changed.
using AdapterFactory = std::function<absl::StatusOr<std::unique_ptr<Adapter>>(const v1::Resource& entry)>;

}  // namespace zhanqiao::connectors
