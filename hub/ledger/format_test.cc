// Recomputes the worked example of FORMAT.md: every value printed there must follow from the inputs given there.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "catalog/base/records.h"
#include "catalog/base/signatures.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/receipt.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

std::string FormatDocument() {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "FORMAT.md";
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class FormatTest : public testing::Test {
 protected:
  // FORMAT.md has the line "name: value".
  void Expect(const std::string& name, const std::string& value) {
    const std::string line = name + ": " + value + "\n";
    EXPECT_NE(document_.find(line), std::string::npos) << line;
  }
  static std::string Hex(const Digest& digest) { return ToHex(Bytes(digest)); }
  const std::string document_ = FormatDocument();
};

TEST_F(FormatTest, TheWorkedExampleIsRight) {
  const std::string seed(32, '\x2a');

  v1::QueryRequest request;
  request.set_grant("grants/g1");
  request.add_fields("name");
  auto* condition = request.add_conditions();
  condition->set_field("id");
  condition->set_comparison(v1::COMPARISON_EQUALS);
  condition->mutable_value()->set_text("7");
  request.set_row_limit(100);
  request.set_matter("m1");
  const std::string canonical_request = CanonicalRequest(request, "resources/308001370200~000001");
  Expect("canonical request", ToHex(canonical_request));

  v1::RecordBatch rows;
  rows.add_fields("name");
  rows.add_fields("age");
  auto* row = rows.add_rows();
  row->add_values()->set_text("张*");
  row->add_values()->set_integer(42);
  auto* second = rows.add_rows();
  second->add_values();
  second->add_values()->set_integer(-1);
  const std::string canonical_rows = CanonicalRows(rows);
  Expect("canonical rows", ToHex(canonical_rows));

  Expect("request salt", Hex(SaltFor(seed, kRequestLabel)));
  Expect("request commitment", Hex(Commitment(seed, kRequestLabel, canonical_request)));
  Expect("released salt", Hex(SaltFor(seed, kReleasedLabel)));
  Expect("released commitment", Hex(Commitment(seed, kReleasedLabel, canonical_rows)));

  v1::EntrySecret secret;
  secret.set_seed(seed);
  const std::string commitment(Bytes(Commitment(seed, kRequestLabel, canonical_request)));
  const Ed25519Key consumer = Ed25519Key::FromSeed(std::string(32, '\x0c'));
  const Digest request_digest = Sha256(canonical_request);
  const SignedTree asked({request_digest});
  *secret.mutable_request_signature() = asked.Place(0, consumer.public_key(), consumer.Sign(asked.SignedBytes("request")));
  Expect("consumer key", ToHex(consumer.public_key()));
  Expect("request digest", Hex(request_digest));
  Expect("signed by the consumer", ToHex(asked.SignedBytes("request")));
  Expect("request signature", ToHex(secret.request_signature().signature()));

  const Ed25519Key connector = Ed25519Key::FromSeed(std::string(32, '\x0b'));
  const Digest answer_digest = AnswerDigest(commitment, "resources/308001370200~000001", false, canonical_rows);
  const SignedTree answered({answer_digest, Sha256("another"), Sha256("a third")});
  *secret.mutable_answer_signature() =
      answered.Place(0, connector.public_key(), connector.Sign(answered.SignedBytes("answer")));
  Expect("connector key", ToHex(connector.public_key()));
  Expect("answer digest", Hex(answer_digest));
  Expect("signed by the connector", ToHex(answered.SignedBytes("answer")));
  Expect("answer signature", ToHex(secret.answer_signature().signature()));
  for (int i = 0; i < 2; ++i) Expect("path " + std::to_string(i), ToHex(secret.answer_signature().path(i)));

  TestLog hub;
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("organizations/A/systems/s");
  v1::Exchange& exchange = *entry.mutable_exchange();
  exchange.set_resource("resources/308001370200~000001");
  exchange.set_request_commitment(commitment);
  exchange.set_request_signature_hash(std::string(Bytes(Sha256(secret.request_signature().signature()))));
  exchange.set_answer_signature_hash(std::string(Bytes(Sha256(secret.answer_signature().signature()))));
  hub.clock().Advance(absl::Microseconds(1));
  ASSERT_TRUE(hub.Commit({{entry.SerializeAsString(), secret.SerializeAsString(),
                           ReleaseCounter("organizations/A/systems/s", exchange.resource())}}));
  const auto stored = [&](storage::Table table, std::string_view key) { return hub.store().Get(table, key)->value_or(""); };
  const std::string entry0 = stored(storage::Table::kEntries, storage::BigEndian(0));
  const std::string entry1 = stored(storage::Table::kEntries, storage::BigEndian(1));
  Expect("entry 0", ToHex(entry0));
  Expect("entry 1", ToHex(entry1));
  Expect("leaf 0", Hex(LeafHash(entry0)));
  Expect("leaf 1", Hex(LeafHash(entry1)));
  Expect("root", Hex(NodeHash(LeafHash(entry0), LeafHash(entry1))));
  Expect("head", ToHex(stored(storage::Table::kMeta, kHeadKey)));
  Expect("vkey", hub.key().ToText());
  const std::string note = hub.Sign()->note;
  EXPECT_NE(document_.find("```\n" + note + "```\n"), std::string::npos) << note;
  const std::string counter = ReleaseCounter("organizations/A/systems/s", exchange.resource());
  Expect("counter key", ToHex("ledger/counter/" + counter));
  Expect("counter", ToHex(stored(storage::Table::kMeta, "ledger/counter/" + counter)));

  v1::Receipt receipt;
  receipt.set_index(1);
  receipt.set_entry(entry1);
  receipt.set_proof(TlogProof{1, {LeafHash(entry0)}, note}.ToText());
  EXPECT_NE(document_.find("```\n" + receipt.proof() + "```\n"), std::string::npos) << receipt.proof();
  *receipt.mutable_request_signature() = secret.request_signature();
  *receipt.mutable_answer_signature() = secret.answer_signature();
  EXPECT_TRUE(CheckReceipt(receipt, hub.key()).ok());
}

}  // namespace
}  // namespace zhanqiao::ledger
