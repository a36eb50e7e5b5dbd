// The log: gives every record its place, grows the tree in the same write, and shows readers what is durable.
//
// Rows (FORMAT.md): kEntries be64(index) -> entry; kSalts be64(index) -> secret; kTiles level byte + be64(number) ->
// full tile of 8,192 bytes; kMeta "ledger/head" -> size, last time, frontier, and "ledger/counter/" + key -> the last
// number given. Partial tiles are not stored: they follow from the last entries and tiles, and are kept in memory.
//
// Threads: the Sequencer methods belong to the commit thread; everything else may be called from any thread.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/storage/pipeline.h"
#include "catalog/storage/store.h"
#include "hub/ledger/tiles.h"

namespace zhanqiao::ledger {

inline constexpr std::string_view kHeadKey = "ledger/head";
inline constexpr std::string_view kCheckpointKey = "ledger/checkpoint";
inline constexpr std::string_view kCounterPrefix = "ledger/counter/";
inline constexpr std::string_view kMinimumIndexKey = "ledger/minimum-index";  // u64; absent: 0
inline constexpr size_t kEntryBytesMax = 65'535;  // of an entry with its time
inline constexpr size_t kTimeBytes = 9;           // field 1 of LedgerEntry, put in front by the sequencer
inline constexpr size_t kSequenceBytesMax = 12;   // field 100 of LedgerEntry, put behind by the sequencer

// A durable state of the log. Immutable; shared by the log and whoever still reads from it.
struct Head {
  TileBuilder tree;
  int64_t time_us = 0;  // of the last entry
  uint64_t size() const { return tree.size(); }
};
using HeadPtr = std::shared_ptr<const Head>;

// Hashes of the tree of one head: full tiles from the store, unfinished ones from the head. Serves proofs for
// every size up to that of the head. DATA_LOSS / LEDGER_TILE_MISSING if a tile that must be there is not. Made for one
// proof or a few; not thread-safe, for it keeps the last tile of each level (a proof asks each up to eight times).
class HeadHashes final : public HashSource {
 public:
  HeadHashes(const storage::Reader& reader, HeadPtr head) : reader_(reader), head_(std::move(head)) {}
  absl::StatusOr<Digest> HashAt(int level, uint64_t index) const override;

 private:
  struct Read {
    uint64_t number = 0;
    std::string tile;
  };
  absl::StatusOr<std::string_view> Tile(int level, uint64_t number) const;
  const storage::Reader& reader_;
  const HeadPtr head_;
  mutable std::array<Read, kTileLevels> last_;
};

// OK if a record's body (LedgerEntry without its time and sequence) fits an entry; INVALID_ARGUMENT /
// ENTRY_TOO_LARGE (facts: bytes, bytes_max) or ENTRY_EMPTY. The pipeline asks for every record when it is submitted.
absl::Status CheckEntry(std::string_view body, bool counted = false);

// Entry 0: the origin and key of a new log. The hub commits it first when `Log::head()->size() == 0`.
storage::LogRecord GenesisRecord(std::string_view origin, std::string_view public_key,
                                 std::string_view previous_checkpoint = {});

// The tree of the first `size` entries, from the tiles and entries at its right edge. DATA_LOSS as LoadHead.
absl::StatusOr<TileBuilder> LoadTree(const storage::Reader& reader, uint64_t size);

// C2SP tlog-tiles' minimum index: entries below it have left the store by the retention policy and lie in archives. All
// tiles stay, so that every proof still works. DATA_LOSS / LEDGER_HEAD_MALFORMED when the row is not in its form.
absl::StatusOr<uint64_t> MinimumIndex(const storage::Reader& reader);

// A full tile as stored. DATA_LOSS / LEDGER_TILE_MISSING (fact: tile).
absl::StatusOr<std::string> FullTile(const storage::Reader& reader, int level, uint64_t number);

// Reads the head in the store, computes the tree anew from the tiles and entries at its right edge, and compares.
// DATA_LOSS / LEDGER_HEAD_MALFORMED, LEDGER_HEAD_DIFFERENT, LEDGER_ENTRY_MISSING, LEDGER_TILE_MISSING or
// LEDGER_ENTRY_BEYOND_HEAD when the store was damaged or altered. An empty store has the empty head.
absl::StatusOr<Head> LoadHead(const storage::Reader& reader);

class Log final : public storage::Sequencer {
 public:
  // Opens the log in `store`; fails as LoadHead. `store` and `clock` must outlive the log.
  static absl::StatusOr<std::unique_ptr<Log>> Open(const storage::Store& store, const Clock& clock);

  // Sequencer: see catalog/storage/pipeline.h. The pipeline refuses a record that fails `Check` (CheckEntry).
  absl::Status Check(const storage::LogRecord& record) const override {
    return CheckEntry(record.body, !record.counter.empty());
  }
  storage::LogPlace Place(const storage::LogRecord& record, storage::Batch& batch) override;
  void Seal(storage::Batch& batch) override;
  void Committed() override;
  void Aborted() override;
  // Opens the log again as Open does. Also DATA_LOSS / LEDGER_LOST_ENTRIES when the store does not hold everything
  // that was durable before (facts: log_size, durable_size): then somebody was answered for what is gone.
  absl::Status Reload() override;

  // The newest durable head.
  HeadPtr head() const;
  // `listener(size)` runs on the commit thread after each durable head; quick. Empty: none. Once it returns, the
  // previous listener is no longer running.
  void Listen(std::function<void(uint64_t size)> listener);
  const storage::Store& store() const { return store_; }

 private:
  struct Counter {
    uint64_t last = 0;     // number given last
    uint64_t durable = 0;  // the same as of the last durable group
  };
  using Counters = std::unordered_map<std::string, Counter>;  // its nodes stay where they are

  Log(const storage::Store& store, const Clock& clock, Head head, Counters counters);
  static absl::StatusOr<Counters> LoadCounters(const storage::Reader& reader);
  uint64_t Count(const std::string& key);

  const storage::Store& store_;
  const Clock& clock_;
  Head next_;                // commit thread only: the durable head and what was placed since
  storage::Batch full_;      // commit thread only: tiles finished since the last Seal
  Counters counters_;        // commit thread only: every counter there is, about 150 bytes each
  std::vector<Counters::value_type*> counted_;  // commit thread only: those that moved since the last durable group
  mutable absl::Mutex mu_;   // makes publishing a head and reading it one step
  HeadPtr durable_ ABSL_GUARDED_BY(mu_);
  absl::Mutex listener_mu_;  // held while the listener runs
  std::function<void(uint64_t)> listener_ ABSL_GUARDED_BY(listener_mu_);
};

}  // namespace zhanqiao::ledger
