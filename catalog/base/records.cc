#include "catalog/base/records.h"

#include <bit>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao {
namespace {

void AppendU32(uint32_t number, std::string& out) {
  const char bytes[] = {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
                        static_cast<char>(number)};
  out.append(bytes, sizeof bytes);
}

void AppendU64(uint64_t number, std::string& out) {
  AppendU32(static_cast<uint32_t>(number >> 32), out);
  AppendU32(static_cast<uint32_t>(number), out);
}

// At least as many bytes as the canonical form takes.
size_t CanonicalBytesMax(const v1::RecordBatch& batch) {
  size_t bytes = 12;
  for (const auto& field : batch.fields()) bytes += 4 + field.size();
  for (const auto& row : batch.rows()) {
    for (const auto& value : row.values()) bytes += 9 + value.text().size() + value.binary().size();
  }
  return bytes;
}

void AppendBytes(std::string_view bytes, std::string& out) {
  AppendU32(static_cast<uint32_t>(bytes.size()), out);
  out += bytes;
}

bool IsDecimal(std::string_view text, size_t decimals_max, size_t digits_max) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "0" : text.substr(point + 1);
  if (whole.empty() || fraction.empty()) return false;
  for (const char c : whole) {
    if (c < '0' || c > '9') return false;
  }
  for (const char c : fraction) {
    if (c < '0' || c > '9') return false;
  }
  const size_t fraction_digits = point == std::string_view::npos ? 0 : fraction.size();
  return fraction_digits <= decimals_max && (digits_max == 0 || whole.size() + fraction_digits <= digits_max);
}

// The number in `count` digits at `at`; -1 if they are none.
int Digits(std::string_view text, size_t at, size_t count) {
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

// Whether the first ten bytes of `text` are a day of the calendar, YYYY-MM-DD.
bool BeginsWithDay(std::string_view text) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (leap ? 1 : 0);
}

// The form nearly every moment has, YYYY-MM-DDThh:mm:ss[.f](Z|±hh:mm): this runs over every value that is released. False
// says nothing.
bool IsPlainDateTime(std::string_view text) {
  if (text.size() < 20 || !BeginsWithDay(text) || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
  const auto below = [text](size_t at, int bound) {
    const int number = Digits(text, at, 2);
    return number >= 0 && number < bound;
  };
  if (!below(11, 24) || !below(14, 60) || !below(17, 60)) return false;
  size_t at = 19;
  if (text[at] == '.') {
    const size_t first = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == first) return false;
  }
  if (at + 1 == text.size()) return text[at] == 'Z';
  return at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':' && below(at + 1, 24) &&
         below(at + 4, 60);
}

size_t DecimalDigits(int64_t number) {
  size_t digits = 1;
  for (uint64_t left = number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number); left >= 10; left /= 10) ++digits;
  return digits;
}

bool IsDateTime(std::string_view text) {
  if (text.size() <= 35 && IsPlainDateTime(text)) return true;
  absl::Time time;
  std::string error;
  return text.size() >= 20 && text.size() <= 35 && text[10] == 'T' &&
         absl::ParseTime(absl::RFC3339_full, Absl(text), &time, &error);
}

// A decimal as bytes in the order of its value: a sign byte (0, 1, 2 for below, at and above zero), where the point
// stands, the digits without leading and trailing zeros; below zero all of it inverted and closed by 0xFF, so that
// more digits sort first. `text` is a decimal by IsDecimal.
void AppendDecimal(std::string_view text, std::string& out) {
  const bool negative = text[0] == '-';
  if (negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  if (point < text.size()) digits += text.substr(point + 1);
  const size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) {
    out += '\x01';
    return;
  }
  const auto exponent = static_cast<uint32_t>(int64_t{1} << 31) + static_cast<uint32_t>(point) - static_cast<uint32_t>(first);
  digits = digits.substr(first, digits.find_last_not_of('0') + 1 - first);
  out += negative ? '\x00' : '\x02';
  const size_t start = out.size();
  AppendU32(exponent, out);
  out += digits;
  if (!negative) return;
  for (size_t i = start; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
  out += '\xFF';
}

bool ParseMoment(std::string_view text, absl::Time& time) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, Absl(text), &time, &error);
}

bool IsDecimalType(v1::DataType type) { return type == v1::DATA_TYPE_NUMERIC || type == v1::DATA_TYPE_CURRENCY; }

std::partial_ordering CompareText(const std::string& a, const std::string& b, v1::DataType type) {
  if (IsDecimalType(type)) {
    if (!IsDecimal(a, SIZE_MAX, 0) || !IsDecimal(b, SIZE_MAX, 0)) return std::partial_ordering::unordered;
    std::string left, right;
    AppendDecimal(a, left);
    AppendDecimal(b, right);
    return left <=> right;
  }
  if (type == v1::DATA_TYPE_DATETIME) {
    absl::Time left, right;
    if (!ParseMoment(a, left) || !ParseMoment(b, right)) return std::partial_ordering::unordered;
    return left < right   ? std::partial_ordering::less
           : left > right ? std::partial_ordering::greater
                          : std::partial_ordering::equivalent;
  }
  return a <=> b;
}

// What a value of the type must be.
std::string Expected(v1::DataType type, size_t length) {
  switch (type) {
    case v1::DATA_TYPE_CHARACTER:
      return absl::StrCat("text of at most ", length, " code points");
    case v1::DATA_TYPE_MEMO:
      return "text";
    case v1::DATA_TYPE_NUMERIC:
      return absl::StrCat("decimal text of at most ", length, " digits");
    case v1::DATA_TYPE_CURRENCY:
      return "decimal text with at most 4 decimals";
    case v1::DATA_TYPE_DATE:
      return "a date YYYY-MM-DD";
    case v1::DATA_TYPE_DATETIME:
      return "an RFC 3339 time with offset";
    case v1::DATA_TYPE_LOGICAL:
      return "a logical value";
    case v1::DATA_TYPE_GENERAL:
      return "binary";
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return "a real number";
    case v1::DATA_TYPE_INTEGER:
      return absl::StrCat("an integer of at most ", length, " digits");
    default:
      return "a field with a data type";
  }
}

}  // namespace

Digest SchemaFingerprint(absl::Span<const SchemaField> fields) {
  std::string text;
  for (const auto& field : fields) absl::StrAppend(&text, field.name, "\x1F", static_cast<int>(field.type), "\x1E");
  return Sha256(text);
}

bool FitsType(const v1::Value& value, v1::DataType type, int length) {
  using Kind = v1::Value::KindCase;
  const Kind kind = value.kind_case();
  if (kind == Kind::KIND_NOT_SET) return true;
  const size_t most = static_cast<size_t>(std::max(length, 0));
  const std::string& text = value.text();
  switch (type) {
    case v1::DATA_TYPE_CHARACTER:
      return kind == Kind::kText && IsCleanText(text) && (most == 0 || text.size() <= most || CodePoints(text) <= most);
    case v1::DATA_TYPE_MEMO:
      return kind == Kind::kText && IsCleanText(text);
    case v1::DATA_TYPE_NUMERIC:
      return kind == Kind::kText && IsDecimal(text, 64, most);
    case v1::DATA_TYPE_CURRENCY:
      return kind == Kind::kText && IsDecimal(text, 4, 0);
    case v1::DATA_TYPE_DATE:
      return kind == Kind::kText && text.size() == 10 && BeginsWithDay(text);
    case v1::DATA_TYPE_DATETIME:
      return kind == Kind::kText && IsDateTime(text);
    case v1::DATA_TYPE_LOGICAL:
      return kind == Kind::kLogical;
    case v1::DATA_TYPE_GENERAL:
      return kind == Kind::kBinary;
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return kind == Kind::kReal;
    case v1::DATA_TYPE_INTEGER:
      return kind == Kind::kInteger && (most == 0 || DecimalDigits(value.integer()) <= most);
    default:
      return false;
  }
}

absl::Status CheckValue(const v1::Value& value, v1::DataType type, int length, std::string_view field) {
  if (FitsType(value, type, length)) return absl::OkStatus();
  const std::string expected = Expected(type, static_cast<size_t>(std::max(length, 0)));
  return BadField("VALUE_TYPE", field, absl::StrCat("The value does not fit the field's data type; give ", expected, "."),
                  {{"expected", expected}, {"data_type", v1::DataType_Name(type)}});
}

void AppendCanonical(const v1::Value& value, std::string& out) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      out += '\x01';
      return AppendBytes(value.text(), out);
    case v1::Value::kInteger:
      out += '\x02';
      return AppendU64(static_cast<uint64_t>(value.integer()), out);
    case v1::Value::kReal: {
      const double real = value.real();
      const uint64_t bits = std::isnan(real) ? 0x7FF8000000000000u : real == 0 ? 0 : std::bit_cast<uint64_t>(real);
      out += '\x03';
      return AppendU64(bits, out);
    }
    case v1::Value::kLogical:
      out += '\x04';
      out += value.logical() ? '\x01' : '\x00';
      return;
    case v1::Value::kBinary:
      out += '\x05';
      return AppendBytes(value.binary(), out);
    case v1::Value::KIND_NOT_SET:
      out += '\x00';
  }
}

std::string CanonicalRows(const v1::RecordBatch& batch) {
  std::string out = "ZQR1";
  out.reserve(CanonicalBytesMax(batch));
  AppendU32(static_cast<uint32_t>(batch.fields_size()), out);
  for (const auto& field : batch.fields()) AppendBytes(field, out);
  AppendU32(static_cast<uint32_t>(batch.rows_size()), out);
  for (const auto& row : batch.rows()) {
    for (const auto& value : row.values()) AppendCanonical(value, out);
  }
  return out;
}

bool SameValue(const v1::Value& a, const v1::Value& b) {
  if (a.kind_case() != b.kind_case()) return false;
  switch (a.kind_case()) {
    case v1::Value::kText: return a.text() == b.text();
    case v1::Value::kInteger: return a.integer() == b.integer();
    case v1::Value::kReal: return a.real() == b.real();
    case v1::Value::kLogical: return a.logical() == b.logical();
    case v1::Value::kBinary: return a.binary() == b.binary();
    case v1::Value::KIND_NOT_SET: return true;
  }
  return false;
}

std::partial_ordering CompareValues(const v1::Value& a, const v1::Value& b, v1::DataType type) {
  if (a.kind_case() != b.kind_case()) return std::partial_ordering::unordered;
  switch (a.kind_case()) {
    case v1::Value::kText: return CompareText(a.text(), b.text(), type);
    case v1::Value::kInteger: return a.integer() <=> b.integer();
    case v1::Value::kReal: return a.real() <=> b.real();
    case v1::Value::kLogical:
    case v1::Value::kBinary:
      return SameValue(a, b) ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
    case v1::Value::KIND_NOT_SET: return std::partial_ordering::unordered;
  }
  return std::partial_ordering::unordered;
}

bool Meets(const v1::Value& value, v1::Comparison comparison, const v1::Value& wanted, v1::DataType type) {
  switch (comparison) {
    case v1::COMPARISON_EQUALS: return CompareValues(value, wanted, type) == 0;
    case v1::COMPARISON_LESS: return CompareValues(value, wanted, type) < 0;
    case v1::COMPARISON_LESS_OR_EQUAL: return CompareValues(value, wanted, type) <= 0;
    case v1::COMPARISON_GREATER: return CompareValues(value, wanted, type) > 0;
    case v1::COMPARISON_GREATER_OR_EQUAL: return CompareValues(value, wanted, type) >= 0;
    case v1::COMPARISON_PREFIX:
      return value.has_text() && wanted.has_text() && value.text().compare(0, wanted.text().size(), wanted.text()) == 0;
    default: return false;
  }
}

absl::Status CheckCondition(const v1::Condition& condition, v1::DataType type, int length, std::string_view path) {
  const std::string comparison = absl::StrCat(Absl(path), ".comparison");
  const std::string value = absl::StrCat(Absl(path), ".value");
  const bool text = type == v1::DATA_TYPE_CHARACTER || type == v1::DATA_TYPE_MEMO;
  switch (condition.comparison()) {
    case v1::COMPARISON_EQUALS: break;
    case v1::COMPARISON_LESS:
    case v1::COMPARISON_LESS_OR_EQUAL:
    case v1::COMPARISON_GREATER:
    case v1::COMPARISON_GREATER_OR_EQUAL:
      if (type == v1::DATA_TYPE_LOGICAL || type == v1::DATA_TYPE_GENERAL) {
        return BadField("CONDITION_INVALID", comparison, "Logical and binary fields have no order; use COMPARISON_EQUALS.");
      }
      break;
    case v1::COMPARISON_PREFIX:
      if (!text) {
        return BadField("CONDITION_INVALID", comparison,
                        "Only character and memo fields begin with a text; use another comparison.");
      }
      if (condition.value().text().empty()) {
        return BadField("CONDITION_INVALID", value, "The beginning is empty; give at least one character.");
      }
      break;
    default:
      return BadField("CONDITION_INVALID", comparison, "The comparison is missing or not known; give one.");
  }
  if (condition.value().kind_case() == v1::Value::KIND_NOT_SET) {
    return BadField("CONDITION_INVALID", value, "The value is absent; give one of the field's data type.");
  }
  if (std::isnan(condition.value().real())) {
    return BadField("CONDITION_INVALID", value, "The value is not a number; nothing compares with it.");
  }
  return CheckValue(condition.value(), type, length, condition.field());
}

void AppendOrdered(const v1::Value& value, v1::DataType type, std::string& out) {
  switch (value.kind_case()) {
    case v1::Value::kText: {
      if (IsDecimalType(type)) return AppendDecimal(value.text(), out);
      absl::Time time;
      if (type != v1::DATA_TYPE_DATETIME || !ParseMoment(value.text(), time)) {
        out += value.text();
        return;
      }
      const int64_t seconds = absl::ToUnixSeconds(time);
      AppendU64(static_cast<uint64_t>(seconds) ^ (uint64_t{1} << 63), out);
      return AppendU32(static_cast<uint32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))), out);
    }
    case v1::Value::kInteger: return AppendU64(static_cast<uint64_t>(value.integer()) ^ (uint64_t{1} << 63), out);
    case v1::Value::kReal: {
      const double real = value.real();
      const uint64_t bits = real == 0 ? 0 : std::bit_cast<uint64_t>(real);
      return AppendU64(bits >> 63 != 0 ? ~bits : bits | (uint64_t{1} << 63), out);
    }
    default: return AppendCanonical(value, out);
  }
}

}  // namespace zhanqiao
