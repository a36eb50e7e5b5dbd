#include "hub/exchange/files/files.h"

#include <algorithm>

#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/base/log.h"
#include "catalog/base/text.h"
#include "hub/exchange/timestamps.h"

namespace zhanqiao::exchange {
namespace {

namespace fs = std::filesystem;

absl::Status NoFile() {
  return Fail(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", "There is no such file, or it was taken away; see ListFiles.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status SpoolFull() {
  return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "SPOOL_FULL",
                             "The spool has no room for a file of this size; try again when others have been taken away.",
                             {{"link", std::string(kLinkHub)}}),
                        60'000);
}

}  // namespace

struct Files::State {
  absl::Mutex mu;  // makes one change of the lists one step
  absl::flat_hash_map<std::string, Known> files ABSL_GUARDED_BY(mu);  // by name
  absl::flat_hash_map<std::string, std::shared_ptr<Incoming>> incoming ABSL_GUARDED_BY(mu);
  int64_t bytes ABSL_GUARDED_BY(mu) = 0;     // announced together
  int64_t reserved ABSL_GUARDED_BY(mu) = 0;  // of announcements under way

  void Take(const documents::Version& version) {
    absl::MutexLock lock(&mu);
    const auto before = files.find(version.name);
    if (before != files.end()) bytes -= before->second.file.size_bytes();
    if (version.deleted) {
      files.erase(version.name);
      incoming.erase(version.name);
      return;
    }
    auto file = version.As<v1::File>();
    if (!file.ok()) return;
    bytes += file->size_bytes();
    if (file->state() != v1::FILE_STATE_UPLOADING) incoming.erase(version.name);
    files[version.name] = {*std::move(file), version.revision};
  }
};

Files::Files(FileParts parts) : parts_(std::move(parts)), state_(std::make_shared<State>()) {}
Files::~Files() = default;

fs::path Files::PathOf(std::string_view name) const { return parts_.spool / std::string(name.substr(kFileNames.size())); }

absl::Status Files::Follow(documents::DocumentStore& store) {
  std::error_code error;
  fs::create_directories(parts_.spool, error);
  fs::permissions(parts_.spool, fs::perms::owner_all, error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SPOOL_NOT_WRITABLE",
                "The spool's directory cannot be made; check its path and owner.", {{"file", parts_.spool.string()}});
  }
  TRY(store.Observe(std::string(kFileNames), [state = state_](const documents::Version& version) { state->Take(version); }));
  // What a crash left between a document's deletion and its file's.
  for (const auto& entry : fs::directory_iterator(parts_.spool, error)) {
    if (!Find(std::string(kFileNames) + entry.path().filename().string()).ok()) fs::remove(entry.path(), error);
  }
  return absl::OkStatus();
}

absl::StatusOr<Files::Known> Files::Find(std::string_view name) const {
  absl::MutexLock lock(&state_->mu);
  const auto found = state_->files.find(Absl(name));
  if (found == state_->files.end()) return NoFile();
  return found->second;
}

std::vector<Files::Known> Files::Of(std::string_view resource) const {
  std::vector<Known> found;
  {
    absl::MutexLock lock(&state_->mu);
    for (const auto& [name, known] : state_->files) {
      if (known.file.resource() == resource) found.push_back(known);
    }
  }
  // Names are ULIDs: they sort by time.
  std::sort(found.begin(), found.end(), [](const Known& a, const Known& b) { return a.file.name() > b.file.name(); });
  return found;
}

absl::Status Files::CheckSpace(int64_t bytes) const {
  std::error_code error;
  const fs::space_info space = fs::space(parts_.spool, error);
  if (error || static_cast<int64_t>(space.available) - bytes < parts_.free_bytes_min) return SpoolFull();
  return absl::OkStatus();
}

absl::StatusOr<Files::Known> Files::Store(const Caller& caller, v1::File file, uint64_t expected, storage::LogRecord event) {
  documents::Change change;
  change.name = file.name();
  change.type = file.GetDescriptor()->full_name();
  change.document = documents::Canonical(file);
  change.expected_revision = expected;
  documents::Transaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.actor = caller.subject;
  if (!event.body.empty()) transaction.further_records.push_back(std::move(event));
  const auto versions = TRY(parts_.documents.Apply(std::move(transaction)));
  return Known{std::move(file), versions.at(0).revision};
}

absl::StatusOr<Files::Known> Files::Announce(const Caller& caller, v1::File file) {
  const int64_t size = file.size_bytes();
  TRY(CheckSpace(size));
  {
    absl::MutexLock lock(&state_->mu);
    if (state_->bytes + state_->reserved + size > parts_.spool_bytes_max) return SpoolFull();
    state_->reserved += size;
  }
  const absl::Time now = parts_.clock.Now();
  file.set_name(std::string(kFileNames) + NewId(now, parts_.random));
  file.set_state(v1::FILE_STATE_UPLOADING);
  file.set_uploader(caller.subject);
  *file.mutable_create_time() = ToTimestamp(now);
  *file.mutable_expire_time() = ToTimestamp(now + absl::Hours(file.retention_hours()));
  auto known = Store(caller, std::move(file), 0, {});
  absl::MutexLock lock(&state_->mu);
  state_->reserved -= size;
  return known;
}

absl::StatusOr<std::shared_ptr<Incoming>> Files::Receive(const Known& known) {
  if (known.file.state() != v1::FILE_STATE_UPLOADING) {
    return Fail(absl::StatusCode::kFailedPrecondition, "FILE_NOT_UPLOADING", "The file has arrived already; announce another.",
                {{"link", std::string(kLinkCaller)}});
  }
  {
    absl::MutexLock lock(&state_->mu);
    const auto found = state_->incoming.find(known.file.name());
    if (found != state_->incoming.end()) return found->second;
  }
  auto opened = TRY(Incoming::Open(PathOf(known.file.name()), known.file, parts_.keys, parts_.random));
  absl::MutexLock lock(&state_->mu);
  return state_->incoming.try_emplace(known.file.name(), std::move(opened)).first->second;
}

absl::StatusOr<Files::Known> Files::Arrived(const Caller& caller, const Known& known) {
  v1::File file = known.file;
  file.set_state(v1::FILE_STATE_READY);
  v1::FileEvent event;
  event.set_file(file.name());
  event.set_resource(file.resource());
  event.set_verb("uploaded");
  event.set_bytes(static_cast<uint64_t>(file.size_bytes()));
  event.set_sha256(file.sha256());
  return Store(caller, std::move(file), known.revision, FileEntry(caller.subject, caller.trace, std::move(event)));
}

absl::Status Files::Remove(const std::string& actor, const Known& known, std::string_view verb, std::string reason) {
  documents::Change change;
  change.name = known.file.name();
  change.type = known.file.GetDescriptor()->full_name();
  change.deleted = true;
  documents::Transaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.actor = actor;
  transaction.reason = std::move(reason);
  v1::FileEvent event;
  event.set_file(known.file.name());
  event.set_resource(known.file.resource());
  event.set_verb(std::string(verb));
  event.set_bytes(static_cast<uint64_t>(known.file.size_bytes()));
  event.set_sha256(known.file.sha256());
  transaction.further_records.push_back(FileEntry(actor, "", std::move(event)));
  TRY(parts_.documents.Apply(std::move(transaction)));
  std::error_code error;
  fs::remove(PathOf(known.file.name()), error);
  return absl::OkStatus();
}

int64_t Files::Received(const Known& known) {
  if (known.file.state() == v1::FILE_STATE_READY) return known.file.size_bytes();
  std::error_code error;
  if (!fs::exists(PathOf(known.file.name()), error)) return 0;
  const auto incoming = Receive(known);
  return incoming.ok() ? (*incoming)->received() : 0;
}

void Files::Sweep() {
  const absl::Time now = parts_.clock.Now();
  std::vector<Known> over;
  {
    absl::MutexLock lock(&state_->mu);
    for (const auto& [name, known] : state_->files) {
      if (FromTimestamp(known.file.expire_time()) <= now) over.push_back(known);
    }
  }
  for (const Known& known : over) {
    const absl::Status removed = Remove("hub", known, "swept", "retention");
    if (!removed.ok()) LogStatus(LogLevel::kError, "file_not_swept", removed);
  }
}

int64_t Files::bytes() const {
  absl::MutexLock lock(&state_->mu);
  return state_->bytes;
}

size_t Files::count() const {
  absl::MutexLock lock(&state_->mu);
  return state_->files.size();
}

storage::LogRecord FileEntry(std::string_view actor, std::string_view trace, v1::FileEvent event) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(std::string(actor));
  entry.set_trace(std::string(trace));
  *entry.mutable_file_event() = std::move(event);
  return {entry.SerializeAsString(), {}};
}

}  // namespace zhanqiao::exchange
