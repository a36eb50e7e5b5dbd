#include "hub/ledger/measure/scratch_hub.h"

#include "catalog/base/error.h"

namespace zhanqiao::ledger {

absl::StatusOr<std::unique_ptr<ScratchHub>> ScratchHub::Open(const std::filesystem::path& directory,
                                                             const Clock& clock) {
  auto hub = std::make_unique<ScratchHub>();
  hub->directory = directory;
  hub->clock = &clock;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  hub->store = TRY(storage::RocksStore::Open(directory / "store"));
  hub->signer = TRY(Ed25519FileSigner::OpenOrCreate(directory / "log.pem", "measure.example/log"));
  hub->log = TRY(Log::Open(*hub->store, clock));
  hub->pipeline = std::make_unique<storage::CommitPipeline>(*hub->store, hub->log.get(),
                                                            storage::CommitPipeline::Options());
  hub->entries = std::make_unique<OnlineEntries>(*hub->store, directory / "archive");
  if (hub->log->head()->size() > 0) return hub;
  storage::Commit first;
  first.records.push_back(GenesisRecord(hub->signer->name(), hub->signer->public_key()));
  TRY(hub->pipeline->Run(std::move(first)));
  return hub;
}

absl::Status ScratchHub::StartCheckpoints(absl::Duration interval) {
  checkpointer.reset();
  checkpointer =
      TRY(Checkpointer::Start(*log, *pipeline, *signer, {directory / "last-checkpoint", interval}));
  return absl::OkStatus();
}

absl::Status ScratchHub::StartIndex() {
  index = TRY(Index::Start(*log, *entries, {.directory = directory / "archive"}));
  return absl::OkStatus();
}

absl::Status ScratchHub::StartArchivist() {
  archivist = TRY(Archivist::Start(
      *store, *pipeline, *checkpointer, *index, *clock,
      {.directory = directory / "archive", .retention = {}, .interval = absl::ZeroDuration()}));
  return absl::OkStatus();
}

ScratchHub::~ScratchHub() {
  archivist.reset();
  index.reset();
  checkpointer.reset();
  pipeline.reset();
}

}  // namespace zhanqiao::ledger
