// What a connector's journal says against what the hub's log says: pure, fed line by line and entry by entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "catalog/base/journal.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::cli {

struct Reconciliation {
  size_t answered = 0;                // lines of the journal
  size_t malformed = 0;               // lines that cannot be read; one was cut short at each crash at most
  size_t released = 0;                // answers with a release in the log
  size_t refused = 0;                 // answers the hub refused to release, with an entry
  size_t pending = 0;                 // too young to have been logged for certain
  uint64_t counted = 0;               // refusals of these resources that the log only counts
  std::vector<JournalLine> unlogged;  // fetched, and neither released nor refused in any entry
  std::vector<uint64_t> different;    // entries that tell another story: other rows, resource or signature
  std::vector<uint64_t> unknown;      // releases said to be this connector's that it never answered
  std::vector<uint64_t> matched;      // entries found, ascending

  // Nothing is missing but what counted refusals may account for, and nothing contradicts.
  bool good() const { return unlogged.size() <= counted && different.empty() && unknown.empty(); }
};

// Not thread-safe.
class Reconciler {
 public:
  // `connector`: its resource name, or empty if it is not known; then `unknown` and `different` stay empty.
  // Answers younger than `settled` are pending while they are not found.
  Reconciler(std::string connector, absl::Time settled)
      : connector_(std::move(connector)), settled_(settled) {}

  // First every line of the journal, then every entry of the log that concerns the provider, then Finish.
  void AddLine(std::string_view text);
  void AddEntry(uint64_t index, const v1::LedgerEntry& entry);
  Reconciliation Finish();

 private:
  void AddRelease(uint64_t index, const v1::LedgerEntry& entry);

  const std::string connector_;
  const absl::Time settled_;
  Reconciliation found_;
  std::vector<JournalLine> lines_;
  absl::flat_hash_map<std::string, std::vector<size_t>> by_commitment_;
  absl::flat_hash_set<std::string> resources_;
  absl::flat_hash_set<std::string> seen_;  // commitments with an entry
  int64_t first_us_ = INT64_MAX;
  int64_t last_us_ = INT64_MIN;
};

}  // namespace zhanqiao::cli
