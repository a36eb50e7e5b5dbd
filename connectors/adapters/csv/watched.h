// CSV files that are loaded again when they change.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "connectors/adapters/csv/csv.h"

namespace zhanqiao::connectors {

// Thread-safe. Answers go on from the old rows while new ones are loaded.
class WatchedFiles final : public Adapter {
 public:
  // Loads the files and, unless `options.look` is infinite, looks at them from a thread of its own from then
  // on.
  static absl::StatusOr<std::unique_ptr<WatchedFiles>> Open(CsvOptions options, v1::Resource entry);
  ~WatchedFiles() override;

  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;

  // One look: loads what has changed and has since stood still for one look. True if rows were replaced.
  bool Look();

 private:
  // What a file looked like.
  struct Seen {
    std::string path;
    int64_t bytes, changed_ns;
    uint64_t inode;
    bool operator==(const Seen&) const = default;
  };

  WatchedFiles(CsvOptions options, v1::Resource entry)
      : options_(std::move(options)), entry_(std::move(entry)) {}
  std::vector<Seen> See() const;
  absl::StatusOr<std::unique_ptr<Table>> Load(const std::vector<Seen>& files) const;
  absl::StatusOr<CsvTable> Cells(const std::string& path) const;
  void LookAgain();

  const CsvOptions options_;
  const v1::Resource entry_;
  std::vector<Seen> loaded_;  // the files as they were loaded or refused; touched by Look only
  std::vector<Seen> before_;  // as the last look saw them
  mutable absl::Mutex mu_;    // makes taking and replacing the rows one step
  std::shared_ptr<const Table> table_ ABSL_GUARDED_BY(mu_);  // shared with the answers under way
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread looking_;
};

}  // namespace zhanqiao::connectors
