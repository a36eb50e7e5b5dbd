#include "hub/ledger/checkpointer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

absl::Status WriteFailed(const std::filesystem::path& path, std::string_view step) {
  return Fail(absl::StatusCode::kUnavailable, "FILE_WRITE_FAILED",
              "A file of the ledger cannot be written; check its directory, its rights and its disk.",
              {{"file", path.string()}, {"step", std::string(step)}});
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// The contents of a file, or nothing if there is none.
absl::StatusOr<std::optional<std::string>> ReadFileIfAny(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::optional<std::string>();
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) {
    return Fail(absl::StatusCode::kUnavailable, "FILE_READ_FAILED",
                "The second place of the checkpoint cannot be read; check its rights and its disk.",
                {{"file", path.string()}});
  }
  return std::optional<std::string>(std::move(bytes));
}

absl::Status Refuse(std::string_view reason, std::string_view message, std::string_view place,
                    const Checkpoint& checkpoint, const Head& head) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message,
              {{"place", std::string(place)},
               {"checkpoint_size", absl::StrCat(checkpoint.size)},
               {"log_size", absl::StrCat(head.size())}});
}

// The checkpoint one place holds, if it is of the log as it is now.
absl::StatusOr<SignedCheckpointPtr> CheckPlace(const Log& log, absl::Span<const VerifierKey> keys, std::string_view place,
                                               const std::optional<std::string>& note) {
  if (!note) return SignedCheckpointPtr();
  const HeadPtr head = log.head();
  const absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(*note, keys);
  if (!checkpoint.ok()) {
    return Refuse("LEDGER_CHECKPOINT_FOREIGN",
                  "The last checkpoint is not signed by this log's key; use the key and origin the log was made with.",
                  place, {}, *head);
  }
  if (checkpoint->size > head->size()) {
    return Refuse("LEDGER_BEHIND_CHECKPOINT",
                  "The store holds fewer entries than were signed for: it was set back to an older copy. Restore the "
                  "newer store, or start a new log that names this checkpoint as its predecessor.",
                  place, *checkpoint, *head);
  }
  const Digest root = TRY(RootAt(HeadHashes(log.store(), head), checkpoint->size));
  if (root != checkpoint->root) {
    return Refuse("LEDGER_FORKED",
                  "The log in the store differs from the one that was signed: it is another copy that went its own "
                  "way, or was altered. Find out which before serving either.",
                  place, *checkpoint, *head);
  }
  return std::make_shared<const SignedCheckpoint>(SignedCheckpoint{*checkpoint, *note});
}

// What the second place holds, once both places were found to be of the log as it is now.
struct Places {
  std::optional<std::string> in_file;
  SignedCheckpointPtr kept;  // the same, opened
};

absl::StatusOr<Places> ReadPlaces(const Log& log, const Signers& signers, const std::filesystem::path& second_place) {
  const std::vector<VerifierKey> keys = signers.Known();
  const std::optional<std::string> in_store = TRY(log.store().Get(Table::kMeta, kCheckpointKey));
  Places places;
  places.in_file = TRY(ReadFileIfAny(second_place));
  TRY(CheckPlace(log, keys, "store", in_store));
  places.kept = TRY(CheckPlace(log, keys, second_place.string(), places.in_file));
  return places;
}

}  // namespace

bool SyncDirectory(const std::filesystem::path& directory) {
  const int fd = open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synced = fsync(fd) == 0;
  close(fd);
  return synced;
}

absl::Status ReplaceFile(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path temporary = path.string() + ".new";
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return WriteFailed(path, "open");
  const bool written = WriteAll(fd, bytes) && fsync(fd) == 0;
  if (close(fd) != 0 || !written) return WriteFailed(path, "write");
  if (rename(temporary.c_str(), path.c_str()) != 0) return WriteFailed(path, "rename");
  if (!SyncDirectory(path.parent_path())) return WriteFailed(path, "sync");
  return absl::OkStatus();
}

absl::StatusOr<SignedCheckpoint> SignHead(const Head& head, const Signers& signers) {
  const auto active = signers.Active();
  std::vector<const Signer*> pens;
  for (const auto& signer : active) pens.push_back(signer.get());
  Checkpoint checkpoint{pens.front()->name(), head.size(), head.tree.Root()};
  std::string note = TRY(SignNote(checkpoint.ToText(), pens));
  return SignedCheckpoint{std::move(checkpoint), std::move(note)};
}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Start(Log& log, storage::CommitPipeline& pipeline,
                                                                  const Signer& signer, Options options) {
  auto owned = std::make_unique<const OneSigner>(signer);
  std::unique_ptr<Checkpointer> checkpointer = TRY(Start(log, pipeline, *owned, std::move(options)));
  checkpointer->owned_ = std::move(owned);
  return checkpointer;
}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Start(Log& log, storage::CommitPipeline& pipeline,
                                                                  const Signers& signers, Options options) {
  Places places = TRY(ReadPlaces(log, signers, options.second_place));
  // What only one place holds was perhaps never shown to anyone; the loop signs the present head at once anyway.
  std::unique_ptr<Checkpointer> checkpointer(
      new Checkpointer(log, pipeline, signers, std::move(options), std::move(places.kept)));
  checkpointer->in_file_ = std::move(places.in_file);
  Checkpointer* const self = checkpointer.get();
  pipeline.OnReopen(self, [self] { return self->AgreeToReopen(); });
  log.Listen([self](uint64_t size) {
    absl::MutexLock lock(&self->mu_);
    self->durable_ = size;
  });
  {
    absl::MutexLock lock(&self->mu_);
    self->durable_ = std::max(self->durable_, log.head()->size());
  }
  checkpointer->thread_ = std::thread([self] { self->Loop(); });
  return checkpointer;
}

Checkpointer::Checkpointer(Log& log, storage::CommitPipeline& pipeline, const Signers& signers, Options options,
                           SignedCheckpointPtr latest)
    : log_(log),
      pipeline_(pipeline),
      signers_(signers),
      options_(std::move(options)),
      latest_(std::move(latest)) {}

Checkpointer::~Checkpointer() {
  log_.Listen({});
  pipeline_.OnReopen(this, {});
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

SignedCheckpointPtr Checkpointer::Latest() const {
  absl::MutexLock lock(&mu_);
  return latest_;
}

absl::Status Checkpointer::health() const {
  absl::MutexLock lock(&mu_);
  return health_;
}

absl::StatusOr<SignedCheckpointPtr> Checkpointer::WaitFor(uint64_t size, absl::Time deadline) const {
  const auto settled = [this, size]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return !health_.ok() || stopping_ || (latest_ && latest_->checkpoint.size >= size);
  };
  absl::MutexLock lock(&mu_);
  mu_.AwaitWithDeadline(absl::Condition(&settled), deadline);
  if (latest_ && latest_->checkpoint.size >= size) return latest_;
  if (!health_.ok() || stopping_) {
    return Fail(absl::StatusCode::kUnavailable, "CHECKPOINT_UNAVAILABLE",
                "The hub cannot keep new checkpoints; its operator has to look.");
  }
  return Fail(absl::StatusCode::kDeadlineExceeded, "CHECKPOINT_PENDING",
              "No checkpoint covers that many entries yet; ask again with a smaller size or later.");
}

void Checkpointer::Loop() {
  const auto due = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return stopping_ || durable_ > (latest_ ? latest_->checkpoint.size : 0);
  };
  const auto hurried = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || reopened_; };
  absl::Duration retry = options_.retry_after;
  bool last = false;
  while (!last) {
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&due));
      last = stopping_;
    }
    const absl::Status made = Make();
    absl::MutexLock lock(&mu_);
    if (!made.ok()) LogStatus(LogLevel::kError, "checkpoint_failed", made);
    if (made.ok() && !health_.ok()) zhanqiao::Log(LogLevel::kWarning, "checkpoint_kept_again");
    health_ = made;
    const absl::Duration pause = made.ok() ? options_.interval : retry;
    retry = made.ok() ? options_.retry_after : std::min(2 * retry, options_.retry_after_max);
    if (!last && mu_.AwaitWithTimeout(absl::Condition(&hurried), pause)) retry = options_.retry_after;
    reopened_ = false;
  }
}

// Signs the present head unless it is signed already. Store first, then the file: whatever the file holds, the
// store held before, so that only a store set back can be behind the file.
absl::Status Checkpointer::Make() {
  if (!health().ok()) TRY(CompareWithPlaces());
  const HeadPtr head = log_.head();
  const SignedCheckpointPtr latest = Latest();
  if (head->size() == (latest ? latest->checkpoint.size : 0)) return absl::OkStatus();
  SignedCheckpoint signed_head = TRY(Sign(*head));
  const std::string& note = signed_head.note;
  storage::Commit commit;
  commit.writes.Put(Table::kMeta, std::string(kCheckpointKey), note);
  TRY(pipeline_.Run(std::move(commit)));
  TRY(KeepInFile(note));
  auto made = std::make_shared<const SignedCheckpoint>(std::move(signed_head));
  absl::MutexLock lock(&mu_);
  latest_ = std::move(made);
  return absl::OkStatus();
}

absl::StatusOr<SignedCheckpoint> Checkpointer::Sign(const Head& head) {
  absl::StatusOr<SignedCheckpoint> signed_head = SignHead(head, signers_);
  if (!signed_head.ok()) pipeline_.Suspend(signed_head.status());
  return signed_head;
}

// After a failure nothing that is remembered of the second place holds: it is looked at as at start. What it holds
// beyond the newest checkpoint shown was kept before the failure, so it may be shown.
absl::Status Checkpointer::CompareWithPlaces() {
  Places places = TRY(ReadPlaces(log_, signers_, options_.second_place));
  in_file_ = std::move(places.in_file);
  absl::MutexLock lock(&mu_);
  if (latest_ != nullptr && (places.kept == nullptr || places.kept->checkpoint.size < latest_->checkpoint.size)) {
    return absl::OkStatus();  // the file was set back or lost; the next checkpoint mends it
  }
  latest_ = std::move(places.kept);
  return absl::OkStatus();
}

// On the commit thread: the store was opened anew, and is only gone on with if it is the log that was signed for,
// and if it can be signed for again.
absl::Status Checkpointer::AgreeToReopen() {
  TRY(ReadPlaces(log_, signers_, options_.second_place));
  TRY(SignHead(*log_.head(), signers_));
  absl::MutexLock lock(&mu_);
  reopened_ = true;
  return absl::OkStatus();
}

// Compare and replace: a file that changed under us means a second hub signs for the same log.
absl::Status Checkpointer::KeepInFile(const std::string& note) {
  const std::optional<std::string> now = TRY(ReadFileIfAny(options_.second_place));
  if (now != in_file_) {
    return Fail(absl::StatusCode::kFailedPrecondition, "CHECKPOINT_FILE_CHANGED",
                "Someone else wrote the last checkpoint: a second hub runs for this log. Stop one of them.",
                {{"file", options_.second_place.string()}});
  }
  TRY(ReplaceFile(options_.second_place, note));
  in_file_ = note;
  return absl::OkStatus();
}

}  // namespace zhanqiao::ledger
