// The narrow interface to an ordered key-value store; RocksDB is the embedded default (rocks_store.h).
// Nothing above catalog/storage may know which implementation is below.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace zhanqiao::storage {

// The tables of the hub's store. Numbers are part of the format and never reused.
enum class Table : uint8_t {
  kMeta = 0,       // store format, log head, signed checkpoints, counters
  kDocuments = 1,  // current document heads and every version (catalog/documents)
  kFeed = 2,       // document changes in ledger order (catalog/documents)
  kEntries = 3,    // ledger entries by big-endian index (hub/ledger)
  kTiles = 4,      // full Merkle tiles (hub/ledger)
  kSalts = 5,      // secrets beside entries, erasable without touching the log (hub/ledger)
  kSegments = 6,   // records of feeds, sealed, by feed and offset (hub/exchange/feeds)
  kPublished = 7,  // idempotency keys of those records (hub/exchange/feeds)
  kFeeds = 8,      // ends of feeds and cursors of subscriptions (hub/exchange/feeds)
};
inline constexpr int kTableCount = 9;

// Writes applied together or not at all, in order.
class Batch {
 public:
  struct Write {
    Table table;
    std::string key;
    std::optional<std::string> value;  // nothing: delete
  };
  void Put(Table table, std::string key, std::string value) {
    writes_.push_back({table, std::move(key), std::move(value)});
  }
  void Delete(Table table, std::string key) { writes_.push_back({table, std::move(key), std::nullopt}); }
  const std::vector<Write>& writes() const { return writes_; }
  std::vector<Write>& writes() { return writes_; }
  bool empty() const { return writes_.empty(); }
  void Clear() { writes_.clear(); }

 private:
  std::vector<Write> writes_;
};

// Reads of one state. Thread-safe.
class Reader {
 public:
  virtual ~Reader() = default;
  // The value under `key`, or nothing.
  virtual absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const = 0;
  // Calls `visit(key, value)` for keys in [from, to) in bytewise order until it returns false. An empty `to`
  // means the end of the table.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual absl::Status Scan(Table table, std::string_view from, std::string_view to, const Visit& visit) const = 0;
  // The same backwards: from the last key below `to` down to `from`.
  virtual absl::Status ScanBackwards(Table table, std::string_view from, std::string_view to,
                                     const Visit& visit) const = 0;
};

class Store : public Reader {
 public:
  // A state that later writes do not change.
  virtual std::unique_ptr<Reader> Snapshot() const = 0;
  // Applies `batch` atomically and durably: after OK it survives a power cut. After any failure the outcome is
  // unknown and the store refuses further writes (UNAVAILABLE / STORE_CLOSED) until it is opened again.
  virtual absl::Status Apply(const Batch& batch) = 0;
  // Opens a store that refuses writes anew, from what is on the disk: nothing held in memory is trusted, no failed
  // sync is repeated. The failed write may then be there or not. OK at once for a store that takes writes.
  // An error (as of opening, or UNAVAILABLE / STORE_CLOSED while readers still hold the old state) leaves it
  // refusing; reads go on as long as the disk can be read. From one thread at a time.
  virtual absl::Status Reopen() = 0;
  // Has what was deleted in [from, to) of `table` leave the disk too (an empty `to`: the end of the table). May take
  // minutes; reads and writes go on meanwhile. A store that keeps nothing deleted has nothing to do.
  virtual absl::Status Compact(Table /*table*/, std::string_view /*from*/, std::string_view /*to*/) {
    return absl::OkStatus();
  }
};

// Smallest key greater than every key that starts with `prefix`; empty when there is none.
std::string PrefixEnd(std::string_view prefix);
// Big-endian, so that numbers sort as keys.
std::string BigEndian(uint64_t number);
uint64_t FromBigEndian(std::string_view bytes);

}  // namespace zhanqiao::storage
