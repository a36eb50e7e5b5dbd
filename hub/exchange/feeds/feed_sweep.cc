// What leaves a feed: by age, by bytes, and by its slowest reader. And the cursors that say who has read how far.
#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/exchange/feeds/feed.h"

namespace zhanqiao::exchange {
namespace {

using storage::Table;

constexpr int kSegmentsMax = 64;  // deleted in one commit

// Every row of `segment`.
void Delete(std::string_view code, const Segment& segment, storage::Batch& writes) {
  writes.Delete(Table::kSegments, SegmentKey(code, segment.first));
  const std::string& digests = segment.stored.idempotency_digests();
  const std::string none(kKeyDigestBytes, '\0');
  for (size_t at = 0; at + kKeyDigestBytes <= digests.size(); at += kKeyDigestBytes) {
    const std::string_view digest = std::string_view(digests).substr(at, kKeyDigestBytes);
    if (digest != none) writes.Delete(Table::kPublished, PublishedKey(code, digest));
  }
}

absl::Status NoSubscription() {
  return Fail(absl::StatusCode::kNotFound, "SUBSCRIPTION_NOT_FOUND",
              "The feed has no such subscription; see ListSubscriptions.");
}

}  // namespace

// A subscription whose grant is not in force reads nothing, so it holds nothing back.
uint64_t Feed::SlowestReader() const {
  uint64_t slowest = std::numeric_limits<uint64_t>::max() - 1;
  const absl::CivilDay today = CivilDayOf(parts_.clock.Now());
  for (const auto& [key, entry] : cursors_) {
    const auto grant = parts_.grants.Find(entry.cursor.grant());
    if (grant != nullptr && grant->Allows(today)) slowest = std::min<uint64_t>(slowest, entry.cursor.acknowledged_offset());
  }
  return slowest;
}

// True if a commit that deletes is under way.
bool Feed::SweepNext() {
  v1::Feed declared;
  v1::StoredFeed ends;
  uint64_t slowest = 0;
  storage::Commit commit;
  {
    absl::MutexLock lock(&mu_);
    const bool over = ends_.bytes() > declared_.bytes_max() && declared_.bytes_max() > 0;
    if (!sweep_due_ && !over) return false;
    sweep_due_ = false;
    if (ends_.earliest_offset() >= ends_.next_offset()) return false;
    declared = declared_;
    ends = ends_;
    slowest = SlowestReader();
    commit.preconditions.push_back({Table::kFeeds, FeedKey(code_), ends_row_});
  }
  const absl::Time oldest = parts_.clock.Now() - absl::Hours(declared.retention_hours());
  const bool refuses = declared.overflow() == v1::FEED_OVERFLOW_REFUSE_PUBLISH;
  v1::FeedEvent event;
  event.set_first_offset(ends.earliest_offset());
  int segments = 0;
  absl::Status damaged;
  const absl::Status scanned = parts_.store.Scan(
      Table::kSegments, SegmentKey(code_, ends.earliest_offset()), SegmentKey(code_, ends.next_offset()),
      [&](std::string_view key, std::string_view value) {
        const auto segment = ParseSegment(key, value);
        damaged = segment.status();
        if (!segment.ok() || segments == kSegmentsMax) return false;
        const bool read = segment->last() <= slowest;
        const bool over = ends.bytes() > declared.bytes_max() && (read || !refuses);
        if (segment->time() >= oldest && !(read && declared.drop_when_read()) && !over) return false;
        Delete(code_, *segment, commit.writes);
        ends.set_bytes(ends.bytes() - static_cast<int64_t>(segment->bytes));
        ends.set_earliest_offset(segment->last() + 1);
        event.set_records(event.records() + segment->stored.count());
        event.set_bytes(event.bytes() + segment->bytes);
        if (!read) event.set_unread(event.unread() + segment->last() - std::max(slowest, segment->first - 1));
        ++segments;
        return true;
      });
  if (!scanned.ok() || !damaged.ok()) {
    LogStatus(LogLevel::kError, "feed_not_swept", scanned.ok() ? damaged : scanned);
    return false;
  }
  if (segments == 0) return false;
  event.set_last_offset(ends.earliest_offset() - 1);
  event.set_resource(resource_name());
  event.set_verb("swept");
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("hub");
  *entry.mutable_feed_event() = event;
  commit.records.push_back({entry.SerializeAsString(), {}});
  commit.writes.Put(Table::kFeeds, FeedKey(code_), ends.SerializeAsString());
  {
    absl::MutexLock lock(&mu_);
    committing_ = true;
    sweep_due_ = segments == kSegmentsMax;
  }
  parts_.pipeline.Submit(std::move(commit),
                         [self = shared_from_this(), ends, event](absl::StatusOr<storage::CommitResult> result) {
                           if (result.ok()) {
                             self->counts_.swept += static_cast<int64_t>(event.records());
                             self->counts_.swept_unread += static_cast<int64_t>(event.unread());
                           }
                           self->Settle(ends, result.status());
                         });
  return true;
}

uint64_t Feed::Listen(const CursorName& name, std::function<void()> woken, std::function<void()> taken_over) {
  std::function<void()> former;
  uint64_t stream = 0;
  {
    absl::MutexLock lock(&mu_);
    Entry& entry = cursors_[{name.consumer, name.subscription}];
    if (entry.stream != 0) former = std::move(entry.taken_over);
    stream = entry.stream = next_stream_++;
    entry.woken = std::move(woken);
    entry.taken_over = std::move(taken_over);
  }
  if (former) former();
  return stream;
}

void Feed::Leave(const CursorName& name, uint64_t stream) {
  absl::MutexLock lock(&mu_);
  const auto found = cursors_.find({name.consumer, name.subscription});
  if (found == cursors_.end() || found->second.stream != stream) return;
  found->second.stream = 0;
  found->second.woken = nullptr;
  found->second.taken_over = nullptr;
  // A subscription that never got a cursor is none.
  if (found->second.cursor.grant().empty()) cursors_.erase(found);
}

void Feed::Moved(const CursorName& name, const v1::StoredCursor& cursor) {
  absl::MutexLock lock(&mu_);
  cursors_[{name.consumer, name.subscription}].cursor = cursor;
}

std::vector<Feed::Reached> Feed::cursors() const {
  std::vector<Reached> all;
  absl::MutexLock lock(&mu_);
  for (const auto& [key, entry] : cursors_) {
    if (!entry.cursor.grant().empty()) all.push_back({{key.first, key.second}, entry.cursor, entry.stream != 0});
  }
  return all;
}

absl::StatusOr<Feed::Reached> Feed::Forget(const CursorName& name) {
  Reached reached{name, {}, false};
  {
    absl::MutexLock lock(&mu_);
    const auto found = cursors_.find({name.consumer, name.subscription});
    if (found == cursors_.end() || found->second.cursor.grant().empty()) return NoSubscription();
    reached.cursor = found->second.cursor;
  }
  storage::Commit commit;
  commit.writes.Delete(Table::kFeeds, CursorKey(code_, name.consumer, name.subscription));
  std::function<void()> former;
  commit.applied = [this, &name, &former](const storage::CommitResult&) {
    absl::MutexLock lock(&mu_);
    const auto found = cursors_.find({name.consumer, name.subscription});
    if (found == cursors_.end()) return;
    former = std::move(found->second.taken_over);
    cursors_.erase(found);
  };
  const auto forgotten = parts_.pipeline.Run(std::move(commit));
  if (!forgotten.ok()) return NotStored(forgotten.status());
  if (former) former();
  return reached;
}

}  // namespace zhanqiao::exchange
