#include "hub/oversight/facts/exchanges.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao::oversight {
namespace {

constexpr absl::Duration kIndexWaitMax = absl::Seconds(5);
constexpr absl::CivilDay kFirstDay(1970, 1, 1);

uint64_t MicrosAt(absl::CivilDay day) {
  return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixMicros(absl::FromCivil(day, Shanghai()))));
}

}  // namespace

int32_t NumberOfDay(absl::CivilDay day) { return static_cast<int32_t>(day - kFirstDay); }
absl::CivilDay DayOfNumber(int32_t number) { return kFirstDay + number; }

absl::Status IndexedExchanges::Each(const Period& period, ledger::VisitRollup visit) const {
  const ledger::SegmentSet segments = index_.Snapshot(absl::Now() + kIndexWaitMax);
  if (segments.reached() <= period.known_at) {
    return WithRetryAfter(
        Fail(absl::StatusCode::kUnavailable, "INDEX_BEHIND",
             "The ledger's index has not come that far yet; try again a little later.",
             {{"reached", absl::StrCat(segments.reached())}, {"known_at", absl::StrCat(period.known_at)}}),
        1000);
  }
  v1::LedgerEntry last;
  const std::string bytes = TRY(entries_.Entry(period.known_at));
  if (!last.ParseFromString(bytes)) return ledger::EntryMissing(period.known_at);
  // Times never decrease in the log: the days before that of the last entry are complete.
  const int32_t last_day = ledger::DayOf(last.time_us());
  const int32_t from = NumberOfDay(period.from);
  const int32_t to = NumberOfDay(period.to);
  segments.VisitRollups([&](const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
    if (cell.day >= from && cell.day <= to && cell.day < last_day) visit(cell, sums);
  });
  if (last_day < from || last_day > to) return absl::OkStatus();
  ledger::IndexQuery query;
  query.from_time_us = MicrosAt(DayOfNumber(last_day));
  query.to = period.known_at + 1;
  query.oldest_first = true;
  query.all_of.push_back({{ledger::Term(ledger::IndexField::kEvent, "exchange"),
                           ledger::Term(ledger::IndexField::kEvent, "denial")}});
  ledger::Rollup rollup;
  absl::Status broken;
  segments.Walk(query, std::nullopt, [&](uint64_t index) {
    const auto entry = entries_.Entry(index);
    v1::LedgerEntry decoded;
    if (entry.ok() && decoded.ParseFromString(*entry)) {
      ledger::AddToRollup(decoded, rollup);
    } else {
      broken = entry.ok() ? ledger::EntryMissing(index) : entry.status();
    }
    return broken.ok();
  });
  TRY(broken);
  for (const auto& [cell, sums] : rollup) visit(cell, sums);
  return absl::OkStatus();
}

}  // namespace zhanqiao::oversight
