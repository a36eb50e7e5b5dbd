#include "hub/ledger/self_check.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

absl::Status TileAltered(int level, uint64_t number) {
  return Fail(absl::StatusCode::kDataLoss, "LEDGER_TILE_ALTERED",
              "A tile of the log does not hold the hashes of the tree; export the log, verify it, restore the store.",
              {{"tile", TilePath(level, number)}});
}

absl::Status CheckEntries(const storage::Reader& reader, uint64_t number, std::string_view tile) {
  for (uint64_t i = 0; i < kTileWidth; ++i) {
    const uint64_t index = number * kTileWidth + i;
    const std::optional<std::string> entry = TRY(reader.Get(Table::kEntries, storage::BigEndian(index)));
    if (!entry) {
      return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MISSING",
                  "An entry of the log is missing; restore the store.", {{"index", absl::StrCat(index)}});
    }
    if (LeafHash(*entry) == HashInTile(tile, 0, i)) continue;
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_ALTERED",
                "An entry of the log is not the one its tile was made of; export the log, verify it, restore the store.",
                {{"index", absl::StrCat(index)}});
  }
  return absl::OkStatus();
}

// The tile, and on each level above the tile it completes, against the element that stands for it.
absl::Status CheckTile(const storage::Reader& reader, const HeadPtr& head, uint64_t number) {
  const HeadHashes hashes(reader, head);
  const uint64_t minimum = TRY(MinimumIndex(reader));  // entries below have left for their archives; tiles stay
  for (int level = 0; level + 1 < kTileLevels; ++level) {
    const std::string tile = TRY(FullTile(reader, level, number));
    if (level == 0 && number * kTileWidth >= minimum) TRY(CheckEntries(reader, number, tile));
    const Digest above = TRY(hashes.HashAt(8 * (level + 1), number));
    if (HashInTile(tile, 8, 0) != above) return TileAltered(level, number);
    // Only the last of 256 completes the tile above.
    if (number % kTileWidth != kTileWidth - 1) break;
    number /= kTileWidth;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SelfCheck::Step() {
  const HeadPtr head = log_.head();
  const uint64_t full = HashesOnLevel(0, head->size()) / kTileWidth;
  if (full == 0) return absl::OkStatus();
  if (next_ >= full) {
    next_ = 0;
    rounds_.fetch_add(1, std::memory_order_relaxed);
  }
  const absl::Status checked = CheckTile(log_.store(), head, next_);
  if (checked.code() == absl::StatusCode::kUnavailable) return checked;
  ++next_;
  checked_.fetch_add(1, std::memory_order_relaxed);
  if (!checked.ok()) problems_.fetch_add(1, std::memory_order_relaxed);
  return checked;
}

}  // namespace zhanqiao::ledger
