#include "hub/sample_load.h"

#include <cstdio>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/storage/pipeline.h"
#include "hub/disk.h"
#include "hub/ledger/log.h"
#include "hub/ledger/restart.h"
#include "hub/oversight/sample/sample_year.h"

namespace zhanqiao {
namespace {

absl::StatusOr<oversight::SampleTables> ReadTables(const std::string& data) {
  const auto read = [&](const char* file) {
    return ReadText(data + "/" + file, "SAMPLE_TABLE", "A table of the sample cannot be read; name the directory with --data.");
  };
  oversight::SampleTables tables;
  tables.organizations_csv = TRY(read("organizations.csv"));
  tables.topics_csv = TRY(read("sample_topics.csv"));
  tables.items_csv = TRY(read("sample_items.csv"));
  tables.tasks_csv = TRY(read("plan_tasks.csv"));
  return tables;
}

}  // namespace

absl::Status LoadSample(const HubConfig& config, int year, const std::string& data) {
  if (year != 2018) {
    return Fail(absl::StatusCode::kInvalidArgument, "SAMPLE_YEAR", "There is a sample of 2018 only; ask for that year.");
  }
  const oversight::SampleTables tables = TRY(ReadTables(data));
  const std::vector<oversight::SampleChange> changes = TRY(oversight::SampleYear2018(tables));
  Disk disk = TRY(OpenDisk(config));
  SimulatedClock clock(absl::FromCivil(absl::CivilSecond(2017, 12, 29, 8, 0, 0), Shanghai()));
  SystemRandom random;
  const std::unique_ptr<ledger::Log> log = TRY(ledger::Log::Open(*disk.store, clock));
  if (log->head()->size() > 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "STORE_NOT_EMPTY",
                "The store holds a log already; a sample goes into an empty one only: take another state_dir.",
                {{"state_dir", config.state_dir}});
  }
  storage::CommitPipeline pipeline(*disk.store, log.get(), storage::CommitPipeline::Options());
  storage::Commit first;
  first.records.push_back(TRY(ledger::FirstRecord(*disk.store, config.origin, disk.keys->Active().front()->public_key())));
  absl::Status loaded = pipeline.Run(std::move(first)).status();
  if (loaded.ok()) {
    documents::DocumentStore documents(*disk.store, pipeline, clock, random);
    loaded = oversight::RecordSample(changes, documents, clock, [&](size_t done) {
      std::fprintf(stderr, "\r样例 sample: %zu of %zu changes", done, changes.size());
    });
    std::fprintf(stderr, "\n");
  }
  pipeline.Stop();
  TRY(loaded);
  std::printf("{\"year\":%d,\"changes\":%zu,\"entries\":%llu}\n", year, changes.size(),
              static_cast<unsigned long long>(log->head()->size()));
  return absl::OkStatus();
}

}  // namespace zhanqiao
