// What every adapter promises, as one suite. A test file defines how its adapter is made for an entry and rows, then
// instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Csv, AdapterContract, testing::Values(&MakeCsv));
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "connectors/adapters/adapter.h"

namespace zhanqiao::connectors {

// Three keyed rows of every kind the contract asks about: permit (key, C), level (key, C), floors (I), issued (D).
inline v1::Resource ContractEntry() {
  v1::Resource entry;
  entry.set_name("resources/308001370200~000001");
  const auto add = [&entry](const char* name, const char* chinese, v1::DataType type, int length, bool key) {
    v1::Field& field = *entry.add_fields();
    field.set_field(name);
    field.set_display_name(chinese);
    field.set_data_type(type);
    field.set_length(length);
    field.set_key(key);
  };
  add("permit", "许可证号", v1::DATA_TYPE_CHARACTER, 10, true);
  add("level", "级别", v1::DATA_TYPE_CHARACTER, 10, true);
  add("floors", "层数", v1::DATA_TYPE_INTEGER, 4, false);
  add("issued", "发证日期", v1::DATA_TYPE_DATE, 0, false);
  return entry;
}

inline constexpr char kContractCsv[] =
    "permit,level,floors,issued\n"
    "A-1,市,6,2017-01-02\n"
    "A-2,区,,2017-03-04\n"
    "A-3,市,11,2017-05-06\n";

using MakeAdapter = std::unique_ptr<Adapter> (*)();  // serving the rows above

class AdapterContract : public testing::TestWithParam<MakeAdapter> {
 protected:
  AdapterContract() : adapter_(GetParam()()) {}

  static v1::ConnectorQuery Ask(const std::vector<std::string>& fields) {
    v1::ConnectorQuery query;
    query.set_number(1);
    const v1::Resource entry = ContractEntry();
    query.set_resource(entry.name());
    query.set_row_limit(100);
    std::vector<SchemaField> schema;
    for (const auto& name : fields) {
      query.add_fields(name);
      for (const auto& field : entry.fields()) {
        if (field.field() == name) schema.push_back({name, field.data_type()});
      }
    }
    query.set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
    return query;
  }

  static void Where(v1::ConnectorQuery& query, const std::string& field, const std::string& text) {
    v1::Condition& condition = *query.add_conditions();
    condition.set_field(field);
    condition.set_comparison(v1::COMPARISON_EQUALS);
    condition.mutable_value()->set_text(text);
  }

  v1::ConnectorReply Answer(const v1::ConnectorQuery& query) {
    v1::ConnectorReply reply;
    status_ = adapter_->Answer(query, reply);
    return reply;
  }

  void ExpectRefused(const v1::ConnectorQuery& query, const char* reason) {
    Answer(query);
    EXPECT_EQ(ReasonOf(status_), reason) << status_;
    EXPECT_EQ(FactOf(status_, "link"), "connector");
  }

  const std::unique_ptr<Adapter> adapter_;
  absl::Status status_;
};

TEST_P(AdapterContract, ReturnsTheFieldsAskedForInTheirOrderAndNoOther) {
  const auto query = Ask({"floors", "permit"});
  const auto reply = Answer(query);
  ASSERT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(reply.records().schema_fingerprint(), query.schema_fingerprint());
  ASSERT_EQ(reply.records().fields_size(), 2);
  EXPECT_EQ(reply.records().fields(0), "floors");
  ASSERT_EQ(reply.records().rows_size(), 3);
  ASSERT_EQ(reply.records().rows(0).values_size(), 2);
  EXPECT_EQ(reply.records().rows(0).values(0).integer(), 6);
  EXPECT_EQ(reply.records().rows(0).values(1).text(), "A-1");
}

TEST_P(AdapterContract, AnAbsentValueStaysAbsent) {
  auto query = Ask({"floors"});
  Where(query, "permit", "A-2");
  const auto reply = Answer(query);
  ASSERT_EQ(reply.records().rows_size(), 1);
  EXPECT_EQ(reply.records().rows(0).values(0).kind_case(), v1::Value::KIND_NOT_SET);
}

TEST_P(AdapterContract, JoinsConditionsByAnd) {
  auto query = Ask({"permit"});
  Where(query, "level", "市");
  EXPECT_EQ(Answer(query).records().rows_size(), 2);
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
  v1::Condition& condition = *query.add_conditions();
  condition.set_field("floors");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_integer(11);
  const auto reply = Answer(query);
  ASSERT_EQ(reply.records().rows_size(), 1);
  EXPECT_EQ(reply.records().rows(0).values(0).text(), "A-3");
}

TEST_P(AdapterContract, SaysWhenMoreRowsMetTheConditionsThanTheLimit) {
  auto query = Ask({"permit"});
  query.set_row_limit(2);
  const auto cut = Answer(query);
  EXPECT_EQ(cut.records().rows_size(), 2);
  EXPECT_TRUE(cut.truncated());
  query.set_row_limit(3);
  EXPECT_FALSE(Answer(query).truncated());
}

TEST_P(AdapterContract, NoRowIsAnAnswerNotAnError) {
  auto query = Ask({"permit"});
  Where(query, "permit", "A-9");
  const auto reply = Answer(query);
  EXPECT_TRUE(status_.ok());
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
}

TEST_P(AdapterContract, RefusesARequestWithoutRowLimit) {
  auto query = Ask({"permit"});
  query.set_row_limit(0);
  ExpectRefused(query, "ROW_LIMIT");
}

}  // namespace zhanqiao::connectors
