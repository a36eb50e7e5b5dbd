#include "hub/ledger/index/index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/index/background.h"

namespace zhanqiao::ledger {

namespace fs = std::filesystem;

std::string SegmentFile(uint64_t number, std::string_view extension) {
  return absl::StrCat(absl::StrFormat("segment-%06d", number), Absl(extension));
}

absl::StatusOr<std::unique_ptr<Index>> Index::Start(const Log& log, const Entries& entries, Options options) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (!fs::is_directory(options.directory, error)) {
    return Fail(absl::StatusCode::kUnavailable, "FILE_WRITE_FAILED",
                "The directory of the ledger's index cannot be made; check its parent and rights.",
                {{"file", options.directory.string()}});
  }
  std::unique_ptr<Index> index(new Index(log, entries, std::move(options)));
  index->thread_ = std::thread([self = index.get()] { self->Loop(); });
  return index;
}

Index::Index(const Log& log, const Entries& entries, Options options)
    : log_(log), entries_(entries), options_(std::move(options)), open_(std::make_shared<MemorySegment>(0)) {}

Index::~Index() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

SegmentSet Index::Snapshot(absl::Time deadline) const {
  const uint64_t size = log_.head()->size();
  const auto there = [this, size]() ABSL_SHARED_LOCKS_REQUIRED(mu_) {
    return reached_ >= size || stopping_ || !health_.ok();
  };
  absl::MutexLock lock(&mu_);
  if (!there()) {
    asked_ = true;
    mu_.AwaitWithDeadline(absl::Condition(&there), deadline);
  }
  std::vector<std::shared_ptr<const Segment>> segments(sealed_.begin(), sealed_.end());
  segments.push_back(open_);
  return SegmentSet(std::move(segments), reached_);
}

uint64_t Index::reached() const {
  absl::MutexLock lock(&mu_);
  return reached_;
}

uint64_t Index::sealed() const {
  absl::MutexLock lock(&mu_);
  return sealed_.size();
}

absl::Status Index::health() const {
  absl::MutexLock lock(&mu_);
  return health_;
}

void Index::Loop() {
  YieldToOthers();
  const auto due = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || asked_; };
  for (bool resting = false;; resting = true) {  // not at the start
    const absl::Status done = CatchUp(resting);
    absl::MutexLock lock(&mu_);
    if (!done.ok() && health_.ok()) LogStatus(LogLevel::kError, "index_failed", done);
    health_ = done;
    if (!done.ok()) asked_ = false;
    mu_.AwaitWithTimeout(absl::Condition(&due), done.ok() ? options_.interval : absl::Seconds(1));
    if (stopping_) return;
    asked_ = false;
  }
}

// Works on some thousand entries at a time. With `resting` it then rests, long while the log grows fast, until someone
// asks: the exchange has the processor first, a question that waits has it next.
absl::Status Index::CatchUp(bool resting) {
  constexpr uint64_t kBusy = 256;  // entries the log grew by in the meantime
  constexpr int kRestsWhenBusy = 19;
  const auto due = [this]() ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || asked_; };
  for (absl::Time began = absl::Now();; began = absl::Now()) {
    absl::MutexLock work(&work_);
    const uint64_t size = log_.head()->size();
    std::shared_ptr<MemorySegment> open;
    uint64_t from = 0;
    {
      absl::MutexLock lock(&mu_);
      if (stopping_ || reached_ >= size) return absl::OkStatus();
      from = reached_;
      open = open_;
    }
    const uint64_t number = from / kSegmentEntries;
    std::shared_ptr<const SealedSegment> sealed;
    if (from % kSegmentEntries == 0 && (number + 1) * kSegmentEntries <= size && open->count() == 0) {
      sealed = TRY(OpenOrBuild(number));
      from += kSegmentEntries;
    } else {
      const uint64_t to = std::min({size, (number + 1) * kSegmentEntries, from + 4096});
      TRY(entries_.Read(number * kSegmentEntries + open->count(), to,
                        [&](uint64_t, std::string_view entry, std::string_view secret) {
                          return open->Append(entry, secret);
                        }));
      from = to;
      if (from == (number + 1) * kSegmentEntries) sealed = TRY(Keep(number, open->Encode()));
    }
    absl::MutexLock lock(&mu_);
    if (sealed) {
      sealed_.push_back(std::move(sealed));
      open_ = std::make_shared<MemorySegment>(number + 1);
    }
    reached_ = from;
    if (!resting || due()) continue;
    const int rests = log_.head()->size() - size > kBusy ? kRestsWhenBusy : 1;
    mu_.AwaitWithTimeout(absl::Condition(&due), rests * (absl::Now() - began));
  }
}

absl::StatusOr<std::shared_ptr<const SealedSegment>> Index::OpenOrBuild(uint64_t number) {
  auto opened = SealedSegment::Open(options_.directory / SegmentFile(number, kIndexExtension), number);
  if (opened.ok() && (*opened)->count() == kSegmentEntries) return opened;
  if (!opened.ok() && opened.status().code() != absl::StatusCode::kNotFound) {
    LogStatus(LogLevel::kWarning, "index_rebuilt", opened.status());
  }
  MemorySegment built(number);
  TRY(entries_.Read(number * kSegmentEntries, (number + 1) * kSegmentEntries,
                    [&](uint64_t, std::string_view entry, std::string_view secret) {
                      return built.Append(entry, secret);
                    }));
  return Keep(number, built.Encode());
}

absl::StatusOr<std::shared_ptr<const SealedSegment>> Index::Keep(uint64_t number, std::string bytes) {
  const fs::path path = options_.directory / SegmentFile(number, kIndexExtension);
  TRY(ReplaceFile(path, bytes));
  return SealedSegment::Open(path, number);
}

absl::Status Index::Forget(absl::Span<const std::string> terms) {
  absl::MutexLock work(&work_);
  std::vector<std::shared_ptr<const SealedSegment>> sealed;
  std::shared_ptr<MemorySegment> open;
  {
    absl::MutexLock lock(&mu_);
    sealed = sealed_;
    open = open_;
  }
  for (const std::string& term : terms) open->Drop(term);
  for (size_t i = 0; i < sealed.size(); ++i) {
    const bool has = std::any_of(terms.begin(), terms.end(),
                                 [&](const std::string& term) { return sealed[i]->CountOf(term) > 0; });
    if (!has) continue;
    auto replaced = TRY(Keep(sealed[i]->number(), sealed[i]->Without(terms)));
    absl::MutexLock lock(&mu_);
    sealed_[i] = std::move(replaced);
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::ledger
