// Measures the ledger as a hub runs it: a scratch store, the commit pipeline, the log, checkpoints, index and
// archives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhanqiao::ledger {

// One figure. `key` is stable: scripts read it.
struct Figure {
  std::string key;  // "append_1024_per_s"
  double value = 0;
  std::string what;  // one line for people, with the unit
  std::string goal;  // floor / aim of design section 6; empty: none
};

struct MeasureOptions {
  std::filesystem::path directory;  // empty or missing; the scratch store stays in it
  uint64_t entries = 1'000'000;     // in the log when proofs and questions are measured
  bool archives = false;            // also write and prove the archive files (550 bytes an entry more)
  uint64_t seed = 1;                // of the entries
};

// Runs all measurements; minutes for millions of entries. `progress` is told what begins. The entries are
// spread over one month of ledger time. Every proof and answer that is timed is also checked: DATA_LOSS /
// MEASURE_WRONG.
absl::StatusOr<std::vector<Figure>> MeasureLedger(const MeasureOptions& options,
                                                  const std::function<void(std::string_view)>& progress);

}  // namespace zhanqiao::ledger
