#include "hub/cli/ledger_check.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hub/cli/files.h"
#include "hub/ledger/log_keys.h"
#include "hub/ledger/merkle.h"
#include "hub/ledger/tiles.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::LedgerService::Stub;

absl::StatusOr<ledger::Proof> ProofFrom(const google::protobuf::RepeatedPtrField<std::string>& hashes) {
  ledger::Proof proof;
  for (const std::string& hash : hashes) {
    if (hash.size() != 32) {
      return Fail(absl::StatusCode::kDataLoss, "PROOF_INVALID",
                  "The hub's proof holds a hash of the wrong size.");
    }
    proof.push_back(DigestFrom(hash));
  }
  return proof;
}

absl::Status CheckConsistency(Session& session, const ledger::Checkpoint& before,
                              const ledger::Checkpoint& now) {
  if (before.size > now.size) {
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_UNPROVED_SHRUNK",
                "The log is shorter than the checkpoint kept from before: entries were removed.",
                {{"size_before", absl::StrCat(before.size)}, {"size_now", absl::StrCat(now.size)}});
  }
  v1::GetConsistencyProofRequest request;
  request.set_old_size(before.size);
  request.set_new_size(now.size);
  const auto response = TRY(session.Call(&Stub::GetConsistencyProof, request));
  const ledger::Proof proof = TRY(ProofFrom(response.hashes()));
  return ledger::VerifyConsistency(before.size, now.size, proof, before.root, now.root);
}

absl::Status CheckInclusion(Session& session, uint64_t index, const ledger::Checkpoint& checkpoint) {
  if (index >= checkpoint.size) {
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_UNPROVED_INDEX", "The entry lies beyond the checkpoint.",
                {{"index", absl::StrCat(index)}, {"size", absl::StrCat(checkpoint.size)}});
  }
  v1::GetEntryRequest get;
  get.set_index(index);
  const auto entry = TRY(session.Call(&Stub::GetEntry, get));
  v1::GetInclusionProofRequest request;
  request.set_index(index);
  request.set_tree_size(checkpoint.size);
  const auto response = TRY(session.Call(&Stub::GetInclusionProof, request));
  const ledger::Proof proof = TRY(ProofFrom(response.hashes()));
  return WithFact(ledger::VerifyInclusion(ledger::LeafHash(entry.entry()), index, checkpoint.size, proof,
                                          checkpoint.root),
                  "index", absl::StrCat(index));
}

// One bundle of up to 256 entries as C2SP tlog-tiles writes it.
void AppendToBundle(std::string& bundle, const std::string& entry) {
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xFF);
  bundle += entry;
}

absl::Status WriteBelow(const std::string& directory, const std::string& path, std::string_view bytes) {
  const std::filesystem::path file = std::filesystem::path(directory) / path;
  TRY(MakeDirectories(file.parent_path().string()));
  return WriteFile(file.string(), bytes);
}

// Writes tiles and bundles while entries come by.
class Exporter {
 public:
  explicit Exporter(std::string directory) : directory_(std::move(directory)) {}

  absl::Status Add(const std::string& entry) {
    absl::Status written;
    AppendToBundle(bundle_, entry);
    v1::LedgerEntry decoded;
    if (decoded.ParseFromString(entry)) history_.Read(tree_.size(), decoded);
    tree_.Append(ledger::LeafHash(entry), [&](int level, uint64_t number, const std::string& bytes) {
      written.Update(WriteBelow(directory_, ledger::TilePath(level, number), bytes));
    });
    if (tree_.size() % ledger::kTileWidth == 0) {
      written.Update(
          WriteBelow(directory_, ledger::BundlePath(tree_.size() / ledger::kTileWidth - 1), bundle_));
      bundle_.clear();
    }
    return written;
  }

  // The partial tiles and the partial bundle.
  absl::Status Finish() {
    for (int level = 0; level < ledger::kTileLevels; ++level) {
      const uint64_t hashes = ledger::HashesOnLevel(level, tree_.size());
      const int width = static_cast<int>(hashes % ledger::kTileWidth);
      if (width == 0) continue;
      const uint64_t number = hashes / ledger::kTileWidth;
      TRY(WriteBelow(directory_, ledger::TilePath(level, number, width), tree_.partial(level)));
      if (level == 0) TRY(WriteBelow(directory_, ledger::BundlePath(number, width), bundle_));
    }
    if (history_.keys().size() < 2) return absl::OkStatus();
    return WriteBelow(directory_, "log.vkeys", ledger::KeysToText(history_.keys()));
  }

  Digest Root() const { return tree_.Root(); }

 private:
  const std::string directory_;
  ledger::TileBuilder tree_;
  ledger::KeyHistory history_;
  std::string bundle_;
};

absl::Status WrongRoot(std::string_view what) {
  return Fail(absl::StatusCode::kDataLoss, "LEDGER_UNPROVED_ROOT",
              "The entries do not give the root that was signed: an entry was altered, removed or added.",
              {{"where", std::string(what)}});
}

// Calls `visit` with the first `size` entries of `source` in order.
absl::Status ForEach(const EntrySource& source, uint64_t size,
                     const std::function<absl::Status(const std::string&)>& visit) {
  uint64_t next = 0;
  while (next < size) {
    const std::vector<std::string> entries = TRY(source(next, size - next));
    for (const std::string& entry : entries) {
      if (next == size) break;
      TRY(visit(entry));
      ++next;
    }
  }
  return absl::OkStatus();
}

}  // namespace

EntrySource HubEntries(Session& session) {
  return [&session](uint64_t from, uint64_t limit) -> absl::StatusOr<std::vector<std::string>> {
    v1::ListEntriesRequest request;
    request.set_from(from);
    request.set_page_size(static_cast<int32_t>(std::min<uint64_t>(limit, 1000)));
    const auto page = TRY(session.Call(&Stub::ListEntries, request));
    std::vector<std::string> entries;
    for (const auto& entry : page.entries()) {
      if (entry.index() != from + entries.size()) break;
      entries.push_back(entry.entry());
    }
    if (!entries.empty()) return entries;
    return Fail(
        absl::StatusCode::kPermissionDenied, "AUDITOR_REQUIRED",
        "The hub does not give this caller every entry; the whole tree needs an auditor's certificate.",
        {{"index", absl::StrCat(from)},
         {"fix", "Use an auditor's certificate, or --no-whole with --index."}});
  };
}

absl::StatusOr<Digest> RootOf(const EntrySource& source, uint64_t size) {
  ledger::Frontier frontier;
  TRY(ForEach(source, size, [&frontier](const std::string& entry) {
    frontier.Append(ledger::LeafHash(entry));
    return absl::OkStatus();
  }));
  return frontier.Root();
}

absl::StatusOr<std::optional<ledger::VerifierKey>> VerifierKeyArgument(const std::string& text) {
  if (text.empty()) return std::optional<ledger::VerifierKey>();
  std::error_code ignored;
  const std::string key = std::filesystem::is_regular_file(text, ignored) ? TRY(ReadFile(text)) : text;
  const ledger::VerifierKey parsed = TRY(ledger::ParseVerifierKey(Std(absl::StripAsciiWhitespace(key))));
  return std::optional(parsed);
}

absl::StatusOr<std::vector<ledger::VerifierKey>> VerifierKeysArgument(const std::string& text) {
  std::vector<ledger::VerifierKey> keys;
  if (text.empty()) return keys;
  std::error_code ignored;
  const std::string lines = std::filesystem::is_regular_file(text, ignored) ? TRY(ReadFile(text)) : text;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipWhitespace())) {
    const absl::string_view key = absl::StripAsciiWhitespace(line);
    keys.push_back(TRY(ledger::ParseVerifierKey(Std(key.substr(0, key.find(' '))))));
  }
  return keys;
}

absl::StatusOr<Verdict> VerifyOnline(Session& session, const Claims& claims) {
  const auto newest = TRY(session.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  Verdict verdict;
  verdict.key_trusted = !claims.keys.empty();
  std::vector<ledger::VerifierKey> keys = claims.keys;
  if (keys.empty()) keys.push_back(TRY(ledger::ParseVerifierKey(newest.verifier_key())));
  verdict.note = newest.checkpoint();
  verdict.checkpoint = TRY(ledger::OpenCheckpoint(verdict.note, keys));
  const ledger::Note parsed = TRY(ledger::ParseNote(verdict.note));
  const auto signed_by = TRY(ledger::VerifySignatures(parsed, keys));
  verdict.key = signed_by.front().key;
  if (!claims.old_checkpoint.empty()) {
    const ledger::Checkpoint before = TRY(ledger::OpenCheckpoint(claims.old_checkpoint, keys));
    TRY(CheckConsistency(session, before, verdict.checkpoint));
    verdict.old_size = before.size;
  }
  for (const uint64_t index : claims.indexes) {
    TRY(CheckInclusion(session, index, verdict.checkpoint));
    ++verdict.included;
  }
  if (claims.whole) {
    const Digest root = TRY(RootOf(HubEntries(session), verdict.checkpoint.size));
    if (root != verdict.checkpoint.root) return WrongRoot("hub");
    verdict.whole = true;
  }
  return verdict;
}

absl::Status WriteExport(const std::string& directory, const std::string& note,
                         absl::Span<const ledger::VerifierKey> keys, const EntrySource& source) {
  const ledger::Checkpoint checkpoint = TRY(ledger::OpenCheckpoint(note, keys));
  Exporter exporter(directory);
  TRY(ForEach(source, checkpoint.size,
              [&exporter](const std::string& entry) { return exporter.Add(entry); }));
  TRY(exporter.Finish());
  if (exporter.Root() != checkpoint.root) return WrongRoot("entries");
  const ledger::Note parsed = TRY(ledger::ParseNote(note));
  const auto signed_by = TRY(ledger::VerifySignatures(parsed, keys));
  std::string vkey;
  for (const auto& one : signed_by) absl::StrAppend(&vkey, one.key.ToText(), "\n");
  TRY(WriteBelow(directory, "log.vkey", vkey));
  return WriteBelow(directory, "checkpoint", note);
}

absl::StatusOr<ledger::VerifyReport> CheckExport(const std::string& directory,
                                                 absl::Span<const ledger::VerifierKey> keys,
                                                 std::string_view older) {
  ledger::VerifyReport report = ledger::VerifyExport(directory, keys, older);
  if (report.ok) return report;
  Facts facts = {{"problem", report.problem}, {"what", report.description}};
  if (!report.file.empty()) facts.emplace_back("file", report.file);
  if (report.index) facts.emplace_back("index", absl::StrCat(*report.index));
  return Fail(absl::StatusCode::kDataLoss, "EXPORT_UNPROVED",
              "The export does not verify: it is not what the log's key signed.", std::move(facts));
}

}  // namespace zhanqiao::cli
