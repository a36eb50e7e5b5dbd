// Loads the sample year into the empty store of a hub that does not run.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "hub/config.h"

namespace zhanqiao {

// Records the sample year (hub/oversight/sample) from the tables in the directory `data` (deploy/demo/data), under a
// simulated clock: its versions and entries bear the times of 2018. Says on standard error how far it is, and on standard
// output {"year":…,"changes":…,"entries":…}.
//   FAILED_PRECONDITION / STORE_NOT_EMPTY   the log has entries; / STORE_IN_USE: a hub runs on it
//   INVALID_ARGUMENT / SAMPLE_YEAR          there is only 2018; NOT_FOUND / SAMPLE_TABLE (fact: file)
absl::Status LoadSample(const HubConfig& config, int year, const std::string& data);

}  // namespace zhanqiao
