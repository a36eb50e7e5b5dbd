#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/log.h"
#include "hub/ledger/log_keys.h"
#include "hub/ledger/verify.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;
using storage::Table;

absl::Status OtherDirectory(const fs::path& dir) {
  return Fail(absl::StatusCode::kFailedPrecondition, "EXPORT_DIRECTORY_OTHER",
              "The directory holds something else than an earlier export of this log; give an empty one.",
              {{"directory", dir.string()}});
}

absl::Status WriteFailed(const fs::path& path) {
  return Fail(absl::StatusCode::kUnavailable, "FILE_WRITE_FAILED",
              "A file of the export cannot be written; check the directory, its rights and its disk.",
              {{"file", path.string()}});
}

std::string ReadOrEmpty(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

absl::StatusOr<std::optional<std::string>> Meta(const storage::Reader& reader, std::string_view key) {
  return reader.Get(Table::kMeta, key);
}

class Exporter {
 public:
  Exporter(const storage::Reader& reader, fs::path dir, Checkpoint checkpoint, TileBuilder tree)
      : reader_(reader), dir_(std::move(dir)), checkpoint_(std::move(checkpoint)), tree_(std::move(tree)) {}

  // The directory is empty, or holds an earlier state of the log that one of `keys` signed.
  absl::Status CheckDirectory(absl::Span<const VerifierKey> keys) const;
  absl::Status WriteBundles();
  absl::Status WriteTiles();
  // Partial tiles and bundles of earlier exports, which this one has overtaken.
  absl::Status RemoveOvertaken() const;

 private:
  absl::Status Write(const std::string& relative, std::string_view bytes, bool partial);
  const storage::Reader& reader_;
  const fs::path dir_;
  const Checkpoint checkpoint_;
  const TileBuilder tree_;
  std::set<fs::path> partials_;  // written by this export
};

absl::Status Exporter::CheckDirectory(absl::Span<const VerifierKey> keys) const {
  std::error_code error;
  fs::create_directories(dir_, error);
  if (!fs::is_directory(dir_, error)) return WriteFailed(dir_);
  if (fs::is_empty(dir_, error)) return absl::OkStatus();
  const std::string vkey = ReadOrEmpty(dir_ / "log.vkey");
  const bool ours = std::any_of(keys.begin(), keys.end(), [&](const VerifierKey& key) {
    return vkey.find(key.ToText() + "\n") != std::string::npos;
  });
  if (!ours) return OtherDirectory(dir_);
  if (!fs::exists(dir_ / "checkpoint", error)) return absl::OkStatus();  // an export that did not finish
  const absl::StatusOr<Checkpoint> earlier = OpenCheckpoint(ReadOrEmpty(dir_ / "checkpoint"), keys);
  if (!earlier.ok() || earlier->size > checkpoint_.size) return OtherDirectory(dir_);
  const auto head = std::make_shared<const Head>(Head{tree_, 0});
  const Digest root = TRY(RootAt(HeadHashes(reader_, head), earlier->size));
  return root == earlier->root ? absl::OkStatus() : OtherDirectory(dir_);
}

absl::Status Exporter::Write(const std::string& relative, std::string_view bytes, bool partial) {
  const fs::path path = dir_ / relative;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) return WriteFailed(path);
  if (partial) partials_.insert(path);
  return absl::OkStatus();
}

absl::Status Exporter::WriteBundles() {
  for (uint64_t first = 0; first < checkpoint_.size; first += kTileWidth) {
    const uint64_t width = std::min(kTileWidth, checkpoint_.size - first);
    std::string bundle;
    uint64_t next = first;
    bool fits = true;
    TRY(reader_.Scan(Table::kEntries, storage::BigEndian(first), storage::BigEndian(first + width),
                     [&](std::string_view key, std::string_view entry) {
      fits = key == storage::BigEndian(next) && entry.size() <= kEntryBytesMax;
      if (!fits) return false;
      bundle += static_cast<char>(entry.size() >> 8);
      bundle += static_cast<char>(entry.size());
      bundle += entry;
      ++next;
      return true;
    }));
    if (!fits || next != first + width) {
      return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MISSING",
                  "An entry of the log is missing or too long; restore the store.", {{"index", absl::StrCat(next)}});
    }
    TRY(Write(BundlePath(first / kTileWidth, static_cast<int>(width)), bundle, width < kTileWidth));
  }
  return absl::OkStatus();
}

absl::Status Exporter::WriteTiles() {
  for (int level = 0; level < kTileLevels; ++level) {
    const uint64_t full = HashesOnLevel(level, checkpoint_.size) / kTileWidth;
    for (uint64_t number = 0; number < full; ++number) {
      const std::string tile = TRY(FullTile(reader_, level, number));
      TRY(Write(TilePath(level, number), tile, false));
    }
    const std::string& rest = tree_.partial(level);
    if (!rest.empty()) TRY(Write(TilePath(level, full, static_cast<int>(rest.size() / 32)), rest, true));
  }
  return absl::OkStatus();
}

absl::Status Exporter::RemoveOvertaken() const {
  std::error_code error;
  std::vector<fs::path> overtaken;
  for (const auto& file : fs::recursive_directory_iterator(dir_ / "tile", error)) {
    const fs::path& path = file.path();
    if (file.is_regular_file(error) && path.parent_path().extension() == ".p" && !partials_.contains(path)) {
      overtaken.push_back(path);
    }
  }
  for (const fs::path& path : overtaken) {
    if (!fs::remove(path, error)) return WriteFailed(path);
    fs::remove(path.parent_path(), error);  // only if that was the last one in it
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<VerifierKey> KeyOfLog(const storage::Reader& reader) {
  const std::optional<std::string> entry = TRY(reader.Get(Table::kEntries, storage::BigEndian(0)));
  v1::LedgerEntry genesis;
  if (!entry || !genesis.ParseFromString(*entry) || !genesis.has_genesis() ||
      genesis.genesis().public_key().size() != 32 || !IsKeyName(genesis.genesis().origin())) {
    return Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_EMPTY",
                "The store holds no log: entry 0 with the log's origin and key is missing or damaged.");
  }
  return VerifierKey{genesis.genesis().origin(), genesis.genesis().public_key()};
}

absl::StatusOr<ExportReport> ExportLog(const storage::Reader& reader, const fs::path& dir) {
  TRY(KeyOfLog(reader));
  const std::vector<LogKey> keys = TRY(KeysOfLog(reader));
  std::vector<VerifierKey> known;
  for (const LogKey& key : keys) known.push_back(key.key);
  const std::optional<std::string> note = TRY(Meta(reader, kCheckpointKey));
  if (!note) {
    return Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_NO_CHECKPOINT",
                "The log has no signed checkpoint yet; start the hub with its signing key first.");
  }
  const Checkpoint checkpoint = TRY(OpenCheckpoint(*note, known));
  TileBuilder tree = TRY(LoadTree(reader, checkpoint.size));
  Exporter exporter(reader, dir, checkpoint, std::move(tree));
  const uint64_t minimum = TRY(MinimumIndex(reader));
  if (minimum > 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ENTRY_RETIRED",
                "The oldest entries have left the store, so the whole log cannot be written; take a range and the archives.",
                {{"minimum_index", absl::StrCat(minimum)}});
  }
  TRY(exporter.CheckDirectory(known));
  const std::vector<VerifiedSignature> signed_by = TRY(VerifySignatures(*ParseNote(*note), known));
  std::string vkey;
  for (const VerifiedSignature& one : signed_by) absl::StrAppend(&vkey, one.key.ToText(), "\n");
  TRY(ReplaceFile(dir / "log.vkey", vkey));
  const std::vector<LogKey> stated = KeysAt(keys, checkpoint.size);
  if (stated.size() > 1) TRY(ReplaceFile(dir / "log.vkeys", KeysToText(stated)));
  TRY(exporter.WriteBundles());
  TRY(exporter.WriteTiles());
  TRY(exporter.RemoveOvertaken());
  TRY(ReplaceFile(dir / "checkpoint", *note));
  return ExportReport{checkpoint.size, checkpoint.origin, signed_by.front().key.ToText()};
}

}  // namespace zhanqiao::ledger
