#include "hub/ledger/verify.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/text.h"
#include "google/protobuf/stubs/logging.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/log_keys.h"
#include "hub/ledger/tiles.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

// One of the lines is one of the keys.
bool StatesOneOf(std::string_view lines, absl::Span<const VerifierKey> keys) {
  if (!lines.ends_with('\n')) return false;
  for (const absl::string_view line : absl::StrSplit(Absl(lines.substr(0, lines.size() - 1)), '\n')) {
    for (const VerifierKey& key : keys) {
      if (line == key.ToText()) return true;
    }
  }
  return false;
}

class Verifier {
 public:
  Verifier(const fs::path& dir, absl::Span<const VerifierKey> keys) : dir_(dir), keys_(keys) {}

  VerifyReport Run(std::string_view older) {
    report_.ok = OpenHead() && OpenOlder(older) && ReadEntries() && ComparePartials() && CompareRoots() && CheckKeys() && CompareSequences();
    return std::move(report_);
  }

 private:
  // A tile that does not hold the hashes of the entries; whose fault that is shows the root.
  struct Difference {
    int level;
    uint64_t element;  // on that level
    std::string file;
  };

  bool OpenHead();
  bool OpenOlder(std::string_view older);
  bool ReadEntries();
  bool ReadBundle(uint64_t first, uint64_t width);
  bool CheckEntry(uint64_t index, std::string_view entry, const std::string& file);
  void Append(std::string_view entry);
  void CompareTile(int level, uint64_t number, std::string_view expected);
  bool ComparePartials();
  bool EntryAltered();
  bool CompareRoots();
  void FollowSequence(uint64_t index, const v1::LedgerEntry& entry);
  bool CompareSequences();
  bool CheckKeys();

  bool Problem(std::string_view problem, std::string_view description, std::string file = {},
               std::optional<uint64_t> index = {}) {
    report_.problem = std::string(problem);
    report_.description = std::string(description);
    report_.file = std::move(file);
    report_.index = index;
    return false;
  }

  const fs::path& dir_;
  const absl::Span<const VerifierKey> keys_;
  std::vector<VerifierKey> signed_by_;  // of the keys given
  KeyHistory history_;                  // up to the last entry read
  VerifyReport report_;
  std::optional<Checkpoint> older_;
  Digest root_at_older_ = EmptyRoot();
  TileBuilder tree_;
  uint64_t time_us_ = 0;
  std::optional<Difference> difference_;  // the first
  std::string missing_;                   // the first tile that is not there
  absl::flat_hash_map<std::string, uint64_t> sequences_;  // last number of each consumer and resource
  std::optional<uint64_t> gap_;           // the first release that does not carry the next number
};

bool Verifier::OpenHead() {
  const std::optional<std::string> vkey = ReadFile(dir_ / "log.vkey");
  if (!vkey) return Problem("FILE_MISSING", "The export has no log.vkey.", "log.vkey");
  if (!StatesOneOf(*vkey, keys_)) {
    return Problem("VERIFIER_KEY", "The export states another key than the one it is verified with.", "log.vkey");
  }
  const std::optional<std::string> note = ReadFile(dir_ / "checkpoint");
  if (!note) return Problem("FILE_MISSING", "The export has no checkpoint.", "checkpoint");
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(*note, keys_);
  if (!checkpoint.ok()) return Problem("CHECKPOINT", Std(checkpoint.status().message()), "checkpoint");
  const auto verified = VerifySignatures(*ParseNote(*note), keys_);
  if (!verified.ok()) return Problem("CHECKPOINT", Std(verified.status().message()), "checkpoint");
  for (const VerifiedSignature& one : *verified) signed_by_.push_back(one.key);
  report_.origin = checkpoint->origin;
  report_.size = checkpoint->size;
  report_.root = checkpoint->root;
  return true;
}

bool Verifier::OpenOlder(std::string_view older) {
  if (older.empty()) return true;
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(older, keys_);
  if (!checkpoint.ok()) return Problem("CONSISTENCY", "The older checkpoint is not signed by the log's key.");
  if (checkpoint->size > report_.size) {
    return Problem("CONSISTENCY", "The log is shorter than the older checkpoint says: entries were taken away.");
  }
  older_ = *checkpoint;
  return true;
}

bool Verifier::ReadEntries() {
  for (uint64_t first = 0; first < report_.size; first += kTileWidth) {
    if (!ReadBundle(first, std::min(kTileWidth, report_.size - first))) return false;
  }
  return true;
}

bool Verifier::ReadBundle(uint64_t first, uint64_t width) {
  const std::string file = BundlePath(first / kTileWidth, static_cast<int>(width));
  const std::optional<std::string> bundle = ReadFile(dir_ / file);
  if (!bundle) return Problem("FILE_MISSING", "A file of entries is missing.", file);
  std::string_view rest = *bundle;
  for (uint64_t index = first; index < first + width; ++index) {
    const size_t size =
        rest.size() < 2 ? 0 : size_t{static_cast<uint8_t>(rest[0])} << 8 | static_cast<uint8_t>(rest[1]);
    if (rest.size() < 2 + size || size == 0) {
      return Problem("BUNDLE_FORM", "A file of entries is cut short or its lengths are altered.", file, index);
    }
    const std::string_view entry = rest.substr(2, size);
    rest.remove_prefix(2 + size);
    if (!CheckEntry(index, entry, file)) return false;
    Append(entry);
  }
  if (rest.empty()) return true;
  return Problem("BUNDLE_FORM", "A file of entries holds more than its entries.", file);
}

bool Verifier::CheckEntry(uint64_t index, std::string_view entry, const std::string& file) {
  v1::LedgerEntry decoded;
  bool canonical = decoded.ParseFromArray(entry.data(), static_cast<int>(entry.size()));
  if (canonical) {
    decoded.DiscardUnknownFields();
    canonical = decoded.version() == 1 && decoded.SerializeAsString() == entry;
  }
  if (!canonical) return Problem("ENTRY_FORM", "An entry is not a canonical LedgerEntry.", file, index);
  if (decoded.time_us() < time_us_) {
    if (difference_) return EntryAltered();  // an earlier file's: its time was moved forward
    return Problem("ENTRY_TIME", "An entry is older than the one before it.", file, index);
  }
  time_us_ = decoded.time_us();
  if (index == 0 && decoded.genesis().origin() != keys_[0].name) {
    return Problem("GENESIS", "Entry 0 does not state the origin and key of this log.", file, index);
  }
  FollowSequence(index, decoded);
  history_.Read(index, decoded);
  return true;
}

// A log that was made without numbers has none anywhere.
void Verifier::FollowSequence(uint64_t index, const v1::LedgerEntry& entry) {
  if (!entry.has_exchange() || gap_) return;
  uint64_t& last = sequences_[ReleaseCounter(entry.exchange().consumer(), entry.exchange().resource())];
  if (entry.sequence() == 0 && last == 0) return;
  if (entry.sequence() != ++last) gap_ = index;
}

// The checkpoint's key is one the entries state, and log.vkeys says what they say.
bool Verifier::CheckKeys() {
  if (std::none_of(signed_by_.begin(), signed_by_.end(), [this](const VerifierKey& key) { return history_.Signs(key); })) {
    return Problem("GENESIS", "The entries do not state the key that signed the checkpoint, or that it was retired.",
                   BundlePath(0, static_cast<int>(std::min(kTileWidth, report_.size))), 0);
  }
  const std::optional<std::string> listed = ReadFile(dir_ / "log.vkeys");
  if (!listed && history_.keys().size() == 1) return true;
  if (!listed) return Problem("FILE_MISSING", "The export has no log.vkeys, though its keys changed.", "log.vkeys");
  if (*listed == KeysToText(history_.keys())) return true;
  return Problem("VERIFIER_KEY", "The export lists other keys than the entries state.", "log.vkeys");
}

// Told last: an entry that was altered is not a gap.
bool Verifier::CompareSequences() {
  if (!gap_) return true;
  return Problem("SEQUENCE", "A release does not carry the next number of its consumer and resource: one was left out.",
                 {}, gap_);
}

void Verifier::Append(std::string_view entry) {
  tree_.Append(LeafHash(entry), [this](int level, uint64_t number, std::string tile) {
    CompareTile(level, number, tile);
  });
  if (older_ && tree_.size() == older_->size) root_at_older_ = tree_.Root();
}

void Verifier::CompareTile(int level, uint64_t number, std::string_view expected) {
  const std::string file = TilePath(level, number, static_cast<int>(expected.size() / 32));
  const std::optional<std::string> tile = ReadFile(dir_ / file);
  if (!tile) {
    if (missing_.empty()) missing_ = file;
    return;
  }
  if (*tile == expected || difference_) return;
  const size_t common = std::min(tile->size(), expected.size());
  const auto at = std::mismatch(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(common), tile->begin());
  const auto byte = std::min<uint64_t>(static_cast<uint64_t>(at.first - expected.begin()), expected.size() - 1);
  difference_ = Difference{level, number * kTileWidth + byte / 32, file};
}

bool Verifier::ComparePartials() {
  for (int level = 0; level < kTileLevels; ++level) {
    if (tree_.partial(level).empty()) continue;
    CompareTile(level, HashesOnLevel(level, report_.size) / kTileWidth, tree_.partial(level));
  }
  return true;
}

bool Verifier::EntryAltered() {
  // The first entry below the element that differs: exactly that one on level 0.
  const uint64_t index = difference_->element << (8 * difference_->level);
  const uint64_t bundle = index / kTileWidth;
  const uint64_t width = std::min(kTileWidth, report_.size - bundle * kTileWidth);
  return Problem("ENTRY_ALTERED",
                 difference_->level == 0 ? "An entry is not the one that was signed for."
                                         : "One of the entries from this index on is not the one signed for.",
                 BundlePath(bundle, static_cast<int>(width)), index);
}

bool Verifier::CompareRoots() {
  if (tree_.Root() == report_.root) {
    if (difference_) return Problem("TILE_ALTERED", "A tile does not hold the hashes of the tree.", difference_->file);
    if (!missing_.empty()) return Problem("FILE_MISSING", "A tile is missing.", missing_);
  } else if (difference_) {
    return EntryAltered();
  } else {
    return Problem("ROOT", "The entries are not those the checkpoint was signed for.", "checkpoint");
  }
  if (older_ && root_at_older_ != older_->root) {
    return Problem("CONSISTENCY", "The log does not begin with what the older checkpoint was signed for.");
  }
  return true;
}

}  // namespace

VerifyReport VerifyExport(const fs::path& dir, const VerifierKey& key, std::string_view older) {
  return VerifyExport(dir, absl::Span<const VerifierKey>(&key, 1), older);
}

VerifyReport VerifyExport(const fs::path& dir, absl::Span<const VerifierKey> keys, std::string_view older) {
  const google::protobuf::LogSilencer quiet;  // damage is reported here, not on standard error
  return Verifier(dir, keys).Run(older);
}

}  // namespace zhanqiao::ledger
