#include "hub/oversight/facts/document_entry.h"

namespace zhanqiao::oversight {

std::optional<EntryDocument> DocumentOfEntry(const v1::LedgerEntry& entry) {
  switch (entry.event_case()) {
    case v1::LedgerEntry::kDocumentChange: {
      const v1::DocumentChange& change = entry.document_change();
      return EntryDocument{change.name(), change.revision(), change.commitment(), change.deleted(), change.effective_date()};
    }
    case v1::LedgerEntry::kGrantEvent: {
      const v1::GrantEvent& event = entry.grant_event();
      return EntryDocument{event.grant(), event.revision(), event.commitment(), event.verb() == "deleted", ""};
    }
    case v1::LedgerEntry::kObjectionEvent: {
      const v1::ObjectionEvent& event = entry.objection_event();
      return EntryDocument{event.objection(), event.revision(), event.commitment(), false, ""};
    }
    case v1::LedgerEntry::kDemandEvent: {
      const v1::DemandEvent& event = entry.demand_event();
      return EntryDocument{event.demand(), event.revision(), event.commitment(), false, ""};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace zhanqiao::oversight
