// A whole year of a city's oversight, generated: for demonstrations and tests, and plainly marked as a sample (样例).
//
// The bodies are those of the tables handed in; everything about them is invented and follows from their names, so that the
// same tables give the same year, day by day: systems surveyed in January, moved to the cloud, merged and cleared through
// 2018, entries and datasets published, probes, reports (some late, some missing), duties attested, exchanges summed by day.
// Each change is recorded on the day it would have been, under a simulated clock; some are recorded late, so that what was
// known at a month's end and what is known now differ. Every document says 样例 where people read it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::oversight {

// The tables of deploy/demo/data the year is made from, as text.
struct SampleTables {
  std::string organizations_csv;
  std::string topics_csv;  // sample_topics.csv
  std::string items_csv;   // sample_items.csv
  std::string tasks_csv;   // plan_tasks.csv
};

// One document as it is recorded on one day.
struct SampleChange {
  absl::CivilDay day;
  std::string name;
  std::string type;
  std::string document;
};

// Every change of the year 2018 in the order it is recorded. INVALID_ARGUMENT / SAMPLE_INVALID (facts: table, row, column),
// and what reading organisations says.
absl::StatusOr<std::vector<SampleChange>> SampleYear2018(const SampleTables& tables);

// Records `changes` in `store`, whose clock is `clock`, some hundred a commit. `progress(done)` is told of each commit.
absl::Status RecordSample(const std::vector<SampleChange>& changes, documents::DocumentStore& store, SimulatedClock& clock,
                          const std::function<void(size_t done)>& progress);

// How many exchanges the sample sums up.
inline constexpr uint64_t kSampleExchanges = 2'000'000;

}  // namespace zhanqiao::oversight
