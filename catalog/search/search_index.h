// The index on disk: derived from the documents, following their change feed on a thread of its own.
//
// The thread that commits only learns that there is something new; reading it, cutting it into terms and
// writing the index happen on the follower's thread, many changes at a time. The database holds the position
// it reaches, the format it is of and the last change it took in; one that does not fit the store (absent, of
// another format, ahead of the store, of another history, damaged) is made anew beside the old files and put
// in their place.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include <xapian.h>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::search {

// Thread-safe.
class SearchIndex {
 public:
  struct Options {
    std::filesystem::path directory;  // made if missing; all in it belongs to the index
    absl::Duration settle =
        absl::Milliseconds(200);  // changes are collected so long, unless somebody waits for them
    int batch = 2000;             // changes read at once
    absl::Duration wait_max = absl::Seconds(2);  // longest wait for a position
  };

  // Starts following `store`, which must outlive it and whose traffic has not started. Does not wait for the
  // index to be made. FAILED_PRECONDITION / SEARCH_DIRECTORY if the directory cannot be made.
  static absl::StatusOr<std::unique_ptr<SearchIndex>> Start(documents::DocumentStore& store, Options options);
  ~SearchIndex();  // writes what it has read

  // Runs `ask` on the newest state of the index that holds every change of an entry up to the ledger index
  // `at_least` (or every change told so far, when that is less); gives the ledger index the state reaches.
  // `ask` may run again on a newer state. UNAVAILABLE / SEARCH_INDEX_BUILDING, DEADLINE_EXCEEDED /
  // SEARCH_INDEX_BEHIND.
  absl::StatusOr<uint64_t> Read(uint64_t at_least, absl::Time deadline,
                                const std::function<void(const Xapian::Database&)>& ask);

  // Ledger index of the last change taken in; nothing before the index is made.
  std::optional<uint64_t> reached() const;
  // Times it had to be made anew since the start.
  int rebuilds() const;

 private:
  struct State;
  class Follower;
  SearchIndex(documents::DocumentStore& store, Options options);

  absl::Status Await(uint64_t at_least, absl::Time deadline) const;
  // Runs `ask` once and gives what its state reaches. Throws what Xapian throws.
  uint64_t Ask(const std::function<void(const Xapian::Database&)>& ask);
  int Builds() const;
  // Has the index of this build made anew.
  void GiveUp(int build);

  const Options options_;
  const std::shared_ptr<State> state_;  // shared with the store's observer, which may outlive this
  std::unique_ptr<Follower> follower_;  // the follower thread's only
  std::thread thread_;
};

}  // namespace zhanqiao::search
