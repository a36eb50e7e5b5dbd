// The room of oversight as one object: makes its services and wires them to each other, so that the hub has one member.
//
//   oversight_.emplace({…});
//   … oversight_->figures() goes to who registers methods.
#pragma once

#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/rules.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/index/index.h"
#include "hub/oversight/figures.h"
#include "hub/oversight/inventory_service.h"
#include "hub/oversight/oversight_service.h"
#include "hub/oversight/records.h"

namespace zhanqiao::oversight {

class Oversight {
 public:
  // What the room stands on; all of it outlives the object.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const access::Rules& rules;
    const Clock& clock;
    Random& random;
    const ledger::Index& index;
    const ledger::Entries& entries;
    ProgressParts progress;  // what is counted outside this room's figures
  };
  explicit Oversight(Parts parts);

  // Reads what figures are made of, so that the first who asks need not wait. May run beside everything else.
  absl::Status Warm() const { return records_.Warm(); }

  OversightService& service() { return service_; }
  InventoryService& inventory() { return inventory_; }
  const Figures& figures() const { return figures_; }
  const Records& records() const { return records_; }

 private:
  const Parts parts_;
  Records records_;
  Figures figures_;
  SharingFigures sharing_;
  OversightService service_;
  InventoryService inventory_;
};

}  // namespace zhanqiao::oversight
