// What the callers of the index, its follower and the store's observer share. Part of search_index.h.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <xapian.h>

#include "absl/synchronization/mutex.h"
#include "catalog/search/search_index.h"

namespace zhanqiao::search {

struct SearchIndex::State {
  // A connection to the index as it was at a generation.
  struct Reader {
    Xapian::Database database;
    uint64_t generation = 0;  // of the state it shows
    int build = 0;            // of the files it has open
  };

  mutable absl::Mutex mu;
  std::optional<uint64_t> told ABSL_GUARDED_BY(mu);     // greatest ledger index of a change of an entry
  std::optional<uint64_t> reached ABSL_GUARDED_BY(mu);  // every change up to here is in the newest generation
  bool built ABSL_GUARDED_BY(mu) = false;
  bool broken ABSL_GUARDED_BY(mu) = false;  // a reader found the files damaged
  bool stopping ABSL_GUARDED_BY(mu) = false;
  int waiting ABSL_GUARDED_BY(mu) = 0;          // callers that wait for changes
  uint64_t generation ABSL_GUARDED_BY(mu) = 0;  // counts commits of the index
  int build ABSL_GUARDED_BY(mu) = 0;            // counts the times the files were put in place
  int rebuilds ABSL_GUARDED_BY(mu) = 0;
  std::vector<Reader> idle ABSL_GUARDED_BY(mu);

  bool Behind() const ABSL_SHARED_LOCKS_REQUIRED(mu) { return told && (!reached || *reached < *told); }
};

}  // namespace zhanqiao::search
