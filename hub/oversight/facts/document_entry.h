// Which version of which document a ledger entry tells of, whatever kind of event it is. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::oversight {

struct EntryDocument {
  std::string name;
  uint64_t revision = 0;
  std::string commitment;
  bool deleted = false;
  std::string effective_date;  // YYYY-MM-DD; empty: the entry does not tell
};

// Nothing for entries that are of no document.
std::optional<EntryDocument> DocumentOfEntry(const v1::LedgerEntry& entry);

}  // namespace zhanqiao::oversight
