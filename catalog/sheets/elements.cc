// Reading and writing one element of a document through its descriptor.
#include <charconv>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/sheets/values.h"

namespace zhanqiao::sheets {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr double kExactMax = 999'999'999'999'999;  // 15 digits

// The last field of the column's path, and the messages on the way.
struct Place {
  Message* message = nullptr;  // that holds the field
  const FieldDescriptor* field = nullptr;
};

std::string_view PathOf(const Column& column) {
  const size_t item = column.element.find("[].");
  return item == std::string_view::npos ? column.element : column.element.substr(item + 3);
}

const FieldDescriptor* FieldNamed(const Message& message, std::string_view name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  assert(field != nullptr && "a column's element is not in the contract");
  return field;
}

Place PlaceIn(Message& document, const Column& column) {
  std::string_view path = PathOf(column);
  Message* message = &document;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    message = message->GetReflection()->MutableMessage(message, FieldNamed(*message, path.substr(0, dot)));
    path.remove_prefix(dot + 1);
  }
  return {message, FieldNamed(*message, path)};
}

// Clears the element without making the message that would hold it.
void Clear(Message& document, const Column& column) {
  std::string_view path = PathOf(column);
  Message* message = &document;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const FieldDescriptor* field = FieldNamed(*message, path.substr(0, dot));
    if (!message->GetReflection()->HasField(*message, field)) return;
    message = message->GetReflection()->MutableMessage(message, field);
    path.remove_prefix(dot + 1);
  }
  message->GetReflection()->ClearField(message, FieldNamed(*message, path));
}

void SetText(const Place& place, std::string text) {
  place.message->GetReflection()->SetString(place.message, place.field, std::move(text));
}

void SetWhole(const Place& place, int64_t number) {
  const auto* reflection = place.message->GetReflection();
  if (place.field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) return reflection->SetInt64(place.message, place.field, number);
  reflection->SetInt32(place.message, place.field, static_cast<int32_t>(number));
}

std::vector<std::string> Parts(std::string_view text, bool codes) {
  std::vector<std::string> parts;
  // Written with line breaks, other signs belong to the values.
  std::vector<std::string_view> separators = {"\n"};
  if (text.find('\n') == std::string_view::npos) {
    separators = {"、", "，", ",", "；", ";"};
    if (codes) separators.insert(separators.end(), {" ", "\u3000", "|"});
  }
  size_t begin = 0;
  const auto take = [&](size_t end) {
    Cell cell;
    cell.kind = CellKind::kText;
    cell.text = text.data() + begin;
    cell.size = static_cast<uint32_t>(end - begin);
    std::string part = TextOf(cell, false);
    if (!part.empty()) parts.push_back(codes ? NormalizeCode(part) : std::move(part));
  };
  for (size_t at = 0; at < text.size();) {
    size_t length = 0;
    for (const std::string_view separator : separators) {
      if (text.substr(at).starts_with(separator)) length = separator.size();
    }
    if (length > 0) {
      take(at);
      begin = at + length;
    }
    at += std::max<size_t>(length, 1);
  }
  take(text.size());
  return parts;
}

std::optional<Sentence> SetList(const Place& place, std::string_view text, bool codes) {
  const auto* reflection = place.message->GetReflection();
  reflection->ClearField(place.message, place.field);
  for (std::string& part : Parts(text, codes)) reflection->AddString(place.message, place.field, std::move(part));
  return std::nullopt;
}

// "12 345", "１２", "1,000", "3.0".
std::optional<double> NumberOf(const Cell& cell, std::string_view text) {
  if (cell.kind == CellKind::kNumber) return cell.number;
  std::string digits;
  for (const char c : Folded(text)) {
    if (c != ',') digits.push_back(c);
  }
  double number = 0;
  if (!absl::SimpleAtod(digits, &number) || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<Sentence> SetNumber(const Column& column, const Place& place, const Cell& cell, std::string_view text) {
  const std::optional<double> number = NumberOf(cell, text);
  if (column.form == Form::kNumber) {
    if (!number) return SentenceOf("VALUE_NUMBER");
    place.message->GetReflection()->SetDouble(place.message, place.field, *number);
    return std::nullopt;
  }
  const double most = place.field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? kExactMax : 2e9;
  if (!number || *number != std::floor(*number) || std::fabs(*number) > most) return SentenceOf("VALUE_WHOLE");
  SetWhole(place, static_cast<int64_t>(*number));
  return std::nullopt;
}

std::optional<Sentence> SetDate(const Place& place, const Cell& cell, std::string_view text) {
  std::optional<std::string> date = DateOf(text);
  absl::CivilDay day;
  // A date whose cell lost its format is a number of days.
  if (!date && cell.kind == CellKind::kNumber && cell.number < 100'000 && DayOfSerial(cell.number, day)) {
    date = absl::FormatCivilTime(day);
  }
  if (!date) return SentenceOf("VALUE_DATE");
  SetText(place, *std::move(date));
  return std::nullopt;
}

std::optional<Sentence> SetWord(const Column& column, const Place& place, std::string_view text) {
  const bool choice = column.form == Form::kChoice;
  const auto number = WordOf(text, *column.words, choice ? nullptr : place.field->enum_type());
  if (!number) return SentenceOf("VALUE_WORD", WordList(*column.words));
  if (!choice) {
    place.message->GetReflection()->SetEnumValue(place.message, place.field, *number);
    return std::nullopt;
  }
  for (const Word& word : *column.words) {
    if (word.number == *number) SetText(place, std::string(word.stored.empty() ? word.text : word.stored));
  }
  return std::nullopt;
}

std::optional<Sentence> SetReference(const Column& column, const Place& place, std::string_view text,
                                     const ParseContext& context) {
  bool several = false;
  const bool system = column.form == Form::kSystem;
  std::string name = system ? context.names.FindSystem(text, context.organization, several)
                            : context.names.FindOrganization(text, several);
  if (name.empty()) {
    if (system) return SentenceOf(several ? "SYSTEM_NAME_AMBIGUOUS" : "SYSTEM_NAME_UNKNOWN");
    return SentenceOf(several ? "BODY_AMBIGUOUS" : "BODY_UNKNOWN");
  }
  SetText(place, std::move(name));
  return std::nullopt;
}

// The field that holds the element if its messages are there, and they.
struct ConstPlace {
  const Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
};

ConstPlace PlaceIn(const Message& document, const Column& column) {
  std::string_view path = PathOf(column);
  const Message* message = &document;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    const FieldDescriptor* field = FieldNamed(*message, path.substr(0, dot));
    if (!message->GetReflection()->HasField(*message, field)) return {};
    message = &message->GetReflection()->GetMessage(*message, field);
    path.remove_prefix(dot + 1);
  }
  return {message, FieldNamed(*message, path)};
}

Value WordValue(const Column& column, const ConstPlace& place) {
  const auto* reflection = place.message->GetReflection();
  if (column.form == Form::kChoice) {
    const std::string stored = reflection->GetString(*place.message, place.field);
    for (const Word& word : *column.words) {
      if ((word.stored.empty() ? word.text : word.stored) == stored) return {.text = std::string(word.text)};
    }
    return {.text = stored};
  }
  const int number = reflection->GetEnumValue(*place.message, place.field);
  for (const Word& word : *column.words) {
    if (word.number == number) return {.text = std::string(word.text)};
  }
  return {};
}

Value NumberValue(double number) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof(text), number);
  return {.kind = Value::Kind::kNumber, .text = {text, end.ptr}, .number = number};
}

std::string ListText(const ConstPlace& place) {
  const auto* reflection = place.message->GetReflection();
  std::string joined;
  bool plain = true;
  const int size = reflection->FieldSize(*place.message, place.field);
  for (int i = 0; i < size; ++i) {
    const std::string part = reflection->GetRepeatedString(*place.message, place.field, i);
    plain = plain && Parts(part, false).size() == 1;
    absl::StrAppend(&joined, i == 0 ? "" : "\n", part);
  }
  if (!plain || size < 2) return joined;
  std::string line;
  for (const absl::string_view part : absl::StrSplit(joined, '\n')) absl::StrAppend(&line, line.empty() ? "" : "、", part);
  return line;
}

}  // namespace

std::optional<Sentence> SetElement(const Column& column, const Cell& cell, const ParseContext& context, Message& document) {
  if (cell.kind == CellKind::kError) {
    Clear(document, column);
    return SentenceOf("CELL_FORMULA_ERROR", cell.view());
  }
  std::string text = TextOf(cell, context.csv);
  Clear(document, column);
  if (text.empty()) return std::nullopt;
  const Place place = PlaceIn(document, column);
  switch (column.form) {
    case Form::kText:
    case Form::kLines:
    case Form::kCode:
      if (cell.kind == CellKind::kNumber && std::fabs(cell.number) > kExactMax) return SentenceOf("NUMBER_PRECISION");
      SetText(place, column.form == Form::kCode ? NormalizeCode(text) : std::move(text));
      return std::nullopt;
    case Form::kDate:
      return SetDate(place, cell, text);
    case Form::kWhole:
    case Form::kNumber:
      return SetNumber(column, place, cell, text);
    case Form::kYesNo: {
      const std::optional<bool> yes = YesNo(text);
      if (!yes) return SentenceOf("VALUE_YES_NO");
      place.message->GetReflection()->SetBool(place.message, place.field, *yes);
      return std::nullopt;
    }
    case Form::kWord:
    case Form::kChoice:
      return SetWord(column, place, text);
    case Form::kList:
    case Form::kCodes:
      return SetList(place, text, column.form == Form::kCodes);
    case Form::kBody:
    case Form::kBodyCode:
    case Form::kSystem:
      return SetReference(column, place, text, context);
    case Form::kName:
    case Form::kOwner:
    case Form::kCodePart:
    case Form::kOpenFlag:
      break;
  }
  assert(false && "needs the whole document");
  return std::nullopt;
}

Value ValueOf(const Column& column, const Message& document, const NameBook& names, std::string_view organization) {
  const ConstPlace place = PlaceIn(document, column);
  if (place.message == nullptr) return {};
  const auto* reflection = place.message->GetReflection();
  switch (column.form) {
    case Form::kDate:
      return {.kind = Value::Kind::kDate, .text = reflection->GetString(*place.message, place.field)};
    case Form::kWhole: {
      const bool large = place.field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
      const int64_t number = large ? reflection->GetInt64(*place.message, place.field) : reflection->GetInt32(*place.message, place.field);
      return number == 0 ? Value() : NumberValue(static_cast<double>(number));
    }
    case Form::kNumber: {
      const double number = reflection->GetDouble(*place.message, place.field);
      return number == 0 ? Value() : NumberValue(number);
    }
    case Form::kYesNo:
      return {.text = reflection->GetBool(*place.message, place.field) ? "是" : "否"};
    case Form::kWord:
    case Form::kChoice:
      return WordValue(column, place);
    case Form::kList:
    case Form::kCodes:
      return {.text = ListText(place)};
    default:
      break;
  }
  const std::string text = reflection->GetString(*place.message, place.field);
  if (text.empty()) return {};
  if (column.form == Form::kBody) return {.text = names.OrganizationText(text)};
  if (column.form == Form::kBodyCode) return {.text = text.substr(text.find('/') + 1)};
  if (column.form == Form::kSystem) return {.text = names.SystemText(text, organization)};
  return {.text = text};
}

}  // namespace zhanqiao::sheets
