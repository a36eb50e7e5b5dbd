#include "hub/ledger/audit/questions.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/merkle.h"

namespace zhanqiao::ledger {
namespace {

constexpr int kFiltersMax = 50;
constexpr size_t kGrantsMax = 5000;  // of one approver
constexpr size_t kPageBytesMax = 1 << 20;
constexpr int kLookedAtMax = 10'000;  // entries read for one page

// Microseconds of a time; nothing when it is not given.
absl::StatusOr<std::optional<uint64_t>> MicrosOf(bool given, const google::protobuf::Timestamp& time,
                                                 std::string_view field) {
  if (!given) return std::optional<uint64_t>();
  if (time.seconds() < 0 || time.seconds() > 253'402'300'799 || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return BadField("TIME_INVALID", field, "Give a time between 1970 and 9999.");
  }
  return std::optional<uint64_t>(static_cast<uint64_t>(time.seconds()) * 1'000'000 +
                                 (static_cast<uint64_t>(time.nanos()) + 999) / 1000);
}

// The grants `person` proposed or decided on, as terms.
absl::Status AddGrantsOf(std::string_view person, const SegmentSet& segments, const Entries& entries,
                         Clause& clause) {
  IndexQuery decisions;
  decisions.all_of = {{{Term(IndexField::kApprover, person)}}};
  std::set<std::string> grants;
  absl::Status status;
  segments.Walk(decisions, {}, [&](uint64_t index) {
    const auto bytes = entries.Entry(index);
    status = bytes.status();
    v1::LedgerEntry entry;
    if (bytes.ok() && entry.ParseFromString(*bytes)) grants.insert(entry.grant_event().grant());
    return status.ok() && grants.size() <= kGrantsMax;
  });
  TRY(std::move(status));
  if (grants.size() > kGrantsMax) {
    return Fail(absl::StatusCode::kResourceExhausted, "APPROVER_GRANTS",
                "The person decided on more than 5,000 grants; ask by grant or resource instead.");
  }
  for (const std::string& grant : grants) clause.any_of.push_back(Term(IndexField::kGrant, grant));
  return absl::OkStatus();
}

absl::Status NotIndexed(std::string_view field) {
  return Fail(
      absl::StatusCode::kInvalidArgument, "FILTER_NOT_INDEXED",
      "No index serves this filter, and the whole log is not searched for it; filter by an indexed field, or "
      "export a range and filter that.",
      {{"field", std::string(field.substr(0, 64))}, {"indexed", FilterFields()}});
}

}  // namespace

absl::StatusOr<v1::StoredEntry> StoredOf(uint64_t index, std::string_view bytes) {
  v1::StoredEntry stored;
  stored.set_index(index);
  if (!stored.mutable_decoded()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MALFORMED",
                "An entry of the log is not in its form; restore the store.",
                {{"index", absl::StrCat(index)}});
  }
  stored.set_entry(bytes.data(), bytes.size());
  stored.set_leaf_hash(std::string(Bytes(LeafHash(bytes))));
  return stored;
}

std::string PageTokenFor(uint64_t resume, uint64_t reached, std::string_view question) {
  return absl::StrCat(resume, ".", reached, ".", ToHex(Bytes(Sha256(question)).substr(0, 4)));
}

absl::StatusOr<PageStart> ReadPageToken(std::string_view token, std::string_view question) {
  PageStart start;
  if (token.empty()) return start;
  const std::vector<std::string> parts = absl::StrSplit(Absl(token), '.');
  uint64_t resume = 0;
  uint64_t reached = 0;
  const bool ours = parts.size() == 3 && absl::SimpleAtoi(parts[0], &resume) &&
                    absl::SimpleAtoi(parts[1], &reached) && PageTokenFor(resume, reached, question) == token;
  if (!ours) {
    return BadField("PAGE_TOKEN_INVALID", "page_token",
                    "Give next_page_token of the previous answer to the same question.");
  }
  start.resume = resume;
  start.reached = reached;
  return start;
}

absl::StatusOr<int> EntryPageSize(int32_t asked) {
  if (asked < 0) return BadField("PAGE_SIZE", "page_size", "Give 1 to 1000, or 0 for 50.");
  return asked == 0 ? 50 : std::min(asked, 1000);
}

absl::StatusOr<IndexQuery> IndexQueryOf(const v1::QueryEntriesRequest& request, const SegmentSet& segments,
                                        const Entries& entries) {
  if (request.filters_size() > kFiltersMax)
    return BadField("FILTERS_MANY", "filters", "Give at most 50 filters.");
  IndexQuery query;
  std::map<IndexField, Clause> clauses;
  for (const v1::EntryFilter& filter : request.filters()) {
    const std::optional<IndexField> field = FilterField(filter.field());
    if (!field) return NotIndexed(filter.field());
    if (filter.value().empty()) return BadField("FILTER_VALUE", "filters", "Give the value to look for.");
    Clause& clause = clauses[*field];
    clause.any_of.push_back(Term(*field, filter.value()));
    if (*field == IndexField::kApprover) TRY(AddGrantsOf(filter.value(), segments, entries, clause));
  }
  for (auto& [field, clause] : clauses) query.all_of.push_back(std::move(clause));
  query.from = request.from_index();
  if (request.to_index() > 0) query.to = request.to_index();
  query.from_time_us = TRY(MicrosOf(request.has_from_time(), request.from_time(), "from_time"));
  query.to_time_us = TRY(MicrosOf(request.has_to_time(), request.to_time(), "to_time"));
  query.oldest_first = request.order() == v1::ENTRY_ORDER_OLDEST_FIRST;
  return query;
}

absl::StatusOr<EntryPage> FindEntries(const SegmentSet& segments, const Entries& entries,
                                      const IndexQuery& query, std::optional<uint64_t> resume, int page_size,
                                      const MaySeeEntry& may_see) {
  EntryPage page;
  absl::Status status;
  size_t bytes = 0;
  int looked_at = 0;
  segments.Walk(query, resume, [&](uint64_t index) {
    if (static_cast<int>(page.entries.size()) >= page_size || bytes >= kPageBytesMax ||
        looked_at >= kLookedAtMax) {
      page.next = index;
      return false;
    }
    ++looked_at;
    const auto entry = entries.Entry(index);
    auto stored = entry.ok() ? StoredOf(index, *entry) : absl::StatusOr<v1::StoredEntry>(entry.status());
    if (!stored.ok()) {
      status = stored.status();
      return false;
    }
    if (may_see && !may_see(stored->decoded())) return true;
    bytes += 2 * entry->size() + 64;
    page.entries.push_back(*std::move(stored));
    return true;
  });
  TRY(std::move(status));
  return page;
}

absl::StatusOr<v1::QueryEntriesResponse> AnswerQuery(const SegmentSet& segments, const Entries& entries,
                                                     const v1::QueryEntriesRequest& request,
                                                     const Clause& party, const MaySeeEntry& may_see) {
  v1::QueryEntriesRequest question = request;
  question.clear_page_token();
  question.clear_page_size();
  const std::string text = question.SerializeAsString();
  const int size = TRY(EntryPageSize(request.page_size()));
  const PageStart start = TRY(ReadPageToken(request.page_token(), text));
  IndexQuery query = TRY(IndexQueryOf(request, segments, entries));
  if (!party.any_of.empty()) query.all_of.push_back(party);
  const uint64_t reached = std::min(start.reached.value_or(segments.reached()), segments.reached());
  query.to = std::min(query.to.value_or(reached), reached);
  EntryPage page = TRY(FindEntries(segments, entries, query, start.resume, size, may_see));
  v1::QueryEntriesResponse response;
  for (v1::StoredEntry& entry : page.entries) *response.add_entries() = std::move(entry);
  if (page.next) response.set_next_page_token(PageTokenFor(*page.next, reached, text));
  response.set_reached(reached);
  return response;
}

}  // namespace zhanqiao::ledger
