// A log with index and archivist for tests, on a store in memory, with a clock that moves only when told.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "hub/ledger/archive/archive_directory.h"
#include "hub/ledger/archive/archivist.h"
#include "hub/ledger/index/random_entries.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void WriteAll(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class ArchivedLog {
 public:
  explicit ArchivedLog(std::unique_ptr<storage::MemoryStore> store = std::make_unique<storage::MemoryStore>())
      : log(std::move(store)) {
    EXPECT_TRUE(log.StartCheckpoints().ok());
  }
  void Grow(uint64_t size) {
    while (log.log().head()->size() < size) {
      std::vector<storage::LogRecord> records;
      for (uint64_t i = log.log().head()->size(); i < size && records.size() < 1000; ++i) {
        records.push_back(entries.Next());
      }
      log.clock().Advance(absl::Seconds(20));
      ASSERT_TRUE(log.Commit(std::move(records)));
    }
  }
  void Start(RetentionPolicy retention = {}, Archivist::Cosigned cosigned = nullptr) {
    online = std::make_unique<OnlineEntries>(log.store(), directory());
    index = Index::Start(log.log(), *online, {directory(), absl::Milliseconds(1)}).value();
    archivist =
        Archivist::Start(
            log.store(), log.pipeline(), log.checkpointer(), *index, log.clock(),
            {.directory = directory(), .retention = std::move(retention), .interval = absl::ZeroDuration(),
             .cosigned = std::move(cosigned)})
            .value();
  }
  void Stop() {
    archivist.reset();
    index.reset();
    online.reset();
  }
  // Everything is signed for and indexed; then the archivist works once.
  absl::Status Work() {
    log.Sign();
    All();
    return archivist->Work();
  }
  SegmentSet All() { return index->Snapshot(absl::Now() + absl::Seconds(60)); }
  std::filesystem::path directory() const { return files.path() / "archive"; }
  std::filesystem::path File(uint64_t segment) const {
    return directory() / SegmentFile(segment, kArchiveExtension);
  }
  // How many ArchiveEvents with `verb` the log holds.
  int Events(std::string_view verb) const {
    int events = 0;
    const absl::Status read =
        log_store().Scan(storage::Table::kEntries, "", "", [&](std::string_view, std::string_view bytes) {
          v1::LedgerEntry entry;
          entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
          events += entry.archive_event().verb() == verb ? 1 : 0;
          return true;
        });
    EXPECT_TRUE(read.ok());
    return events;
  }

  TestLog log;
  const storage::TemporaryDirectory files;
  RandomEntries entries{7,
                        {.organizations = 5, .systems = 9, .resources = 11, .grants = 40, .persons = 5000}};
  std::unique_ptr<OnlineEntries> online;
  std::unique_ptr<Index> index;
  std::unique_ptr<Archivist> archivist;

 private:
  const storage::MemoryStore& log_store() const { return const_cast<TestLog&>(log).store(); }
};

}  // namespace zhanqiao::ledger
