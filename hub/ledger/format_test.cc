// Recomputes the worked example of FORMAT.md: every value printed there must follow from the inputs given there.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "catalog/base/records.h"
#include "hub/ledger/commitments.h"
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

  TestLog hub;
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("organizations/A/systems/s");
  entry.mutable_exchange()->set_request_commitment(std::string(Bytes(Commitment(seed, kRequestLabel, canonical_request))));
  hub.clock().Advance(absl::Microseconds(1));
  ASSERT_TRUE(hub.Commit({RecordOf(entry, SecretOf(seed))}));
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
}

}  // namespace
}  // namespace zhanqiao::ledger
