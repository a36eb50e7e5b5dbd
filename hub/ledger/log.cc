#include "hub/ledger/log.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

constexpr std::string_view kHeadMagic = "ZQH1";

absl::Status Damaged(std::string_view reason, std::string_view message, Facts facts = {}) {
  return Fail(absl::StatusCode::kDataLoss, reason, message, std::move(facts));
}

std::string EncodeHead(const Head& head) {
  std::string bytes(kHeadMagic);
  bytes += storage::BigEndian(head.size());
  bytes += storage::BigEndian(static_cast<uint64_t>(head.time_us));
  for (const Digest& hash : head.tree.frontier().hashes()) bytes += Bytes(hash);
  return bytes;
}

struct StoredHead {
  uint64_t size = 0;
  int64_t time_us = 0;
};

absl::StatusOr<StoredHead> DecodeHead(std::string_view bytes) {
  const auto bad = [] {
    return Damaged("LEDGER_HEAD_MALFORMED", "The log's head in the store is not in its form; restore the store.");
  };
  if (bytes.size() < 20 || !bytes.starts_with(kHeadMagic)) return bad();
  const uint64_t size = storage::FromBigEndian(bytes.substr(4, 8));
  if (bytes.size() != 20 + 32 * static_cast<size_t>(std::popcount(size))) return bad();
  return StoredHead{size, static_cast<int64_t>(storage::FromBigEndian(bytes.substr(12, 8)))};
}

// The unfinished tile of level 0: the leaf hashes of the entries after the last full tile.
absl::StatusOr<std::string> PartialLeaves(const storage::Reader& reader, uint64_t size) {
  std::string tile;
  for (uint64_t index = size / kTileWidth * kTileWidth; index < size; ++index) {
    const std::optional<std::string> entry = TRY(reader.Get(Table::kEntries, storage::BigEndian(index)));
    if (!entry) {
      return Damaged("LEDGER_ENTRY_MISSING", "An entry of the log is missing; restore the store.",
                     {{"index", absl::StrCat(index)}});
    }
    tile += Bytes(LeafHash(*entry));
  }
  return tile;
}

// The unfinished tile of a higher level: the roots of the full tiles below that no full tile here covers.
absl::StatusOr<std::string> PartialRoots(const storage::Reader& reader, int level, uint64_t size) {
  const uint64_t count = HashesOnLevel(level, size);
  std::string tile;
  for (uint64_t number = count / kTileWidth * kTileWidth; number < count; ++number) {
    const std::string below = TRY(FullTile(reader, level - 1, number));
    tile += Bytes(HashInTile(below, 8, 0));
  }
  return tile;
}

absl::Status CheckNothingBeyond(const storage::Reader& reader, uint64_t size) {
  bool found = false;
  TRY(reader.Scan(Table::kEntries, storage::BigEndian(size), {}, [&](std::string_view, std::string_view) {
    found = true;
    return false;
  }));
  if (!found) return absl::OkStatus();
  return Damaged("LEDGER_ENTRY_BEYOND_HEAD",
                 "The store holds entries beyond the log's head, so its head was set back; restore the store.",
                 {{"size", absl::StrCat(size)}});
}

}  // namespace

absl::StatusOr<uint64_t> MinimumIndex(const storage::Reader& reader) {
  const std::optional<std::string> row = TRY(reader.Get(Table::kMeta, kMinimumIndexKey));
  if (!row) return 0;
  if (row->size() != 8) return Damaged("LEDGER_HEAD_MALFORMED", "The log's minimum index is not in its form; restore the store.");
  return storage::FromBigEndian(*row);
}

absl::StatusOr<std::string> FullTile(const storage::Reader& reader, int level, uint64_t number) {
  const std::optional<std::string> tile = TRY(reader.Get(Table::kTiles, TileKey(level, number)));
  if (tile && tile->size() == kTileBytes) return std::string(tile->data(), kTileBytes);
  return Damaged("LEDGER_TILE_MISSING", "A tile of the log is missing or cut short; restore the store.",
                 {{"tile", TilePath(level, number)}});
}

absl::StatusOr<std::string_view> HeadHashes::Tile(int level, uint64_t number) const {
  if (number == HashesOnLevel(level, head_->size()) / kTileWidth) return head_->tree.partial(level);
  Read& last = last_[static_cast<size_t>(level)];
  if (last.tile.empty() || last.number != number) {
    last.tile = TRY(FullTile(reader_, level, number));
    last.number = number;
  }
  return last.tile;
}

absl::StatusOr<Digest> HeadHashes::HashAt(int level, uint64_t index) const {
  const int height = level % 8;
  const uint64_t first = index << height;
  const std::string_view tile = TRY(Tile(level / 8, first / kTileWidth));
  const uint64_t in_tile = first % kTileWidth;
  if ((in_tile + (uint64_t{1} << height)) * 32 > tile.size()) {
    return Fail(absl::StatusCode::kOutOfRange, "PROOF_RANGE", "The hash lies outside the tree.");
  }
  return HashInTile(tile, height, in_tile);
}

absl::Status CheckEntry(std::string_view body, bool counted) {
  if (body.empty()) {
    return Fail(absl::StatusCode::kInvalidArgument, "ENTRY_EMPTY", "A ledger entry says at least what happened.");
  }
  const size_t bytes = body.size() + kTimeBytes + (counted ? kSequenceBytesMax : 0);
  if (bytes <= kEntryBytesMax) return absl::OkStatus();
  return Fail(absl::StatusCode::kInvalidArgument, "ENTRY_TOO_LARGE",
              "The request makes a ledger entry of more than 65,535 bytes; ask for fewer fields or shorten its texts.",
              {{"bytes", absl::StrCat(bytes)}, {"bytes_max", absl::StrCat(kEntryBytesMax)}});
}

storage::LogRecord GenesisRecord(std::string_view origin, std::string_view public_key,
                                 std::string_view previous_checkpoint) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("hub");
  entry.mutable_genesis()->set_origin(std::string(origin));
  entry.mutable_genesis()->set_public_key(std::string(public_key));
  entry.mutable_genesis()->set_previous_checkpoint(std::string(previous_checkpoint));
  return {entry.SerializeAsString(), {}};
}

absl::StatusOr<TileBuilder> LoadTree(const storage::Reader& reader, uint64_t size) {
  std::vector<std::string> partials;
  for (int level = 0; level < kTileLevels; ++level) {
    std::string partial = TRY(level == 0 ? PartialLeaves(reader, size) : PartialRoots(reader, level, size));
    partials.push_back(std::move(partial));
  }
  return TileBuilder::From(size, std::move(partials));
}

absl::StatusOr<Head> LoadHead(const storage::Reader& reader) {
  const std::optional<std::string> bytes = TRY(reader.Get(Table::kMeta, kHeadKey));
  const StoredHead stored = TRY(bytes ? DecodeHead(*bytes) : absl::StatusOr<StoredHead>(StoredHead{}));
  TileBuilder tree = TRY(LoadTree(reader, stored.size));
  const Head head{std::move(tree), stored.time_us};
  if (bytes && EncodeHead(head) != *bytes) {
    return Damaged("LEDGER_HEAD_DIFFERENT",
                   "The newest entries and tiles do not hash to the log's head: the store was damaged or altered; "
                   "restore it from a good copy and verify that.",
                   {{"size", absl::StrCat(stored.size)}});
  }
  TRY(CheckNothingBeyond(reader, stored.size));
  return head;
}

absl::StatusOr<std::unique_ptr<Log>> Log::Open(const storage::Store& store, const Clock& clock) {
  Head head = TRY(LoadHead(store));
  Counters counters = TRY(LoadCounters(store));
  return std::unique_ptr<Log>(new Log(store, clock, std::move(head), std::move(counters)));
}

Log::Log(const storage::Store& store, const Clock& clock, Head head, Counters counters)
    : store_(store), clock_(clock), next_(std::move(head)), counters_(std::move(counters)),
      durable_(std::make_shared<const Head>(next_)) {}

// All at once, when the log opens: placing cannot fail, so it must not have to read.
absl::StatusOr<Log::Counters> Log::LoadCounters(const storage::Reader& reader) {
  Counters counters;
  bool good = true;
  TRY(reader.Scan(Table::kMeta, kCounterPrefix, storage::PrefixEnd(kCounterPrefix),
                  [&](std::string_view key, std::string_view value) {
    good = value.size() == 8;
    if (!good) return false;
    const uint64_t last = storage::FromBigEndian(value);
    counters.emplace(key.substr(kCounterPrefix.size()), Counter{last, last});
    return true;
  }));
  if (good) return counters;
  return Damaged("LEDGER_COUNTER_MALFORMED", "A counter of the log in the store is not in its form; restore the store.");
}

uint64_t Log::Count(const std::string& key) {
  Counters::value_type& counter = *counters_.try_emplace(key).first;
  if (counter.second.last == counter.second.durable) counted_.push_back(&counter);
  return ++counter.second.last;
}

storage::LogPlace Log::Place(const storage::LogRecord& record, storage::Batch& batch) {
  assert(CheckEntry(record.body, !record.counter.empty()).ok());
  next_.time_us = std::max(next_.time_us, absl::ToUnixMicros(clock_.Now()));
  std::string entry;
  entry.reserve(kTimeBytes + record.body.size() + (record.counter.empty() ? 0 : kSequenceBytesMax));
  entry += '\x09';  // field 1, fixed64
  for (int shift = 0; shift < 64; shift += 8) entry += static_cast<char>(static_cast<uint64_t>(next_.time_us) >> shift);
  entry += record.body;
  if (!record.counter.empty()) {
    entry += "\xA0\x06";  // field 100, varint: the last in number order
    for (uint64_t number = Count(record.counter);;) {
      const auto low = static_cast<char>(number & 0x7F);
      number >>= 7;
      entry += number == 0 ? low : static_cast<char>(low | 0x80);
      if (number == 0) break;
    }
  }

  const storage::LogPlace place{next_.size(), LeafHash(entry), absl::FromUnixMicros(next_.time_us)};
  std::string key = storage::BigEndian(place.index);
  if (!record.secret.empty()) batch.Put(Table::kSalts, key, record.secret);
  batch.Put(Table::kEntries, std::move(key), std::move(entry));
  next_.tree.Append(place.leaf, [this](int level, uint64_t number, std::string tile) {
    full_.Put(Table::kTiles, TileKey(level, number), std::move(tile));
  });
  return place;
}

void Log::Seal(storage::Batch& batch) {
  for (auto& write : full_.writes()) batch.writes().push_back(std::move(write));
  full_.Clear();
  for (const Counters::value_type* counter : counted_) {
    batch.Put(Table::kMeta, absl::StrCat(Absl(kCounterPrefix), counter->first), storage::BigEndian(counter->second.last));
  }
  batch.Put(Table::kMeta, std::string(kHeadKey), EncodeHead(next_));
}

void Log::Committed() {
  for (Counters::value_type* counter : counted_) counter->second.durable = counter->second.last;
  counted_.clear();
  auto durable = std::make_shared<const Head>(next_);
  {
    absl::MutexLock lock(&mu_);
    durable_ = std::move(durable);
  }
  absl::MutexLock lock(&listener_mu_);
  if (listener_) listener_(next_.size());
}

absl::Status Log::Reload() {
  const HeadPtr before = head();
  auto now = std::make_shared<const Head>(TRY(LoadHead(store_)));
  const bool continues =
      now->size() >= before->size() && TRY(RootAt(HeadHashes(store_, now), before->size())) == before->tree.Root();
  if (!continues) {
    return Damaged("LEDGER_LOST_ENTRIES",
                   "The store was opened again without entries that were durable before; restore it and compare with "
                   "the last checkpoint.",
                   {{"log_size", absl::StrCat(now->size())}, {"durable_size", absl::StrCat(before->size())}});
  }
  Counters counters = TRY(LoadCounters(store_));  // a write of unknown outcome may have numbered releases
  full_.Clear();
  counted_.clear();
  counters_ = std::move(counters);
  next_ = *now;
  Committed();
  return absl::OkStatus();
}

void Log::Aborted() {
  full_.Clear();
  for (Counters::value_type* counter : counted_) counter->second.last = counter->second.durable;
  counted_.clear();
  next_ = *head();
}

HeadPtr Log::head() const {
  absl::MutexLock lock(&mu_);
  return durable_;
}

void Log::Listen(std::function<void(uint64_t)> listener) {
  absl::MutexLock lock(&listener_mu_);
  listener_ = std::move(listener);
}

}  // namespace zhanqiao::ledger
