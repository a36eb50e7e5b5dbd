// Questions over indexed entries that need neither a hub nor a caller: the service asks them of the live
// index, zq also of archive files.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/index/segment_set.h"
#include "zhanqiao/v1/audit.pb.h"

namespace zhanqiao::ledger {

// Which entries a reader may see; empty: all.
using MaySeeEntry = std::function<bool(const v1::LedgerEntry&)>;

// An entry as answers show it. DATA_LOSS / LEDGER_ENTRY_MALFORMED (fact: index).
absl::StatusOr<v1::StoredEntry> StoredOf(uint64_t index, std::string_view bytes);

// Where a page begins: the index to go on from and what the first page reached. The token belongs to one
// question: INVALID_ARGUMENT / PAGE_TOKEN_INVALID for any other.
struct PageStart {
  std::optional<uint64_t> resume;
  std::optional<uint64_t> reached;
};
absl::StatusOr<PageStart> ReadPageToken(std::string_view token, std::string_view question);
std::string PageTokenFor(uint64_t resume, uint64_t reached, std::string_view question);
// 1 to 1000 for a requested page size; INVALID_ARGUMENT / PAGE_SIZE below 0.
absl::StatusOr<int> EntryPageSize(int32_t asked);

// The index query of a request: filters into clauses, approvers widened to their grants, times and indexes
// checked. INVALID_ARGUMENT / FILTER_NOT_INDEXED (facts: field, indexed), FILTER_VALUE, FILTERS_MANY,
// TIME_INVALID.
absl::StatusOr<IndexQuery> IndexQueryOf(const v1::QueryEntriesRequest& request, const SegmentSet& segments,
                                        const Entries& entries);

// A page of the entries `query` finds: at most `page_size`, about a megabyte, and 10,000 looked at.
struct EntryPage {
  std::vector<v1::StoredEntry> entries;
  std::optional<uint64_t> next;  // where the next page begins
};
absl::StatusOr<EntryPage> FindEntries(const SegmentSet& segments, const Entries& entries,
                                      const IndexQuery& query, std::optional<uint64_t> resume, int page_size,
                                      const MaySeeEntry& may_see = {});

// QueryEntries over these segments. `party`: a further clause every entry must meet; empty: none.
absl::StatusOr<v1::QueryEntriesResponse> AnswerQuery(const SegmentSet& segments, const Entries& entries,
                                                     const v1::QueryEntriesRequest& request,
                                                     const Clause& party = {},
                                                     const MaySeeEntry& may_see = {});

// TraceApproval over these segments.
absl::StatusOr<v1::ApprovalTrace> TraceGrant(const SegmentSet& segments, const Entries& entries,
                                             uint64_t index, const MaySeeEntry& may_see = {});

// GetRollup over these segments. `provider_of` names the provider of refusals; may be empty.
absl::StatusOr<v1::GetRollupResponse> SumRollups(
    const SegmentSet& segments, const v1::GetRollupRequest& request,
    const std::function<std::string(std::string_view)>& provider_of = {});

}  // namespace zhanqiao::ledger
