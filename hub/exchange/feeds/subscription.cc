#include "hub/exchange/feeds/subscription.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/base/wire.h"
#include "catalog/documents/document_store.h"
#include "hub/access/access_rules.h"
#include "hub/access/grants.h"
#include "hub/exchange/entry.h"
#include "hub/exchange/timestamps.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

using storage::Table;

constexpr std::string_view kMethod = "/zhanqiao.v1.FeedService/Subscribe";
constexpr size_t kBufferedMax = 1 << 20;    // bytes the peer has not taken, beyond which nothing is read for it
constexpr size_t kConsideredMax = 8 << 20;  // bytes of segments read for one delivery, however few of them may go
constexpr int kAbortedMax = 10;
constexpr int kIndexesMax = 1000;           // of an Acknowledgement

absl::Status TakenOver() {
  return Fail(absl::StatusCode::kAborted, "SUBSCRIPTION_TAKEN_OVER",
              "Another stream took this subscription, or it was deleted; give each reader a subscription of its own.",
              {{"link", std::string(kLinkCaller)}});
}

bool IsSubscriptionId(std::string_view id) {
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::Status CheckGrant(const access::GrantInForce* grant, const Caller& caller, absl::CivilDay today) {
  const auto refused = [&](std::string_view reason, std::string_view message) {
    return Fail(absl::StatusCode::kPermissionDenied, reason, message, {{"link", std::string(kLinkGrant)}});
  };
  if (grant == nullptr) return refused("GRANT_NOT_FOUND", "There is no such grant; name one of your own with ListGrants.");
  if (grant->consumer != caller.subject) return refused("GRANT_NOT_YOURS", "The grant is another system's; use your own.");
  if (grant->Allows(today)) return absl::OkStatus();
  return WithFact(refused("GRANT_NOT_ACTIVE", "The grant is not in force; see its state and term."), "state",
                  access::StateName(grant->state));
}

absl::Status LinkedToCaller(absl::Status status) {
  return FactOf(status, "link").empty() ? WithFact(std::move(status), "link", kLinkCaller) : status;
}

// When a refused quota may be asked again.
absl::Time RetryAt(const absl::Status& refused, absl::Time now) {
  if (ReasonOf(refused) == "RATE_EXCEEDED") return now + absl::Seconds(1);
  return absl::FromCivil(CivilDayOf(now) + 1, Shanghai());
}

}  // namespace

Subscription::Subscription(Feeds& feeds, std::shared_ptr<Sink> sink)
    : feeds_(feeds), parts_(feeds.parts()), sink_(std::move(sink)), strand_(parts_.executor, [this] { Work(); }) {}

void Subscription::Take(const Caller& caller, const v1::SubscribeRequest& message) {
  absl::Status wrong;
  {
    absl::MutexLock lock(&mu_);
    if (phase_ == Phase::kEnded) return;
    caller_ = caller;
    if (phase_ == Phase::kNew && message.has_start()) {
      start_ = message.start();
      phase_ = Phase::kOpening;
    } else if (phase_ != Phase::kNew && message.has_acknowledge()) {
      wanted_ = std::max<uint64_t>(wanted_, message.acknowledge().offset());
    } else {
      wrong = BadField("MESSAGE_ORDER", "message", "Send start first and once, then acknowledge.");
    }
  }
  if (!wrong.ok()) return Refuse(caller, WithFact(wrong, "link", kLinkCaller));
  Wake();
}

void Subscription::HalfClose() {
  {
    absl::MutexLock lock(&mu_);
    half_closed_ = true;
  }
  Wake();
}

void Subscription::Gone() { End(absl::OkStatus()); }

void Subscription::Wake() { strand_.Wake(shared_from_this()); }

void Subscription::WakeIfDue(absl::Time now) {
  {
    absl::MutexLock lock(&mu_);
    const bool waited = wait_until_ != absl::InfinitePast() && wait_until_ <= now;
    if (!waited && now <= caller_.not_after) return;
    if (waited) wait_until_ = absl::InfinitePast();
  }
  Wake();
}

bool Subscription::ended() const {
  absl::MutexLock lock(&mu_);
  return phase_ == Phase::kEnded;
}

void Subscription::End(const absl::Status& status) {
  std::shared_ptr<Feed> feed;
  uint64_t stream = 0;
  {
    absl::MutexLock lock(&mu_);
    if (phase_ == Phase::kEnded) return;
    phase_ = Phase::kEnded;
    feed = std::move(feed_);
    stream = stream_;
  }
  if (feed != nullptr) feed->Leave(name_, stream);
  sink_->Finish(status);
}

// Every refusal is an entry before the subscriber hears of it.
void Subscription::Refuse(const Caller& caller, absl::Status status) {
  if (ended()) return;
  access::Refused refused;
  refused.actor = caller.subject;
  refused.trace = caller.trace;
  refused.denial.set_method(std::string(kMethod));
  refused.denial.set_grant(start_.grant());
  if (caller.kind == SubjectKind::kSystem) refused.denial.set_consumer(caller.subject);
  if (const auto grant = parts_.grants.Find(start_.grant())) refused.denial.set_resource(grant->resource);
  refused.denial.set_identity(caller.identity);
  refused.denial.set_fingerprint(caller.fingerprint);
  refused.denial.set_matter(start_.matter());
  refused.denial.set_request_id(start_.subscription());
  parts_.refusals.Record(std::move(refused), std::move(status),
                         [self = shared_from_this()](absl::Status written) { self->End(written); });
}

void Subscription::Work() {
  Caller caller;
  uint64_t wanted = 0;
  bool half_closed = false, opening = false, waiting = false;
  std::optional<std::pair<Pending, absl::StatusOr<storage::CommitResult>>> settled;
  {
    absl::MutexLock lock(&mu_);
    if (phase_ == Phase::kEnded || phase_ == Phase::kNew) return;
    settled = std::exchange(settled_, std::nullopt);
    if (settled) committing_ = false;
    if (committing_) return;
    caller = caller_;
    wanted = wanted_;
    half_closed = half_closed_;
    opening = phase_ == Phase::kOpening;
    waiting = wait_until_ != absl::InfinitePast();
  }
  if (settled) {
    Settle(caller, std::move(settled->first), std::move(settled->second));
    return Wake();
  }
  if (opening) return Open(caller);
  if (wanted >= next_) {
    return Refuse(caller, WithFact(BadField("ACKNOWLEDGED_TOO_FAR", "acknowledge.offset",
                                            "Acknowledge only what was delivered on this stream or before."),
                                   "link", kLinkCaller));
  }
  Pending pending;
  storage::Commit commit;
  pending.cursor = cursor_;
  if (wanted > cursor_.acknowledged_offset()) {
    pending.acknowledges = true;
    pending.cursor.set_acknowledged_offset(wanted);
    pending.cursor.set_time_us(static_cast<uint64_t>(absl::ToUnixMicros(parts_.clock.Now())));
  }
  int room = start_.unacknowledged_max() - unacknowledged_;
  for (const Delivered& one : outstanding_) room += one.through <= wanted ? one.rows : 0;
  absl::Status delivers;
  if (parts_.clock.Now() > caller.not_after) {
    delivers = access::CertificateExpired(caller.identity);
  } else if (!half_closed && !waiting && room > 0 && sink_->buffered() <= kBufferedMax) {
    delivers = Deliver(caller, std::min(room, kDeliveryRowsMax), pending, commit);
  }
  // What was acknowledged is kept, whatever becomes of the next delivery.
  if (!delivers.ok() && !pending.acknowledges) return Refuse(caller, std::move(delivers));
  if (pending.acknowledges) AddAcknowledgement(caller, wanted, commit);
  if (pending.acknowledges || pending.through > 0) return Submit(std::move(pending), std::move(commit));
  if (half_closed) End(absl::OkStatus());
}

absl::Status Subscription::CheckStart() const {
  if (start_.grant().empty() || start_.grant().size() > 128) {
    return BadField("GRANT_REQUIRED", "start.grant", "Name the grant this is under: grants/{id}.");
  }
  if (!IsSubscriptionId(start_.subscription())) {
    return BadField("SUBSCRIPTION_ID", "start.subscription", "Give a name of [a-z0-9-], at most 32 characters.");
  }
  TRY(access::CheckText("start.matter", start_.matter(), 64, true));
  if (start_.unacknowledged_max() < 0 || start_.unacknowledged_max() > 100'000) {
    return BadField("UNACKNOWLEDGED_MAX", "start.unacknowledged_max", "Give 1 to 100000, or 0 for 1000.");
  }
  return absl::OkStatus();
}

absl::Status Subscription::Lost(uint64_t place, const v1::StoredFeed& ends) const {
  return Fail(absl::StatusCode::kOutOfRange, "CURSOR_LOST",
              "The feed no longer keeps the records to go on with; begin at the earliest offset and know what is missing.",
              {{"link", std::string(kLinkHub)},
               {"cursor", absl::StrCat(place)},
               {"earliest_offset", absl::StrCat(ends.earliest_offset())},
               {"next_offset", absl::StrCat(ends.next_offset())}});
}

// Where delivery begins.
absl::StatusOr<uint64_t> Subscription::Place(const std::optional<v1::StoredCursor>& stored) {
  std::shared_ptr<Feed> feed;
  {
    absl::MutexLock lock(&mu_);
    feed = feed_;
  }
  const v1::StoredFeed ends = feed->ends();
  uint64_t place = stored ? stored->acknowledged_offset() + 1 : ends.earliest_offset();
  if (start_.has_offset()) place = start_.offset();
  if (start_.has_earliest() && start_.earliest()) place = ends.earliest_offset();
  if (start_.has_latest() && start_.latest()) place = ends.next_offset();
  if (start_.has_time()) {
    place = TRY(OffsetAt(parts_.store, feed->code(), ends, FromTimestamp(start_.time())));
  }
  if (place < ends.earliest_offset() || place > ends.next_offset()) return Lost(place, ends);
  return place;
}

void Subscription::Open(const Caller& caller) {
  const absl::Status well_formed = CheckStart();
  if (!well_formed.ok()) return Refuse(caller, LinkedToCaller(well_formed));
  if (start_.unacknowledged_max() == 0) start_.set_unacknowledged_max(1000);
  const auto plan = PlanFor(caller);
  if (!plan.ok()) return Refuse(caller, LinkedToCaller(plan.status()));
  const std::shared_ptr<Feed> feed = feeds_.FindOf((*plan)->grant->resource);
  if (feed == nullptr) {
    return Refuse(caller, Fail(absl::StatusCode::kNotFound, "FEED_NOT_FOUND",
                               "The resource has no feed; ask its provider to declare one, or query it.",
                               {{"link", std::string(kLinkCaller)}, {"resource", (*plan)->grant->resource}}));
  }
  const absl::Status loaded = feed->Load();
  if (!loaded.ok()) return Refuse(caller, NotStored(loaded));
  name_ = {caller.subject, start_.subscription()};
  const std::weak_ptr<Subscription> weak = weak_from_this();
  const uint64_t stream = feed->Listen(
      name_,
      [weak] {
        if (const auto self = weak.lock()) self->Wake();
      },
      [weak] {
        if (const auto self = weak.lock()) self->End(TakenOver());
      });
  bool gone = false;
  {
    absl::MutexLock lock(&mu_);
    gone = phase_ == Phase::kEnded;
    if (!gone) feed_ = feed;
    stream_ = stream;
  }
  if (gone) return feed->Leave(name_, stream);
  const auto row = parts_.store.Get(Table::kFeeds, CursorKey(feed->code(), name_.consumer, name_.subscription));
  if (!row.ok()) return Refuse(caller, NotStored(row.status()));
  std::optional<v1::StoredCursor> stored;
  if (*row && !stored.emplace().ParseFromString(**row)) stored.reset();
  const auto place = Place(stored);
  if (!place.ok()) return Refuse(caller, place.status());
  cursor_row_ = *row;
  cursor_ = stored.value_or(v1::StoredCursor());
  next_ = *place;
  Pending pending;
  pending.opens = true;
  pending.cursor = cursor_;
  pending.cursor.set_acknowledged_offset(next_ - 1);
  pending.cursor.set_grant(start_.grant());
  pending.through = next_ - 1;
  Submit(std::move(pending), {});
}

// What holds now: the caller as registered, the grant as it stands, the entry as published.
absl::StatusOr<std::shared_ptr<const ReleasePlan>> Subscription::PlanFor(const Caller& caller) {
  if (caller.kind != SubjectKind::kSystem) {
    return Fail(absl::StatusCode::kPermissionDenied, "CALLER_NOT_SYSTEM",
                "Records go to registered systems only; ask through a system of your body.",
                {{"link", std::string(kLinkCaller)}});
  }
  auto grant = parts_.grants.Find(start_.grant());
  TRY(CheckGrant(grant.get(), caller, CivilDayOf(parts_.clock.Now())));
  auto resource = parts_.catalog.FindResource(grant->resource);
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_ACTIVE",
                "The resource is not published any more, so its grants release nothing.",
                {{"link", std::string(kLinkGrant)}, {"resource", grant->resource}});
  }
  if (plan_ == nullptr || plan_->grant != grant || plan_->resource != resource) {
    plan_ = TRY(MakePlan(std::move(grant), std::move(resource), start_.fields(), parts_.pseudonyms));
  }
  return plan_;
}

absl::StatusOr<Gathered> Subscription::Read(const ReleasePlan& plan, int rows_max) {
  std::shared_ptr<Feed> feed;
  {
    absl::MutexLock lock(&mu_);
    feed = feed_;
  }
  Gathered gathered;
  if (feed == nullptr) return gathered;
  const v1::StoredFeed ends = feed->ends();
  if (next_ >= ends.next_offset()) return gathered;
  if (next_ < ends.earliest_offset()) return Lost(next_, ends);
  const auto first = TRY(FindSegment(parts_.store, feed->code(), next_));
  // Swept between the look at the ends and the read.
  if (!first) return Lost(next_, feed->ends());
  absl::Status damaged;
  size_t considered = 0;
  TRY(parts_.store.Scan(Table::kSegments, SegmentKey(feed->code(), first->first), SegmentKey(feed->code(), ends.next_offset()),
                        [&](std::string_view key, std::string_view value) {
                          const auto segment = ParseSegment(key, value);
                          auto batch = segment.ok() ? Unseal(feed->code(), *segment, parts_.keys) : segment.status();
                          damaged = batch.status();
                          if (!batch.ok()) return false;
                          Gather(plan, *segment, next_, rows_max, *batch, gathered);
                          considered += value.size();
                          return gathered.through == segment->last() && considered < kConsideredMax &&
                                 gathered.bytes < kDeliveryBytesMax && static_cast<int>(gathered.offsets.size()) < rows_max;
                        }));
  if (!damaged.ok()) return damaged;
  return gathered;
}

absl::Status Subscription::Deliver(const Caller& caller, int rows_max, Pending& pending, storage::Commit& commit) {
  // The registration may have changed since the last message.
  const Caller now_caller = TRY(parts_.directory.Again(caller));
  std::shared_ptr<const ReleasePlan> plan = TRY(PlanFor(now_caller));
  // A delivery never needs more than a day allows, else it could never go.
  const int64_t day = plan->grant->daily_rows_max;
  Gathered gathered = TRY(Read(*plan, day > 0 ? static_cast<int>(std::min<int64_t>(rows_max, day)) : rows_max));
  if (gathered.through == 0) return absl::OkStatus();
  const bool repeated = gathered.through <= cursor_.delivered_offset();
  const absl::Time now = parts_.clock.Now();
  if (!gathered.offsets.empty()) {
    const absl::Status counted = parts_.quotas.Count(*plan->grant, repeated, now);
    if (!counted.ok()) return Pause(counted, now);
  }
  return AddRelease(now_caller, std::move(plan), std::move(gathered), pending, commit);
}

// Not a refusal: it goes on when the grant allows more.
absl::Status Subscription::Pause(const absl::Status& quota, absl::Time now) {
  absl::MutexLock lock(&mu_);
  wait_until_ = RetryAt(quota, now);
  return absl::OkStatus();
}

absl::Status Subscription::AddRelease(const Caller& caller, std::shared_ptr<const ReleasePlan> plan, Gathered gathered,
                                      Pending& pending, storage::Commit& commit) {
  v1::FeedDelivery delivery;
  delivery.mutable_offsets()->Add(gathered.offsets.begin(), gathered.offsets.end());
  delivery.set_through_offset(gathered.through);
  delivery.set_withheld(gathered.withheld);
  delivery.set_redelivered(next_ <= cursor_.delivered_offset());
  {
    absl::MutexLock lock(&mu_);
    if (feed_ != nullptr) delivery.set_lag(feed_->ends().next_offset() - 1 - gathered.through);
  }
  *delivery.mutable_publish_time() = ToTimestamp(gathered.published);
  const int rows = static_cast<int>(gathered.offsets.size());
  if (rows == 0) {
    Fill(gathered.through, rows, delivery.SerializeAsString(), pending);
    return absl::OkStatus();
  }
  Flight flight;
  flight.request.set_grant(start_.grant());
  flight.request.set_matter(start_.matter());
  flight.request.set_request_id(start_.subscription());
  flight.request.set_row_limit(rows);
  for (const auto& column : plan->columns) flight.request.add_fields(column.field);
  Released released = TRY(CheckAnswer(*plan, flight.request, rows, gathered.records));
  std::vector<std::string> subjects;
  const absl::Time now = parts_.clock.Now();
  if (parts_.subjects != nullptr && !released.persons.empty()) {
    auto tokens = parts_.subjects->TokensAt(now, released.persons);
    if (!tokens.ok()) return WithFact(tokens.status(), "link", kLinkHub);
    subjects = *std::move(tokens);
  }
  const absl::Status fits = parts_.quotas.Take(
      *plan->grant, {.calls = 1, .rows = rows, .bytes = static_cast<int64_t>(released.released().size()), .subjects = subjects}, now);
  if (!fits.ok()) return Pause(fits, now);
  flight.caller = std::make_shared<const Caller>(caller);
  flight.grant = plan->grant;
  flight.plan = plan;
  flight.connector = gathered.publisher;
  flight.canonical = ledger::CanonicalRequest(flight.request, plan->grant->resource);
  flight.seed = NewSeed(parts_.random);
  flight.commitment = Commitment(flight.seed, ledger::kRequestLabel, flight.canonical);
  flight.received = flight.sent = flight.replied = now;
  flight.retry = delivery.redelivered();
  v1::Exchange place;
  place.mutable_feed()->set_first_offset(gathered.offsets.front());
  place.mutable_feed()->set_through_offset(gathered.through);
  place.mutable_feed()->set_subscription(start_.subscription());
  flight.entry_tail = place.SerializeAsString();

  commit.preconditions.push_back(documents::DocumentStore::StillAt(plan->grant->name, plan->grant->revision));
  commit.preconditions.push_back(documents::DocumentStore::StillAt(caller.subject, caller.revision));
  commit.preconditions.push_back(
      documents::DocumentStore::StillAt(absl::StrCat("revokedCertificates/", caller.fingerprint), 0));
  commit.records.push_back(ReleaseRecord(flight, released, v1::ConnectorReply(), {}, subjects, now));
  pending.released = true;
  for (const auto& column : plan->columns) delivery.add_masks(column.mask);
  Fill(gathered.through, rows, delivery.SerializeAsString(), pending);
  WireWriter(pending.delivery).Message(v1::FeedDelivery::kRecordsFieldNumber, released.records);
  return absl::OkStatus();
}

void Subscription::Fill(uint64_t through, int rows, std::string delivery, Pending& pending) const {
  pending.through = through;
  pending.rows = rows;
  pending.delivery = std::move(delivery);
  pending.cursor.set_delivered_offset(std::max<uint64_t>(cursor_.delivered_offset(), through));
}

// The entries of deliveries that are acknowledged whole; those of earlier streams are not known any more.
void Subscription::AddAcknowledgement(const Caller& caller, uint64_t offset, storage::Commit& commit) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  auto& acknowledgement = *entry.mutable_acknowledgement();
  acknowledgement.set_consumer(caller.subject);
  for (const Delivered& one : outstanding_) {
    if (one.through > offset) break;
    if (one.index > 0 && acknowledgement.indexes_size() < kIndexesMax) acknowledgement.add_indexes(one.index);
  }
  if (acknowledgement.indexes().empty()) return;
  commit.records.insert(commit.records.begin(), storage::LogRecord{entry.SerializeAsString(), {}});
}

void Subscription::Submit(Pending pending, storage::Commit commit) {
  std::shared_ptr<Feed> feed;
  {
    absl::MutexLock lock(&mu_);
    if (phase_ == Phase::kEnded) return;
    committing_ = true;
    feed = feed_;
  }
  std::string key = CursorKey(feed->code(), name_.consumer, name_.subscription);
  pending.cursor_row = pending.cursor.SerializeAsString();
  commit.preconditions.push_back({Table::kFeeds, key, cursor_row_});
  commit.writes.Put(Table::kFeeds, std::move(key), pending.cursor_row);
  commit.applied = [feed, name = name_, cursor = pending.cursor](const storage::CommitResult&) { feed->Moved(name, cursor); };
  parts_.pipeline.Submit(std::move(commit), [self = shared_from_this(), pending = std::move(pending)](
                                                absl::StatusOr<storage::CommitResult> result) mutable {
    {
      absl::MutexLock lock(&self->mu_);
      self->settled_.emplace(std::move(pending), std::move(result));
    }
    self->Wake();
  });
}

// After a commit, on the strand: what it made durable is told.
void Subscription::Settle(const Caller& caller, Pending pending, absl::StatusOr<storage::CommitResult> result) {
  if (!result.ok()) {
    if (result.status().code() != absl::StatusCode::kAborted) return Refuse(caller, NotStored(result.status()));
    // The cursor's precondition is the last one; before it, if anything is released, grant, caller and certificate.
    const std::string cursor_at = pending.released ? "3" : "0";
    const bool moved = FactOf(result.status(), "precondition") == cursor_at && !pending.opens;
    if (moved || ++aborted_ > kAbortedMax) return End(TakenOver());
    if (!pending.opens) return;  // looked at again with what holds now
    // The stream before this one had a commit under way: its cursor is read again.
    absl::MutexLock lock(&mu_);
    if (feed_ != nullptr) feed_->Leave(name_, stream_);
    return;
  }
  aborted_ = 0;
  cursor_ = pending.cursor;
  cursor_row_ = pending.cursor_row;
  if (pending.opens) {
    v1::SubscribeResponse response;
    {
      absl::MutexLock lock(&mu_);
      if (phase_ != Phase::kOpening) return;
      phase_ = Phase::kLive;
      const v1::StoredFeed ends = feed_->ends();
      response.mutable_started()->set_earliest_offset(ends.earliest_offset());
      response.mutable_started()->set_next_offset(ends.next_offset());
    }
    response.mutable_started()->set_offset(next_);
    return sink_->Write(response);
  }
  while (!outstanding_.empty() && outstanding_.front().through <= cursor_.acknowledged_offset()) {
    unacknowledged_ -= outstanding_.front().rows;
    outstanding_.pop_front();
  }
  if (pending.acknowledges) {
    v1::SubscribeResponse response;
    response.mutable_acknowledged()->set_offset(cursor_.acknowledged_offset());
    sink_->Write(response);
    ++feeds_.counts().acknowledged;
  }
  if (pending.through == 0) return;
  next_ = pending.through + 1;
  uint64_t index = 0;
  if (pending.released) {
    const storage::LogPlace& place = result->places.back();
    index = place.index;
    v1::FeedDelivery receipt;
    receipt.mutable_receipt()->set_origin(parts_.origin);
    receipt.mutable_receipt()->set_index(place.index);
    receipt.mutable_receipt()->set_leaf_hash(std::string(Bytes(place.leaf)));
    pending.delivery += receipt.SerializeAsString();
  }
  // One without records takes credit too: a subscriber who never acknowledges does not make this grow.
  const int credit = std::max(pending.rows, 1);
  outstanding_.push_back({pending.through, credit, index});
  unacknowledged_ += credit;
  feeds_.counts().delivered += pending.rows;
  std::string wire;
  WireWriter(wire).Message(v1::SubscribeResponse::kDeliveryFieldNumber, pending.delivery);
  sink_->WriteEncoded(std::move(wire));
}

}  // namespace zhanqiao::exchange
