#include "catalog/search/search_follower.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/search/terms.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::search {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEntries = "resources/";
constexpr int kPage = 1000;
constexpr int kCommitEvery = 20'000;  // entries, while the index is made: bounds its memory
// Metadata of the database.
constexpr char kFormatKey[] = "format";
constexpr char kPositionKey[] = "position";     // decimal ledger index up to which every change was read
constexpr char kLastKey[] = "last";             // LastOf the newest change of an entry that was taken in
constexpr char kLastAtKey[] = "last_position";  // its ledger index

// Tells a change from any other that could stand at its place in another history.
std::string LastOf(const documents::Version& version) {
  return absl::StrCat(version.name, " ", version.revision, " ", absl::ToUnixMicros(version.change_time));
}

std::optional<uint64_t> NumberOf(const std::string& text) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return {};
  return number;
}

absl::Status Broken(const Xapian::Error& error) {
  return Fail(absl::StatusCode::kDataLoss, "SEARCH_INDEX_BROKEN",
              "The search index cannot be used; it is made anew.", {{"problem", error.get_description()}});
}

}  // namespace

void SearchIndex::Follower::Run() {
  for (;;) {
    absl::Status status;
    try {
      status = Follow();
    } catch (const Xapian::Error& error) {
      status = Broken(error);
    }
    if (status.ok()) return;
    LogStatus(LogLevel::kError, "search_index", status);
    database_.reset();
    absl::MutexLock lock(&state_->mu);
    state_->broken = true;  // so that Open makes it anew
    // A store or disk that does not answer is not asked in a loop.
    const auto stopping = [this]() ABSL_SHARED_LOCKS_REQUIRED(state_->mu) { return state_->stopping; };
    if (state_->mu.AwaitWithTimeout(absl::Condition(&stopping), absl::Seconds(1))) return;
  }
}

absl::Status SearchIndex::Follower::Follow() {
  TRY(Open());
  do {
    TRY(CatchUp());
  } while (AwaitChanges());
  CommitAndTell();
  database_->close();
  return absl::OkStatus();
}

absl::Status SearchIndex::Follower::Open() {
  bool broken = false;
  {
    absl::MutexLock lock(&state_->mu);
    broken = std::exchange(state_->broken, false);
  }
  const fs::path files = FilesIn(options_.directory);
  std::error_code error;
  if (!broken && fs::exists(files, error)) {
    try {
      Xapian::WritableDatabase database(files.string(), Xapian::DB_OPEN);
      if (FitsStore(database)) {
        position_ = NumberOf(database.get_metadata(kPositionKey));
        last_at_ = NumberOf(database.get_metadata(kLastAtKey));
        last_ = database.get_metadata(kLastKey);
        database_.emplace(std::move(database));
      }
    } catch (const Xapian::Error& problem) {
      LogStatus(LogLevel::kWarning, "search_index_not_opened", Broken(problem));
    }
  }
  if (!database_) TRY(Build());
  absl::MutexLock lock(&state_->mu);
  state_->built = true;
  state_->reached = position_;
  ++state_->build;
  ++state_->generation;
  state_->idle.clear();
  return absl::OkStatus();
}

bool SearchIndex::Follower::FitsStore(const Xapian::WritableDatabase& database) const {
  if (database.get_metadata(kFormatKey) != kIndexFormat) return false;
  const std::optional<uint64_t> last_at = NumberOf(database.get_metadata(kLastAtKey));
  if (!last_at) return database.get_doccount() == 0;
  const auto there = store_.ChangesSince(*last_at == 0 ? std::nullopt : std::optional(*last_at - 1), 1);
  if (!there.ok()) return false;
  const std::string last = database.get_metadata(kLastKey);
  for (const documents::Version& version : *there) {
    if (version.known_at == *last_at && LastOf(version) == last) return true;
  }
  return false;
}

// The present entries, then what changed meanwhile.
absl::Status SearchIndex::Follower::Build() {
  const fs::path fresh = options_.directory / "building";
  std::error_code error;
  fs::remove_all(fresh, error);
  std::optional<uint64_t> told;
  {
    absl::MutexLock lock(&state_->mu);
    ++state_->rebuilds;
    told = state_->told;
  }
  database_.emplace(fresh.string(), Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_NO_SYNC);
  database_->set_metadata(kFormatKey, std::string(kIndexFormat));
  last_at_.reset();
  // Everything told so far is read below, so changes after that are still to come.
  position_ = told;
  std::string token;
  int taken = 0;
  do {
    const documents::DocumentStore::Page page = TRY(store_.List(kEntries, kPage, token));
    for (const documents::Version& version : page.versions) {
      TRY(TakeIn(version));
      if (++taken % kCommitEvery == 0) database_->commit();
    }
    token = page.next_page_token;
    absl::MutexLock lock(&state_->mu);
    if (state_->stopping) return absl::OkStatus();
  } while (!token.empty());
  Commit();
  dirty_ = false;
  database_->close();
  const fs::path files = FilesIn(options_.directory);
  fs::remove_all(files, error);
  fs::rename(fresh, files, error);
  if (error) {
    return Fail(absl::StatusCode::kUnavailable, "SEARCH_DIRECTORY",
                "The search index cannot be put in place.",
                {{"directory", options_.directory.string()}, {"problem", error.message()}});
  }
  database_.emplace(files.string(), Xapian::DB_OPEN);
  Log(LogLevel::kInfo, "search_index_made", {{"entries", absl::StrCat(taken)}});
  return absl::OkStatus();
}

absl::Status SearchIndex::Follower::TakeIn(const documents::Version& version) {
  const std::string term = NameTerm(version.name);
  if (version.deleted) {
    database_->delete_document(term);
  } else {
    if (version.type != v1::Resource::descriptor()->full_name()) return absl::OkStatus();
    v1::Resource resource = TRY(version.As<v1::Resource>());
    database_->replace_document(term, DocumentOf(resource));
  }
  Note(version);
  dirty_ = true;
  return absl::OkStatus();
}

// Remembers the newest change of all that were taken in.
void SearchIndex::Follower::Note(const documents::Version& version) {
  if (last_at_ && *last_at_ > version.known_at) return;
  last_at_ = version.known_at;
  last_ = LastOf(version);
}

void SearchIndex::Follower::Commit() {
  if (position_) database_->set_metadata(kPositionKey, absl::StrCat(*position_));
  if (last_at_) {
    database_->set_metadata(kLastAtKey, absl::StrCat(*last_at_));
    database_->set_metadata(kLastKey, last_);
  }
  database_->commit();
}

absl::Status SearchIndex::Follower::CatchUp() {
  for (;;) {
    {
      absl::MutexLock lock(&state_->mu);
      if (state_->stopping) return absl::OkStatus();
      if (state_->broken) {
        return Fail(absl::StatusCode::kDataLoss, "SEARCH_INDEX_BROKEN",
                    "A reader found the search index damaged; it is made anew.");
      }
    }
    const std::vector<documents::Version> changes = TRY(store_.ChangesSince(position_, options_.batch));
    for (const documents::Version& version : changes) {
      if (absl::StartsWith(version.name, Absl(kEntries))) TRY(TakeIn(version));
      position_ = version.known_at;
    }
    if (static_cast<int>(changes.size()) < options_.batch) break;
    CommitAndTell();
  }
  CommitAndTell();
  return absl::OkStatus();
}

void SearchIndex::Follower::CommitAndTell() {
  if (dirty_) Commit();
  absl::MutexLock lock(&state_->mu);
  if (std::exchange(dirty_, false)) ++state_->generation;
  state_->reached = position_;
}

// True when there is something to take in, false to stop.
bool SearchIndex::Follower::AwaitChanges() {
  absl::MutexLock lock(&state_->mu);
  const auto something = [this]() ABSL_SHARED_LOCKS_REQUIRED(state_->mu) {
    return state_->stopping || state_->broken || state_->Behind();
  };
  state_->mu.Await(absl::Condition(&something));
  const auto urgent = [this]() ABSL_SHARED_LOCKS_REQUIRED(state_->mu) {
    return state_->stopping || state_->broken || state_->waiting > 0;
  };
  state_->mu.AwaitWithTimeout(absl::Condition(&urgent), options_.settle);
  return !state_->stopping;
}

}  // namespace zhanqiao::search
