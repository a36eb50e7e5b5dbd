// Ledger entries in a few words.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::cli {

// What happened, in one line.
std::string EventText(const v1::LedgerEntry& entry);

// Entries as a table: index, time, event, actor, what.
void PrintEntries(const google::protobuf::RepeatedPtrField<v1::StoredEntry>& entries, std::ostream& out);

// A resource name without its first collection: "370200-ZWFWB/systems/approval".
std::string_view Shortened(std::string_view name);

}  // namespace zhanqiao::cli
