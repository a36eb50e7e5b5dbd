// A directory of archive files and the indexes beside them: the log as far as it is archived, without a hub.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/ledger/archive/archive_file.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/index/segment_set.h"

namespace zhanqiao::ledger {

// Entries of archive files segment-000042.tar. Files are opened when first asked for. Thread-safe.
class ArchiveEntries final : public Entries {
 public:
  explicit ArchiveEntries(std::filesystem::path directory) : directory_(std::move(directory)) {}
  absl::StatusOr<std::string> Entry(uint64_t index) const override;
  // There are no secrets in archives: each is given as empty.
  absl::Status Read(uint64_t from, uint64_t to, Visit visit) const override;
  absl::StatusOr<std::shared_ptr<const ArchiveFile>> File(uint64_t segment) const;

 private:
  const std::filesystem::path directory_;
  mutable absl::Mutex mu_;  // makes opening a file once one step
  mutable std::map<uint64_t, std::shared_ptr<const ArchiveFile>> files_ ABSL_GUARDED_BY(mu_);  // the last few
};

// Of a running hub: the store, and archive files for what has left it. References must outlive it.
class OnlineEntries final : public Entries {
 public:
  OnlineEntries(const storage::Reader& store, std::filesystem::path archives)
      : reader_(store), store_(store), archives_(std::move(archives)) {}
  absl::StatusOr<std::string> Entry(uint64_t index) const override;
  absl::Status Read(uint64_t from, uint64_t to, Visit visit) const override;

 private:
  const storage::Reader& reader_;
  const StoreEntries store_;
  const ArchiveEntries archives_;
};

// An archive directory opened for questions.
class ArchiveDirectory {
 public:
  // Takes the files segment-N.tar that follow each other without a gap, from the lowest N. An index that is
  // missing or damaged is built in memory from its archive, without persons (`persons()` is then false).
  // NOT_FOUND / ARCHIVE_MISSING when there is none; FAILED_PRECONDITION / ARCHIVE_GAP (fact: segment).
  static absl::StatusOr<std::unique_ptr<ArchiveDirectory>> Open(const std::filesystem::path& directory);

  const SegmentSet& segments() const { return segments_; }
  const Entries& entries() const { return entries_; }
  bool persons() const { return persons_; }
  uint64_t first() const { return first_; }
  uint64_t count() const { return count_; }

  // Proves every file against `keys`, and every index beside one against the entries it is of (but for
  // persons, which no archive holds). DATA_LOSS / PART_UNPROVED, ARCHIVE_FORM or INDEX_DAMAGED (fact: file).
  absl::Status Verify(absl::Span<const VerifierKey> keys) const;

 private:
  explicit ArchiveDirectory(const std::filesystem::path& directory)
      : directory_(directory), entries_(directory) {}
  const std::filesystem::path directory_;
  const ArchiveEntries entries_;
  SegmentSet segments_;
  bool persons_ = true;
  uint64_t first_ = 0;
  uint64_t count_ = 0;
};

// The keys of the log in an archive directory, as its newest file says. Proves nothing by itself.
absl::StatusOr<std::vector<VerifierKey>> KeysInArchives(const ArchiveDirectory& directory);

}  // namespace zhanqiao::ledger
