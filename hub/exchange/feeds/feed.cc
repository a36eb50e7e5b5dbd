#include "hub/exchange/feeds/feed.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::exchange {
namespace {

using storage::Table;

constexpr size_t kQueueBytesMax = 64 << 20;   // waiting at one feed
constexpr size_t kSegmentBytesMax = 1 << 20;  // of records from several messages; one message may be larger
constexpr int kSegmentRecordsMax = 4096;
constexpr int kAttemptsMax = 3;

absl::Status Overloaded() {
  return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "HUB_OVERLOADED",
                             "Too many records wait to be stored; wait as long as RetryInfo says.",
                             {{"link", std::string(kLinkHub)}}),
                        200);
}

absl::Status Full(const v1::Feed& declared) {
  return WithRetryAfter(
      Fail(absl::StatusCode::kResourceExhausted, "FEED_FULL",
           "The feed holds as much as it may and subscribers have not read it; try again as RetryInfo says.",
           {{"link", std::string(kLinkHub)}, {"bytes_max", absl::StrCat(declared.bytes_max())}}),
      1000);
}

v1::StoredFeed Empty() {
  v1::StoredFeed ends;
  ends.set_next_offset(1);
  ends.set_earliest_offset(1);
  return ends;
}

// `publication` without the records of `places`, in order.
void Drop(const std::vector<int>& places, Publication& publication) {
  v1::RecordBatch all;
  all.ParseFromString(publication.rows);
  v1::RecordBatch left;
  std::vector<std::string> digests;
  size_t next = 0;
  for (int i = 0; i < all.rows_size(); ++i) {
    if (next < places.size() && places[next] == i) {
      ++next;
      continue;
    }
    left.add_rows()->Swap(all.mutable_rows(i));
    digests.push_back(publication.digests[static_cast<size_t>(i)]);
  }
  publication.rows = left.SerializeAsString();
  publication.count = left.rows_size();
  publication.digests = std::move(digests);
}

storage::LogRecord EventOf(std::string_view resource, std::string_view verb, std::string_view actor, std::string_view trace,
                           v1::FeedEvent event, std::string_view seed) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(std::string(actor));
  entry.set_trace(std::string(trace));
  event.set_resource(std::string(resource));
  event.set_verb(std::string(verb));
  *entry.mutable_feed_event() = std::move(event);
  return {entry.SerializeAsString(), seed.empty() ? "" : SecretOf(seed)};
}

}  // namespace

absl::Status NotStored(const absl::Status& failed) {
  if (failed.code() == absl::StatusCode::kResourceExhausted) return Overloaded();
  const std::string which = FactOf(failed, "precondition");
  if (failed.code() == absl::StatusCode::kAborted && which == "1") {
    return Fail(absl::StatusCode::kPermissionDenied, "CALLER_DISABLED",
                "The caller's registration changed while the records were in flight.",
                {{"link", std::string(kLinkCaller)}});
  }
  if (failed.code() == absl::StatusCode::kAborted && which == "2") {
    return Fail(absl::StatusCode::kUnauthenticated, "CERTIFICATE_REVOKED",
                "The certificate was revoked while the records were in flight.", {{"link", std::string(kLinkCaller)}});
  }
  if (failed.code() == absl::StatusCode::kDataLoss) return failed;
  return Fail(absl::StatusCode::kUnavailable, "LEDGER_UNAVAILABLE",
              "The ledger cannot be written, so nothing is taken or released; the operator is needed.",
              {{"link", std::string(kLinkHub)}});
}

// What one commit stores.
struct Feed::Prepared {
  v1::StoredFeed ends;
  storage::Commit commit;
  std::vector<Publication::Stored> stored;  // of each publication
  int64_t records = 0;
};

Feed::Feed(FeedParts& parts, FeedCounts& counts, std::string code)
    : parts_(parts), counts_(counts), code_(std::move(code)), strand_(parts_.executor, [this] { Work(); }) {}

void Feed::Declare(v1::Feed declared, uint64_t revision) {
  absl::MutexLock lock(&mu_);
  declared_ = std::move(declared);
  revision_ = revision;
}

v1::Feed Feed::declared() const {
  absl::MutexLock lock(&mu_);
  return declared_;
}

v1::StoredFeed Feed::ends() const {
  absl::MutexLock lock(&mu_);
  return ends_;
}

absl::Status Feed::CheckPublisher(const std::string& subject) const {
  const auto resource = parts_.catalog.FindResource(resource_name());
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_PUBLISHED",
                "The resource of the feed is not published, so nothing is taken for it.",
                {{"link", std::string(kLinkCaller)}, {"resource", resource_name()}});
  }
  absl::MutexLock lock(&mu_);
  const auto& named = declared_.publishers().empty() ? resource->connectors() : declared_.publishers();
  if (std::find(named.begin(), named.end(), subject) != named.end()) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "PUBLISHER_NOT_NAMED",
              "The feed does not name the caller as a publisher; its provider has to.",
              {{"link", std::string(kLinkCaller)}, {"feed", name()}});
}

absl::Status Feed::Load() {
  {
    absl::MutexLock lock(&mu_);
    if (loaded_) return absl::OkStatus();
  }
  const std::optional<std::string> row = TRY(parts_.store.Get(Table::kFeeds, FeedKey(code_)));
  v1::StoredFeed ends = Empty();
  if (row && !ends.ParseFromString(*row)) {
    return Fail(absl::StatusCode::kDataLoss, "FEED_DAMAGED", "The end of a feed is damaged; restore the last backup.",
                {{"link", std::string(kLinkHub)}, {"feed", name()}});
  }
  std::vector<std::pair<CursorName, v1::StoredCursor>> cursors;
  const std::string prefix = CursorsOf(code_);
  TRY(parts_.store.Scan(Table::kFeeds, prefix, storage::PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
    auto cursor_name = CursorNameIn(key);
    v1::StoredCursor cursor;
    if (cursor_name && cursor.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      cursors.emplace_back(*std::move(cursor_name), std::move(cursor));
    }
    return true;
  }));
  absl::MutexLock lock(&mu_);
  if (loaded_) return absl::OkStatus();
  loaded_ = true;
  ends_ = std::move(ends);
  ends_row_ = row.value_or("");
  for (auto& [cursor_name, cursor] : cursors) {
    cursors_[{cursor_name.consumer, cursor_name.subscription}].cursor = std::move(cursor);
  }
  return absl::OkStatus();
}

void Feed::Publish(Publication publication) {
  {
    absl::ReleasableMutexLock lock(&mu_);
    if (queued_bytes_ > kQueueBytesMax) {
      lock.Release();
      return publication.done(Overloaded());
    }
    queued_bytes_ += publication.rows.size();
    queue_.push_back(std::move(publication));
  }
  strand_.Wake(shared_from_this());
}

void Feed::Sweep() {
  {
    absl::MutexLock lock(&mu_);
    sweep_due_ = true;
  }
  strand_.Wake(shared_from_this());
}

void Feed::Work() {
  const absl::Status loaded = Load();
  if (!loaded.ok()) return FailQueued(NotStored(loaded));
  {
    absl::MutexLock lock(&mu_);
    if (committing_) return;  // its end wakes this again
  }
  if (!SweepNext()) PublishNext();
}

void Feed::FailQueued(const absl::Status& status) {
  std::deque<Publication> failed;
  {
    absl::MutexLock lock(&mu_);
    failed.swap(queue_);
    queued_bytes_ = 0;
  }
  for (Publication& publication : failed) publication.done(status);
}

// The oldest publisher's records, all that wait of his under one schema, as far as they go into one segment.
std::vector<Publication> Feed::Take() {
  std::vector<Publication> taken;
  std::deque<Publication> left;
  size_t bytes = 0;
  int records = 0;
  bool full = false;
  absl::MutexLock lock(&mu_);
  for (Publication& publication : queue_) {
    if (publication.gone != nullptr && publication.gone->load()) {
      queued_bytes_ -= publication.rows.size();
      continue;
    }
    const bool first = taken.empty();
    const bool same = first || (publication.caller->subject == taken[0].caller->subject &&
                                publication.caller->revision == taken[0].caller->revision &&
                                publication.caller->fingerprint == taken[0].caller->fingerprint &&
                                publication.schema == taken[0].schema);
    full = full || (same && !first && (bytes + publication.rows.size() > kSegmentBytesMax ||
                                       records + publication.count > kSegmentRecordsMax));
    if (!same || full) {
      left.push_back(std::move(publication));
      continue;
    }
    bytes += publication.rows.size();
    records += publication.count;
    queued_bytes_ -= publication.rows.size();
    taken.push_back(std::move(publication));
  }
  queue_.swap(left);
  return taken;
}

absl::Status Feed::Prepare(std::vector<Publication>& taken, Prepared& prepared) {
  const Caller& caller = *taken[0].caller;
  TRY(CheckPublisher(caller.subject));
  v1::Feed declared;
  uint64_t revision = 0;
  uint64_t slowest = 0;
  {
    absl::MutexLock lock(&mu_);
    prepared.ends = ends_;
    declared = declared_;
    revision = revision_;
    slowest = SlowestReader();
    std::optional<std::string> row;
    if (!ends_row_.empty()) row = ends_row_;
    prepared.commit.preconditions.push_back({Table::kFeeds, FeedKey(code_), std::move(row)});
  }
  // Records a commit may not hold twice: those known, and those earlier in it.
  absl::flat_hash_set<std::string> seen;
  for (Publication& publication : taken) {
    std::vector<int> known;
    for (size_t i = 0; i < publication.digests.size(); ++i) {
      const std::string& digest = publication.digests[i];
      if (digest.empty()) continue;
      bool repeated = !seen.insert(digest).second;
      if (!repeated) {
        const auto stored = TRY(parts_.store.Get(Table::kPublished, PublishedKey(code_, digest)));
        repeated = stored.has_value();
      }
      if (repeated) known.push_back(static_cast<int>(i));
    }
    Publication::Stored stored;
    stored.repeated = static_cast<int64_t>(known.size());
    if (!known.empty()) Drop(known, publication);
    stored.stored = publication.count;
    prepared.records += publication.count;
    prepared.stored.push_back(stored);
  }
  if (prepared.records == 0) return absl::OkStatus();

  Segment segment;
  segment.first = prepared.ends.next_offset();
  segment.stored.set_count(static_cast<uint32_t>(prepared.records));
  const uint64_t now = static_cast<uint64_t>(absl::ToUnixMicros(parts_.clock.Now()));
  segment.stored.set_time_us(std::max<uint64_t>(now, prepared.ends.time_us()));
  segment.stored.set_publisher(caller.subject);
  std::string batch = taken[0].schema;
  uint64_t offset = segment.first;
  const bool any_key = !seen.empty();
  for (size_t i = 0; i < taken.size(); ++i) {
    batch += taken[i].rows;
    for (size_t r = 0; r < static_cast<size_t>(taken[i].count); ++r, ++offset) {
      const std::string& digest = taken[i].digests.empty() ? std::string() : taken[i].digests[r];
      if (any_key) segment.stored.mutable_idempotency_digests()->append(digest.empty() ? std::string(kKeyDigestBytes, '\0') : digest);
      if (!digest.empty()) prepared.commit.writes.Put(Table::kPublished, PublishedKey(code_, digest), storage::BigEndian(offset));
    }
    if (taken[i].count > 0) prepared.stored[i].last_offset = offset - 1;
  }
  TRY(SealInto(code_, batch, parts_.keys, parts_.random, segment));
  std::string value = segment.stored.SerializeAsString();
  const bool refuses = declared.overflow() == v1::FEED_OVERFLOW_REFUSE_PUBLISH;
  if (refuses && slowest + 1 < prepared.ends.next_offset() &&
      prepared.ends.bytes() + static_cast<int64_t>(value.size()) > declared.bytes_max()) {
    return Full(declared);
  }
  prepared.ends.set_next_offset(offset);
  prepared.ends.set_bytes(prepared.ends.bytes() + static_cast<int64_t>(value.size()));
  prepared.ends.set_time_us(segment.stored.time_us());

  auto& preconditions = prepared.commit.preconditions;
  preconditions.push_back(documents::DocumentStore::StillAt(caller.subject, caller.revision));
  preconditions.push_back(documents::DocumentStore::StillAt(absl::StrCat("revokedCertificates/", caller.fingerprint), 0));
  preconditions.push_back(documents::DocumentStore::StillAt(name(), revision));
  v1::FeedEvent event;
  event.set_first_offset(segment.first);
  event.set_last_offset(segment.last());
  event.set_records(segment.stored.count());
  event.set_bytes(batch.size());
  const std::string seed = NewSeed(parts_.random);
  event.set_commitment(std::string(Bytes(Commitment(seed, "published", batch))));
  prepared.commit.records.push_back(EventOf(resource_name(), "published", caller.subject, caller.trace, std::move(event), seed));
  prepared.commit.writes.Put(Table::kSegments, SegmentKey(code_, segment.first), std::move(value));
  prepared.commit.writes.Put(Table::kFeeds, FeedKey(code_), prepared.ends.SerializeAsString());
  return absl::OkStatus();
}

void Feed::PublishNext() {
  std::vector<Publication> taken = Take();
  if (taken.empty()) return;
  Prepared prepared;
  const absl::Status ready = Prepare(taken, prepared);
  if (!ready.ok() || prepared.records == 0) {
    for (size_t i = 0; i < taken.size(); ++i) {
      if (!ready.ok()) {
        taken[i].done(FactOf(ready, "link").empty() ? NotStored(ready) : ready);
        continue;
      }
      counts_.repeated += prepared.stored[i].repeated;
      taken[i].done(prepared.stored[i]);
    }
    return strand_.Wake(shared_from_this());
  }
  {
    absl::MutexLock lock(&mu_);
    committing_ = true;
  }
  storage::Commit commit = std::move(prepared.commit);
  parts_.pipeline.Submit(std::move(commit), [self = shared_from_this(), taken = std::move(taken), prepared = std::move(prepared)](
                                                absl::StatusOr<storage::CommitResult> result) mutable {
    self->Published(std::move(taken), std::move(prepared), std::move(result));
  });
}

void Feed::Published(std::vector<Publication> taken, Prepared prepared, absl::StatusOr<storage::CommitResult> result) {
  const absl::Status status = result.status();
  const std::string which = FactOf(status, "precondition");
  // The end moved in a write of unknown outcome, or the feed was declared anew: look again.
  const bool again = status.code() == absl::StatusCode::kAborted && (which == "0" || which == "3") &&
                     taken[0].attempts < kAttemptsMax;
  if (status.ok()) counts_.published += prepared.records;
  if (again) {
    absl::MutexLock lock(&mu_);
    for (auto at = taken.rbegin(); at != taken.rend(); ++at) {
      ++at->attempts;
      queued_bytes_ += at->rows.size();
      queue_.push_front(std::move(*at));
    }
    taken.clear();
  }
  Settle(std::move(prepared.ends), status);
  for (size_t i = 0; i < taken.size(); ++i) {
    if (status.ok()) {
      counts_.repeated += prepared.stored[i].repeated;
      taken[i].done(prepared.stored[i]);
    } else {
      taken[i].done(NotStored(status));
    }
  }
}

// Ends a commit: the feed is as it was written, or what it is has to be read again.
void Feed::Settle(v1::StoredFeed ends, const absl::Status& status) {
  std::vector<std::function<void()>> woken;
  {
    absl::MutexLock lock(&mu_);
    committing_ = false;
    if (status.ok()) {
      ends_row_ = ends.SerializeAsString();
      ends_ = std::move(ends);
      for (const auto& [key, entry] : cursors_) {
        if (entry.stream != 0) woken.push_back(entry.woken);
      }
    } else {
      loaded_ = false;
    }
  }
  for (const auto& wake : woken) wake();
  strand_.Wake(shared_from_this());
}

}  // namespace zhanqiao::exchange
