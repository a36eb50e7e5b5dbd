#include "hub/ledger/witness/witness.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/merkle.h"

namespace zhanqiao::ledger {
namespace {

constexpr size_t kProofMax = 63;
constexpr size_t kConflictsMax = 64;  // files kept as evidence

absl::Status Malformed(std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "ADD_CHECKPOINT_MALFORMED",
              "The request is not as C2SP tlog-witness writes it.", {{"expected", std::string(expected)}});
}

std::map<std::string, std::vector<VerifierKey>, std::less<>> ByOrigin(std::vector<VerifierKey> keys) {
  std::map<std::string, std::vector<VerifierKey>, std::less<>> logs;
  for (VerifierKey& key : keys) logs[key.name].push_back(std::move(key));
  return logs;
}

Witness::Answer Plain(int status, std::string_view text) { return {status, kPlainType, absl::StrCat(Absl(text), "\n")}; }

Witness::Answer Conflict(uint64_t size) { return {409, kSizeType, absl::StrCat(size, "\n")}; }

}  // namespace

std::string AddCheckpoint::ToText() const {
  std::string text = absl::StrCat("old ", old_size, "\n");
  for (const Digest& hash : proof) absl::StrAppend(&text, ToBase64(Bytes(hash)), "\n");
  return absl::StrCat(text, "\n", checkpoint);
}

absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(std::string_view body) {
  const size_t split = body.find("\n\n");
  if (split == std::string_view::npos) return Malformed("an empty line before the checkpoint");
  const std::vector<std::string> lines = absl::StrSplit(Absl(body.substr(0, split)), '\n');
  AddCheckpoint request;
  request.checkpoint = std::string(body.substr(split + 2));
  if (!absl::SimpleAtoi(lines[0].substr(std::min<size_t>(lines[0].size(), 4)), &request.old_size) ||
      lines[0] != absl::StrCat("old ", request.old_size)) {
    return Malformed("old <size in decimal>");
  }
  if (lines.size() - 1 > kProofMax) return Malformed("at most 63 hashes");
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto hash = FromBase64(lines[i]);
    if (!hash.ok() || hash->size() != sizeof(Digest)) return Malformed("hashes of 32 bytes in base64");
    request.proof.push_back(DigestFrom(*hash));
  }
  return request;
}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(std::filesystem::path directory, std::vector<VerifierKey> logs,
                                                       const Signer& signer, const Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const int lock = open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return Fail(absl::StatusCode::kUnavailable, "FILE_WRITE_FAILED",
                "The witness's state directory cannot be written; check its path, its rights and its disk.",
                {{"file", directory.string()}});
  }
  std::unique_ptr<Witness> witness(new Witness(std::move(directory), lock, std::move(logs), signer, clock));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "WITNESS_RUNNING",
                "Another witness works on this state directory; stop it, or give this one its own.",
                {{"file", witness->directory_.string()}});
  }
  TRY(witness->Load());
  return witness;
}

Witness::Witness(std::filesystem::path directory, int lock, std::vector<VerifierKey> logs, const Signer& signer,
                 const Clock& clock)
    : directory_(std::move(directory)), lock_(lock), logs_(ByOrigin(std::move(logs))), signer_(signer), clock_(clock) {}

Witness::~Witness() { close(lock_); }

// Named by a hash: origins may hold slashes.
std::filesystem::path Witness::FileOf(std::string_view origin) const {
  return directory_ / (ToHex(Bytes(Sha256(origin))).substr(0, 32) + ".checkpoint");
}

// A state that cannot be read is never taken for none: the witness would vouch for a second history.
absl::Status Witness::Load() {
  absl::MutexLock lock(&mu_);
  for (const auto& [origin, keys] : logs_) {
    const std::filesystem::path file = FileOf(origin);
    std::error_code error;
    if (!std::filesystem::exists(file, error) && !error) continue;
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto note = ParseNote(text);
    const auto checkpoint = note.ok() ? ParseCheckpoint(note->text) : absl::StatusOr<Checkpoint>(note.status());
    if (!in.is_open() || in.bad() || !checkpoint.ok() || checkpoint->origin != origin) {
      return Fail(absl::StatusCode::kDataLoss, "WITNESS_STATE",
                  "A state file of the witness is damaged. Put back a good copy; without one this witness must not "
                  "vouch for that log under this key again.",
                  {{"file", file.string()}});
    }
    newest_[origin] = *checkpoint;
  }
  return absl::OkStatus();
}

Checkpoint Witness::Newest(std::string_view origin) const {
  absl::MutexLock lock(&mu_);
  const auto found = newest_.find(origin);
  return found == newest_.end() ? Checkpoint{std::string(origin), 0, EmptyRoot()} : found->second;
}

Witness::Answer Witness::Add(std::string_view body) {
  const auto request = ParseAddCheckpoint(body);
  if (!request.ok()) return Plain(400, FactOf(request.status(), "expected"));
  return Decide(*request);
}

Witness::Answer Witness::Decide(const AddCheckpoint& request) {
  const auto note = ParseNote(request.checkpoint);
  const auto checkpoint = note.ok() ? ParseCheckpoint(note->text) : absl::StatusOr<Checkpoint>(note.status());
  if (!checkpoint.ok()) return Plain(400, Std(checkpoint.status().message()));
  const auto log = logs_.find(checkpoint->origin);
  if (log == logs_.end()) return Plain(404, "This witness does not follow this log.");
  if (!OpenCheckpoint(request.checkpoint, log->second).ok()) return Plain(403, "No known key of the log signed this.");
  if (request.old_size > checkpoint->size) return Plain(400, "The old size is above that of the checkpoint.");

  absl::MutexLock lock(&mu_);
  const auto known = newest_.find(checkpoint->origin);
  const uint64_t size = known == newest_.end() ? 0 : known->second.size;
  const Digest root = known == newest_.end() ? EmptyRoot() : known->second.root;
  if (request.old_size != size) return Conflict(size);
  if (size == checkpoint->size && root != checkpoint->root) {
    KeepConflict(request, *checkpoint);
    return Conflict(size);
  }
  if (!VerifyConsistency(size, checkpoint->size, request.proof, root, checkpoint->root).ok()) {
    KeepConflict(request, *checkpoint);
    return Plain(422, "The checkpoint does not continue the log as this witness saw it.");
  }
  const auto line = Cosign(note->text, signer_, static_cast<uint64_t>(absl::ToUnixSeconds(clock_.Now())));
  if (!line.ok()) return Plain(500, "The witness cannot sign.");
  if (known == newest_.end() || size != checkpoint->size) {
    const absl::Status kept = ReplaceFile(FileOf(checkpoint->origin), request.checkpoint);
    if (!kept.ok()) {
      LogStatus(LogLevel::kError, "witness_state_not_kept", kept);
      return Plain(500, "The witness cannot keep its state.");
    }
    newest_[checkpoint->origin] = *checkpoint;
  }
  return {200, kPlainType, line->ToLine()};
}

// Two signed checkpoints that do not fit together are what a witness is for: kept beside the state, a few.
void Witness::KeepConflict(const AddCheckpoint& request, const Checkpoint& checkpoint) const {
  zhanqiao::Log(LogLevel::kError, "witness_conflict",
                {{"origin", checkpoint.origin},
                 {"size", absl::StrCat(checkpoint.size)},
                 {"root", ToBase64(Bytes(checkpoint.root))}});
  std::error_code error;
  const std::filesystem::path folder = directory_ / "conflicts";
  std::filesystem::create_directories(folder, error);
  const auto files = std::distance(std::filesystem::directory_iterator(folder, error), {});
  if (error || static_cast<size_t>(files) >= kConflictsMax) return;
  const std::string name = absl::StrCat(checkpoint.size, "-", ToHex(Bytes(checkpoint.root)).substr(0, 16));
  const absl::Status kept = ReplaceFile(folder / name, request.ToText());
  if (!kept.ok()) LogStatus(LogLevel::kError, "witness_conflict_not_kept", kept);
}

}  // namespace zhanqiao::ledger
