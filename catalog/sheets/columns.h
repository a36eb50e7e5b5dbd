// What a sheet's columns mean: one declarative table for each kind of sheet.
//
// A column names its heading, the merged heading above it, other headings that stand for it, the element of the document
// it holds and the form of its values. Reading, checking, marking, writing and the template all go by these tables.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

// How a value is written in a cell.
enum class Form {
  kText,        // one line
  kLines,       // text with line breaks
  kCode,        // full-width characters and blanks brought into form
  kName,        // last part of a resource name: the organisation's code, the system's id
  kDate,        // 2018-3-1, 2018/03/01, 2018年3月1日, 20180301, a date of the spreadsheet
  kWhole,       // a whole number
  kNumber,      // a number
  kYesNo,       // 是/否, 1/0
  kWord,        // a value of an enumeration by its Chinese word, its number in the guide, or its name
  kChoice,      // text that stands for one of the words
  kList,        // several texts, separated by 、 or line breaks
  kCodes,       // several codes
  kBody,        // an organisation by name, short name, code or credit code; written as its name
  kBodyCode,    // the same, written as its code
  kSystem,      // an information system by name or resource name
  kOwner,       // the organisation a system's name begins with
  kCodePart,    // 类, 项, 目, 细目: digits of the 信息资源代码; checked against it, not stored
  kOpenFlag,    // 是否向社会开放: follows from the 开放类型; sets it when that is left out
};

// A word that stands for a value.
struct Word {
  int number;             // of the enumeration; for kChoice its place
  std::string_view text;  // as it is written out
  std::vector<std::string_view> synonyms = {};
  std::string_view stored = {};  // kChoice: as it is stored, if not as it is written
};
using Words = std::vector<Word>;

struct Column {
  std::string_view group = {};  // heading above several columns; empty: none
  std::string_view heading = {};
  std::string_view element = {};  // path in the document; in a repeated message "fields[].length"
  Form form = Form::kText;
  std::vector<std::string_view> synonyms = {};  // other headings; the element's name is one without being said
  bool required = false;     // its heading must be there
  int width = 12;            // in characters, half-width
  const Words* words = nullptr;
  std::string_view hint = {};  // for whoever fills it in, Chinese

  bool item() const { return element.find("[].") != std::string_view::npos; }
};

struct SheetTable {
  v1::SheetKind kind;
  std::string_view title;      // of file and worksheet
  std::string_view item_path;  // repeated message with a row for each element: "fields"; empty: one row a document
  int frozen_columns;          // that stay when one scrolls
  std::vector<Column> columns;

  // Position of the column that holds `element`, or -1.
  int Find(std::string_view element) const;
};

// The table of a kind; it must not be UNSPECIFIED.
const SheetTable& TableOf(v1::SheetKind kind);

// Internal to the tables: one file each.
SheetTable ResourceTable();
SheetTable OrganizationTable();
SheetTable SystemTable();

// "无条件共享、有条件共享、不予共享".
std::string WordList(const Words& words);

}  // namespace zhanqiao::sheets
