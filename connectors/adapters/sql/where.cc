#include "connectors/adapters/sql/where.h"

#include <charconv>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/clock.h"
#include "catalog/base/records.h"
#include "connectors/adapters/reading.h"

namespace zhanqiao::connectors {
namespace {

const char* Sign(v1::Comparison comparison) {
  switch (comparison) {
    case v1::COMPARISON_LESS:
      return " < ";
    case v1::COMPARISON_LESS_OR_EQUAL:
      return " <= ";
    case v1::COMPARISON_GREATER:
      return " > ";
    case v1::COMPARISON_GREATER_OR_EQUAL:
      return " >= ";
    default:
      return " = ";
  }
}

bool Below(v1::Comparison comparison) {
  return comparison == v1::COMPARISON_LESS || comparison == v1::COMPARISON_LESS_OR_EQUAL;
}

// The shortest decimal that reads back as `real`.
std::string Shortest(double real) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, real);
  return std::string(text, end.ptr);
}

// A number against integers: its floor, whether it is one, and on which side of int64 it lies if it is not
// within.
struct Whole {
  int64_t floor = 0;
  bool exact = true;
  int beyond = 0;
};

Whole WholeOf(const v1::Value& value) {
  if (value.has_integer()) return {value.integer(), true, 0};
  if (value.has_real()) {
    const double floor = std::floor(value.real());
    if (std::abs(floor) >= 9.2e18) return {0, false, floor < 0 ? -1 : 1};
    return {static_cast<int64_t>(floor), floor == value.real(), 0};
  }
  const std::string& text = value.text();
  const size_t point = text.find('.');
  const bool negative = text[0] == '-';
  const bool exact =
      point == std::string::npos || text.find_first_not_of('0', point + 1) == std::string::npos;
  Whole whole{0, exact, 0};
  if (!absl::SimpleAtoi(text.substr(0, point), &whole.floor)) return {0, false, negative ? -1 : 1};
  if (negative && !exact) --whole.floor;
  return whole;
}

// The least text above all that begin with `prefix`, by code points; empty: there is none.
std::string Successor(std::string prefix) {
  while (!prefix.empty()) {
    size_t at = prefix.size() - 1;
    while (at > 0 && (static_cast<uint8_t>(prefix[at]) & 0xC0) == 0x80) --at;
    const std::string last = prefix.substr(at);
    prefix.resize(at);
    uint32_t point = static_cast<uint8_t>(last[0]);
    if (last.size() > 1) point &= 0xFFu >> (last.size() + 1);
    for (size_t i = 1; i < last.size(); ++i) point = point << 6 | (static_cast<uint8_t>(last[i]) & 0x3F);
    if (point == 0x10FFFF) continue;
    point = point == 0xD7FF ? 0xE000 : point + 1;
    const auto add = [&prefix](uint32_t byte) { prefix += static_cast<char>(byte); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xC0 | point >> 6), add(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      add(0xE0 | point >> 12), add(0x80 | (point >> 6 & 0x3F)), add(0x80 | (point & 0x3F));
    } else {
      add(0xF0 | point >> 18), add(0x80 | (point >> 12 & 0x3F)), add(0x80 | (point >> 6 & 0x3F)),
          add(0x80 | (point & 0x3F));
    }
    return prefix;
  }
  return "";
}

bool IsText(v1::DataType type) {
  return type == v1::DATA_TYPE_CHARACTER || type == v1::DATA_TYPE_MEMO;
}

bool IsNumber(v1::DataType type) {
  return type == v1::DATA_TYPE_NUMERIC || type == v1::DATA_TYPE_CURRENCY || type == v1::DATA_TYPE_INTEGER ||
         type == v1::DATA_TYPE_DOUBLE || type == v1::DATA_TYPE_FLOAT;
}

std::string NumberText(const v1::Value& value) {
  if (value.has_integer()) return absl::StrCat(value.integer());
  return value.has_real() ? Shortest(value.real()) : value.text();
}

absl::Status NotServed(const v1::Field& field) {
  return BadField(
      "CONDITION_NOT_SERVED", field.field(),
      "The source keeps the field in a form that does not compare by its type; map a column of that type, "
      "or give the mapping a format.",
      {{"link", std::string(kLinkConnector)}});
}

}  // namespace

std::string WhereClause::Parameter(std::string text, ColumnKind kind) {
  statement_.parameters.push_back({std::move(text), kind});
  const std::string place = dialect_.numbered ? absl::StrCat("$", statement_.parameters.size()) : "?";
  switch (kind) {
    case ColumnKind::kBoolean:
      return Filled(dialect_.boolean_parameter, place);
    case ColumnKind::kDecimal:
      return Filled(dialect_.decimal_parameter, place);
    case ColumnKind::kDate:
    case ColumnKind::kTimestamp:
    case ColumnKind::kZonedTimestamp:
      return Filled(dialect_.timestamp_parameter, place);
    default:
      return place;
  }
}

std::string WhereClause::Equal(const std::string& column, const Column& of, const std::string& text) {
  std::string term = absl::StrCat(column, " = ", Parameter(text, of.kind));
  if (of.kind != ColumnKind::kText || dialect_.exact_text) return term;
  const std::string bytes = Filled(dialect_.bytes_of, Parameter(text, of.kind));
  return absl::StrCat("(", term, " AND ", Filled(dialect_.bytes_of, column), " = ", bytes, ")");
}

void WhereClause::AddOrder(const std::string& column, v1::Comparison comparison,
                           const std::string& parameter) {
  AddTerm(absl::StrCat(column, Sign(comparison), parameter));
}

void WhereClause::AddBytes(const std::string& column, v1::Comparison comparison, const std::string& text) {
  const std::string parameter = Filled(dialect_.bytes_of, Parameter(text, ColumnKind::kText));
  AddOrder(Filled(dialect_.bytes_of, column), comparison, parameter);
}

void WhereClause::AddText(const std::string& column, bool exact, const v1::Condition& condition) {
  const std::string& text = condition.value().text();
  Column of;
  of.kind = ColumnKind::kText;
  switch (condition.comparison()) {
    case v1::COMPARISON_EQUALS:
      if (exact) return AddTerm(Equal(column, of, text));
      return AddBytes(column, v1::COMPARISON_EQUALS, text);
    case v1::COMPARISON_PREFIX: {
      AddBytes(column, v1::COMPARISON_GREATER_OR_EQUAL, text);
      const std::string end = Successor(text);
      if (!end.empty()) AddBytes(column, v1::COMPARISON_LESS, end);
      return;
    }
    default:
      return AddBytes(column, condition.comparison(), text);
  }
}

void WhereClause::AddInteger(const std::string& column, const Column& of, v1::Comparison comparison,
                             const v1::Value& value) {
  const int64_t greatest =
      of.bytes >= 8 ? INT64_MAX : (int64_t{1} << (8 * of.bytes - (of.is_unsigned ? 0 : 1))) - 1;
  const int64_t least = of.is_unsigned ? 0 : of.bytes >= 8 ? INT64_MIN : -greatest - 1;
  const Whole whole = WholeOf(value);
  const int beyond = whole.beyond != 0        ? whole.beyond
                     : whole.floor > greatest ? 1
                     : whole.floor < least    ? -1
                                              : 0;
  if (beyond != 0) {  // the column holds no such number, and the database may refuse to compare with one
    if (comparison == v1::COMPARISON_EQUALS || Below(comparison) != (beyond > 0)) return Never();
    return AddTerm(column + " IS NOT NULL");
  }
  if (!whole.exact) {
    if (comparison == v1::COMPARISON_EQUALS) return Never();
    comparison = Below(comparison) ? v1::COMPARISON_LESS_OR_EQUAL : v1::COMPARISON_GREATER;
  }
  AddOrder(column, comparison, Parameter(absl::StrCat(whole.floor), ColumnKind::kInteger));
}

void WhereClause::AddDay(const std::string& column, ColumnKind kind, const v1::Condition& condition,
                         const std::string& zone) {
  const auto day = ParseDay(condition.value().text());
  const auto start = [&](absl::CivilDay of) {
    const std::string date = FormatDay(of);
    if (kind == ColumnKind::kText) return Filled(dialect_.bytes_of, Parameter(date, kind));
    return Parameter(absl::StrCat(date, "T00:00:00", kind == ColumnKind::kZonedTimestamp ? zone : ""), kind);
  };
  const std::string of = kind == ColumnKind::kText ? Filled(dialect_.bytes_of, column) : column;
  const v1::Comparison comparison = condition.comparison();
  if (comparison == v1::COMPARISON_EQUALS || comparison == v1::COMPARISON_GREATER_OR_EQUAL) {
    AddOrder(of, v1::COMPARISON_GREATER_OR_EQUAL, start(*day));
  }
  if (comparison == v1::COMPARISON_LESS) AddOrder(of, v1::COMPARISON_LESS, start(*day));
  if (comparison == v1::COMPARISON_EQUALS || comparison == v1::COMPARISON_LESS_OR_EQUAL) {
    AddOrder(of, v1::COMPARISON_LESS, start(*day + 1));
  }
  if (comparison == v1::COMPARISON_GREATER) AddOrder(of, v1::COMPARISON_GREATER_OR_EQUAL, start(*day + 1));
}

void WhereClause::AddMapped(const std::string& column, const Column& of, const v1::Condition& condition,
                            const v1::Field& field, const FieldMapping& how) {
  FieldMapping plain;
  plain.zone = how.zone;
  std::vector<std::string> terms;
  for (const auto& [source, target] : how.values) {
    v1::Value value;
    if (!ReadText(target, field, plain, value)) continue;
    if (!Meets(value, condition.comparison(), condition.value(), field.data_type())) continue;
    int64_t number = 0;
    if (of.kind == ColumnKind::kInteger && !absl::SimpleAtoi(source, &number)) continue;
    terms.push_back(Equal(column, of, source));
  }
  if (terms.empty()) return Never();
  AddTerm(absl::StrCat("(", absl::StrJoin(terms, " OR "), ")"));
}

absl::Status WhereClause::Add(const v1::Condition& condition, const v1::Field& field, const FieldMapping& how,
                              const Column& of) {
  const std::string column = Quoted(dialect_, of.name);
  const v1::Comparison comparison = condition.comparison();
  const v1::Value& value = condition.value();
  const v1::DataType type = field.data_type();
  const bool moment = type == v1::DATA_TYPE_DATE || type == v1::DATA_TYPE_DATETIME;
  if (!how.values.empty()) {
    AddMapped(column, of, condition, field, how);
  } else if (of.kind == ColumnKind::kText && moment && !how.format.empty()) {
    const std::string local =
        type == v1::DATA_TYPE_DATE ? value.text() + "T00:00:00" : LocalTime(value.text(), how.zone);
    AddBytes(column, comparison, WriteFormat(local, how.format));
  } else if (of.kind == ColumnKind::kText && IsText(type)) {
    AddText(column, true, condition);
  } else if (IsText(type)) {
    int64_t number = 0;
    if (of.kind == ColumnKind::kInteger && comparison == v1::COMPARISON_EQUALS) {
      if (!absl::SimpleAtoi(value.text(), &number) || absl::StrCat(number) != value.text()) {
        Never();
        return absl::OkStatus();
      }
      v1::Value integer;
      integer.set_integer(number);
      AddInteger(column, of, comparison, integer);
    } else if (of.kind == ColumnKind::kBinary) {
      return NotServed(field);
    } else {
      AddText(Filled(dialect_.as_text, column), false, condition);
    }
  } else if (of.kind == ColumnKind::kInteger && IsNumber(type)) {
    AddInteger(column, of, comparison, value);
  } else if ((of.kind == ColumnKind::kDecimal || of.kind == ColumnKind::kReal) && IsNumber(type)) {
    AddOrder(column, comparison, Parameter(NumberText(value), of.kind));
  } else if (type == v1::DATA_TYPE_LOGICAL &&
             (of.kind == ColumnKind::kBoolean || of.kind == ColumnKind::kInteger)) {
    AddOrder(column, comparison, Parameter(value.logical() ? "1" : "0", of.kind));
  } else if (type == v1::DATA_TYPE_DATE && of.kind == ColumnKind::kDate) {
    AddOrder(column, comparison, Parameter(value.text(), of.kind));
  } else if (type == v1::DATA_TYPE_DATE &&
             (of.kind == ColumnKind::kTimestamp || of.kind == ColumnKind::kZonedTimestamp ||
              of.kind == ColumnKind::kText)) {
    AddDay(column, of.kind, condition, how.zone);
  } else if (type == v1::DATA_TYPE_DATETIME && of.kind == ColumnKind::kTimestamp) {
    AddOrder(column, comparison, Parameter(LocalTime(value.text(), how.zone), of.kind));
  } else if (type == v1::DATA_TYPE_DATETIME && of.kind == ColumnKind::kZonedTimestamp) {
    AddOrder(column, comparison, Parameter(value.text(), of.kind));
  } else if (type == v1::DATA_TYPE_GENERAL && of.kind == ColumnKind::kBinary) {
    AddOrder(column, comparison, Parameter(value.binary(), of.kind));
  } else {
    return NotServed(field);
  }
  return absl::OkStatus();
}

void WhereClause::AddAfter(const std::vector<const Column*>& columns, const std::vector<std::string>& key) {
  if (dialect_.row_values && columns.size() > 1) {
    std::vector<std::string> names, parameters;
    for (size_t i = 0; i < columns.size(); ++i) {
      names.push_back(Quoted(dialect_, columns[i]->name));
      parameters.push_back(Parameter(key[i], columns[i]->kind));
    }
    return AddTerm(
        absl::StrCat("(", absl::StrJoin(names, ", "), ") > (", absl::StrJoin(parameters, ", "), ")"));
  }
  // a >= ? AND (a > ? OR (a = ? AND (b > ? OR …))): the first term lets an index begin at the place.
  std::string term, closing;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = Quoted(dialect_, columns[i]->name);
    if (i == 0 && columns.size() > 1)
      AddTerm(absl::StrCat(name, " >= ", Parameter(key[i], columns[i]->kind)));
    absl::StrAppend(&term, "(", name, " > ", Parameter(key[i], columns[i]->kind));
    closing += ")";
    if (i + 1 == columns.size()) break;
    absl::StrAppend(&term, " OR (", name, " = ", Parameter(key[i], columns[i]->kind), " AND ");
    closing += ")";
  }
  AddTerm(term + closing);
}

std::string WhereClause::Sql() const {
  return terms_.empty() ? "" : absl::StrCat(" WHERE ", absl::StrJoin(terms_, " AND "));
}

}  // namespace zhanqiao::connectors
