#include "connectors/agent/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::connectors {
namespace {

// 0 or the error.
int WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

absl::Status Journal::Failed(int error) const {
  return Fail(
      absl::StatusCode::kUnavailable, "JOURNAL_UNWRITABLE",
      "The journal cannot be written, so no answer leaves; check its directory, its rights and its disk.",
      {{"file", options_.path}, {"cause", std::strerror(error)}});
}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(Options options) {
  std::unique_ptr<Journal> journal(new Journal(std::move(options)));
  {
    absl::MutexLock lock(&journal->mu_);
    TRY(journal->OpenFile());
  }
  journal->syncing_ = std::thread([raw = journal.get()] { raw->KeepSynced(); });
  return journal;
}

Journal::~Journal() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (syncing_.joinable()) syncing_.join();
  absl::MutexLock lock(&mu_);
  if (file_ < 0) return;
  ::fdatasync(file_);
  ::close(file_);
}

absl::Status Journal::OpenFile() {
  file_ = ::open(options_.path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat facts {};
  if (file_ < 0 || ::fstat(file_, &facts) != 0) return Failed(errno);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "JOURNAL_IN_USE",
                "Another process writes this journal; give each connector its own.",
                {{"file", options_.path}});
  }
  bytes_ = static_cast<uint64_t>(facts.st_size);
  char last = '\n';
  if (bytes_ > 0 && ::pread(file_, &last, 1, facts.st_size - 1) != 1) return Failed(errno);
  if (last == '\n') return absl::OkStatus();
  const int error = WriteAll(file_, "\n");
  ++bytes_;
  return error == 0 ? absl::OkStatus() : Failed(error);
}

absl::Status Journal::Rotate(int64_t now_us) {
  if (::fdatasync(file_) != 0) return Failed(errno);
  std::error_code error;
  std::filesystem::rename(options_.path, absl::StrCat(options_.path, ".", now_us), error);
  if (error) return Failed(error.value());
  ::close(file_);
  file_ = -1;
  dirty_ = false;
  return OpenFile();
}

absl::Status Journal::Append(std::string_view lines, int64_t now_us) {
  absl::MutexLock lock(&mu_);
  if (bytes_ > 0 && bytes_ + lines.size() > options_.bytes_max) TRY(Rotate(now_us));
  if (file_ < 0) TRY(OpenFile());
  const int error = WriteAll(file_, lines);
  if (error != 0) {
    // Perhaps half a line is there: opening anew ends it.
    ::close(std::exchange(file_, -1));
    return Failed(error);
  }
  bytes_ += lines.size();
  dirty_ = true;
  return absl::OkStatus();
}

// Syncing never holds up an answer: the descriptor is its own.
void Journal::KeepSynced() {
  for (bool stopping = false; !stopping;) {
    int file = -1;
    {
      absl::MutexLock lock(&mu_);
      stopping = mu_.AwaitWithTimeout(absl::Condition(&stopping_), options_.sync_interval);
      if (!dirty_ || file_ < 0) continue;
      file = ::dup(file_);
      dirty_ = false;
    }
    if (file < 0 || ::fdatasync(file) != 0)
      Log(LogLevel::kError, "journal_not_synced", {{"file", options_.path}});
    if (file >= 0) ::close(file);
  }
}

}  // namespace zhanqiao::connectors
