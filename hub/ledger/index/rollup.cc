#include "hub/ledger/index/rollup.h"

#include <algorithm>

#include "hub/ledger/index/varint.h"

namespace zhanqiao::ledger {

int32_t DayOf(uint64_t time_us) {
  // Asia/Shanghai is UTC+08:00 without daylight saving since 1991 (catalog/base/clock.h).
  constexpr uint64_t kSecond = 1'000'000;
  return static_cast<int32_t>((time_us / kSecond + uint64_t{8} * 3600) / 86400);
}

void AddToRollup(const v1::LedgerEntry& entry, Rollup& rollup) {
  RollupCell cell;
  RollupSums sums;
  if (entry.has_exchange()) {
    const v1::Exchange& exchange = entry.exchange();
    cell = {0, exchange.consumer(), exchange.provider(), exchange.resource(), exchange.grant(), {}};
    sums = {1, exchange.rows(), exchange.released_bytes()};
  } else if (entry.has_denial()) {
    const v1::Denial& denial = entry.denial();
    const std::string& reason = denial.reason();
    cell = {0, denial.consumer(), {}, denial.resource(), denial.grant(), reason.empty() ? "UNKNOWN" : reason};
    sums = {std::max<uint64_t>(denial.count(), 1), 0, 0};
  } else {
    return;
  }
  cell.day = DayOf(entry.time_us());
  rollup[std::move(cell)].Add(sums);
}

std::string EncodeRollup(const Rollup& rollup) {
  std::string out;
  AppendVarint(rollup.size(), out);
  for (const auto& [cell, sums] : rollup) {
    AppendVarint(static_cast<uint64_t>(cell.day), out);
    for (const std::string* text : {&cell.consumer, &cell.provider, &cell.resource, &cell.grant, &cell.reason}) {
      AppendBytes(*text, out);
    }
    for (const uint64_t sum : {sums.count, sums.rows, sums.bytes}) AppendVarint(sum, out);
  }
  return out;
}

bool DecodeRollup(std::string_view bytes, VisitRollup visit) {
  uint64_t cells = 0;
  if (!TakeVarint(bytes, cells)) return false;
  for (; cells > 0; --cells) {
    RollupCell cell;
    RollupSums sums;
    uint64_t day = 0;
    bool whole = TakeVarint(bytes, day);
    cell.day = static_cast<int32_t>(day);
    for (std::string* text : {&cell.consumer, &cell.provider, &cell.resource, &cell.grant, &cell.reason}) {
      whole = whole && TakeBytes(bytes, *text);
    }
    for (uint64_t* sum : {&sums.count, &sums.rows, &sums.bytes}) whole = whole && TakeVarint(bytes, *sum);
    if (!whole) return false;
    visit(cell, sums);
  }
  return bytes.empty();
}

}  // namespace zhanqiao::ledger
