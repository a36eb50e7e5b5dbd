#include "catalog/search/search_index.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/search/search_follower.h"
#include "catalog/search/search_state.h"

namespace zhanqiao::search {
namespace {

constexpr int kTries = 5;        // of a question whose state was overwritten while it was asked
constexpr size_t kIdleMax = 16;  // readers kept open

absl::Status Building() {
  return WithRetryAfter(Fail(absl::StatusCode::kUnavailable, "SEARCH_INDEX_BUILDING",
                             "The search index is being made; try again in some seconds."),
                        1000);
}

}  // namespace

SearchIndex::SearchIndex(documents::DocumentStore& store, Options options)
    : options_(std::move(options)),
      state_(std::make_shared<State>()),
      follower_(std::make_unique<Follower>(store, options_, state_)) {}

absl::StatusOr<std::unique_ptr<SearchIndex>> SearchIndex::Start(documents::DocumentStore& store,
                                                                Options options) {
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SEARCH_DIRECTORY",
                "The directory of the search index cannot be made; check its path and owner.",
                {{"directory", options.directory.string()}, {"problem", error.message()}});
  }
  std::unique_ptr<SearchIndex> index(new SearchIndex(store, std::move(options)));
  TRY(store.Observe("resources/", [state = index->state_](const documents::Version& version) {
    absl::MutexLock lock(&state->mu);
    state->told = std::max(state->told.value_or(0), version.known_at);
  }));
  index->thread_ = std::thread([follower = index->follower_.get()] { follower->Run(); });
  return index;
}

SearchIndex::~SearchIndex() {
  {
    absl::MutexLock lock(&state_->mu);
    state_->stopping = true;
    state_->idle.clear();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status SearchIndex::Await(uint64_t at_least, absl::Time deadline) const {
  absl::MutexLock lock(&state_->mu);
  if (at_least == 0) return state_->built ? absl::OkStatus() : Building();
  // What nobody was told of yet is not waited for: it was not written before this call.
  const std::optional<uint64_t> told = state_->told;
  const auto there = [&]() ABSL_SHARED_LOCKS_REQUIRED(state_->mu) {
    return state_->built && (!told || state_->reached >= std::min(at_least, *told));
  };
  ++state_->waiting;  // hurries the follower
  const bool in_time = state_->mu.AwaitWithDeadline(absl::Condition(&there),
                                                    std::min(deadline, absl::Now() + options_.wait_max));
  --state_->waiting;
  if (in_time) return absl::OkStatus();
  if (!state_->built) return Building();
  return Fail(absl::StatusCode::kDeadlineExceeded, "SEARCH_INDEX_BEHIND",
              "The search index has not reached this ledger index in time; ask again, or without it.",
              {{"reached", absl::StrCat(state_->reached.value_or(0))}, {"asked", absl::StrCat(at_least)}});
}

uint64_t SearchIndex::Ask(const std::function<void(const Xapian::Database&)>& ask) {
  State::Reader reader;
  uint64_t generation = 0;
  uint64_t reached = 0;
  int build = 0;
  {
    absl::MutexLock lock(&state_->mu);
    generation = state_->generation;
    reached = state_->reached.value_or(0);
    build = state_->build;
    if (!state_->idle.empty()) {
      reader = std::move(state_->idle.back());
      state_->idle.pop_back();
    }
  }
  if (reader.build != build) {
    reader.database = Xapian::Database(Follower::FilesIn(options_.directory).string());
  } else if (reader.generation != generation) {
    reader.database.reopen();
  }
  reader.build = build;
  reader.generation = generation;
  ask(reader.database);
  absl::MutexLock lock(&state_->mu);
  if (state_->build == build && state_->idle.size() < kIdleMax) state_->idle.push_back(std::move(reader));
  return reached;
}

absl::StatusOr<uint64_t> SearchIndex::Read(uint64_t at_least, absl::Time deadline,
                                           const std::function<void(const Xapian::Database&)>& ask) {
  TRY(Await(at_least, deadline));
  const int build = Builds();
  std::string problem;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    try {
      return Ask(ask);
    } catch (const Xapian::DatabaseModifiedError& error) {
      problem = error.get_description();  // the next attempt sees the newest state
    } catch (const Xapian::Error& error) {
      LogStatus(LogLevel::kError, "search_index",
                Fail(absl::StatusCode::kDataLoss, "SEARCH_INDEX_BROKEN",
                     "The search index cannot be read; it is made anew.", {{"problem", error.get_description()}}));
      GiveUp(build);
      return Building();
    }
  }
  return WithRetryAfter(
      Fail(absl::StatusCode::kUnavailable, "SEARCH_INDEX_BUSY",
           "The search index changes faster than it is read; try again.", {{"problem", problem}}),
      100);
}

int SearchIndex::Builds() const {
  absl::MutexLock lock(&state_->mu);
  return state_->build;
}

void SearchIndex::GiveUp(int build) {
  absl::MutexLock lock(&state_->mu);
  if (state_->build != build) return;  // made anew meanwhile
  state_->broken = true;
  state_->built = false;
}

std::optional<uint64_t> SearchIndex::reached() const {
  absl::MutexLock lock(&state_->mu);
  return state_->built ? state_->reached : std::nullopt;
}

int SearchIndex::rebuilds() const {
  absl::MutexLock lock(&state_->mu);
  return state_->rebuilds;
}

}  // namespace zhanqiao::search
