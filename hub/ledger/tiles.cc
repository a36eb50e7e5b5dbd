#include "hub/ledger/tiles.h"

#include <bit>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/storage/store.h"

namespace zhanqiao::ledger {
namespace {

Digest ElementOf(std::string_view tile, uint64_t index) {
  assert((index + 1) * 32 <= tile.size());
  return DigestFrom(tile.substr(index * 32, 32));
}

}  // namespace

std::string TileNumber(uint64_t number, int width) {
  std::string path = absl::StrFormat("%03d", number % 1000);
  for (uint64_t rest = number / 1000; rest > 0; rest /= 1000) {
    path = absl::StrCat(absl::StrFormat("x%03d/", rest % 1000), path);
  }
  if (width > 0 && width < static_cast<int>(kTileWidth)) absl::StrAppend(&path, ".p/", width);
  return path;
}

std::string TilePath(int level, uint64_t number, int width) {
  return absl::StrCat("tile/", level, "/", TileNumber(number, width));
}

std::string BundlePath(uint64_t number, int width) { return absl::StrCat("tile/entries/", TileNumber(number, width)); }

std::string TileKey(int level, uint64_t number) {
  std::string key(1, static_cast<char>(level));
  key += storage::BigEndian(number);
  return key;
}

Digest HashInTile(std::string_view tile, int height, uint64_t first) {
  if (height == 0) return ElementOf(tile, first);
  const uint64_t half = uint64_t{1} << (height - 1);
  return NodeHash(HashInTile(tile, height - 1, first), HashInTile(tile, height - 1, first + half));
}

void TileBuilder::Append(const Digest& leaf, Full full) {
  const uint64_t index = frontier_.size();
  frontier_.Append(leaf, [&](int level, const Digest& hash) {
    if (level % 8 != 0) return;
    const int tile_level = level / 8;
    std::string& partial = partials_[static_cast<size_t>(tile_level)];
    partial += Bytes(hash);
    if (partial.size() < kTileBytes) return;
    full(tile_level, index >> (8 * (tile_level + 1)), std::exchange(partial, {}));
  });
}

TileBuilder TileBuilder::From(uint64_t size, std::vector<std::string> partials) {
  TileBuilder builder;
  builder.partials_ = std::move(partials);
  builder.partials_.resize(kTileLevels);
  std::vector<Digest> hashes;
  for (int bit = 63; bit >= 0; --bit) {
    if ((size >> bit & 1) == 0) continue;
    // The subtree of this bit begins, within its tile, after those of the higher bits of the same tile level.
    const uint64_t in_tile = size >> (bit / 8 * 8) & 0xFF;
    const uint64_t first = in_tile >> (bit % 8 + 1) << (bit % 8 + 1);
    hashes.push_back(HashInTile(builder.partial(bit / 8), bit % 8, first));
  }
  builder.frontier_ = Frontier(size, std::move(hashes));
  return builder;
}

}  // namespace zhanqiao::ledger
