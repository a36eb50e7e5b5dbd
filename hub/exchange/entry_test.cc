// Promises of entry.h: protobuf reads what is written by hand, and would write the same bytes.
#include "hub/exchange/entry.h"

#include <gtest/gtest.h>

#include "catalog/base/commitment.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

std::shared_ptr<const ReleasePlan> Plan() {
  auto grant = std::make_shared<access::GrantInForce>();
  grant->name = "grants/01m8660vvvyhbwc3sqkt4enw6n";
  grant->consumer = "organizations/370200-ZWFWB/systems/approval";
  grant->resource = "resources/308001370200~000001";
  grant->revision = 300;
  grant->grant_index = 70'000;
  for (const auto& [field, mask] : {std::pair{"name", v1::MASK_NAME}, {"address", v1::MASK_UNSPECIFIED}}) {
    grant->fields.emplace_back(field, mask);
    grant->masks[field] = mask;
  }
  auto resource = std::make_shared<v1::Resource>();
  resource->set_provider("organizations/370200-GAJ");
  for (const char* field : {"name", "address"}) {
    auto& added = *resource->add_fields();
    added.set_field(field);
    added.set_data_type(v1::DATA_TYPE_CHARACTER);
  }
  return MakePlan(std::move(grant), std::move(resource), {}).value();
}

Flight Asked() {
  Flight flight;
  auto caller = std::make_shared<Caller>();
  caller->subject = "organizations/370200-ZWFWB/systems/approval";
  caller->trace = "0af7651916cd43dd8448eb211c80319c";
  flight.caller = std::move(caller);
  flight.plan = Plan();
  flight.grant = flight.plan->grant;
  flight.request.set_grant(flight.grant->name);
  flight.request.set_matter("2026-0001");
  flight.connector = "organizations/370200-GAJ/connectors/main";
  flight.received = absl::FromUnixMicros(1'000'000);
  flight.sent = absl::FromUnixMicros(1'000'200);
  flight.replied = absl::FromUnixMicros(1'001'500);
  flight.canonical = ledger::CanonicalRequest(flight.request, flight.grant->resource);
  flight.seed = std::string(32, 's');
  flight.commitment = Commitment(flight.seed, ledger::kRequestLabel, flight.canonical);
  return flight;
}

Released Rows() {
  Released released;
  released.rows = 1;
  released.answer_bytes = "as answered";
  released.released_bytes = "as released";
  return released;
}

TEST(ReleaseRecord, IsTheCanonicalEntryProtobufWouldWrite) {
  Flight flight = Asked();
  flight.request.set_request_id("r-1");
  flight.request.set_on_behalf_of("organizations/370200-ZWFWB/persons/li");
  flight.retry = true;
  v1::ConnectorReply reply;
  reply.set_source_us(900);
  reply.set_truncated(true);
  const storage::LogRecord record = ReleaseRecord(flight, Rows(), reply, {}, {"0123456789abcdef", "fedcba9876543210"},
                                                 flight.replied + absl::Microseconds(50));
  v1::EntrySecret secret;
  ASSERT_TRUE(secret.ParseFromString(record.secret));
  EXPECT_EQ(secret.SerializeAsString(), record.secret);
  EXPECT_EQ(secret.seed(), flight.seed);
  EXPECT_FALSE(record.counter.empty());
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(record.body));
  EXPECT_EQ(entry.SerializeAsString(), record.body);
  EXPECT_EQ(entry.version(), 1u);
  EXPECT_EQ(entry.actor(), flight.caller->subject);
  EXPECT_EQ(entry.trace(), flight.caller->trace);
  const v1::Exchange& exchange = entry.exchange();
  EXPECT_EQ(exchange.grant(), flight.grant->name);
  EXPECT_EQ(exchange.grant_revision(), 300u);
  EXPECT_EQ(exchange.grant_index(), 70'000u);
  EXPECT_EQ(exchange.provider(), "organizations/370200-GAJ");
  EXPECT_EQ(exchange.connector(), flight.connector);
  ASSERT_EQ(exchange.fields_size(), 2);
  EXPECT_EQ(exchange.fields(1), "address");
  ASSERT_EQ(exchange.masks_size(), 2);
  EXPECT_EQ(exchange.masks(0), v1::MASK_NAME);
  EXPECT_EQ(exchange.rows(), 1u);
  EXPECT_EQ(exchange.released_bytes(), 11u);
  EXPECT_EQ(exchange.request_bytes(), flight.canonical.size());
  EXPECT_EQ(exchange.request_commitment(), Bytes(flight.commitment));
  EXPECT_EQ(exchange.answer_commitment(), Bytes(Commitment(flight.seed, "answer", "as answered")));
  EXPECT_EQ(exchange.released_commitment(), Bytes(Commitment(flight.seed, "released", "as released")));
  EXPECT_EQ(exchange.check_us(), 50u);
  EXPECT_EQ(exchange.subjects_commitment(), Bytes(Commitment(flight.seed, "subjects", "0123456789abcdeffedcba9876543210")));
  EXPECT_EQ(secret.subjects_size(), 2);
  EXPECT_EQ(exchange.matter(), "2026-0001");
  EXPECT_EQ(exchange.request_id(), "r-1");
  EXPECT_EQ(exchange.on_behalf_of(), "organizations/370200-ZWFWB/persons/li");
  EXPECT_EQ(exchange.queue_us(), 200u);
  EXPECT_EQ(exchange.connector_us(), 1300u);
  EXPECT_EQ(exchange.source_us(), 900u);
  EXPECT_TRUE(exchange.truncated());
  EXPECT_TRUE(exchange.retry());
}

TEST(ReleaseRecord, LeavesOutWhatIsAbsent) {
  const storage::LogRecord record = ReleaseRecord(Asked(), Rows(), {}, {}, {}, absl::FromUnixMicros(1'001'500));
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(record.body));
  EXPECT_EQ(entry.SerializeAsString(), record.body);
  EXPECT_FALSE(entry.exchange().retry());
}

TEST(SessionWire, AConnectorReadsTheRequestsThatWereWrittenByHand) {
  Session session("organizations/370200-GAJ/connectors/main", {"resources/308001370200~000001"}, 200, {}, [] {});
  for (int i = 0; i < 70; ++i) {
    auto flight = std::make_unique<Flight>(Asked());
    flight->deadline = absl::FromUnixMicros(31'000'000);
    flight->row_limit = 7;
    auto& condition = *flight->request.add_conditions();
    condition.set_field("name");
    condition.set_comparison(v1::COMPARISON_EQUALS);
    condition.mutable_value()->set_text("张三");
    ASSERT_TRUE(session.Ask(flight));
  }
  const std::vector<std::string> messages = session.Collect(absl::FromUnixMicros(1'000'000));
  ASSERT_EQ(messages.size(), 2u);
  v1::ConnectResponse message;
  ASSERT_TRUE(message.ParseFromString(messages[0]));
  ASSERT_EQ(message.requests().queries_size(), 64);
  const v1::ConnectorQuery& query = message.requests().queries(63);
  EXPECT_EQ(query.number(), 64u);
  EXPECT_EQ(query.resource(), "resources/308001370200~000001");
  EXPECT_EQ(query.schema_fingerprint(), Plan()->fingerprint);
  ASSERT_EQ(query.fields_size(), 2);
  EXPECT_EQ(query.fields(0), "name");
  ASSERT_EQ(query.conditions_size(), 1);
  EXPECT_EQ(query.conditions(0).value().text(), "张三");
  EXPECT_EQ(query.row_limit(), 7);
  EXPECT_EQ(query.commitment(), Bytes(Asked().commitment));
  EXPECT_EQ(query.timeout_ms(), 30'000);
  ASSERT_TRUE(message.ParseFromString(messages[1]));
  EXPECT_EQ(message.requests().queries_size(), 6);
}

}  // namespace
}  // namespace zhanqiao::exchange
