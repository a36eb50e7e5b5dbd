#include "hub/cli/recount.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao::cli {
namespace {

// "organizations/{code}" of a system's name; of other names the same as the hub gives: nothing.
std::string BodyOf(std::string_view system) {
  const size_t second = system.find('/', system.find('/') + 1);
  return second == std::string_view::npos ? "" : std::string(system.substr(0, second));
}

}  // namespace

absl::Status Recount::Add(std::string_view bytes) {
  v1::LedgerEntry entry;
  if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MALFORMED", "An entry is not in its form.");
  }
  const std::string day = FormatDay(CivilDayOf(absl::FromUnixMicros(static_cast<int64_t>(entry.time_us()))));
  if (entry.has_grant_event() && !entry.grant_event().purpose().empty()) {
    purposes_[entry.grant_event().grant()] = entry.grant_event().purpose();
  } else if (entry.has_exchange()) {
    const v1::Exchange& exchange = entry.exchange();
    Sums& sums = by_grant_[{day, BodyOf(exchange.consumer()), exchange.provider(), exchange.resource(), exchange.grant(), ""}];
    ++sums.count;
    sums.rows += exchange.rows();
    sums.bytes += exchange.released_bytes();
    ++releases_;
  } else if (entry.has_denial()) {
    const v1::Denial& denial = entry.denial();
    const uint64_t count = std::max<uint64_t>(1, denial.count());
    const std::string reason = denial.reason().empty() ? "UNKNOWN" : denial.reason();
    by_grant_[{day, BodyOf(denial.consumer()), "", denial.resource(), denial.grant(), reason}].count += count;
    refusals_ += count;
  }
  return absl::OkStatus();
}

std::map<Recount::Cell, Recount::Sums> Recount::Counted() const {
  std::map<Cell, Sums> counted;
  for (const auto& [cell, sums] : by_grant_) {
    Cell named = cell;
    const auto purpose = purposes_.find(cell[4]);
    named[4] = purpose == purposes_.end() ? "" : purpose->second;
    Sums& sum = counted[std::move(named)];
    sum.count += sums.count;
    sum.rows += sums.rows;
    sum.bytes += sums.bytes;
  }
  return counted;
}

std::vector<std::string> Recount::Differences(const v1::Sharing& told) const {
  std::map<Cell, Sums> said;
  for (const v1::SharingRow& row : told.rows()) {
    const bool refused = !row.reason().empty();
    Sums& sums = said[{row.day(), row.consumer(), refused ? "" : row.provider(), row.resource(), row.purpose(), row.reason()}];
    sums.count += refused ? row.refused() : row.released();
    sums.rows += row.rows();
    sums.bytes += row.released_bytes();
  }
  const std::map<Cell, Sums> counted = Counted();
  std::vector<std::string> differences;
  const auto compare = [&](const Cell& cell, const Sums& told_sums, const Sums& counted_sums) {
    if (told_sums == counted_sums) return;
    differences.push_back(absl::StrCat(absl::StrJoin(cell, " | "), ": told ", told_sums.count, "/", told_sums.rows, "/", told_sums.bytes,
                                       ", counted ", counted_sums.count, "/", counted_sums.rows, "/", counted_sums.bytes));
  };
  for (const auto& [cell, sums] : counted) {
    const auto found = said.find(cell);
    compare(cell, found == said.end() ? Sums() : found->second, sums);
  }
  for (const auto& [cell, sums] : said) {
    if (!counted.contains(cell)) compare(cell, sums, Sums());
  }
  return differences;
}

}  // namespace zhanqiao::cli
