// Tiles: the hashes of the tree in files of 256 (C2SP tlog-tiles). Element i of tile n on tile level l is the
// hash at tree level 8*l, index n*256+i. A full tile never changes; the newest of each level may be partial.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "hub/ledger/merkle.h"

namespace zhanqiao::ledger {

inline constexpr uint64_t kTileWidth = 256;
inline constexpr size_t kTileBytes = kTileWidth * 32;
inline constexpr int kTileLevels = 8;  // tile levels 0..7 hold every tree of fewer than 2^64 leaves

// How many hashes level `level` holds for a tree of `size` leaves.
constexpr uint64_t HashesOnLevel(int level, uint64_t size) { return size >> (8 * level); }

// "x001/x234/067" for 1234067, with ".p/W" when 0 < width < 256.
std::string TileNumber(uint64_t number, int width = 0);
// "tile/<level>/<number>" and "tile/entries/<number>".
std::string TilePath(int level, uint64_t number, int width = 0);
std::string BundlePath(uint64_t number, int width = 0);

// Key of a full tile in Table::kTiles: level byte, then the number as big-endian u64.
std::string TileKey(int level, uint64_t number);

// The hash of the complete subtree `height` levels above the tile's elements that begins at element `first`.
Digest HashInTile(std::string_view tile, int height, uint64_t first);

// A growing tree with its tiles. A value: copying it is how a log remembers where to roll back to.
class TileBuilder {
 public:
  // Told each full tile: tile level, number, 8,192 bytes.
  using Full = absl::FunctionRef<void(int level, uint64_t number, std::string bytes)>;

  void Append(const Digest& leaf, Full full);

  uint64_t size() const { return frontier_.size(); }
  Digest Root() const { return frontier_.Root(); }
  const Frontier& frontier() const { return frontier_; }
  // The unfinished tile of a level: fewer than 256 hashes.
  const std::string& partial(int level) const { return partials_[static_cast<size_t>(level)]; }

  // Rebuilt from unfinished tiles, as they are found at start; each holds (size >> 8*level) mod 256 hashes.
  static TileBuilder From(uint64_t size, std::vector<std::string> partials);

 private:
  Frontier frontier_;
  std::vector<std::string> partials_ = std::vector<std::string>(kTileLevels);
};

}  // namespace zhanqiao::ledger
