// Promises of FeedService.
#include <gtest/gtest.h>

#include <numeric>

#include "hub/exchange/feeds/test_feeds.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

std::vector<uint64_t> Range(uint64_t from, uint64_t to) {
  std::vector<uint64_t> numbers(to - from + 1);
  std::iota(numbers.begin(), numbers.end(), from);
  return numbers;
}

class FeedsTest : public ::testing::Test {
 protected:
  FeedsTest() { EXPECT_TRUE(city_.Declare(city_.Declared()).ok()); }
  v1::PublishResponse Publish(int from, int count, bool keys = true) {
    return city_.Publish(city_.Records(1, from, count, keys)).value();
  }
  int Entries(const std::function<bool(const v1::LedgerEntry&)>& wanted) const {
    int found = 0;
    for (const auto& entry : city_.Entries()) found += wanted(entry) ? 1 : 0;
    return found;
  }
  FeedCity city_;
  v1::Grant grant_ = city_.Active();
};

TEST_F(FeedsTest, WhatIsPublishedIsNumberedAndWrittenInTheLedger) {
  const auto first = Publish(1, 3);
  EXPECT_EQ(first.number(), 1u);
  EXPECT_EQ(first.last_offset(), 3u);
  EXPECT_EQ(first.published(), 3);
  EXPECT_EQ(Publish(4, 2).last_offset(), 5u);
  const v1::Feed feed = city_.Stored();
  EXPECT_EQ(feed.earliest_offset(), 1u);
  EXPECT_EQ(feed.next_offset(), 6u);
  EXPECT_EQ(feed.records(), 5);
  const auto event = city_.Entries().back().feed_event();
  EXPECT_EQ(event.verb(), "published");
  EXPECT_EQ(event.first_offset(), 4u);
  EXPECT_EQ(event.last_offset(), 5u);
  EXPECT_EQ(city_.Entries().back().actor(), access::kConnectorA);
}

TEST_F(FeedsTest, NothingOfAPayloadLiesOpenInTheStore) {
  Publish(1, 3);
  for (const storage::Table table : {storage::Table::kSegments, storage::Table::kPublished, storage::Table::kFeeds}) {
    ASSERT_TRUE(city_.store.Scan(table, "", "", [](std::string_view key, std::string_view value) {
                             for (const std::string_view secret : {"欧阳建国", "110105194912310021", "key-1"}) {
                               EXPECT_EQ(key.find(secret), std::string_view::npos);
                               EXPECT_EQ(value.find(secret), std::string_view::npos);
                             }
                             return true;
                           }).ok());
  }
}

TEST_F(FeedsTest, ARetriedPublishIsNotDoubled) {
  Publish(1, 3);
  const auto again = Publish(2, 3);
  EXPECT_EQ(again.published(), 1);
  EXPECT_EQ(again.repeated(), 2);
  EXPECT_EQ(again.last_offset(), 4u);
  const auto wholly = Publish(1, 4);
  EXPECT_EQ(wholly.repeated(), 4);
  EXPECT_EQ(wholly.last_offset(), 0u);
  EXPECT_EQ(city_.Stored().records(), 4);
  Publish(1, 2, false);
  EXPECT_EQ(city_.Stored().records(), 6) << "without a key a record is stored whenever it comes";
}

TEST_F(FeedsTest, MessagesThatWaitTogetherAreOneSegmentAndOneCommit) {
  auto publisher = city_.OpenPublisher();
  const int applied = city_.store.applies();
  for (uint64_t i = 1; i <= 50; ++i) {
    auto message = city_.Records(i, static_cast<int>(i), 1);
    publisher.stream->OnMessage(city_.Publisher(), message);
  }
  city_.Settle();
  EXPECT_EQ(publisher.Acknowledged().number(), 50u);
  EXPECT_EQ(publisher.Acknowledged().published(), 50);
  EXPECT_LE(city_.store.applies() - applied, 2);
  EXPECT_EQ(city_.Stored().next_offset(), 51u);
}

TEST_F(FeedsTest, AnswersOnlyTheProvidersNamedPublishers) {
  const auto refused = [&](const Caller& caller, v1::PublishRequest message) {
    auto publisher = city_.OpenPublisher();
    publisher.stream->OnMessage(caller, message);
    city_.Settle();
    const absl::Status status = publisher.sink->finished().value_or(absl::OkStatus());
    EXPECT_EQ(city_.DenialOf(status).method(), "/zhanqiao.v1.FeedService/Publish") << status;
    return ReasonOf(status);
  };
  EXPECT_EQ(refused(city_.SystemCaller(), city_.Records(1, 1, 1)), "PUBLISHER_NOT_NAMED");
  auto feed = city_.Declared();
  feed.add_publishers(access::kConnectorB);
  ASSERT_TRUE(city_.Declare(feed).ok());
  EXPECT_EQ(refused(city_.Publisher(), city_.Records(1, 1, 1)), "PUBLISHER_NOT_NAMED");
  EXPECT_EQ(refused(city_.Publisher(access::kConnectorB), city_.Records(0, 1, 1)), "NUMBER_ORDER");
  auto other = city_.Records(1, 1, 1);
  other.set_feed("feeds/none");
  EXPECT_EQ(refused(city_.Publisher(access::kConnectorB), other), "FEED_NOT_FOUND");
  auto keys = city_.Records(1, 1, 2);
  keys.mutable_idempotency_keys()->RemoveLast();
  EXPECT_EQ(refused(city_.Publisher(access::kConnectorB), keys), "KEYS_COUNT");
  EXPECT_EQ(city_.Stored().records(), 0);
}

TEST_F(FeedsTest, RecordsThatDoNotFitTheEntryAreRefusedWhole) {
  auto message = city_.Records(1, 1, 3);
  message.mutable_records()->mutable_rows(2)->mutable_values(3)->set_integer(3);
  const auto refused = city_.Publish(message);
  EXPECT_EQ(ReasonOf(refused.status()), "RECORD_SCHEMA");
  EXPECT_EQ(FactOf(refused.status(), "record"), "2");
  auto fields = city_.Records(1, 1, 1);
  fields.mutable_records()->mutable_fields()->SwapElements(0, 1);
  EXPECT_EQ(ReasonOf(city_.Publish(fields).status()), "RECORD_SCHEMA");
  EXPECT_EQ(city_.Stored().records(), 0);
}

TEST_F(FeedsTest, ARevokedPublisherStoresNothing) {
  v1::RevokeCertificateRequest revoke;
  revoke.set_fingerprint(FeedCity::kPublisherPrint);
  revoke.set_reason("lost");
  auto publisher = city_.OpenPublisher();
  auto message = city_.Records(1, 1, 1);
  publisher.stream->OnMessage(city_.Publisher(), message);  // checked before, stored after
  ASSERT_TRUE(city_.service.RevokeCertificate(city_.security(), revoke).ok());
  city_.Settle();
  EXPECT_EQ(ReasonOf(publisher.sink->finished().value()), "CERTIFICATE_REVOKED");
  EXPECT_EQ(city_.Stored().records(), 0);
}

TEST_F(FeedsTest, DeliversGrantedFieldsMaskedAndWritesTheEntryBefore) {
  Publish(1, 3);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  ASSERT_TRUE(subscriber.Finished().ok()) << subscriber.Finished();
  ASSERT_EQ(subscriber.deliveries.size(), 1u);
  const v1::FeedDelivery& delivery = subscriber.deliveries[0];
  EXPECT_EQ(subscriber.Offsets(), Range(1, 3));
  ASSERT_EQ(delivery.records().fields_size(), 2);
  EXPECT_EQ(delivery.records().rows(2).values(0).text(), "欧阳**");
  EXPECT_EQ(delivery.records().rows(2).values(1).text(), "3");
  EXPECT_EQ(delivery.receipt().origin(), "qingdao.example/log");
  const auto entry = city_.Entries().at(delivery.receipt().index());
  EXPECT_EQ(entry.exchange().rows(), 3u);
  EXPECT_EQ(entry.exchange().connector(), access::kConnectorA);
  EXPECT_EQ(entry.exchange().feed().through_offset(), 3u);
  EXPECT_EQ(entry.exchange().feed().subscription(), "main");
  const std::string seed = city_.SecretAt(delivery.receipt().index()).seed();
  EXPECT_EQ(entry.exchange().released_commitment(), Bytes(Commitment(seed, "released", CanonicalRows(delivery.records()))));
}

TEST_F(FeedsTest, NewRecordsComeWithoutBeingAskedFor) {
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  EXPECT_TRUE(subscriber.Offsets().empty());
  Publish(1, 2);
  Publish(3, 1);
  EXPECT_EQ(subscriber.Offsets(), Range(1, 3));
}

TEST_F(FeedsTest, OnlyRowsTheGrantLetsThroughAreDelivered) {
  auto application = city_.Apply(access::kResidence);
  auto& condition = *application.mutable_grant()->add_row_conditions();
  condition.set_field("district");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text("370203");
  auto grant = city_.service.CreateGrant(city_.SystemCaller(), application).value();
  city_.service.SubmitGrant(city_.SystemCaller(), FeedCity::Named<v1::SubmitGrantRequest>(grant)).value();
  city_.service.AcceptGrant(city_.clerk(), FeedCity::Named<v1::AcceptGrantRequest>(grant)).value();
  auto propose = FeedCity::Named<v1::ProposeGrantDecisionRequest>(grant);
  propose.set_approve(true);
  city_.service.ProposeGrantDecision(city_.clerk(), propose).value();
  auto decide = FeedCity::Named<v1::DecideGrantRequest>(grant);
  decide.set_approve(true);
  city_.service.DecideGrant(city_.approver(), decide).value();

  ASSERT_TRUE(city_.Publish(city_.Records(1, 1, 2)).ok());
  ASSERT_TRUE(city_.Publish(city_.Records(1, 3, 2, true, "370203")).ok());
  ASSERT_TRUE(city_.Publish(city_.Records(1, 5, 1)).ok());
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant));
  EXPECT_EQ(subscriber.Offsets(), Range(3, 4));
  EXPECT_EQ(subscriber.deliveries.back().through_offset(), 5u) << "what is not released is passed by";
  EXPECT_EQ(city_.Releases(), 1);
}

TEST_F(FeedsTest, TheCursorIsWhatWasAcknowledgedAndTheRestComesAgain) {
  Publish(1, 5);
  {
    auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
    EXPECT_EQ(subscriber.Offsets(), Range(1, 5));
    EXPECT_FALSE(subscriber.deliveries[0].redelivered());
    subscriber.Acknowledge(2);
    city_.Settle();
    subscriber.Read();
    EXPECT_EQ(subscriber.acknowledged, 2u);
  }
  auto again = city_.Subscribe(FeedCity::StartOf(grant_));
  EXPECT_EQ(again.Offsets(), Range(3, 5));
  EXPECT_TRUE(again.deliveries[0].redelivered());
  EXPECT_TRUE(city_.Entries().at(again.deliveries[0].receipt().index()).exchange().retry());
  auto other = city_.Subscribe(FeedCity::StartOf(grant_, "other"));
  EXPECT_EQ(other.Offsets(), Range(1, 5)) << "each subscription has a cursor of its own";
}

TEST_F(FeedsTest, AnAcknowledgementNamesTheEntriesItIsFor) {
  Publish(1, 3);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  subscriber.Acknowledge(subscriber.deliveries.at(0).through_offset());
  city_.Settle();
  const auto entry = city_.Entries().back().acknowledgement();
  ASSERT_EQ(entry.indexes_size(), 1);
  EXPECT_EQ(entry.indexes(0), subscriber.deliveries[0].receipt().index());
}

TEST_F(FeedsTest, UnacknowledgedRecordsAreCredit) {
  Publish(1, 10);
  auto start = FeedCity::StartOf(grant_);
  start.set_unacknowledged_max(4);
  auto subscriber = city_.Subscribe(start);
  EXPECT_EQ(subscriber.Offsets(), Range(1, 4));
  subscriber.Acknowledge(4);
  city_.Settle();
  EXPECT_EQ(subscriber.Offsets(), Range(1, 8));
  Publish(11, 10);
  EXPECT_EQ(subscriber.Offsets(), Range(1, 8)) << "a slow subscriber holds nobody back";
  EXPECT_EQ(city_.Stored().next_offset(), 21u);
}

TEST_F(FeedsTest, ReplaysFromAnOffsetATimeTheEarliestAndTheLatest) {
  Publish(1, 2);
  city_.clock.Advance(absl::Hours(1));
  const absl::Time later = city_.clock.Now();
  Publish(3, 2);
  city_.clock.Advance(absl::Hours(1));
  Publish(5, 2);
  const auto from = [&](const std::function<void(v1::SubscribeStart&)>& where) {
    auto start = FeedCity::StartOf(grant_);
    where(start);
    return city_.Subscribe(start).Offsets();
  };
  EXPECT_EQ(from([](auto& start) { start.set_offset(4); }), Range(4, 6));
  EXPECT_EQ(from([&](auto& start) { start.mutable_time()->set_seconds(absl::ToUnixSeconds(later)); }), Range(3, 6));
  EXPECT_EQ(from([](auto& start) { start.set_latest(true); }), std::vector<uint64_t>());
  EXPECT_EQ(from([](auto& start) { start.set_earliest(true); }), Range(1, 6));
  EXPECT_EQ(from([](auto&) {}), Range(1, 6)) << "each of them moved the cursor";
  auto beyond = FeedCity::StartOf(grant_);
  beyond.set_offset(9);
  EXPECT_EQ(ReasonOf(city_.Subscribe(beyond).Finished()), "CURSOR_LOST");
}

TEST_F(FeedsTest, ACursorThatFellOffTheEndIsToldTheEarliestOffset) {
  Publish(1, 3);
  { auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_)); }
  city_.clock.Advance(absl::Hours(25));
  Publish(4, 1);
  city_.feeds.Sweep();
  city_.Settle();
  const auto refused = city_.Subscribe(FeedCity::StartOf(grant_)).Finished();
  EXPECT_EQ(refused.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReasonOf(refused), "CURSOR_LOST");
  EXPECT_EQ(FactOf(refused, "earliest_offset"), "4");
  EXPECT_EQ(city_.DenialOf(refused).reason(), "CURSOR_LOST");
  auto start = FeedCity::StartOf(grant_);
  start.set_earliest(true);
  EXPECT_EQ(city_.Subscribe(start).Offsets(), Range(4, 4));
  EXPECT_EQ(Entries([](const auto& entry) { return entry.feed_event().verb() == "swept" && entry.feed_event().unread() == 3; }), 1);
}

TEST_F(FeedsTest, RetentionByAgeForgetsKeysWithTheirRecords) {
  Publish(1, 2);
  city_.clock.Advance(absl::Hours(25));
  city_.feeds.Sweep();
  city_.Settle();
  EXPECT_EQ(city_.Stored().records(), 0);
  EXPECT_EQ(city_.Stored().bytes(), 0);
  EXPECT_EQ(Publish(1, 2).published(), 2);
  EXPECT_EQ(city_.Stored().next_offset(), 5u) << "offsets are never reused";
}

TEST_F(FeedsTest, RetentionByBytesDropsTheOldestOrRefusesThePublisher) {
  auto feed = city_.Declared();
  feed.set_bytes_max(1 << 20);
  ASSERT_TRUE(city_.Declare(feed).ok());
  { auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_)); }
  for (int i = 0; i < 8; ++i) Publish(1 + i * 3000, 3000);
  city_.Settle();
  EXPECT_LE(city_.Stored().bytes(), 1 << 20);
  EXPECT_GT(city_.Stored().earliest_offset(), 1u);
  EXPECT_EQ(city_.Stored().next_offset(), 24001u);

  auto start = FeedCity::StartOf(grant_);
  start.set_earliest(true);
  auto subscriber = city_.Subscribe(start);
  feed.set_overflow(v1::FEED_OVERFLOW_REFUSE_PUBLISH);
  ASSERT_TRUE(city_.Declare(feed).ok());
  absl::Status refused;
  for (int i = 0; i < 8 && refused.ok(); ++i) refused = city_.Publish(city_.Records(1, 30000 + i * 3000, 3000)).status();
  EXPECT_EQ(ReasonOf(refused), "FEED_FULL");
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FeedsTest, RetentionByTheSlowestReader) {
  auto feed = city_.Declared();
  feed.set_drop_when_read(true);
  ASSERT_TRUE(city_.Declare(feed).ok());
  Publish(1, 2);
  Publish(3, 2);
  auto fast = city_.Subscribe(FeedCity::StartOf(grant_, "fast"));
  auto slow = city_.Subscribe(FeedCity::StartOf(grant_, "slow"));
  fast.Acknowledge(4);
  slow.Acknowledge(2);
  city_.Settle();
  city_.clock.Advance(absl::Seconds(2));
  city_.feeds.Sweep();
  city_.Settle();
  EXPECT_EQ(city_.Stored().earliest_offset(), 3u);
}

TEST_F(FeedsTest, ARevokedGrantStopsTheNextDelivery) {
  Publish(1, 1);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  EXPECT_EQ(subscriber.Offsets(), Range(1, 1));
  ASSERT_TRUE(city_.service.RevokeGrant(city_.approver(), FeedCity::Named<v1::RevokeGrantRequest>(grant_, "misuse")).ok());
  Publish(2, 1);
  EXPECT_EQ(ReasonOf(subscriber.Finished()), "GRANT_NOT_ACTIVE");
  EXPECT_EQ(subscriber.Offsets(), Range(1, 1));
  EXPECT_EQ(city_.DenialOf(subscriber.Finished()).link(), "grant");
}

TEST_F(FeedsTest, ARevokedCertificateAndADisabledSystemStopTheNextDelivery) {
  auto first = city_.Subscribe(FeedCity::StartOf(grant_));
  auto system = FeedCity::System(access::kSystem);
  system.set_state(v1::REGISTRATION_STATE_DISABLED);
  city_.Put(access::kSystem, system);
  Publish(1, 1);
  EXPECT_EQ(ReasonOf(first.Finished()), "CALLER_DISABLED");
  city_.Put(access::kSystem, FeedCity::System(access::kSystem));
  auto second = city_.Subscribe(FeedCity::StartOf(grant_));
  EXPECT_EQ(second.Offsets(), Range(1, 1));
  v1::RevokeCertificateRequest revoke;
  revoke.set_fingerprint(access::kFingerprint);
  revoke.set_reason("lost");
  ASSERT_TRUE(city_.service.RevokeCertificate(city_.security(), revoke).ok());
  Publish(2, 1);
  EXPECT_EQ(ReasonOf(second.Finished()), "CERTIFICATE_REVOKED");
  EXPECT_EQ(second.Offsets(), Range(1, 1));
}

TEST_F(FeedsTest, ACertificateThatExpiresEndsAnOpenSubscriptionAlsoAQuietOne) {
  Publish(1, 1);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_), city_.clock.Now() + absl::Hours(1));
  EXPECT_EQ(subscriber.Offsets(), Range(1, 1));
  city_.clock.Advance(absl::Hours(1));
  city_.feeds.Sweep();
  city_.Settle();
  EXPECT_FALSE(subscriber.sink->finished()) << "it is good up to its last moment";
  city_.clock.Advance(absl::Milliseconds(1));
  city_.feeds.Sweep();
  city_.Settle();
  EXPECT_EQ(ReasonOf(subscriber.Finished()), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(subscriber.Finished().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(city_.DenialOf(subscriber.Finished()).method(), "/zhanqiao.v1.FeedService/Subscribe");
}

TEST_F(FeedsTest, NothingIsDeliveredUnderAnExpiredCertificateAndWhatWasAcknowledgedBeforeIsKept) {
  Publish(1, 2);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_), city_.clock.Now() + absl::Hours(1));
  subscriber.Acknowledge(2);
  city_.clock.Advance(absl::Hours(2));
  Publish(3, 1);
  city_.Settle();
  EXPECT_EQ(subscriber.Offsets(), Range(1, 2));
  EXPECT_EQ(subscriber.acknowledged, 2u);
  EXPECT_EQ(ReasonOf(subscriber.Finished()), "CERTIFICATE_EXPIRED");
}

TEST_F(FeedsTest, AHarmlessChangeOfTheGrantDoesNotEndTheStream) {
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  ASSERT_TRUE(city_.service.SuspendGrant(city_.approver(), FeedCity::Named<v1::SuspendGrantRequest>(grant_, "check")).ok());
  ASSERT_TRUE(city_.service.ResumeGrant(city_.approver(), FeedCity::Named<v1::ResumeGrantRequest>(grant_, "checked")).ok());
  Publish(1, 1);
  EXPECT_EQ(subscriber.Offsets(), Range(1, 1));
}

TEST_F(FeedsTest, ASecondStreamTakesTheSubscriptionOver) {
  auto first = city_.Subscribe(FeedCity::StartOf(grant_));
  auto second = city_.Subscribe(FeedCity::StartOf(grant_));
  EXPECT_EQ(ReasonOf(first.Finished()), "SUBSCRIPTION_TAKEN_OVER");
  Publish(1, 1);
  EXPECT_EQ(second.Offsets(), Range(1, 1));
  EXPECT_TRUE(first.Offsets().empty());
}

TEST_F(FeedsTest, WrongStartsAreRefusedWithTheirReason) {
  const auto refused = [&](const std::function<void(v1::SubscribeStart&)>& change) {
    auto start = FeedCity::StartOf(grant_);
    change(start);
    const absl::Status status = city_.Subscribe(start).Finished();
    EXPECT_EQ(city_.DenialOf(status).method(), "/zhanqiao.v1.FeedService/Subscribe") << status;
    return ReasonOf(status);
  };
  EXPECT_EQ(refused([](auto& start) { start.set_grant("grants/none"); }), "GRANT_NOT_FOUND");
  EXPECT_EQ(refused([](auto& start) { start.set_subscription("UPPER"); }), "SUBSCRIPTION_ID");
  EXPECT_EQ(refused([](auto& start) { start.clear_matter(); }), "TEXT_REQUIRED");
  EXPECT_EQ(refused([](auto& start) { start.add_fields("id_number"); }), "FIELD_NOT_GRANTED");
  EXPECT_EQ(refused([](auto& start) { start.set_unacknowledged_max(100001); }), "UNACKNOWLEDGED_MAX");
}

TEST_F(FeedsTest, AcknowledgingWhatWasNotDeliveredIsRefused) {
  Publish(1, 1);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  subscriber.Acknowledge(7);
  city_.Settle();
  EXPECT_EQ(ReasonOf(subscriber.Finished()), "ACKNOWLEDGED_TOO_FAR");
}

TEST_F(FeedsTest, AQuotaPausesAStreamUntilItAllowsMore) {
  v1::Grant stored = city_.documents.Get(grant_.name()).value().As<v1::Grant>().value();
  stored.set_rate_per_second(1);
  city_.Put(grant_.name(), stored);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  Publish(1, 1);
  Publish(2, 1);
  EXPECT_EQ(subscriber.Offsets(), Range(1, 1));
  EXPECT_TRUE(subscriber.Finished().ok());
  city_.clock.Advance(absl::Seconds(2));
  city_.feeds.Sweep();
  city_.Settle();
  EXPECT_EQ(subscriber.Offsets(), Range(1, 2));
}

TEST_F(FeedsTest, SubscriptionsAreListedToThoseTheyConcernAndForgotten) {
  Publish(1, 3);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  subscriber.Acknowledge(1);
  city_.Settle();
  v1::ListSubscriptionsRequest list;
  list.set_parent(kFeed);
  const auto listed = city_.service_of_feeds.ListSubscriptions(city_.clerk(), list).value();
  ASSERT_EQ(listed.subscriptions_size(), 1);
  EXPECT_EQ(listed.subscriptions(0).name(), "feeds/306001~000001/subscriptions/370200-ZWFWB.approval.main");
  EXPECT_EQ(listed.subscriptions(0).acknowledged_offset(), 1u);
  EXPECT_EQ(listed.subscriptions(0).lag(), 2u);
  EXPECT_TRUE(listed.subscriptions(0).connected());
  Caller other = city_.SystemCaller();
  other.subject = "organizations/370200-ZWFWB/systems/other";
  EXPECT_EQ(city_.service_of_feeds.ListSubscriptions(other, list).value().subscriptions_size(), 0);
  v1::DeleteSubscriptionRequest forget;
  forget.set_name(listed.subscriptions(0).name());
  EXPECT_EQ(ReasonOf(city_.service_of_feeds.DeleteSubscription(other, forget).status()), "SUBSCRIPTION_NOT_FOUND");
  ASSERT_TRUE(city_.service_of_feeds.DeleteSubscription(city_.SystemCaller(), forget).ok());
  EXPECT_EQ(ReasonOf(subscriber.Finished()), "SUBSCRIPTION_TAKEN_OVER");
  EXPECT_EQ(city_.service_of_feeds.ListSubscriptions(city_.clerk(), list).value().subscriptions_size(), 0);
}

TEST_F(FeedsTest, OnlyTheProviderDeclaresAFeedAndWithinTheRules) {
  v1::UpdateFeedRequest request;
  *request.mutable_feed() = city_.Declared();
  EXPECT_EQ(ReasonOf(city_.service_of_feeds.UpdateFeed(city_.SystemCaller(), request).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(city_.service_of_feeds.UpdateFeed(city_.clerk(), request).status()), "ETAG_REQUIRED");
  auto feed = city_.Declared();
  feed.set_retention_hours(2161);
  EXPECT_EQ(ReasonOf(city_.Declare(feed).status()), "RETENTION_HOURS");
  feed = city_.Declared();
  feed.add_publishers("organizations/370200-ZWFWB/connectors/a");
  EXPECT_EQ(ReasonOf(city_.Declare(feed).status()), "PUBLISHER_NAME");
}

TEST_F(FeedsTest, WithoutALedgerNothingIsTakenOrDelivered) {
  Publish(1, 1);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  city_.store.FailAfter(0, false);
  const auto refused = city_.Publish(city_.Records(1, 2, 1));
  EXPECT_EQ(ReasonOf(refused.status()), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(subscriber.Offsets(), Range(1, 1));
  city_.store.Mend();
  ASSERT_TRUE(city_.pipeline.WaitUntilOpen(absl::Now() + absl::Seconds(10)));
  EXPECT_EQ(Publish(2, 1).last_offset(), 2u);
}

// The write of unknown outcome: it is there after all, and the publisher sends again.
TEST_F(FeedsTest, AWriteThatSurfacedIsNotDoubledByTheRetry) {
  Publish(1, 1);
  city_.store.FailAfter(0, true);
  EXPECT_EQ(ReasonOf(city_.Publish(city_.Records(1, 2, 2)).status()), "LEDGER_UNAVAILABLE");
  city_.store.Mend();
  ASSERT_TRUE(city_.pipeline.WaitUntilOpen(absl::Now() + absl::Seconds(10)));
  const auto again = city_.Publish(city_.Records(1, 2, 2)).value();
  EXPECT_EQ(again.repeated(), 2);
  EXPECT_EQ(city_.Stored().next_offset(), 4u);
}

TEST_F(FeedsTest, RecordsOfAnEarlierSchemaThatDoNotFitAreWithheld) {
  Publish(1, 2);
  auto entry = FeedCity::Entry(access::kResidence, v1::SHARE_TYPE_CONDITIONAL);
  entry.mutable_fields(2)->set_data_type(v1::DATA_TYPE_INTEGER);  // address
  entry.set_schema_fingerprint(std::string(32, 'n'));
  city_.Put(access::kResidence, entry);
  auto subscriber = city_.Subscribe(FeedCity::StartOf(grant_));
  ASSERT_EQ(subscriber.deliveries.size(), 1u);
  EXPECT_EQ(subscriber.deliveries[0].withheld(), 2u);
  EXPECT_EQ(subscriber.deliveries[0].records().rows_size(), 0);
  EXPECT_EQ(city_.Releases(), 0);
}

}  // namespace
}  // namespace zhanqiao::exchange
