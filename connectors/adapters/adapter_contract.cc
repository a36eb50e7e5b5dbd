#include "connectors/adapters/adapter_contract.h"

#include <algorithm>
#include <iostream>
#include <set>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {

void AdapterContract::Serve(const v1::Resource& entry, std::vector<v1::Row> rows,
                            const std::vector<std::string>& key) {
  entry_ = entry;
  rows_ = std::move(rows);
  adapter_ = source_->Serve(entry_, rows_, key);
  ASSERT_NE(adapter_, nullptr);
}

v1::ConnectorReply AdapterContract::Answer(const v1::ConnectorQuery& query) {
  v1::ConnectorReply reply;
  status_ = adapter_->Answer(query, reply);
  return reply;
}

void AdapterContract::ExpectRefused(const v1::ConnectorQuery& query, const char* reason) {
  Answer(query);
  EXPECT_EQ(ReasonOf(status_), reason) << status_;
  EXPECT_EQ(FactOf(status_, "link"), "connector");
}

namespace {

int ColumnOf(const v1::Resource& entry, const std::string& field) {
  const std::vector<std::string> names = FieldNames(entry);
  return static_cast<int>(std::find(names.begin(), names.end(), field) - names.begin());
}

// What a look at every row finds.
std::multiset<std::string> Model(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                 const v1::ConnectorQuery& query) {
  std::multiset<std::string> lines;
  const std::vector<std::string> fields(query.fields().begin(), query.fields().end());
  for (const v1::Row& row : rows) {
    const bool meets =
        std::all_of(query.conditions().begin(), query.conditions().end(), [&](const auto& condition) {
          const int column = ColumnOf(entry, condition.field());
          return Meets(row.values(column), condition.comparison(), condition.value(),
                       entry.fields(column).data_type());
        });
    if (!meets) continue;
    v1::Row out;
    for (const auto& field : query.fields()) *out.add_values() = row.values(ColumnOf(entry, field));
    lines.insert(Line(out, entry, fields));
  }
  return lines;
}

}  // namespace

void AdapterContract::ExpectAsModel(v1::ConnectorQuery query) {
  query.set_row_limit(static_cast<int>(rows_.size()) + 1);
  const v1::ConnectorReply reply = Answer(query);
  ASSERT_TRUE(status_.ok()) << status_ << query.ShortDebugString();
  const std::vector<std::string> fields(query.fields().begin(), query.fields().end());
  std::multiset<std::string> lines;
  for (const auto& row : reply.records().rows()) lines.insert(Line(row, entry_, fields));
  EXPECT_EQ(lines, Model(entry_, rows_, query)) << query.ShortDebugString();
  EXPECT_FALSE(reply.truncated());
}

std::vector<v1::Row> AdapterContract::Fetch(v1::ConnectorQuery query, int rows) {
  query.set_chunk(true);
  query.set_row_limit(rows);
  std::vector<v1::Row> all;
  for (size_t chunks = 0; chunks < 2 * rows_.size() + 2; ++chunks) {
    const v1::ConnectorReply reply = Answer(query);
    EXPECT_TRUE(status_.ok()) << status_;
    if (!status_.ok()) return {};
    EXPECT_LE(reply.records().rows_size(), rows);
    EXPECT_LE(reply.next_cursor().size(), 1024u);
    all.insert(all.end(), reply.records().rows().begin(), reply.records().rows().end());
    if (reply.next_cursor().empty()) return all;
    query.set_cursor(reply.next_cursor());
    adapter_ = source_->Again();
  }
  ADD_FAILURE() << "chunks without end";
  return {};
}

TEST_P(AdapterContract, ReturnsTheFieldsAskedForInTheirOrderAndNoOther) {
  const auto query = Ask({"floors", "permit"});
  const auto reply = Answer(query);
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(reply.records().schema_fingerprint(), query.schema_fingerprint());
  ASSERT_EQ(reply.records().fields_size(), 2);
  EXPECT_EQ(reply.records().fields(0), "floors");
  ASSERT_EQ(reply.records().rows_size(), 3);
  for (const auto& row : reply.records().rows()) ASSERT_EQ(row.values_size(), 2);
  ExpectAsModel(query);
}

TEST_P(AdapterContract, AnAbsentValueStaysAbsent) {
  auto query = Ask({"floors"});
  Where(query, "permit", "A-2");
  const auto reply = Answer(query);
  ASSERT_EQ(reply.records().rows_size(), 1) << status_;
  EXPECT_EQ(reply.records().rows(0).values(0).kind_case(), v1::Value::KIND_NOT_SET);
}

TEST_P(AdapterContract, JoinsConditionsByAnd) {
  auto query = Ask({"permit"});
  Where(query, "level", "市");
  EXPECT_EQ(Answer(query).records().rows_size(), 2) << status_;
  Where(query, "permit", "A-3");
  const auto both = Answer(query);
  ASSERT_EQ(both.records().rows_size(), 1);
  EXPECT_EQ(both.records().rows(0).values(0).text(), "A-3");
  Where(query, "level", "区");
  EXPECT_EQ(Answer(query).records().rows_size(), 0);
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_P(AdapterContract, ComparesFieldsThatAreNotKeysToo) {
  auto query = Ask({"permit"});
  Where(query, "floors", v1::COMPARISON_EQUALS, IntegerValue(11));
  const auto reply = Answer(query);
  ASSERT_EQ(reply.records().rows_size(), 1) << status_;
  EXPECT_EQ(reply.records().rows(0).values(0).text(), "A-3");
}

TEST_P(AdapterContract, ComparesInTheOrderOfTheFieldsType) {
  for (int comparison = v1::COMPARISON_EQUALS; comparison <= v1::COMPARISON_GREATER_OR_EQUAL; ++comparison) {
    for (const auto& [field, value] :
         {std::pair("permit", TextValue("A-2")), std::pair("level", TextValue("区")),
          std::pair("floors", IntegerValue(9)), std::pair("floors", IntegerValue(11)),
          std::pair("issued", TextValue("2017-03-04"))}) {
      auto query = Ask({"permit", "floors"});
      Where(query, field, static_cast<v1::Comparison>(comparison), value);
      ExpectAsModel(query);
    }
  }
}

TEST_P(AdapterContract, FindsTextByItsBeginning) {
  for (const char* beginning : {"A", "A-", "A-3", "A-33", "市", "a", "%", "_"}) {
    for (const char* field : {"permit", "level"}) {
      auto query = Ask({"permit"});
      Where(query, field, v1::COMPARISON_PREFIX, TextValue(beginning));
      ExpectAsModel(query);
    }
  }
}

TEST_P(AdapterContract, SaysWhenMoreRowsMetTheConditionsThanTheLimit) {
  auto query = Ask({"permit"});
  query.set_row_limit(2);
  const auto cut = Answer(query);
  EXPECT_EQ(cut.records().rows_size(), 2) << status_;
  EXPECT_TRUE(cut.truncated());
  query.set_row_limit(3);
  EXPECT_FALSE(Answer(query).truncated());
}

TEST_P(AdapterContract, NoRowIsAnAnswerNotAnError) {
  auto query = Ask({"permit"});
  Where(query, "permit", "A-9");
  const auto reply = Answer(query);
  EXPECT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(reply.records().rows_size(), 0);
  EXPECT_EQ(reply.records().fields_size(), 1);
}

TEST_P(AdapterContract, RefusesAnotherSchemaThanItsOwn) {
  auto query = Ask({"permit"});
  query.set_schema_fingerprint(std::string(32, 'x'));
  ExpectRefused(query, "SCHEMA_CHANGED");
  query = Ask({"permit"});
  ASSERT_EQ(Answer(query).records().rows_size(), 3);
  query.set_fields(0, "level");  // the fingerprint is known, but of another field
  ExpectRefused(query, "SCHEMA_CHANGED");
}

TEST_P(AdapterContract, RefusesFieldsItDoesNotHave) {
  ExpectRefused(Ask({"owner"}), "FIELD_UNKNOWN");
  ExpectRefused(Ask({"permit", "permit"}), "FIELD_UNKNOWN");
  ExpectRefused(Ask({}), "FIELDS_REQUIRED");
  auto query = Ask({"permit"});
  Where(query, "owner", "x");
  ExpectRefused(query, "FIELD_UNKNOWN");
}

TEST_P(AdapterContract, RefusesConditionsWithoutComparisonValueOrType) {
  auto query = Ask({"permit"});
  Where(query, "permit", "A-1");
  query.mutable_conditions(0)->set_comparison(v1::COMPARISON_UNSPECIFIED);
  ExpectRefused(query, "CONDITION_INVALID");
  query.mutable_conditions(0)->set_comparison(v1::COMPARISON_EQUALS);
  query.mutable_conditions(0)->clear_value();
  ExpectRefused(query, "CONDITION_INVALID");
  query.mutable_conditions(0)->mutable_value()->set_integer(1);
  ExpectRefused(query, "VALUE_TYPE");
  query.mutable_conditions(0)->mutable_value()->set_text(std::string("A\0", 2));
  ExpectRefused(query, "VALUE_TYPE");
  query.mutable_conditions(0)->set_field("floors");
  query.mutable_conditions(0)->set_comparison(v1::COMPARISON_PREFIX);
  ExpectRefused(query, "CONDITION_INVALID");
}

TEST_P(AdapterContract, RefusesARequestWithoutRowLimit) {
  auto query = Ask({"permit"});
  query.set_row_limit(0);
  ExpectRefused(query, "ROW_LIMIT");
}

TEST_P(AdapterContract, ServesEachDataTypeAndAnswersAsALookAtEveryRowDoes) {
  std::mt19937_64 random(20171124);
  Serve(EveryTypeEntry(), EveryTypeRows(60, random), {"id"});
  const std::vector<std::string> names = FieldNames(entry_);
  ExpectAsModel(Ask(names));
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> fields = names;
    std::shuffle(fields.begin(), fields.end(), random);
    fields.resize(1 + random() % fields.size());
    auto query = Ask(fields);
    for (uint64_t conditions = random() % 3; conditions > 0; --conditions) {
      const v1::Field& field = entry_.fields(static_cast<int>(random() % names.size()));
      const bool equality =
          field.data_type() == v1::DATA_TYPE_LOGICAL || field.data_type() == v1::DATA_TYPE_GENERAL;
      const bool text =
          field.data_type() == v1::DATA_TYPE_CHARACTER || field.data_type() == v1::DATA_TYPE_MEMO;
      const auto comparison =
          equality ? v1::COMPARISON_EQUALS : static_cast<v1::Comparison>(1 + random() % (text ? 6 : 5));
      const v1::Value& of_a_row = rows_[random() % rows_.size()].values(ColumnOf(entry_, field.field()));
      const bool known = random() % 2 == 0 && of_a_row.kind_case() != v1::Value::KIND_NOT_SET;
      Where(query, field.field(), comparison, known ? of_a_row : RandomValue(field.data_type(), random));
    }
    ExpectAsModel(query);
    if (HasFailure()) break;
  }
  EXPECT_TRUE(source_->Intact());
}

TEST_P(AdapterContract, ChunksGoThroughEveryRowOnceWhoeverServesTheNext) {
  std::mt19937_64 random(7);
  Serve(EveryTypeEntry(), EveryTypeRows(47, random), {"id"});
  const auto query = Ask({"c", "id"});
  const std::vector<v1::Row> all = Fetch(query, 10);
  std::multiset<std::string> lines;
  for (const auto& row : all) lines.insert(Line(row, entry_, {"c", "id"}));
  EXPECT_EQ(lines, Model(entry_, rows_, query));
  const std::vector<v1::Row> again = Fetch(query, 7);
  ASSERT_EQ(again.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(again[i].values(1).text(), all[i].values(1).text());
}

TEST_P(AdapterContract, ChunksHaveOnlyRowsThatMeetTheConditions) {
  std::mt19937_64 random(8);
  Serve(EveryTypeEntry(), EveryTypeRows(40, random), {"id"});
  auto query = Ask({"id", "i"});
  Where(query, "i", v1::COMPARISON_GREATER, IntegerValue(0));
  std::multiset<std::string> lines;
  for (const auto& row : Fetch(query, 3)) lines.insert(Line(row, entry_, {"id", "i"}));
  EXPECT_EQ(lines, Model(entry_, rows_, query));
  Where(query, "id", "no such row");
  EXPECT_TRUE(Fetch(query, 3).empty());
}

TEST_P(AdapterContract, AChunkEndsBeforeItIsTooLargeToSend) {
  const size_t memo = std::min<size_t>(50'000, source_->cell_bytes_max());
  const size_t binary = std::min<size_t>(350'000, source_->cell_bytes_max() / 4 * 3);  // base64 where cells are text
  const size_t fit = (size_t{1 << 20} + memo + binary - 1) / (memo + binary);
  std::vector<v1::Row> rows(2 * fit + 2);
  const v1::Resource entry = EveryTypeEntry();
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const auto& field : entry.fields()) {
      v1::Value& value = *rows[i].add_values();
      if (field.field() == "id") value.set_text(absl::StrCat("k", i));
      if (field.field() == "m") value.set_text(std::string(memo, 'm'));
      if (field.field() == "g") value.set_binary(std::string(binary, '\x01'));
    }
  }
  Serve(entry, std::move(rows), {"id"});
  auto query = Ask({"id", "m", "g"});
  query.set_chunk(true);
  const auto first = Answer(query);
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(first.records().rows_size(), static_cast<int>(fit));
  EXPECT_FALSE(first.next_cursor().empty());
  EXPECT_EQ(Fetch(query, 100).size(), 2 * fit + 2);
}

TEST_P(AdapterContract, RefusesACursorThatIsNotItsOwn) {
  auto query = Ask({"permit"});
  query.set_cursor("x");
  ExpectRefused(query, "CURSOR_INVALID");  // not of a chunk
  query.set_chunk(true);
  for (const std::string& cursor :
       {std::string("x"), std::string(2000, '\x01'), std::string("\x01\x00\x00\x00\x00\x00\x01", 7)}) {
    query.set_cursor(cursor);
    ExpectRefused(query, "CURSOR_INVALID");
  }
}

TEST_P(AdapterContract, AResourceWithoutUniqueKeyIsNotServedInChunks) {
  std::vector<v1::Row> rows = ContractRows();
  rows.push_back(rows[0]);
  Serve(ContractEntry(), rows, {});
  ExpectAsModel(Ask({"permit"}));
  auto query = Ask({"permit"});
  query.set_chunk(true);
  ExpectRefused(query, "KEY_REQUIRED");
}

TEST_P(AdapterContract, ASourceThatIsAwayIsNamedAndServedAgainWhenItIsBack) {
  if (!source_->Stop()) GTEST_SKIP() << "this source is never away";
  Answer(Ask({"permit"}));
  EXPECT_EQ(status_.code(), absl::StatusCode::kUnavailable) << status_;
  EXPECT_EQ(ReasonOf(status_), "SOURCE_UNAVAILABLE");
  EXPECT_EQ(FactOf(status_, "link"), "source");
  source_->Start();
  ExpectAsModel(Ask({"permit"}));
}

TEST_P(AdapterContract, SeveralRequestsAtOnceAreEachAnswered) {
  std::vector<v1::ConnectorQuery> queries;
  for (int i = 0; i < 40; ++i) {
    queries.push_back(Ask({"permit"}));
    Where(queries.back(), "permit", absl::StrCat("A-", 1 + i % 4));
    if (i % 10 == 9) queries.back().set_row_limit(0);
  }
  std::vector<v1::ConnectorReply> replies(queries.size());
  std::vector<Asked> asked;
  for (size_t i = 0; i < queries.size(); ++i) asked.push_back({&queries[i], &replies[i], absl::OkStatus()});
  adapter_->AnswerAll(absl::MakeSpan(asked));
  for (size_t i = 0; i < queries.size(); ++i) {
    if (i % 10 == 9) {
      EXPECT_EQ(ReasonOf(asked[i].status), "ROW_LIMIT");
      continue;
    }
    ASSERT_TRUE(asked[i].status.ok()) << asked[i].status;
    ASSERT_EQ(replies[i].records().rows_size(), i % 4 == 3 ? 0 : 1);
    if (i % 4 == 3) continue;
    EXPECT_EQ(replies[i].records().rows(0).values(0).text(), absl::StrCat("A-", 1 + i % 4));
  }
}

}  // namespace zhanqiao::connectors
