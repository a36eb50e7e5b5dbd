// The embedded store of one hub: RocksDB 7.8, one column family for each table, every write synced.
//
// What is fixed here and why is in README.md. Nothing of RocksDB shows: its texts go to the log for the
// operator, callers get a reason and a sentence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/storage/store.h"

namespace zhanqiao::storage {

// The version of the store's format this program writes, kept in Table::kMeta under kFormatKey as decimal text.
inline constexpr int kFormat = 1;
inline constexpr std::string_view kFormatKey = "store/format";

// Thread-safe. At most one process has a store open for writing.
class RocksStore final : public Store {
 public:
  struct Options {
    uint64_t free_bytes_min = 64 << 20;      // free disk space, beyond what recovery writes, without which it is not opened
    size_t cache_bytes = 64 << 20;           // blocks kept in memory, all tables together
    size_t memtable_bytes = 64 << 20;        // written rows kept in memory for each table
    uint64_t wal_bytes_max = 256 << 20;      // write-ahead log; bounds the time to start after a crash
    absl::Duration readers_wait_max = absl::Seconds(5);  // how long Reopen waits for reads under way
  };

  // Opens the store in directory `path`, creating it if it is missing. Everything ever acknowledged is there.
  // Fails, leaving the files as they are, with
  //   FAILED_PRECONDITION / STORE_IN_USE          another process (or this one) has it open
  //   RESOURCE_EXHAUSTED / STORE_DISK_FULL        less than `free_bytes_min` free (facts: free_bytes, needed_bytes)
  //   FAILED_PRECONDITION / STORE_FORMAT_NEWER    written by a newer program (facts: format, known)
  //   FAILED_PRECONDITION / STORE_FOREIGN         a RocksDB database, but not a store of ours
  //   DATA_LOSS / STORE_DAMAGED                   anything but a torn tail of the last write is wrong
  //   UNAVAILABLE / STORE_OPEN_FAILED             everything else (directory, rights, I/O)
  static absl::StatusOr<std::unique_ptr<RocksStore>> Open(const std::filesystem::path& path,
                                                          const Options& options);
  static absl::StatusOr<std::unique_ptr<RocksStore>> Open(const std::filesystem::path& path) {
    return Open(path, Options());
  }

  // Opens a stopped store for reading only; works on a full disk and on read-only media, and changes no file.
  // Several readers may have it open, but no writer (STORE_IN_USE). NOT_FOUND / STORE_MISSING if there is none.
  static absl::StatusOr<std::unique_ptr<Reader>> OpenReadOnly(const std::filesystem::path& path);

  // Closes the store. Snapshots must be gone before.
  ~RocksStore() override;

  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override;
  absl::Status Scan(Table table, std::string_view from, std::string_view to, const Visit& visit) const override;
  absl::Status ScanBackwards(Table table, std::string_view from, std::string_view to,
                             const Visit& visit) const override;
  std::unique_ptr<Reader> Snapshot() const override;
  absl::Status Apply(const Batch& batch) override;
  // First tries the directory with a small synced file of its own, so that a disk that still refuses costs no reader
  // his store. Then waits for reads under way, closes RocksDB wholly and opens it from the files.
  absl::Status Reopen() override;
  absl::Status Compact(Table table, std::string_view from, std::string_view to) override;

 private:
  struct Impl;
  explicit RocksStore(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace zhanqiao::storage
