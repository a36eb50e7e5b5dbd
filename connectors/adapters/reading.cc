#include "connectors/adapters/reading.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "catalog/base/digest.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {
namespace {

constexpr std::string_view kParts[] = {"YYYY", "MM", "DD", "hh", "mm", "ss"};
constexpr size_t kPlaces[] = {0, 5, 8, 11, 14, 17};  // of the parts in 2017-01-02T09:00:00

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// ".5" and "-.5" as "0.5", "+5" as "5", "5." as "5".
std::string Decimal(std::string_view text) {
  std::string out;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    if (text[0] == '-') out = "-";
    text.remove_prefix(1);
  }
  if (!text.empty() && text[0] == '.') out += '0';
  out += text;
  if (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

// Writes what databases write for a moment, "2017-01-02 09:00:00[.5][+08[:00]]", as RFC 3339 into `value`; false if it is
// of another form.
bool ReadPlainMoment(std::string_view text, std::string_view zone, v1::Value& value) {
  constexpr size_t kSeconds = 19;  // the form up to them
  char out[64];
  if (text.size() < kSeconds || text.size() > 40 || zone.size() > 6 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return false;
  std::copy_n(text.data(), kSeconds, out);
  out[10] = 'T';
  size_t size = kSeconds, at = kSeconds;
  if (at < text.size() && text[at] == '.') {
    const size_t point = at++;
    while (at < text.size() && IsDigit(text[at])) ++at;
    size_t end = std::min(at, point + 10);  // nanoseconds
    while (end > point + 1 && text[end - 1] == '0') --end;
    if (end > point + 1) size = static_cast<size_t>(std::copy_n(text.data() + point, end - point, out + size) - out);
  }
  const std::string_view offset = at == text.size() ? zone : text.substr(at);
  if (offset.size() != 3 && offset.size() != 6) return false;
  if (offset[0] != '+' && offset[0] != '-') return false;
  size = static_cast<size_t>(std::copy_n(offset.data(), offset.size(), out + size) - out);
  if (offset.size() == 3) size = static_cast<size_t>(std::copy_n(":00", 3, out + size) - out);
  value.set_text(out, size);
  return true;
}

bool ReadInteger(std::string_view text, v1::Value& value) {
  const size_t point = text.find('.');
  if (point != std::string_view::npos && text.find_first_not_of('0', point + 1) == std::string_view::npos) {
    text = text.substr(0, point);
  }
  int64_t number = 0;
  if (!absl::SimpleAtoi(Absl(text), &number)) return false;
  value.set_integer(number);
  return true;
}

bool ReadReal(std::string_view text, v1::Value& value) {
  double number = 0;
  if (!absl::SimpleAtod(Absl(text), &number) || !std::isfinite(number)) return false;
  value.set_real(number);
  return true;
}

bool ReadLogical(std::string_view text, v1::Value& value) {
  const bool yes = text == "true" || text == "1" || text == "t" || text == "是";
  if (!yes && text != "false" && text != "0" && text != "f" && text != "否") return false;
  value.set_logical(yes);
  return true;
}

// The time of day and the offset after a date: "T09:00:00.5+08:00"; empty if it is none.
std::string TimeOf(std::string_view text, std::string_view zone) {
  if (text.empty()) return absl::StrCat("T00:00:00", Absl(zone));
  if (text.size() < 6 || (text[0] != ' ' && text[0] != 'T') || text[3] != ':') return "";
  text.remove_prefix(1);
  const size_t end = std::min(text.find_first_of("+-Z "), text.size());
  std::string clock(text.substr(0, end));
  if (clock.size() == 5) clock += ":00";
  if (clock.find('.') != std::string::npos) {
    clock.resize(std::min(clock.size(), size_t{18}));  // nanoseconds
    while (clock.back() == '0') clock.pop_back();
    if (clock.back() == '.') clock.pop_back();
  }
  std::string offset(text.substr(end));
  if (offset.empty()) offset = zone;
  if (offset[0] == ' ') offset.erase(offset.begin());
  if (offset.size() == 3) offset += ":00";
  if (offset.size() == 5 && offset.find(':') == std::string::npos) offset.insert(offset.begin() + 3, ':');
  return absl::StrCat("T", clock, offset);
}

// A date or moment as the databases write them, or in the mapping's format.
bool ReadMoment(std::string_view text, bool date, const FieldMapping& how, v1::Value& value) {
  std::string read;
  if (!how.format.empty()) text = read = ReadFormat(text, how.format);
  if (text.size() < 10) return false;
  const std::string_view day = text.substr(0, 10);
  if (date) {
    if (text.size() > 10 && TimeOf(text.substr(10), how.zone).empty()) return false;
    value.set_text(day.data(), day.size());
    return true;
  }
  if (ReadPlainMoment(text, how.zone, value)) return true;
  const std::string time = TimeOf(text.substr(10), how.zone);
  if (time.empty()) return false;
  value.set_text(absl::StrCat(Absl(day), time));
  return true;
}

bool ReadByType(std::string_view text, v1::DataType type, const FieldMapping& how, v1::Value& value) {
  switch (type) {
    case v1::DATA_TYPE_NUMERIC:
    case v1::DATA_TYPE_CURRENCY:
      if (text.size() > 1 && IsDigit(text[0]) && text.back() != '.') {
        value.set_text(text.data(), text.size());
      } else {
        value.set_text(Decimal(text));
      }
      return true;
    case v1::DATA_TYPE_DATE:
      return ReadMoment(text, true, how, value);
    case v1::DATA_TYPE_DATETIME:
      return ReadMoment(text, false, how, value);
    case v1::DATA_TYPE_INTEGER:
      return ReadInteger(text, value);
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return ReadReal(text, value);
    case v1::DATA_TYPE_LOGICAL:
      return ReadLogical(text, value);
    case v1::DATA_TYPE_GENERAL: {
      auto bytes = FromBase64(text);
      if (!bytes.ok()) return false;
      value.set_binary(*std::move(bytes));
      return true;
    }
    default:
      value.set_text(text.data(), text.size());
      return true;
  }
}

}  // namespace

bool ReadText(std::string_view text, const v1::Field& field, const FieldMapping& how, v1::Value& value) {
  if (!how.values.empty()) {
    const auto found = how.values.find(std::string(text));
    if (found == how.values.end()) return false;
    FieldMapping plain;
    plain.zone = how.zone;
    return ReadByType(found->second, field.data_type(), plain, value) &&
           FitsType(value, field.data_type(), field.length());
  }
  return ReadByType(text, field.data_type(), how, value) &&
         FitsType(value, field.data_type(), field.length());
}

std::string Expected(const v1::Field& field) {
  switch (field.data_type()) {
    case v1::DATA_TYPE_INTEGER:
      return absl::StrCat("a whole number of at most 64 bits and ", field.length(), " digits");
    case v1::DATA_TYPE_LOGICAL:
      return "true, false, 1, 0, 是 or 否";
    case v1::DATA_TYPE_GENERAL:
      return "base64";
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return "a decimal number";
    case v1::DATA_TYPE_DATETIME:
      return "a time such as 2018-03-31 09:00:00";
    default:
      break;
  }
  v1::Value never;  // no field is of both kinds
  never.set_logical(true);
  return FactOf(CheckValue(never, field.data_type(), field.length(), field.field()), "expected");
}

bool IsZone(std::string_view text) {
  return text == "Z" || (text.size() == 6 && (text[0] == '+' || text[0] == '-') && IsDigit(text[1]) &&
                         IsDigit(text[2]) && text[3] == ':' && IsDigit(text[4]) && IsDigit(text[5]));
}

bool IsFormat(std::string_view format) {
  size_t at = 0;
  size_t parts = 0;
  for (const std::string_view part : kParts) {
    const size_t found = format.find(part, at);
    if (found == std::string_view::npos) break;
    at = found + part.size();
    ++parts;
  }
  std::string signs(format);
  for (size_t i = 0; i < parts; ++i) signs.erase(signs.find(kParts[i]), kParts[i].size());
  return parts >= 3 && signs.find_first_of("YMDhms0123456789") == std::string::npos;
}

std::string WriteFormat(std::string_view moment, std::string_view format) {
  std::string out(format);
  for (size_t i = 0; i < std::size(kParts); ++i) {
    const size_t at = out.find(kParts[i]);
    if (at == std::string::npos) continue;
    if (moment.size() < kPlaces[i] + kParts[i].size()) return "";
    out.replace(at, kParts[i].size(), moment.substr(kPlaces[i], kParts[i].size()));
  }
  return out;
}

std::string ReadFormat(std::string_view text, std::string_view format) {
  if (text.size() != format.size()) return "";
  std::string out = "0000-00-00T00:00:00";
  size_t least = 10;
  for (size_t i = 0; i < std::size(kParts); ++i) {
    const size_t at = format.find(kParts[i]);
    if (at == std::string_view::npos) continue;
    for (size_t j = 0; j < kParts[i].size(); ++j) {
      if (!IsDigit(text[at + j])) return "";
      out[kPlaces[i] + j] = text[at + j];
    }
    if (i >= 3) least = out.size();
  }
  if (WriteFormat(out, format) != text) return "";  // signs between differ
  return out.substr(0, least);
}

std::string LocalTime(std::string_view moment, std::string_view zone) {
  absl::Time time, base;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, Absl(moment), &time, &error)) return "";
  const std::string epoch = absl::StrCat("1970-01-01T00:00:00", Absl(zone));
  if (!absl::ParseTime(absl::RFC3339_full, epoch, &base, &error)) return "";
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*S", time + (absl::UnixEpoch() - base), absl::UTCTimeZone());
}

}  // namespace zhanqiao::connectors
