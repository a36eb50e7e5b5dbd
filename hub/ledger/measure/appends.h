// How fast entries become durable, integrated and signed for.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/ledger/index/random_entries.h"
#include "hub/ledger/measure/scratch_hub.h"

namespace zhanqiao::ledger {

struct AppendFigures {
  double per_s = 0;
  double p50_us = 0;  // of one commit, from handing it over to its answer
  double p99_us = 0;
};

// Appends `count` entries in commits of `batch` records, `clients` commits under way at a time; each is
// handed over as soon as one is answered. The entries are made before the clock starts. It stops when a
// checkpoint covers them all, if there is a checkpointer that signs.
absl::StatusOr<AppendFigures> MeasureAppends(ScratchHub& hub, SpreadClock& clock, RandomEntries& entries,
                                             size_t clients, size_t batch, uint64_t count);

// Appends entries until the log holds `size`, as fast as it goes.
absl::Status Fill(ScratchHub& hub, SpreadClock& clock, RandomEntries& entries, uint64_t size);

}  // namespace zhanqiao::ledger
