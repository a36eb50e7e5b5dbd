// The facts of the running hub: its documents and the roll-ups of its ledger.
#pragma once

#include "absl/time/time.h"
#include "hub/ledger/index/index.h"
#include "hub/oversight/facts/fact_source.h"

namespace zhanqiao::oversight {

// Thread-safe. What it is made of must outlive it.
class HubFacts final : public FactSource {
 public:
  HubFacts(const documents::DocumentStore& documents, const ledger::Index& index, const ledger::Entries& entries)
      : documents_(documents), index_(index), entries_(entries) {}

  absl::Status EachDocument(std::string_view prefix, const documents::ReadAt& at,
                            absl::FunctionRef<void(const documents::Version&)> visit) const override;
  // From the roll-ups of the segments; of the day of the position itself, whose roll-up may go on after it, entry by entry.
  // UNAVAILABLE / INDEX_BEHIND when the index does not reach the position within a few seconds.
  absl::Status EachExchange(const Period& period, ledger::VisitRollup visit) const override;

 private:
  const documents::DocumentStore& documents_;
  const ledger::Index& index_;
  const ledger::Entries& entries_;
};

}  // namespace zhanqiao::oversight
