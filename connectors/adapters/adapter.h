// What every data source implements: one pure read.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// A request, its reply and how it went.
struct Asked {
  const v1::ConnectorQuery* query;
  v1::ConnectorReply* reply;
  absl::Status status;
};

// Answers requests for one catalogue entry from one data source. Const and thread-safe: many requests may be
// answered at once. `adapter_contract.h` is the list of promises each adapter is tested against.
class Adapter {
 public:
  virtual ~Adapter() = default;

  // Fills `records` and `truncated` of `reply` (which may live on an arena) with the rows that meet all
  // conditions: the fields asked for and no other, in that order, at most `row_limit` rows, typed by the entry.
  // A chunk (`query.chunk`) has the rows strictly after `cursor` in the order of the source's key, at most 1 MiB of
  // them, and `next_cursor` unless they were the last; nothing of it is kept here, so that any connector of the
  // resource can go on with it. Returns within `timeout_ms` (0: 30 seconds) and a moment.
  // On failure `reply` is unspecified and the fact `link` says who refused:
  //   INVALID_ARGUMENT / FIELD_UNKNOWN, FIELDS_REQUIRED, CONDITION_INVALID, VALUE_TYPE, ROW_LIMIT,
  //     CURSOR_INVALID                                                                             (connector)
  //   FAILED_PRECONDITION / SCHEMA_CHANGED: the fingerprint is not that of these fields here       (connector)
  //   FAILED_PRECONDITION / KEY_REQUIRED: a chunk of a resource without unique key                 (connector)
  //   FAILED_PRECONDITION / SOURCE_VALUE: a value that does not fit its field                      (source)
  //   DEADLINE_EXCEEDED / SOURCE_SLOW: not answered within `timeout_ms`                            (source)
  //   UNAVAILABLE / SOURCE_UNAVAILABLE and the like: the department's own data source              (source)
  virtual absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const = 0;

  // Answers several; an adapter that can send them to its source together does.
  virtual void AnswerAll(absl::Span<Asked> asked) const {
    for (Asked& one : asked) one.status = Answer(*one.query, *one.reply);
  }

  // What does not fit between the source and the entry, as a check shows it to the operator: each with the field, a
  // reason and the fix. UNAVAILABLE and the like if the source cannot be asked.
  virtual absl::StatusOr<std::vector<Violation>> Mismatches() const { return std::vector<Violation>(); }

  // How many answers may wait for the source at once: the agent gives the adapter that many threads. 0: it never
  // waits, and is asked on the thread that read the request.
  virtual int waiting_max() const { return 0; }
};

// Makes the adapter for `entry` as the hub knows it; called once per entry and again when its schema changed.
using AdapterFactory = std::function<absl::StatusOr<std::unique_ptr<Adapter>>(const v1::Resource& entry)>;

}  // namespace zhanqiao::connectors
