// The limits of a grant: what counts, what is refused until when, and what a restart finds again in the ledger.
#include "hub/exchange/quotas.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "hub/exchange/quota_recovery.h"
#include "hub/exchange/test_exchange.h"
#include "hub/ledger/index/memory_segment.h"

namespace zhanqiao::exchange {
namespace {

constexpr char kLi[] = "11010519491231002X";
constexpr char kWang[] = "440524188001010014";

absl::Time At(int hour, int minute, int day = 14) {
  return absl::FromCivil(absl::CivilSecond(2018, 2, day, hour, minute, 0), Shanghai());
}

access::GrantInForce Limited() {
  access::GrantInForce grant;
  grant.name = "grants/g";
  return grant;
}

std::string Token(char letter) { return std::string(16, letter); }

// The delay RetryInfo gives, in milliseconds.
int64_t RetryMs(const absl::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(ToDetails(status)));
  google::rpc::RetryInfo info;
  for (const auto& detail : wire.details()) {
    if (detail.UnpackTo(&info)) return info.retry_delay().seconds() * 1000 + info.retry_delay().nanos() / 1'000'000;
  }
  return -1;
}

TEST(Quotas, CallsOfTheDayAreCountedAndTheRefusalSaysWhenTheNextDayBegins) {
  Quotas quotas;
  auto grant = Limited();
  grant.daily_calls_max = 2;
  EXPECT_TRUE(quotas.Count(grant, false, At(22, 0)).ok());
  EXPECT_TRUE(quotas.Count(grant, false, At(22, 0)).ok());
  EXPECT_TRUE(quotas.Count(grant, true, At(22, 0)).ok()) << "a repeated request id is counted once";
  const absl::Status refused = quotas.Count(grant, false, At(22, 30));
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "QUOTA_EXCEEDED");
  EXPECT_EQ(FactOf(refused, "daily_calls_max"), "2");
  EXPECT_EQ(RetryMs(refused), 90 * 60 * 1000);
  EXPECT_TRUE(quotas.Count(grant, false, At(0, 0, 15)).ok());
}

TEST(Quotas, RowsAndBytesAreTakenAllOrNothing) {
  Quotas quotas;
  auto grant = Limited();
  grant.daily_rows_max = 10;
  grant.daily_bytes_max = 1000;
  EXPECT_TRUE(quotas.Take(grant, {.rows = 9, .bytes = 100, .subjects = {}}, At(9, 0)).ok());
  EXPECT_EQ(FactOf(quotas.Take(grant, {.rows = 2, .bytes = 1, .subjects = {}}, At(9, 0)), "daily_rows_max"), "10");
  EXPECT_EQ(FactOf(quotas.Take(grant, {.rows = 1, .bytes = 901, .subjects = {}}, At(9, 0)), "daily_bytes_max"), "1000");
  EXPECT_TRUE(quotas.Count(grant, false, At(9, 0)).ok()) << "a row is left";
  EXPECT_TRUE(quotas.Take(grant, {.rows = 1, .bytes = 900, .subjects = {}}, At(9, 0)).ok()) << "what was refused took nothing";
  EXPECT_EQ(ReasonOf(quotas.Count(grant, false, At(9, 0))), "QUOTA_EXCEEDED") << "nobody is asked for what cannot be released";
  EXPECT_TRUE(quotas.Count(grant, false, At(9, 0, 15)).ok());
}

TEST(Quotas, PersonsAreCountedOnceHoweverOften) {
  Quotas quotas;
  auto grant = Limited();
  grant.daily_persons_max = 2;
  EXPECT_TRUE(quotas.Take(grant, {.subjects = {Token('a'), Token('b')}}, At(9, 0)).ok());
  EXPECT_TRUE(quotas.Take(grant, {.subjects = {Token('b'), Token('a')}}, At(9, 0)).ok());
  EXPECT_EQ(FactOf(quotas.Take(grant, {.subjects = {Token('a'), Token('c')}}, At(9, 0)), "daily_persons_max"), "2");
  EXPECT_TRUE(quotas.Take(grant, {.subjects = {Token('c')}}, At(9, 0, 15)).ok());
}

TEST(Quotas, ACallOverMidnightDoesNotBringYesterdayBack) {
  Quotas quotas;
  auto grant = Limited();
  grant.daily_rows_max = 5;
  EXPECT_TRUE(quotas.Take(grant, {.rows = 4, .subjects = {}}, At(0, 1, 15)).ok());
  EXPECT_TRUE(quotas.Take(grant, {.rows = 1, .subjects = {}}, At(23, 59)).ok()) << "received before midnight, released after";
  EXPECT_FALSE(quotas.Take(grant, {.rows = 1, .subjects = {}}, At(0, 2, 15)).ok());
}

class QuotaTest : public ::testing::Test {
 protected:
  v1::Grant Granted(void (*limit)(v1::Grant&)) {
    auto application = city_.Apply(access::kProjects);
    application.mutable_grant()->add_fields()->set_field("id_number");
    limit(*application.mutable_grant());
    const auto made = city_.service.CreateGrant(city_.SystemCaller(), application).value();
    return city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(made)).value();
  }
  // Asks, and has the connector answer one row about `id_number` if it is asked.
  absl::Status Ask(const v1::Grant& grant, const std::string& id_number) {
    const auto pending = city_.Ask(grant);
    for (const auto& query : connector_.Asked()) {
      v1::ConnectorReply reply = ExchangeCity::Good(query);
      reply.mutable_records()->mutable_rows(0)->mutable_values(2)->set_text(id_number);
      connector_.Reply(reply);
    }
    return pending->Wait().status();
  }
  // Takes from the ledger what a hub that starts now finds there, `indexed` entries by the index and the rest one by one.
  void Recover(uint64_t indexed, Quotas& quotas) {
    auto segment = std::make_shared<ledger::MemorySegment>(0);
    const ledger::StoreEntries entries(city_.store);
    ASSERT_TRUE(entries.Read(0, indexed, [&](uint64_t, std::string_view entry, std::string_view secret) {
      return segment->Append(entry, secret);
    }).ok());
    const ledger::SegmentSet set({segment}, indexed);
    ASSERT_TRUE(RestoreQuotas(city_.grants, set, entries, city_.log->head()->size(), city_.clock.Now(), quotas).ok());
  }
  ExchangeCity city_;
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA);
};

TEST_F(QuotaTest, ARefusedReleaseIsADenialAndReleasesNothing) {
  const auto grant = Granted([](v1::Grant& application) { application.set_daily_persons_max(1); });
  EXPECT_TRUE(Ask(grant, kLi).ok());
  EXPECT_TRUE(Ask(grant, kLi).ok());
  const absl::Status refused = Ask(grant, kWang);
  EXPECT_EQ(ReasonOf(refused), "QUOTA_EXCEEDED");
  EXPECT_EQ(city_.DenialOf(refused).grant(), grant.name());
  EXPECT_EQ(city_.Releases(), 2);
}

TEST_F(QuotaTest, TheDaysCountsSurviveARestart) {
  const auto grant = Granted([](v1::Grant& application) {
    application.set_daily_calls_max(3);
    application.set_daily_rows_max(100);
    application.set_daily_persons_max(2);
  });
  EXPECT_TRUE(Ask(grant, kWang).ok()) << "yesterday's: counts no more";
  city_.clock.Advance(absl::Hours(24));
  EXPECT_TRUE(Ask(grant, kLi).ok());
  EXPECT_TRUE(Ask(grant, kLi).ok());
  const auto in_force = city_.grants.Find(grant.name());
  const uint64_t size = city_.log->head()->size();
  for (const uint64_t indexed : {uint64_t{0}, size - 1, size}) {
    Quotas quotas;
    Recover(indexed, quotas);
    const absl::Time now = city_.clock.Now();
    EXPECT_TRUE(quotas.Count(*in_force, false, now).ok()) << indexed;
    EXPECT_EQ(FactOf(quotas.Count(*in_force, false, now), "daily_calls_max"), "3") << indexed;
    const auto li = city_.subjects->TokensAt(now, {kLi}).value();
    EXPECT_TRUE(quotas.Take(*in_force, {.rows = 97, .subjects = li}, now).ok()) << indexed << ": two rows were seen, 98 are left";
    EXPECT_TRUE(quotas.Take(*in_force, {.rows = 1, .subjects = {Token('a')}}, now).ok()) << indexed;
    EXPECT_FALSE(quotas.Take(*in_force, {.rows = 1, .subjects = {}}, now).ok()) << indexed;
    EXPECT_FALSE(quotas.Take(*in_force, {.subjects = {Token('b')}}, now).ok()) << indexed << ": Li and one more";
  }
}

}  // namespace
}  // namespace zhanqiao::exchange
