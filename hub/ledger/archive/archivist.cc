#include "hub/ledger/archive/archivist.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/ledger/index/background.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

std::string RowOf(uint64_t segment) {
  return std::string(kArchiveRows) + storage::BigEndian(segment);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Archivist>> Archivist::Start(storage::Store& store,
                                                            storage::CommitPipeline& pipeline,
                                                            const Checkpointer& checkpointer,
                                                            const Index& index, const Clock& clock,
                                                            Options options) {
  std::unique_ptr<Archivist> archivist(
      new Archivist(store, pipeline, checkpointer, index, clock, std::move(options)));
  TRY(archivist->Load());
  if (archivist->options_.interval > absl::ZeroDuration()) {
    archivist->thread_ = std::thread([self = archivist.get()] { self->Loop(); });
  }
  return archivist;
}

Archivist::Archivist(storage::Store& store, storage::CommitPipeline& pipeline,
                     const Checkpointer& checkpointer, const Index& index, const Clock& clock,
                     Options options)
    : store_(store),
      pipeline_(pipeline),
      checkpointer_(checkpointer),
      index_(index),
      clock_(clock),
      options_(std::move(options)) {}

Archivist::~Archivist() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Archivist::Load() {
  std::vector<v1::ArchiveUnit> units;
  bool whole = true;
  TRY(store_.Scan(Table::kMeta, kArchiveRows, storage::PrefixEnd(kArchiveRows),
                  [&](std::string_view key, std::string_view value) {
                    v1::ArchiveUnit unit;
                    whole = unit.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
                            unit.segment() == units.size() && key == RowOf(unit.segment());
                    units.push_back(std::move(unit));
                    return whole;
                  }));
  if (!whole) {
    return Fail(absl::StatusCode::kDataLoss, "ARCHIVE_ROW",
                "The store's list of archives is not in its form; restore the store.");
  }
  absl::MutexLock lock(&mu_);
  units_ = std::move(units);
  return absl::OkStatus();
}

std::vector<v1::ArchiveUnit> Archivist::archives() const {
  absl::MutexLock lock(&mu_);
  return units_;
}

absl::Status Archivist::health() const {
  absl::MutexLock lock(&mu_);
  return health_;
}

std::filesystem::path Archivist::FileOf(uint64_t segment) const {
  return options_.directory / SegmentFile(segment, kArchiveExtension);
}

// Works a thirtieth of the time at most: an archive is for years and can wait for minutes, the exchange cannot.
void Archivist::Loop() {
  constexpr int kRestsForWork = 29;
  YieldToOthers();
  const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_; };
  for (;;) {
    const absl::Time start = clock_.Now();
    const absl::Status done = WorkOn(1);
    const absl::Duration rest = std::max(options_.interval, kRestsForWork * (clock_.Now() - start));
    absl::MutexLock lock(&mu_);
    if (!done.ok() && health_.ok()) LogStatus(LogLevel::kError, "archive_failed", done);
    health_ = done;
    if (mu_.AwaitWithTimeout(absl::Condition(&stopping), rest)) return;
  }
}

absl::Status Archivist::Work() { return WorkOn(std::numeric_limits<uint64_t>::max()); }

absl::Status Archivist::WorkOn(uint64_t segments_max) {
  absl::MutexLock work(&work_);
  if (!swept_) {
    for (const v1::ArchiveUnit& unit : archives()) TRY(CheckFile(unit));
    const uint64_t minimum = TRY(MinimumIndex(store_));
    TRY(RemoveBelow(minimum));
    swept_ = true;
  }
  for (uint64_t segment = archives().size(); segment < index_.sealed() && segments_max > 0; ++segment) {
    const SignedCheckpointPtr checkpoint = CheckpointFor(segment);
    if (checkpoint == nullptr) break;
    TRY(ArchiveSegment(segment, *checkpoint));
    --segments_max;
    absl::MutexLock lock(&mu_);
    if (stopping_) return absl::OkStatus();
  }
  // Retire from the oldest on, whole segments only: the last entry's day decides.
  const absl::CivilDay kept = options_.retention.KeptFrom(CivilDayOf(clock_.Now()));
  for (const v1::ArchiveUnit& unit : archives()) {
    if (unit.retired()) continue;
    const std::string last = TRY(entries_.Entry((unit.segment() + 1) * kSegmentEntries - 1));
    v1::LedgerEntry entry;
    if (!entry.ParseFromString(last)) return EntryMissing((unit.segment() + 1) * kSegmentEntries - 1);
    if (CivilDayOf(absl::FromUnixMicros(static_cast<int64_t>(entry.time_us()))) >= kept) break;
    TRY(Retire(unit));
  }
  return absl::OkStatus();
}

// The cosigned one as soon as it covers the segment; the newest where there are no witnesses, or where they have been
// silent for another segment.
SignedCheckpointPtr Archivist::CheckpointFor(uint64_t segment) const {
  const auto covers = [](const SignedCheckpointPtr& checkpoint, uint64_t segments) {
    return checkpoint != nullptr && checkpoint->checkpoint.size >= segments * kSegmentEntries;
  };
  const SignedCheckpointPtr cosigned = options_.cosigned ? options_.cosigned() : nullptr;
  if (covers(cosigned, segment + 1)) return cosigned;
  const SignedCheckpointPtr latest = checkpointer_.Latest();
  return covers(latest, segment + (options_.cosigned ? 2 : 1)) ? latest : nullptr;
}

absl::StatusOr<std::string> Archivist::Build(uint64_t segment, Part part) const {
  part.from = segment * kSegmentEntries;
  part.to = part.from + kSegmentEntries;
  const uint64_t last = part.to - 1;
  const PartReader reader = TRY(PartReader::Open(store_, entries_, checkpointer_.keys(), std::move(part)));
  return BuildArchive(reader, entries_, last);
}

absl::Status Archivist::ArchiveSegment(uint64_t segment, const SignedCheckpoint& checkpoint) {
  const std::vector<VerifierKey> keys = checkpointer_.keys();
  v1::ArchiveUnit unit;
  unit.set_segment(segment);
  // A file without a row: the hub ended between the two. It is as good as a new one if it proves itself.
  auto file = ArchiveFile::Open(FileOf(segment));
  const bool proved = file.ok() && (*file)->from() == segment * kSegmentEntries &&
                      (*file)->to() == (segment + 1) * kSegmentEntries &&
                      (*file)->Verify(keys).ok();
  if (!proved) {
    Part part;
    part.checkpoint = checkpoint.note;
    for (const VerifierKey& key : keys) absl::StrAppend(&part.verifier_keys, key.ToText(), "\n");
    part.policy = options_.policy.empty() ? PolicyOf(checkpointer_.key()) : options_.policy;
    const std::string bytes = TRY(Build(segment, std::move(part)));
    TRY(ReplaceFile(FileOf(segment), bytes));
    file = ArchiveFile::Open(FileOf(segment));
    TRY(file.status());
    TRY((*file)->Verify(keys).status());
  }
  unit.set_sha256(std::string(Bytes((*file)->sha256())));
  unit.set_bytes((*file)->bytes().size());
  unit.set_checkpoint(std::string((*file)->Member(kCheckpointFile).value_or("")));
  unit.set_verifier_keys(std::string((*file)->Member(kKeysFile).value_or("")));
  unit.set_policy(std::string((*file)->Member(kPolicyFile).value_or("")));
  return Record(std::move(unit), "written", {});
}

// One commit: the entry, the row, and what else goes with it.
absl::Status Archivist::Record(v1::ArchiveUnit unit, std::string_view verb, storage::Batch writes) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("hub");
  auto& event = *entry.mutable_archive_event();
  event.set_segment(unit.segment());
  event.set_sha256(unit.sha256());
  event.set_bytes(unit.bytes());
  event.set_verb(std::string(verb));
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), {}});
  commit.writes = std::move(writes);
  commit.late = [unit](const storage::CommitResult& result, storage::Batch& batch) {
    v1::ArchiveUnit row = unit;
    if (row.event_index() == 0) row.set_event_index(result.places.at(0).index);
    batch.Put(Table::kMeta, RowOf(row.segment()), row.SerializeAsString());
  };
  const storage::CommitResult result = TRY(pipeline_.Run(std::move(commit)));
  if (unit.event_index() == 0) unit.set_event_index(result.places.at(0).index);
  absl::MutexLock lock(&mu_);
  if (unit.segment() == units_.size()) units_.emplace_back();
  units_[unit.segment()] = std::move(unit);
  return absl::OkStatus();
}

absl::Status Archivist::CheckFile(const v1::ArchiveUnit& unit) const {
  const auto file = ArchiveFile::Open(FileOf(unit.segment()));
  if (file.ok() && (*file)->bytes().size() == unit.bytes()) return absl::OkStatus();
  if (unit.retired()) {
    return Fail(
        absl::StatusCode::kDataLoss, "ARCHIVE_MISSING",
        "The archive of entries that have left the store is missing or cut short; put a copy of it back.",
        {{"file", FileOf(unit.segment()).string()}});
  }
  Part part;
  part.checkpoint = unit.checkpoint();
  part.verifier_keys = unit.verifier_keys();
  part.policy = unit.policy();
  const std::string bytes = TRY(Build(unit.segment(), std::move(part)));
  if (Bytes(Sha256(bytes)) != unit.sha256()) {
    return Fail(
        absl::StatusCode::kDataLoss, "ARCHIVE_DIFFERENT",
        "The archive written anew is not the one the ledger states: the store was altered. Restore it.",
        {{"file", FileOf(unit.segment()).string()}});
  }
  return ReplaceFile(FileOf(unit.segment()), bytes);
}

absl::Status Archivist::Retire(const v1::ArchiveUnit& unit) {
  TRY(CheckFile(unit));
  const auto file = TRY(ArchiveFile::Open(FileOf(unit.segment())));
  if (Bytes(file->sha256()) != unit.sha256()) {
    return Fail(absl::StatusCode::kDataLoss, "ARCHIVE_DAMAGED",
                "An archive file is not the one the ledger states, so its entries stay online; remove the "
                "file and it "
                "is written anew.",
                {{"file", FileOf(unit.segment()).string()}});
  }
  TRY(file->Verify(checkpointer_.keys()).status());
  const uint64_t minimum = (unit.segment() + 1) * kSegmentEntries;
  storage::Batch writes;
  writes.Put(Table::kMeta, std::string(kMinimumIndexKey), storage::BigEndian(minimum));
  v1::ArchiveUnit retired = unit;
  retired.set_retired(true);
  TRY(Record(std::move(retired), "retired", std::move(writes)));
  return RemoveBelow(minimum);
}

absl::Status Archivist::RemoveBelow(uint64_t minimum) {
  constexpr size_t kRowsAtOnce = 1024;
  bool removed = false;
  for (const Table table : {Table::kSalts, Table::kEntries}) {
    for (;;) {
      storage::Commit commit;
      if (minimum == 0) break;
      TRY(store_.Scan(table, "", storage::BigEndian(minimum), [&](std::string_view key, std::string_view) {
        commit.writes.Delete(table, std::string(key));
        return commit.writes.writes().size() < kRowsAtOnce;
      }));
      if (commit.writes.empty()) break;
      removed = true;
      TRY(pipeline_.Run(std::move(commit)));
    }
    if (removed) TRY(store_.Compact(table, "", storage::BigEndian(minimum)));
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::ledger
