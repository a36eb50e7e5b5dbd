// What of a feed's records may go to one subscriber: columns of the plan, rows the grant's conditions let through.
// Pure; thread-safe by having no state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "hub/exchange/feeds/feed_rows.h"
#include "hub/exchange/release.h"

namespace zhanqiao::exchange {

// Bounds of one delivery.
inline constexpr int kDeliveryRowsMax = 1000;
inline constexpr size_t kDeliveryBytesMax = 1 << 20;

// Records gathered for one delivery, not yet masked.
struct Gathered {
  v1::RecordBatch records;          // in the plan's columns
  std::vector<uint64_t> offsets;    // of the rows
  uint64_t through = 0;             // every record up to it was considered; 0: none yet
  uint32_t withheld = 0;            // records that do not fit the entry's fields now
  size_t bytes = 0;                 // of `records`, about
  absl::Time published;             // of the newest considered
  std::string publisher;            // of the newest considered
};

// Considers the records of `batch` (of `segment`) from `from` on until `rows_max` rows are gathered or the delivery has
// its size. Takes what it gathers out of `batch`.
void Gather(const ReleasePlan& plan, const Segment& segment, uint64_t from, int rows_max, v1::RecordBatch& batch,
            Gathered& gathered);

}  // namespace zhanqiao::exchange
