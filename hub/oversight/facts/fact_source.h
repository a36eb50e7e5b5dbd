// Where figures are drawn from: documents as they held on a day and were known at a ledger position, and what the ledger
// says was released and refused. Of a running hub (hub_facts.h), or of exported files an auditor holds (exported_facts.h):
// the sums are the same code, so that what differs is the facts.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/documents/document_store.h"
#include "hub/ledger/index/rollup.h"

namespace zhanqiao::oversight {

// Days whose facts count, both inclusive, as known at a ledger position (the entry at it included).
struct Period {
  absl::CivilDay from;
  absl::CivilDay to;
  uint64_t known_at = 0;
};

// Thread-safe.
class FactSource {
 public:
  virtual ~FactSource() = default;
  // Tells every document under `prefix` that holds at `at`, in name order, deletions left out.
  virtual absl::Status EachDocument(std::string_view prefix, const documents::ReadAt& at,
                                    absl::FunctionRef<void(const documents::Version&)> visit) const = 0;
  // Tells sums of what was released and refused in `period`. The same cell may come more than once.
  virtual absl::Status EachExchange(const Period& period, ledger::VisitRollup visit) const = 0;
};

}  // namespace zhanqiao::oversight
