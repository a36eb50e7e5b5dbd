#include "catalog/base/records.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

v1::Value Text(const std::string& text) {
  v1::Value value;
  value.set_text(text);
  return value;
}
v1::Value Integer(int64_t number) {
  v1::Value value;
  value.set_integer(number);
  return value;
}
v1::Value Real(double real) {
  v1::Value value;
  value.set_real(real);
  return value;
}
v1::Value Logical(bool logical) {
  v1::Value value;
  value.set_logical(logical);
  return value;
}
v1::Value Binary(const std::string& binary) {
  v1::Value value;
  value.set_binary(binary);
  return value;
}

bool Fits(const v1::Value& value, v1::DataType type, int length = 0) {
  const absl::Status status = CheckValue(value, type, length, "f");
  if (!status.ok()) {
    EXPECT_EQ(ReasonOf(status), "VALUE_TYPE");
    EXPECT_EQ(FactOf(status, "field"), "f");
  }
  return status.ok();
}

TEST(SchemaFingerprint, IsTheDigestOfNamesAndTypesInOrder) {
  const std::vector<SchemaField> fields = {{"id", v1::DATA_TYPE_CHARACTER}, {"n", v1::DATA_TYPE_INTEGER}};
  EXPECT_EQ(SchemaFingerprint(fields), Sha256("id\x1F" "1\x1E" "n\x1F" "10\x1E"));
  EXPECT_EQ(SchemaFingerprint({}), Sha256(""));
}

TEST(CheckValue, LetsAbsentValuesPassForEveryType) {
  for (int type = 1; type <= 11; ++type) EXPECT_TRUE(Fits(v1::Value(), static_cast<v1::DataType>(type)));
}

TEST(CheckValue, WantsTextOfTheTypesForm) {
  EXPECT_TRUE(Fits(Text("青岛"), v1::DATA_TYPE_CHARACTER, 2));
  EXPECT_FALSE(Fits(Text("青岛市"), v1::DATA_TYPE_CHARACTER, 2));
  EXPECT_FALSE(Fits(Text("\xFF"), v1::DATA_TYPE_CHARACTER, 9));
  EXPECT_FALSE(Fits(Integer(1), v1::DATA_TYPE_CHARACTER, 9));
  EXPECT_TRUE(Fits(Text(std::string(100'000, 'x')), v1::DATA_TYPE_MEMO));
  EXPECT_TRUE(Fits(Text("2018-03-31"), v1::DATA_TYPE_DATE));
  EXPECT_FALSE(Fits(Text("2018-3-31"), v1::DATA_TYPE_DATE));
  EXPECT_TRUE(Fits(Text("2018-03-31T09:00:00+08:00"), v1::DATA_TYPE_DATETIME));
  EXPECT_FALSE(Fits(Text("2018-03-31 09:00:00"), v1::DATA_TYPE_DATETIME));
  EXPECT_FALSE(Fits(Text("2018-03-31T09:00:00"), v1::DATA_TYPE_DATETIME));
}

TEST(CheckValue, WantsDaysOfTheCalendar) {
  for (const char* good : {"2020-02-29", "2000-02-29", "0001-01-01", "9999-12-31"}) {
    EXPECT_TRUE(Fits(Text(good), v1::DATA_TYPE_DATE)) << good;
    EXPECT_TRUE(Fits(Text(std::string(good) + "T00:00:00Z"), v1::DATA_TYPE_DATETIME)) << good;
  }
  for (const char* bad : {"2019-02-29", "1900-02-29", "2018-13-01", "2018-00-01", "2018-04-31", "2018-01-00", "2018-01-011",
                          "2018/01/01", "２018-01-1", ""}) {
    EXPECT_FALSE(Fits(Text(bad), v1::DATA_TYPE_DATE)) << bad;
    EXPECT_FALSE(Fits(Text(std::string(bad) + "T00:00:00Z"), v1::DATA_TYPE_DATETIME)) << bad;
  }
}

TEST(CheckValue, WantsMomentsOfTheDay) {
  for (const char* good : {"00:00:00Z", "23:59:59.999999999+14:00", "09:00:00.5-03:30", "23:59:60Z"}) {
    EXPECT_TRUE(Fits(Text(std::string("2018-03-31T") + good), v1::DATA_TYPE_DATETIME)) << good;
  }
  for (const char* bad : {"24:00:00Z", "09:60:00Z", "09:00:61Z", "09:00:00.Z", "09:00:00+8", "09:00:00+08:60", "09:00:00+24:00",
                          "09:00:00", "09:00Z"}) {
    EXPECT_FALSE(Fits(Text(std::string("2018-03-31T") + bad), v1::DATA_TYPE_DATETIME)) << bad;
  }
}

TEST(CheckValue, WantsDecimalsInDigits) {
  for (const char* good : {"0", "-1", "12.50", "0.001"}) EXPECT_TRUE(Fits(Text(good), v1::DATA_TYPE_NUMERIC, 4)) << good;
  for (const char* bad : {"", "-", "1.", ".5", "1e3", "+1", "1,000", "123.45", "１"}) {
    EXPECT_FALSE(Fits(Text(bad), v1::DATA_TYPE_NUMERIC, 4)) << bad;
  }
  EXPECT_TRUE(Fits(Text("12.3456"), v1::DATA_TYPE_CURRENCY));
  EXPECT_FALSE(Fits(Text("12.34567"), v1::DATA_TYPE_CURRENCY));
}

TEST(CheckValue, WantsTheKindOfOtherTypes) {
  EXPECT_TRUE(Fits(Integer(-99), v1::DATA_TYPE_INTEGER, 2));
  EXPECT_FALSE(Fits(Integer(100), v1::DATA_TYPE_INTEGER, 2));
  EXPECT_TRUE(Fits(Integer(std::numeric_limits<int64_t>::min()), v1::DATA_TYPE_INTEGER, 19));
  EXPECT_FALSE(Fits(Integer(std::numeric_limits<int64_t>::min()), v1::DATA_TYPE_INTEGER, 18));
  EXPECT_FALSE(Fits(Text("1"), v1::DATA_TYPE_INTEGER, 2));
  EXPECT_TRUE(Fits(Real(1.5), v1::DATA_TYPE_DOUBLE));
  EXPECT_TRUE(Fits(Real(1.5), v1::DATA_TYPE_FLOAT));
  EXPECT_TRUE(Fits(Logical(false), v1::DATA_TYPE_LOGICAL));
  EXPECT_FALSE(Fits(Text("true"), v1::DATA_TYPE_LOGICAL));
  EXPECT_TRUE(Fits(Binary("\x01"), v1::DATA_TYPE_GENERAL));
  EXPECT_FALSE(Fits(Text("x"), v1::DATA_TYPE_UNSPECIFIED));
}

TEST(CheckValue, NeverRepeatsTheValue) {
  const absl::Status status = CheckValue(Text("11010519491231002X"), v1::DATA_TYPE_DATE, 0, "birth_date");
  EXPECT_EQ(ToDetails(status).find("11010519491231002X"), std::string::npos);
}

std::string Canonical(const v1::Value& value) {
  std::string out;
  AppendCanonical(value, out);
  return ToHex(out);
}

TEST(AppendCanonical, WritesATagAndTheContent) {
  EXPECT_EQ(Canonical(v1::Value()), "00");
  EXPECT_EQ(Canonical(Text("A青")), "0100000004" "41e99d92");
  EXPECT_EQ(Canonical(Text("")), "0100000000");
  EXPECT_EQ(Canonical(Integer(1)), "020000000000000001");
  EXPECT_EQ(Canonical(Integer(-1)), "02ffffffffffffffff");
  EXPECT_EQ(Canonical(Real(1.0)), "033ff0000000000000");
  EXPECT_EQ(Canonical(Logical(true)), "0401");
  EXPECT_EQ(Canonical(Logical(false)), "0400");
  EXPECT_EQ(Canonical(Binary("\x09")), "0500000001" "09");
}

TEST(AppendCanonical, WritesOneZeroAndOneNan) {
  EXPECT_EQ(Canonical(Real(-0.0)), Canonical(Real(0.0)));
  EXPECT_EQ(Canonical(Real(-std::numeric_limits<double>::quiet_NaN())), Canonical(Real(std::nan("7"))));
}

TEST(CanonicalRows, WritesFieldsThenRows) {
  v1::RecordBatch batch;
  *batch.add_fields() = std::string("a");
  *batch.add_fields() = std::string("bc");
  v1::Row* row = batch.add_rows();
  *row->add_values() = Logical(true);
  row->add_values();
  EXPECT_EQ(ToHex(CanonicalRows(batch)), "5a515231" "00000002" "00000001" "61" "00000002" "6263" "00000001" "0401" "00");
  const std::string before = CanonicalRows(batch);
  batch.set_schema_fingerprint("other");  // the schema is committed to by field names, not by the transport's check
  EXPECT_EQ(CanonicalRows(batch), before);
}

TEST(SameValue, ComparesKindAndContent) {
  EXPECT_TRUE(SameValue(Text("a"), Text("a")));
  EXPECT_FALSE(SameValue(Text("1"), Integer(1)));
  EXPECT_FALSE(SameValue(Text(""), v1::Value()));
  EXPECT_TRUE(SameValue(v1::Value(), v1::Value()));
  EXPECT_FALSE(SameValue(Integer(1), Integer(2)));
  EXPECT_TRUE(SameValue(Logical(true), Logical(true)));
  EXPECT_FALSE(SameValue(Binary("a"), Binary("b")));
  EXPECT_TRUE(SameValue(Real(0.5), Real(0.5)));
}

std::string Ordered(const v1::Value& value, v1::DataType type) {
  std::string out;
  AppendOrdered(value, type, out);
  return out;
}

// Values of `type` that rise: each pair is compared both ways, as values and as bytes.
void ExpectRising(v1::DataType type, const std::vector<v1::Value>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < values.size(); ++j) {
      EXPECT_TRUE(CompareValues(values[i], values[j], type) == (i <=> j)) << i << " " << j;
      EXPECT_TRUE((Ordered(values[i], type) <=> Ordered(values[j], type)) == (i <=> j)) << i << " " << j;
    }
  }
}

std::vector<v1::Value> Texts(const std::vector<std::string>& texts) {
  std::vector<v1::Value> values;
  for (const auto& text : texts) values.push_back(Text(text));
  return values;
}

TEST(CompareValues, OrdersDecimalsByValue) {
  ExpectRising(v1::DATA_TYPE_NUMERIC, Texts({"-100", "-12", "-9.75", "-9.7", "-0.01", "-0.001", "0", "0.001", "0.0015", "0.01",
                                             "1", "1.05", "1.5", "9", "10", "12345678901234567890123", "12345678901234567890124"}));
  for (const auto& [a, b] : {std::pair("1.0", "1.00"), std::pair("-0", "0.00"), std::pair("007", "7"), std::pair("-1.50", "-01.5")}) {
    EXPECT_TRUE(CompareValues(Text(a), Text(b), v1::DATA_TYPE_CURRENCY) == 0) << a;
    EXPECT_EQ(Ordered(Text(a), v1::DATA_TYPE_CURRENCY), Ordered(Text(b), v1::DATA_TYPE_CURRENCY)) << a;
  }
}

TEST(CompareValues, OrdersTimesByTheMoment) {
  ExpectRising(v1::DATA_TYPE_DATETIME,
               Texts({"0001-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "2018-03-31T09:00:00+08:00", "2018-03-31T09:00:00.000000001+08:00",
                      "2018-03-31T01:00:00.5Z", "2018-03-31T09:00:01+08:00", "9999-12-31T23:59:59Z"}));
  EXPECT_TRUE(CompareValues(Text("2018-03-31T09:00:00+08:00"), Text("2018-03-31T01:00:00Z"), v1::DATA_TYPE_DATETIME) == 0);
  ExpectRising(v1::DATA_TYPE_DATE, Texts({"0999-01-01", "2017-12-31", "2018-01-01"}));
}

TEST(CompareValues, OrdersTextByItsBytesAndNumbersByValue) {
  ExpectRising(v1::DATA_TYPE_CHARACTER, Texts({"", "A", "AB", "a", "é", "中", "青", "\xF0\x9F\x98\x80"}));
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  ExpectRising(v1::DATA_TYPE_INTEGER, {Integer(kLeast), Integer(-2), Integer(-1), Integer(0), Integer(1), Integer(kMost)});
  ExpectRising(v1::DATA_TYPE_DOUBLE, {Real(-1e300), Real(-1.5), Real(0), Real(1e-300), Real(1.5), Real(1e300)});
  EXPECT_EQ(Ordered(Real(-0.0), v1::DATA_TYPE_DOUBLE), Ordered(Real(0.0), v1::DATA_TYPE_DOUBLE));
}

TEST(CompareValues, LeavesUnorderedWhatHasNoOrder) {
  const auto unordered = [](const v1::Value& a, const v1::Value& b, v1::DataType type) {
    return CompareValues(a, b, type) == std::partial_ordering::unordered;
  };
  EXPECT_TRUE(unordered(v1::Value(), v1::Value(), v1::DATA_TYPE_CHARACTER));
  EXPECT_TRUE(unordered(Text("1"), v1::Value(), v1::DATA_TYPE_NUMERIC));
  EXPECT_TRUE(unordered(Text("1"), Integer(1), v1::DATA_TYPE_INTEGER));
  EXPECT_TRUE(unordered(Text("x"), Text("1"), v1::DATA_TYPE_NUMERIC));
  EXPECT_TRUE(unordered(Text("x"), Text("y"), v1::DATA_TYPE_DATETIME));
  EXPECT_TRUE(unordered(Real(std::nan("")), Real(1), v1::DATA_TYPE_DOUBLE));
  EXPECT_TRUE(unordered(Logical(false), Logical(true), v1::DATA_TYPE_LOGICAL));
  EXPECT_TRUE(CompareValues(Binary("a"), Binary("a"), v1::DATA_TYPE_GENERAL) == 0);
}

TEST(Meets, ComparesByTheFieldsType) {
  const auto number = [](const char* value, v1::Comparison comparison, const char* wanted) {
    return Meets(Text(value), comparison, Text(wanted), v1::DATA_TYPE_NUMERIC);
  };
  EXPECT_TRUE(number("9", v1::COMPARISON_LESS, "10"));
  EXPECT_FALSE(number("10", v1::COMPARISON_LESS, "10.0"));
  EXPECT_TRUE(number("10", v1::COMPARISON_LESS_OR_EQUAL, "10.0"));
  EXPECT_TRUE(number("10", v1::COMPARISON_EQUALS, "10.0"));
  EXPECT_TRUE(number("10", v1::COMPARISON_GREATER_OR_EQUAL, "10.0"));
  EXPECT_TRUE(number("10.1", v1::COMPARISON_GREATER, "10"));
  EXPECT_FALSE(number("10", v1::COMPARISON_UNSPECIFIED, "10"));
  EXPECT_TRUE(Meets(Text("青岛市"), v1::COMPARISON_PREFIX, Text("青岛"), v1::DATA_TYPE_CHARACTER));
  EXPECT_FALSE(Meets(Text("青"), v1::COMPARISON_PREFIX, Text("青岛"), v1::DATA_TYPE_CHARACTER));
}

TEST(Meets, AnAbsentValueMeetsNothing) {
  for (int comparison = 1; comparison <= 6; ++comparison) {
    EXPECT_FALSE(Meets(v1::Value(), static_cast<v1::Comparison>(comparison), Text("a"), v1::DATA_TYPE_CHARACTER));
    EXPECT_FALSE(Meets(v1::Value(), static_cast<v1::Comparison>(comparison), v1::Value(), v1::DATA_TYPE_CHARACTER));
  }
}

std::string ConditionProblem(v1::Comparison comparison, const v1::Value& value, v1::DataType type) {
  v1::Condition condition;
  condition.set_field("f");
  condition.set_comparison(comparison);
  *condition.mutable_value() = value;
  const absl::Status status = CheckCondition(condition, type, 9, "conditions[1]");
  return status.ok() ? "" : ReasonOf(status) + " " + FactOf(status, "field");
}

TEST(CheckCondition, WantsAComparisonTheTypeHas) {
  for (const auto comparison : {v1::COMPARISON_LESS, v1::COMPARISON_LESS_OR_EQUAL, v1::COMPARISON_GREATER, v1::COMPARISON_GREATER_OR_EQUAL}) {
    EXPECT_EQ(ConditionProblem(comparison, Integer(1), v1::DATA_TYPE_INTEGER), "");
    EXPECT_EQ(ConditionProblem(comparison, Logical(true), v1::DATA_TYPE_LOGICAL), "CONDITION_INVALID conditions[1].comparison");
    EXPECT_EQ(ConditionProblem(comparison, Binary("a"), v1::DATA_TYPE_GENERAL), "CONDITION_INVALID conditions[1].comparison");
  }
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_EQUALS, Binary("a"), v1::DATA_TYPE_GENERAL), "");
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_PREFIX, Text("青"), v1::DATA_TYPE_MEMO), "");
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_PREFIX, Text("1"), v1::DATA_TYPE_NUMERIC), "CONDITION_INVALID conditions[1].comparison");
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_UNSPECIFIED, Text("1"), v1::DATA_TYPE_NUMERIC), "CONDITION_INVALID conditions[1].comparison");
}

TEST(CheckCondition, WantsAValueOfTheType) {
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_PREFIX, Text(""), v1::DATA_TYPE_CHARACTER), "CONDITION_INVALID conditions[1].value");
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_EQUALS, v1::Value(), v1::DATA_TYPE_CHARACTER), "CONDITION_INVALID conditions[1].value");
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_LESS, Real(std::nan("")), v1::DATA_TYPE_DOUBLE), "CONDITION_INVALID conditions[1].value");
  EXPECT_EQ(ConditionProblem(v1::COMPARISON_LESS, Text("1"), v1::DATA_TYPE_INTEGER), "VALUE_TYPE f");
}

}  // namespace
}  // namespace zhanqiao
