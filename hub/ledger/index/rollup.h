// Roll-ups: what was released and refused, counted while entries are indexed, so that no report reads the log
// again.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {

// What sums are kept apart by. Strings are as in the entries; a refusal names no provider.
struct RollupCell {
  int32_t day = 0;       // days since 1970-01-01, civil day of Asia/Shanghai
  std::string consumer;  // system
  std::string provider;
  std::string resource;
  std::string grant;   // under which it was asked for, and so for which purpose; refusals may name none
  std::string reason;  // of refusals; empty: released
  auto operator<=>(const RollupCell&) const = default;
};

struct RollupSums {
  uint64_t count = 0;  // releases, or refusals with those that were only counted
  uint64_t rows = 0;
  uint64_t bytes = 0;
  void Add(const RollupSums& other) {
    count += other.count;
    rows += other.rows;
    bytes += other.bytes;
  }
};

using Rollup = std::map<RollupCell, RollupSums>;
using VisitRollup = absl::FunctionRef<void(const RollupCell&, const RollupSums&)>;

// The civil day (Asia/Shanghai) of a ledger time, days since 1970-01-01.
int32_t DayOf(uint64_t time_us);

// Adds what `entry` released or refused; other entries add nothing.
void AddToRollup(const v1::LedgerEntry& entry, Rollup& rollup);

// index/FORMAT.md, section rollup. False from Decode: malformed.
std::string EncodeRollup(const Rollup& rollup);
bool DecodeRollup(std::string_view bytes, VisitRollup visit);

}  // namespace zhanqiao::ledger
