// A part of the log that proves itself: the bundles of a range of entries, and just the tiles that tie them
// to the root of one signed checkpoint. Archive files and exported ranges are parts. All names and bytes are
// those of C2SP tlog-tiles, so that any verifier of that format can use them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/log.h"
#include "absl/types/span.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

inline constexpr std::string_view kCheckpointFile = "checkpoint";
inline constexpr std::string_view kKeysFile = "log.vkey";  // verifier keys, one a line
inline constexpr std::string_view kPolicyFile = "policy";  // C2SP tlog-policy
inline constexpr std::string_view kRangeFile = "range";    // "from to\n", decimal

// Which part.
struct Part {
  uint64_t from = 0;          // multiple of 256
  uint64_t to = 0;            // one past the last; a multiple of 256 or the size
  std::string checkpoint;     // signed note
  std::string verifier_keys;  // lines of log.vkey
  std::string policy;         // C2SP tlog-policy
};

// The policy of a log that no witness vouches for: its key and `quorum none`.
std::string PolicyOf(const VerifierKey& key);

// The paths of a part of the tree of `size`, in order: checkpoint, keys, policy, range, tiles from the top,
// bundles.
std::vector<std::string> PartPaths(uint64_t from, uint64_t to, uint64_t size);

// Reads the files of a part from a log.
class PartReader {
 public:
  // Checks the checkpoint against the tree in `store`. INVALID_ARGUMENT / RANGE_INVALID when the range is
  // empty, not on bundle borders or beyond the checkpoint; otherwise as LoadTree and OpenCheckpoint.
  // References must outlive it.
  static absl::StatusOr<PartReader> Open(const storage::Reader& store, const Entries& entries,
                                         absl::Span<const VerifierKey> keys, Part part);
  const std::vector<std::string>& paths() const { return paths_; }
  uint64_t size() const { return size_; }
  // The content of paths()[i].
  absl::StatusOr<std::string> Read(size_t i) const;

 private:
  PartReader(const storage::Reader& store, const Entries& entries, Part part, uint64_t size,
             TileBuilder tree);
  absl::StatusOr<std::string> Tile(int level, uint64_t number) const;
  absl::StatusOr<std::string> Bundle(uint64_t number) const;
  const storage::Reader* store_;
  const Entries* entries_;
  Part part_;
  uint64_t size_;
  TileBuilder tree_;
  std::vector<std::string> paths_;
};

// What VerifyPart found to be true.
struct PartReport {
  uint64_t from = 0;
  uint64_t to = 0;
  Checkpoint checkpoint;
  std::string checkpoint_note;
};

// Gives a file of a part, or nothing when it is not there.
using PartFile = absl::FunctionRef<absl::StatusOr<std::string>(std::string_view path)>;
// Checks a part against `keys` of the log, which must come from elsewhere to prove anything: the checkpoint's signature,
// every entry's canonical form and order, every bundle against its tile, every tile against the one above,
// and the tiles at the right edge against the signed root. `entry` is told each entry; may be null. DATA_LOSS
// / PART_UNPROVED (facts: problem, file, index) names the first thing that is wrong.
absl::StatusOr<PartReport> VerifyPart(PartFile file, absl::Span<const VerifierKey> keys,
                                      const std::function<void(uint64_t, std::string_view)>& entry = {});

// Calls `visit` for each entry of a bundle; false when the bytes are no whole bundle of `width` entries.
bool ReadBundle(std::string_view bundle, uint64_t width, absl::FunctionRef<bool(std::string_view)> visit);

}  // namespace zhanqiao::ledger
