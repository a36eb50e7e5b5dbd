#include "hub/ledger/archive/part.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

struct TileAt {
  int level;
  uint64_t number;
};

// Hashes in tile `number` of `level` of a tree of `size`; 256 for a full one.
uint64_t WidthOf(int level, uint64_t number, uint64_t size) {
  return std::min(kTileWidth, HashesOnLevel(level, size) - number * kTileWidth);
}

std::string PathOf(const TileAt& tile, uint64_t size) {
  return TilePath(tile.level, tile.number, static_cast<int>(WidthOf(tile.level, tile.number, size)));
}

std::string BundlePathOf(uint64_t number, uint64_t size) {
  return BundlePath(number, static_cast<int>(WidthOf(0, number, size)));
}

// The unfinished tile at the right edge of each level, and the ancestors of the range's bundles, from the
// top.
std::vector<TileAt> TilesOf(uint64_t from, uint64_t to, uint64_t size) {
  std::vector<TileAt> tiles;
  for (int level = kTileLevels - 1; level >= 0; --level) {
    const uint64_t hashes = HashesOnLevel(level, size);
    if (hashes == 0) continue;
    const uint64_t full = hashes / kTileWidth;
    const int shift = 8 * (level + 1);
    const uint64_t first = from >> shift;
    const uint64_t last = (to - 1) >> shift;
    for (uint64_t number = first; number <= last && number < full; ++number) tiles.push_back({level, number});
    if (hashes % kTileWidth != 0) tiles.push_back({level, full});
  }
  return tiles;
}

absl::Status Unproved(std::string_view problem, std::string_view file, std::string_view sentence,
                      std::optional<uint64_t> index = {}) {
  Facts facts = {{"problem", std::string(problem)}, {"file", std::string(file)}};
  if (index) facts.emplace_back("index", absl::StrCat(*index));
  return Fail(absl::StatusCode::kDataLoss, "PART_UNPROVED", sentence, std::move(facts));
}

absl::Status BadRange() {
  return Fail(
      absl::StatusCode::kInvalidArgument, "RANGE_INVALID",
      "A range is not empty, begins at a multiple of 256 and ends at one or at the checkpoint's size.");
}

bool RangeFits(uint64_t from, uint64_t to, uint64_t size) {
  return from < to && to <= size && from % kTileWidth == 0 && (to % kTileWidth == 0 || to == size);
}

class PartVerifier {
 public:
  PartVerifier(PartFile file, absl::Span<const VerifierKey> keys,
               const std::function<void(uint64_t, std::string_view)>& entry)
      : file_(file), keys_(keys), entry_(entry) {}

  absl::StatusOr<PartReport> Run() {
    TRY(OpenHead());
    TRY(ReadTiles());
    TRY(CheckTiles());
    for (uint64_t number = report_.from / kTileWidth; number * kTileWidth < report_.to; ++number) {
      TRY(CheckBundle(number));
    }
    return std::move(report_);
  }

 private:
  absl::StatusOr<std::string> File(std::string_view path) {
    absl::StatusOr<std::string> content = file_(path);
    if (!content.ok())
      return Unproved("FILE_MISSING", path, "A file of the part is missing or cannot be read.");
    return content;
  }
  absl::Status OpenHead();
  absl::Status ReadTiles();
  absl::Status CheckTiles();
  absl::Status CheckBundle(uint64_t number);
  absl::Status CheckEntry(uint64_t index, std::string_view bytes, std::string_view path);

  PartFile file_;
  const absl::Span<const VerifierKey> keys_;
  const std::function<void(uint64_t, std::string_view)>& entry_;
  PartReport report_;
  std::map<std::pair<int, uint64_t>, std::string> tiles_;
  uint64_t time_us_ = 0;
};

absl::Status PartVerifier::OpenHead() {
  report_.checkpoint_note = TRY(File(kCheckpointFile));
  const auto checkpoint = OpenCheckpoint(report_.checkpoint_note, keys_);
  if (!checkpoint.ok()) {
    return Unproved("CHECKPOINT", kCheckpointFile, "The checkpoint is not signed by the log's key.");
  }
  report_.checkpoint = *checkpoint;
  const std::string range = TRY(File(kRangeFile));
  const size_t space = range.find(' ');
  const bool read = space != std::string::npos && absl::SimpleAtoi(range.substr(0, space), &report_.from) &&
                    absl::SimpleAtoi(range.substr(space + 1), &report_.to) &&
                    range == absl::StrCat(report_.from, " ", report_.to, "\n");
  if (read && RangeFits(report_.from, report_.to, checkpoint->size)) return absl::OkStatus();
  return Unproved("RANGE", kRangeFile, "The part does not state a range of the checkpoint's log.");
}

absl::Status PartVerifier::ReadTiles() {
  const uint64_t size = report_.checkpoint.size;
  for (const TileAt& at : TilesOf(report_.from, report_.to, size)) {
    const std::string path = PathOf(at, size);
    std::string tile = TRY(File(path));
    if (tile.size() != WidthOf(at.level, at.number, size) * 32) {
      return Unproved("TILE_FORM", path, "A tile does not have its length.");
    }
    tiles_[{at.level, at.number}] = std::move(tile);
  }
  return absl::OkStatus();
}

// The right edge gives the signed root; every full tile hashes to its element in the tile above.
absl::Status PartVerifier::CheckTiles() {
  const uint64_t size = report_.checkpoint.size;
  std::vector<std::string> edge(kTileLevels);
  for (int level = 0; level < kTileLevels; ++level) {
    const uint64_t hashes = HashesOnLevel(level, size);
    if (hashes % kTileWidth != 0) edge[static_cast<size_t>(level)] = tiles_[{level, hashes / kTileWidth}];
  }
  if (TileBuilder::From(size, std::move(edge)).Root() != report_.checkpoint.root) {
    return Unproved("ROOT", kCheckpointFile, "The tiles at the right edge do not give the signed root.");
  }
  for (const auto& [at, tile] : tiles_) {
    if (tile.size() != kTileBytes) continue;
    const auto above = tiles_.find({at.first + 1, at.second / kTileWidth});
    const size_t element = at.second % kTileWidth * 32;
    if (above == tiles_.end() || above->second.size() < element + 32 ||
        Bytes(HashInTile(tile, 8, 0)) != std::string_view(above->second).substr(element, 32)) {
      return Unproved("TILE_ALTERED", PathOf({at.first, at.second}, size),
                      "A tile does not hash to its place in the tile above.");
    }
  }
  return absl::OkStatus();
}

absl::Status PartVerifier::CheckEntry(uint64_t index, std::string_view bytes, std::string_view path) {
  v1::LedgerEntry decoded;
  bool canonical = decoded.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (canonical) {
    decoded.DiscardUnknownFields();
    canonical = decoded.version() == 1 && decoded.SerializeAsString() == bytes;
  }
  if (!canonical) return Unproved("ENTRY_FORM", path, "An entry is not a canonical LedgerEntry.", index);
  if (decoded.time_us() < time_us_) {
    return Unproved("ENTRY_TIME", path, "An entry is older than the one before it.", index);
  }
  time_us_ = decoded.time_us();
  return absl::OkStatus();
}

absl::Status PartVerifier::CheckBundle(uint64_t number) {
  const uint64_t width = WidthOf(0, number, report_.checkpoint.size);
  const std::string path = BundlePathOf(number, report_.checkpoint.size);
  const std::string bundle = TRY(File(path));
  const std::string_view tile = tiles_[{0, number}];
  uint64_t index = number * kTileWidth;
  absl::Status status;
  const bool whole = ReadBundle(bundle, width, [&](std::string_view entry) {
    const size_t element = index % kTileWidth * 32;
    if (Bytes(LeafHash(entry)) != tile.substr(element, 32)) {
      status = Unproved("ENTRY_ALTERED", path, "An entry is not the one that was signed for.", index);
    } else {
      status = CheckEntry(index, entry, path);
    }
    if (status.ok() && entry_) entry_(index, entry);
    ++index;
    return status.ok();
  });
  TRY(std::move(status));
  if (!whole)
    return Unproved("BUNDLE_FORM", path, "A file of entries is cut short or its lengths are altered.", index);
  return absl::OkStatus();
}

}  // namespace

std::string PolicyOf(const VerifierKey& key) {
  return absl::StrCat("log ", key.ToText(), "\nquorum none\n");
}

bool ReadBundle(std::string_view bundle, uint64_t width, absl::FunctionRef<bool(std::string_view)> visit) {
  for (uint64_t i = 0; i < width; ++i) {
    if (bundle.size() < 2) return false;
    const size_t size = size_t{static_cast<uint8_t>(bundle[0])} << 8 | static_cast<uint8_t>(bundle[1]);
    if (size == 0 || bundle.size() < 2 + size) return false;
    if (!visit(bundle.substr(2, size))) return false;
    bundle.remove_prefix(2 + size);
  }
  return bundle.empty();
}

std::vector<std::string> PartPaths(uint64_t from, uint64_t to, uint64_t size) {
  std::vector<std::string> paths = {std::string(kCheckpointFile), std::string(kKeysFile),
                                    std::string(kPolicyFile), std::string(kRangeFile)};
  for (const TileAt& tile : TilesOf(from, to, size)) paths.push_back(PathOf(tile, size));
  for (uint64_t number = from / kTileWidth; number * kTileWidth < to; ++number) {
    paths.push_back(BundlePathOf(number, size));
  }
  return paths;
}

PartReader::PartReader(const storage::Reader& store, const Entries& entries, Part part, uint64_t size,
                       TileBuilder tree)
    : store_(&store),
      entries_(&entries),
      part_(std::move(part)),
      size_(size),
      tree_(std::move(tree)),
      paths_(PartPaths(part_.from, part_.to, size)) {}

absl::StatusOr<PartReader> PartReader::Open(const storage::Reader& store, const Entries& entries,
                                            absl::Span<const VerifierKey> keys, Part part) {
  const Checkpoint checkpoint = TRY(OpenCheckpoint(part.checkpoint, keys));
  if (!RangeFits(part.from, part.to, checkpoint.size)) return BadRange();
  TileBuilder tree = TRY(LoadTree(store, checkpoint.size));
  if (tree.Root() != checkpoint.root) {
    return Fail(
        absl::StatusCode::kDataLoss, "LEDGER_HEAD_DIFFERENT",
        "The store does not hold the log the checkpoint was signed for; restore it from a good copy.");
  }
  return PartReader(store, entries, std::move(part), checkpoint.size, std::move(tree));
}

absl::StatusOr<std::string> PartReader::Tile(int level, uint64_t number) const {
  if (WidthOf(level, number, size_) < kTileWidth) return tree_.partial(level);
  return FullTile(*store_, level, number);
}

absl::StatusOr<std::string> PartReader::Bundle(uint64_t number) const {
  std::string bundle;
  const uint64_t first = number * kTileWidth;
  TRY(entries_->Read(first, first + WidthOf(0, number, size_),
                     [&](uint64_t index, std::string_view entry, std::string_view) -> absl::Status {
                       if (entry.size() > kEntryBytesMax) return EntryMissing(index);
                       bundle += static_cast<char>(entry.size() >> 8);
                       bundle += static_cast<char>(entry.size());
                       bundle += entry;
                       return absl::OkStatus();
                     }));
  return bundle;
}

absl::StatusOr<std::string> PartReader::Read(size_t i) const {
  constexpr size_t kHeadFiles = 4;
  switch (i) {
    case 0:
      return part_.checkpoint;
    case 1:
      return part_.verifier_keys;
    case 2:
      return part_.policy;
    case 3:
      return absl::StrCat(part_.from, " ", part_.to, "\n");
    default:
      break;
  }
  const std::vector<TileAt> tiles = TilesOf(part_.from, part_.to, size_);
  if (i - kHeadFiles < tiles.size()) return Tile(tiles[i - kHeadFiles].level, tiles[i - kHeadFiles].number);
  return Bundle(part_.from / kTileWidth + (i - kHeadFiles - tiles.size()));
}

absl::StatusOr<PartReport> VerifyPart(PartFile file, absl::Span<const VerifierKey> keys,
                                      const std::function<void(uint64_t, std::string_view)>& entry) {
  return PartVerifier(file, keys, entry).Run();
}

}  // namespace zhanqiao::ledger
