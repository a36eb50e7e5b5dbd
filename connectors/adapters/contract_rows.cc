#include "connectors/adapters/contract_rows.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/digest.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {
namespace {

void AddField(v1::Resource& entry, const std::string& name, v1::DataType type, int length, bool key) {
  v1::Field& field = *entry.add_fields();
  field.set_field(name);
  field.set_display_name(absl::StrCat("项", name));
  field.set_data_type(type);
  field.set_length(length);
  field.set_key(key);
}

const v1::Field& FieldOf(const v1::Resource& entry, const std::string& name) {
  for (const v1::Field& field : entry.fields()) {
    if (field.field() == name) return field;
  }
  return v1::Field::default_instance();
}

// Texts that look like what they must not become.
const char* const kOddTexts[] = {"'",
                                 "''",
                                 "\"",
                                 "`",
                                 "]",
                                 "\\",
                                 "\\'",
                                 "--",
                                 "/*",
                                 "*/",
                                 ";",
                                 "'; DROP TABLE victim; --",
                                 "\" OR 1=1 --",
                                 "%",
                                 "_",
                                 "a%",
                                 "A",
                                 "a",
                                 "É",
                                 "é",
                                 "青岛",
                                 "青島",
                                 "$1",
                                 "?",
                                 ":x",
                                 "{fn}",
                                 "\xF0\x9F\x98\x80",
                                 "NULL",
                                 "0x41",
                                 "\\x41",
                                 "a b",
                                 "aa",
                                 "ab",
                                 "x'41'"};

}  // namespace

v1::Value TextValue(const std::string& text) {
  v1::Value value;
  value.set_text(text);
  return value;
}

v1::Value IntegerValue(int64_t number) {
  v1::Value value;
  value.set_integer(number);
  return value;
}

v1::Resource ContractEntry() {
  v1::Resource entry;
  entry.set_name("resources/308001370200~000001");
  AddField(entry, "permit", v1::DATA_TYPE_CHARACTER, 10, true);
  AddField(entry, "level", v1::DATA_TYPE_CHARACTER, 10, true);
  AddField(entry, "floors", v1::DATA_TYPE_INTEGER, 4, false);
  AddField(entry, "issued", v1::DATA_TYPE_DATE, 0, false);
  const char* const names[] = {"许可证号", "级别", "层数", "发证日期"};
  for (int i = 0; i < 4; ++i) entry.mutable_fields(i)->set_display_name(names[i]);
  return entry;
}

std::vector<v1::Row> ContractRows() {
  std::vector<v1::Row> rows(3);
  const char* const levels[] = {"市", "区", "市"};
  const char* const days[] = {"2017-01-02", "2017-03-04", "2017-05-06"};
  for (size_t i = 0; i < 3; ++i) {
    *rows[i].add_values() = TextValue(absl::StrCat("A-", i + 1));
    *rows[i].add_values() = TextValue(levels[i]);
    *rows[i].add_values() = i == 1 ? v1::Value() : IntegerValue(i == 0 ? 6 : 11);
    *rows[i].add_values() = TextValue(days[i]);
  }
  return rows;
}

v1::Resource EveryTypeEntry() {
  v1::Resource entry;
  entry.set_name("resources/308001370200~000002");
  AddField(entry, "id", v1::DATA_TYPE_CHARACTER, 40, true);
  AddField(entry, "c", v1::DATA_TYPE_CHARACTER, 40, true);
  AddField(entry, "n", v1::DATA_TYPE_NUMERIC, 18, true);
  AddField(entry, "y", v1::DATA_TYPE_CURRENCY, 0, false);
  AddField(entry, "d", v1::DATA_TYPE_DATE, 0, true);
  AddField(entry, "t", v1::DATA_TYPE_DATETIME, 0, false);
  AddField(entry, "l", v1::DATA_TYPE_LOGICAL, 0, false);
  AddField(entry, "m", v1::DATA_TYPE_MEMO, 0, false);
  AddField(entry, "g", v1::DATA_TYPE_GENERAL, 0, false);
  AddField(entry, "b", v1::DATA_TYPE_DOUBLE, 20, false);
  AddField(entry, "i", v1::DATA_TYPE_INTEGER, 18, true);
  AddField(entry, "f", v1::DATA_TYPE_FLOAT, 20, false);
  return entry;
}

v1::Value RandomValue(v1::DataType type, std::mt19937_64& random) {
  const auto draw = [&random](uint64_t below) { return random() % below; };
  v1::Value value;
  switch (type) {
    case v1::DATA_TYPE_NUMERIC:
      value.set_text(absl::StrFormat("%s%d.%02d", draw(3) == 0 ? "-" : "", draw(20), draw(4) * 25));
      if (draw(10) == 0) value.set_text("123456789012.75");
      break;
    case v1::DATA_TYPE_CURRENCY:
      value.set_text(absl::StrFormat("%d.%04d", draw(100), draw(10'000)));
      break;
    case v1::DATA_TYPE_DATE:
      value.set_text(absl::StrFormat("%04d-%02d-%02d", 1949 + draw(80), 1 + draw(12), 1 + draw(28)));
      break;
    case v1::DATA_TYPE_DATETIME:
      value.set_text(absl::StrFormat("20%02d-%02d-%02dT%02d:00:%02d+08:00", draw(30), 1 + draw(12),
                                     1 + draw(28), draw(24), draw(60)));
      break;
    case v1::DATA_TYPE_LOGICAL:
      value.set_logical(draw(2) == 0);
      break;
    case v1::DATA_TYPE_GENERAL:
      value.set_binary(draw(2) == 0 ? std::string("\x00\xFF'\\", 4) : std::string(1 + draw(9), 'b'));
      break;
    case v1::DATA_TYPE_DOUBLE:
      value.set_real(static_cast<double>(draw(1000)) / 8 - 50);
      break;
    case v1::DATA_TYPE_FLOAT:
      value.set_real(static_cast<double>(draw(64)) / 4);
      break;
    case v1::DATA_TYPE_INTEGER:
      value.set_integer(static_cast<int64_t>(draw(40)) - 20);
      if (draw(10) == 0) value.set_integer(999'999'999'999);
      break;
    default: {
      std::string text = kOddTexts[draw(std::size(kOddTexts))];
      if (draw(2) == 0) text += kOddTexts[draw(std::size(kOddTexts))];
      value.set_text(text.size() > 40 ? text.substr(0, 3) : text);
    }
  }
  return value;
}

std::vector<v1::Row> EveryTypeRows(int count, std::mt19937_64& random) {
  const v1::Resource entry = EveryTypeEntry();
  std::vector<v1::Row> rows;
  for (int i = 0; i < count; ++i) {
    v1::Row& row = rows.emplace_back();
    *row.add_values() = TextValue(absl::StrFormat("k%06d", (i * 7919) % 1'000'000));
    for (int column = 1; column < entry.fields_size(); ++column) {
      v1::Value& value = *row.add_values();
      if (random() % 6 != 0) value = RandomValue(entry.fields(column).data_type(), random);
    }
  }
  return rows;
}

std::vector<std::string> FieldNames(const v1::Resource& entry) {
  std::vector<std::string> names;
  for (const auto& field : entry.fields()) names.push_back(field.field());
  return names;
}

v1::ConnectorQuery AskOf(const v1::Resource& entry, const std::vector<std::string>& fields) {
  v1::ConnectorQuery query;
  query.set_number(1);
  query.set_resource(entry.name());
  query.set_row_limit(100);
  query.set_timeout_ms(20'000);
  std::vector<SchemaField> schema;
  for (const auto& name : fields) {
    query.add_fields(name);
    schema.push_back({name, FieldOf(entry, name).data_type()});
  }
  query.set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
  return query;
}

void Where(v1::ConnectorQuery& query, const std::string& field, v1::Comparison comparison,
           const v1::Value& value) {
  v1::Condition& condition = *query.add_conditions();
  condition.set_field(field);
  condition.set_comparison(comparison);
  *condition.mutable_value() = value;
}

void Where(v1::ConnectorQuery& query, const std::string& field, const std::string& text) {
  Where(query, field, v1::COMPARISON_EQUALS, TextValue(text));
}

std::string Line(const v1::Row& row, const v1::Resource& entry, const std::vector<std::string>& fields) {
  std::string line;
  for (int i = 0; i < row.values_size(); ++i) {
    std::string bytes;
    if (row.values(i).kind_case() != v1::Value::KIND_NOT_SET) {
      AppendOrdered(row.values(i), FieldOf(entry, fields[static_cast<size_t>(i)]).data_type(), bytes);
      absl::StrAppend(&line, "=", ToHex(bytes));
    }
    line += ',';
  }
  return line;
}

std::string PlainText(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kInteger:
      return absl::StrCat(value.integer());
    case v1::Value::kReal:
      return absl::StrFormat("%.17g", value.real());
    case v1::Value::kLogical:
      return value.logical() ? "1" : "0";
    case v1::Value::kBinary:
      return ToBase64(value.binary());
    default:
      return "";
  }
}

}  // namespace zhanqiao::connectors
