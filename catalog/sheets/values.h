// The values of cells: what people type into one element of a document, and how it is written back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/sheets/columns.h"
#include "catalog/sheets/name_book.h"
#include "catalog/sheets/problems.h"
#include "catalog/base/workbook/sheet.h"
#include "google/protobuf/message.h"

namespace zhanqiao::sheets {

// The text of a cell: without the apostrophe CSV keeps formulas harmless with, trimmed, numbers and dates written out.
std::string TextOf(const Cell& cell, bool csv);

// `text` for comparing headings and words: full-width characters made half-width, blanks and line breaks gone, letters
// upper case.
std::string Folded(std::string_view text);

// "2018-03-01" of what people type for it; nothing if it is no date.
std::optional<std::string> DateOf(std::string_view text);

// What parsing a cell of one element needs besides the cell.
struct ParseContext {
  const NameBook& names;
  std::string_view organization;  // the body whose document it is; empty while unknown
  bool csv = false;
};

// Sets the element of `column` in `document` (for item columns: in the item) from `cell`; a blank cell clears it. Gives
// what is wrong with the cell, and then leaves the element cleared. Not for kOwner, kName, kCodePart and kOpenFlag,
// which need the whole document.
std::optional<Sentence> SetElement(const Column& column, const Cell& cell, const ParseContext& context,
                                   google::protobuf::Message& document);

// A value to be written.
struct Value {
  enum class Kind { kText, kNumber, kDate } kind = Kind::kText;
  std::string text = {};  // as CSV has it; a date as YYYY-MM-DD
  double number = 0;  // kNumber
};

// The element of `column` in `document` (or item) as it is written. Not for the forms that need the whole document.
Value ValueOf(const Column& column, const google::protobuf::Message& document, const NameBook& names,
              std::string_view organization);

// Whether a cell says yes: 是, 1, Y, true, √ and so on; nothing if it says neither.
std::optional<bool> YesNo(std::string_view text);

// The number of the word that `text` stands for: the word, a synonym, its number, or its name in `type` (may be null).
std::optional<int> WordOf(std::string_view text, const Words& words, const google::protobuf::EnumDescriptor* type);

}  // namespace zhanqiao::sheets
