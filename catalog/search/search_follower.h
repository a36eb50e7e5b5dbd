// The writing side of the index. Part of search_index.h; one thread.
#pragma once

#include <memory>
#include <optional>

#include "catalog/search/search_state.h"

namespace zhanqiao::search {

class SearchIndex::Follower {
 public:
  Follower(documents::DocumentStore& store, const Options& options, std::shared_ptr<State> state)
      : store_(store), options_(options), state_(std::move(state)) {}

  // Follows until the state is stopping; starts again from the store whatever goes wrong.
  void Run();

  // Where the files lie that are in use.
  static std::filesystem::path FilesIn(const std::filesystem::path& directory) {
    return directory / "current";
  }

 private:
  absl::Status Follow();
  absl::Status Open();
  absl::Status Build();
  bool FitsStore(const Xapian::WritableDatabase& database) const;
  absl::Status TakeIn(const documents::Version& version);
  absl::Status CatchUp();
  void Commit();
  void CommitAndTell();
  void Note(const documents::Version& version);
  bool AwaitChanges();

  documents::DocumentStore& store_;
  const Options& options_;
  const std::shared_ptr<State> state_;
  std::optional<Xapian::WritableDatabase> database_;
  std::optional<uint64_t> position_;  // every change up to here has been read
  std::optional<uint64_t> last_at_;   // ledger index of the newest change of an entry that was taken in
  std::string last_;                  // and which it was
  bool dirty_ = false;                // something was taken in since the last commit
};

}  // namespace zhanqiao::search
