#include "hub/exchange/broker.h"

#include <gtest/gtest.h>

#include <random>

#include "catalog/base/commitment.h"
#include "catalog/model/catalog_service.h"
#include "hub/exchange/test_exchange.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

class BrokerTest : public ::testing::Test {
 protected:
  // Expects a refusal for `reason` that names its link and stands in the ledger.
  void ExpectRefused(const absl::StatusOr<v1::QueryResponse>& result, std::string_view reason, std::string_view link) {
    EXPECT_EQ(ReasonOf(result.status()), reason) << result.status();
    EXPECT_EQ(FactOf(result.status(), "link"), link) << reason;
    EXPECT_EQ(city_.DenialOf(result.status()).reason(), reason) << result.status();
  }
  ExchangeCity city_;
  v1::Grant grant_ = city_.Active();
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA);
};

TEST_F(BrokerTest, AnAnswerIsMaskedLoggedAndReleased) {
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].fields_size(), 2) << "granted fields only";
  EXPECT_EQ(asked[0].row_limit(), 100);
  connector_.Reply(ExchangeCity::Good(asked[0]));
  const auto& response = pending->Wait();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->records().rows(0).values(0).text(), "欧阳**");
  EXPECT_EQ(response->records().rows(0).values(1).text(), "香港中路11号");
  EXPECT_EQ(response->receipt().origin(), "qingdao.example/log");

  const auto exchange = city_.Entries().at(response->receipt().index()).exchange();
  EXPECT_EQ(exchange.grant(), grant_.name());
  EXPECT_EQ(exchange.grant_index(), grant_.ledger_index());
  EXPECT_EQ(exchange.connector(), access::kConnectorA);
  EXPECT_EQ(exchange.rows(), 1u);
  const std::string seed = city_.SecretAt(response->receipt().index()).seed();
  EXPECT_EQ(exchange.released_commitment(),
            Bytes(Commitment(seed, "released", CanonicalRows(response->records()))));
  EXPECT_EQ(exchange.answer_commitment(),
            Bytes(Commitment(seed, "answer", CanonicalRows(ExchangeCity::Good(asked[0]).records()))));
  auto request = ExchangeCity::Request(grant_);
  request.add_fields("name");
  request.add_fields("address");
  request.set_row_limit(100);
  EXPECT_EQ(exchange.request_commitment(),
            Bytes(Commitment(seed, "request", ledger::CanonicalRequest(request, grant_.resource()))));
}

TEST_F(BrokerTest, NothingIsReleasedAfterTheWithdrawalOfItsEntryHoweverFarTheRequestGot) {
  catalog::CatalogService service(city_.documents, city_.catalog, city_.clock, city_.random);
  v1::WithdrawResourceRequest withdraw;
  withdraw.set_name(access::kResidence);
  withdraw.set_reason("职能调整");
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  ASSERT_EQ(asked.size(), 1u);
  const auto withdrawn = service.WithdrawResource(city_.Person("370200-GAJ", "approver", {"org_approver"}), withdraw);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  connector_.Reply(ExchangeCity::Good(asked[0]));
  ExpectRefused(pending->Wait(), "GRANT_NOT_ACTIVE", "grant");
  ExpectRefused(city_.Ask(grant_)->Wait(), "GRANT_NOT_ACTIVE", "grant");
}

TEST_F(BrokerTest, EveryRefusalNamesItsLinkAndItsEntry) {
  const Caller system = city_.SystemCaller();
  auto request = ExchangeCity::Request(grant_);
  request.set_grant("grants/none");
  ExpectRefused(city_.Ask(system, request)->Wait(), "GRANT_NOT_FOUND", "grant");

  Caller other = system;
  other.subject = "organizations/370200-ZWFWB/systems/other";
  ExpectRefused(city_.Ask(other, ExchangeCity::Request(grant_))->Wait(), "GRANT_NOT_YOURS", "grant");
  ExpectRefused(city_.Ask(city_.clerk(), ExchangeCity::Request(grant_))->Wait(), "CALLER_NOT_SYSTEM", "caller");

  request = ExchangeCity::Request(grant_);
  request.add_fields("id_number");
  ExpectRefused(city_.Ask(system, request)->Wait(), "FIELD_NOT_GRANTED", "grant");

  request = ExchangeCity::Request(grant_);
  auto& condition = *request.add_conditions();
  condition.set_field("address");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text("x");
  ExpectRefused(city_.Ask(system, request)->Wait(), "CONDITION_NOT_GRANTED", "grant");

  request = ExchangeCity::Request(grant_);
  request.clear_matter();
  ExpectRefused(city_.Ask(system, request)->Wait(), "TEXT_REQUIRED", "caller");

  const auto draft = city_.service.CreateGrant(system, city_.Apply(access::kResidence)).value();
  ExpectRefused(city_.Ask(draft)->Wait(), "GRANT_NOT_ACTIVE", "grant");
  EXPECT_TRUE(connector_.Asked().empty()) << "no connector hears of a refused request";
  EXPECT_EQ(city_.Releases(), 0);
}

TEST_F(BrokerTest, AGrantEndsWithItsTerm) {
  city_.clock.Set(absl::FromCivil(absl::CivilSecond(2028, 1, 1), Shanghai()));
  ExpectRefused(city_.Ask(grant_)->Wait(), "GRANT_NOT_ACTIVE", "grant");
}

TEST_F(BrokerTest, ARevocationWhileTheAnswerIsUnderWayKeepsItBack) {
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  ASSERT_TRUE(city_.service.RevokeGrant(city_.approver(), access::TestCity::Named<v1::RevokeGrantRequest>(grant_, "停")).ok());
  connector_.Reply(ExchangeCity::Good(asked.at(0)));
  ExpectRefused(pending->Wait(), "GRANT_NOT_ACTIVE", "grant");
  EXPECT_EQ(city_.Releases(), 0);
}

TEST_F(BrokerTest, ARevokedCertificateKeepsItsAnswersBack) {
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  v1::RevokeCertificateRequest revoke;
  revoke.set_fingerprint(access::kFingerprint);
  revoke.set_reason("泄露");
  ASSERT_TRUE(city_.service.RevokeCertificate(city_.security(), revoke).ok());
  connector_.Reply(ExchangeCity::Good(asked.at(0)));
  ExpectRefused(pending->Wait(), "CERTIFICATE_REVOKED", "caller");
}

TEST_F(BrokerTest, ADisabledCallerGetsNoAnswerUnderWay) {
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  city_.Put(access::kSystem, access::TestCity::System(access::kSystem));
  connector_.Reply(ExchangeCity::Good(asked.at(0)));
  ExpectRefused(pending->Wait(), "CALLER_DISABLED", "caller");
}

TEST_F(BrokerTest, AnAnswerThatDoesNotFitIsNotReleased) {
  const std::vector<std::function<void(v1::RecordBatch&)>> wrongs = {
      [](auto& batch) { batch.set_schema_fingerprint("x"); },
      [](auto& batch) { batch.mutable_fields()->SwapElements(0, 1); },
      [](auto& batch) { batch.add_fields("id_number"); },
      [](auto& batch) { batch.mutable_rows(0)->add_values()->set_text("110105"); },
      [](auto& batch) { batch.mutable_rows(0)->mutable_values(1)->set_integer(5); },
      [](auto& batch) { batch.mutable_rows(0)->mutable_values(1)->set_text(std::string(51, 'x')); },
      [](auto& batch) { for (int i = 0; i < 100; ++i) *batch.add_rows() = batch.rows(0); }};
  for (const auto& spoil : wrongs) {
    const auto pending = city_.Ask(grant_);
    auto reply = ExchangeCity::Good(connector_.Asked().at(0));
    spoil(*reply.mutable_records());
    connector_.Reply(reply);
    ExpectRefused(pending->Wait(), "ANSWER_SCHEMA", "connector");
    EXPECT_EQ(FactOf(pending->result.status(), "connector"), access::kConnectorA);
  }
  EXPECT_EQ(city_.Releases(), 0);
}

TEST_F(BrokerTest, WhatAConnectorAddsUnaskedStaysBehind) {
  const auto pending = city_.Ask(grant_);
  auto reply = ExchangeCity::Good(connector_.Asked().at(0));
  auto& value = *reply.mutable_records()->mutable_rows(0)->mutable_values(0);
  value.GetReflection()->MutableUnknownFields(&value)->AddLengthDelimited(99, "110105");
  connector_.Reply(reply);
  ASSERT_TRUE(pending->Wait().ok());
  EXPECT_EQ(pending->result->SerializeAsString().find("110105"), std::string::npos);
}

TEST_F(BrokerTest, WithoutAConnectorTheRequestFailsAtOnce) {
  connector_.stream->OnCancel();
  ExpectRefused(city_.Ask(grant_)->Wait(), "CONNECTOR_UNAVAILABLE", "connector");
}

TEST_F(BrokerTest, AnotherConnectorTakesOverOnceAndThenTheDeadOneIsNamed) {
  const auto pending = city_.Ask(grant_);
  ASSERT_EQ(connector_.Asked().size(), 1u);
  auto second = city_.Connect(access::kConnectorB);
  connector_.stream->OnCancel();
  const auto asked = second.Asked();
  ASSERT_EQ(asked.size(), 1u);
  second.stream->OnCancel();
  const auto& lost = pending->Wait();
  ExpectRefused(lost, "CONNECTOR_LOST", "connector");
  EXPECT_EQ(lost.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(FactOf(lost.status(), "connector"), access::kConnectorB);
}

TEST_F(BrokerTest, ADeadlineEndsTheRequestAndCancelsItAtTheConnector) {
  Caller hurried = city_.SystemCaller();
  hurried.deadline = city_.clock.Now() + absl::Seconds(1);
  const auto pending = city_.Ask(hurried, ExchangeCity::Request(grant_));
  const auto asked = connector_.Asked();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].timeout_ms(), 1000);
  city_.broker.Sweep();
  EXPECT_FALSE(pending->told.HasBeenNotified());
  city_.clock.Advance(absl::Seconds(2));
  city_.broker.Sweep();
  ExpectRefused(pending->Wait(), "DEADLINE_EXCEEDED", "connector");
  connector_.sink->Run();
  const auto messages = connector_.sink->Written();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].cancels().numbers(0), asked[0].number());
  connector_.Reply(ExchangeCity::Good(asked[0]));  // late: nobody waits, nothing is released
  EXPECT_EQ(city_.Releases(), 0);
}

TEST_F(BrokerTest, BeyondTheBoundRequestsAreRefusedAtOnce) {
  std::vector<PendingPtr> waiting;
  for (int i = 0; i < 64; ++i) waiting.push_back(city_.Ask(grant_));
  const auto refused = city_.Ask(grant_);
  ExpectRefused(refused->Wait(), "HUB_OVERLOADED", "hub");
  EXPECT_TRUE(refused->result.status().GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  for (const auto& asked : connector_.Asked()) connector_.Reply(ExchangeCity::Good(asked));
  for (const auto& pending : waiting) EXPECT_TRUE(pending->Wait().ok());
  EXPECT_EQ(city_.broker.in_flight(), 0u);
}

TEST_F(BrokerTest, WhenTheLedgerCannotBeWrittenNothingIsReleased) {
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked();
  city_.store.FailAfter(0);
  connector_.Reply(ExchangeCity::Good(asked.at(0)));
  EXPECT_EQ(ReasonOf(pending->Wait().status()), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(ReasonOf(city_.Ask(grant_)->Wait().status()), "LEDGER_UNAVAILABLE");
  EXPECT_TRUE(connector_.Asked().empty()) << "nobody is asked for what could not be released";

  city_.store.Mend();
  ASSERT_TRUE(city_.pipeline.WaitUntilOpen(absl::Now() + absl::Seconds(30)));
  const auto again = city_.Ask(grant_);
  connector_.Reply(ExchangeCity::Good(connector_.Asked().at(0)));
  EXPECT_TRUE(again->Wait().ok()) << "the connector stayed connected";
}

TEST_F(BrokerTest, ARepeatedRequestIdIsLoggedAsARetry) {
  auto request = ExchangeCity::Request(grant_);
  request.set_request_id("r-1");
  for (const bool retry : {false, true}) {
    const auto pending = city_.Ask(city_.SystemCaller(), request);
    connector_.Reply(ExchangeCity::Good(connector_.Asked().at(0)));
    ASSERT_TRUE(pending->Wait().ok());
    EXPECT_EQ(city_.Entries().at(pending->result->receipt().index()).exchange().retry(), retry);
  }
}

TEST_F(BrokerTest, ReleasesOfOneConsumerAndResourceAreNumberedAndRefusalsTakeNoNumber) {
  for (uint64_t number = 1; number <= 3; ++number) {
    const auto refused = city_.Ask(grant_);
    auto spoilt = ExchangeCity::Good(connector_.Asked().at(0));
    spoilt.mutable_records()->clear_fields();
    connector_.Reply(spoilt);
    ExpectRefused(refused->Wait(), "ANSWER_SCHEMA", "connector");
    const auto pending = city_.Ask(grant_);
    connector_.Reply(ExchangeCity::Good(connector_.Asked().at(0)));
    ASSERT_TRUE(pending->Wait().ok());
    EXPECT_EQ(city_.Entries().at(pending->result->receipt().index()).sequence(), number);
  }
}

TEST_F(BrokerTest, TheConnectorIsToldTheCommitmentThatTheEntryCarriesReleasedOrRefused) {
  const auto pending = city_.Ask(grant_);
  const auto asked = connector_.Asked().at(0);
  connector_.Reply(ExchangeCity::Good(asked));
  ASSERT_TRUE(pending->Wait().ok());
  EXPECT_EQ(asked.commitment().size(), 32u);
  EXPECT_EQ(city_.Entries().at(pending->result->receipt().index()).exchange().request_commitment(), asked.commitment());

  const auto refused = city_.Ask(grant_);
  const auto again = connector_.Asked().at(0);
  EXPECT_NE(again.commitment(), asked.commitment()) << "the same request has another seed each time";
  auto spoilt = ExchangeCity::Good(again);
  spoilt.mutable_records()->clear_fields();
  connector_.Reply(spoilt);
  ExpectRefused(refused->Wait(), "ANSWER_SCHEMA", "connector");
  EXPECT_EQ(city_.DenialOf(refused->result.status()).request_commitment(), again.commitment());
}

TEST_F(BrokerTest, AnAnswerWhoseCallerHasGoneIsLoggedAsRefused) {
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  auto pending = std::make_shared<Pending>();
  city_.broker.Query(std::make_shared<const Caller>(city_.SystemCaller()), ExchangeCity::Request(grant_), "/m", gone,
                     [pending](absl::StatusOr<EncodedAnswer> result) {
                       pending->Take(std::move(result));
                       pending->told.Notify();
                     });
  const auto asked = connector_.Asked().at(0);
  gone->store(true);
  connector_.Reply(ExchangeCity::Good(asked));
  ExpectRefused(pending->Wait(), "CALLER_GONE", "caller");
  EXPECT_EQ(city_.DenialOf(pending->result.status()).request_commitment(), asked.commitment());
  EXPECT_EQ(city_.Releases(), 0);
}

// In a random history of requests, replies, suspensions and resumptions no release in the log stands after the
// move that forbade it: each names the newest revision of its grant, and that revision is ACTIVE.
TEST_F(BrokerTest, NoReleaseIsOrderedAfterTheMoveItShouldHaveSeen) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::deque<v1::ConnectorQuery> asked;
  std::vector<PendingPtr> pending;
  bool active = true;
  for (int step = 0; step < 600; ++step) {
    const auto dice = random() % 10;
    if (dice < 5) {
      pending.push_back(city_.Ask(grant_));
    } else if (dice < 9) {
      for (auto& query : connector_.Asked()) asked.push_back(std::move(query));
      if (asked.empty()) continue;
      connector_.Reply(ExchangeCity::Good(asked.front()));
      asked.pop_front();
    } else if (active) {
      ASSERT_TRUE(city_.service.SuspendGrant(city_.approver(), access::TestCity::Named<v1::SuspendGrantRequest>(grant_, "查")).ok());
      active = false;
    } else {
      ASSERT_TRUE(city_.service.ResumeGrant(city_.approver(), access::TestCity::Named<v1::ResumeGrantRequest>(grant_)).ok());
      active = true;
    }
  }
  for (auto& query : connector_.Asked()) asked.push_back(std::move(query));
  for (const auto& query : asked) connector_.Reply(ExchangeCity::Good(query));
  int released = 0;
  for (const auto& one : pending) {
    ASSERT_TRUE(one->told.WaitForNotificationWithTimeout(absl::Seconds(10)));
    released += one->result.ok() ? 1 : 0;
  }
  EXPECT_GT(released, 0);
  std::string state;
  uint64_t revision = 0;
  int logged = 0;
  for (const auto& entry : city_.Entries()) {
    if (entry.has_grant_event() && entry.grant_event().grant() == grant_.name()) {
      state = entry.grant_event().state();
      revision = entry.grant_event().revision();
    }
    if (!entry.has_exchange()) continue;
    ++logged;
    EXPECT_EQ(state, "ACTIVE");
    EXPECT_EQ(entry.exchange().grant_revision(), revision);
  }
  EXPECT_EQ(logged, released) << "what is released is logged, and what is logged was released";
}

}  // namespace
}  // namespace zhanqiao::exchange
