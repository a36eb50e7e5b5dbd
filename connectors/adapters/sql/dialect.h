// What differs between databases in the SQL that adapters write, as data.
#pragma once

#include <string>
#include <string_view>

namespace zhanqiao::connectors {

// What kind of values a column keeps.
enum class ColumnKind {
  kText,
  kInteger,
  kDecimal,
  kReal,
  kBoolean,
  kDate,
  kTimestamp,
  kZonedTimestamp,
  kBinary,
  kOther
};

// A column as the source describes it.
struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::kOther;
  int bytes = 8;  // of an integer: 1, 2, 4 or 8
  bool is_unsigned = false;
  int length_max = 0;  // of text: characters; 0: unbounded or unknown
};

// Bytes a cell of `column` takes as text, with its closing zero; 0: no telling.
size_t WidthOf(const Column& column);

struct Dialect {
  enum class Limit { kLimit, kTop, kFetchFirst };

  std::string_view name;
  char quote_open = '"';
  char quote_close = '"';
  bool numbered = false;  // parameters are $1, $2 …; otherwise ?
  Limit limit = Limit::kLimit;
  bool row_values = false;  // (a, b) > (?, ?) is understood and uses an index
  // {} stands for a column or parameter in these.
  std::string_view bytes_of = "{}";  // text as something that orders by its UTF-8 bytes
  bool exact_text = true;            // = on text tells every two texts apart (case, accents, trailing blanks)
  std::string_view as_text = "CAST({} AS VARCHAR(4000))";  // anything as text
  std::string_view decimal_parameter = "{}";               // a decimal, given as text
  std::string_view timestamp_parameter = "{}";             // a date or time, given as text
  std::string_view boolean_parameter = "{}";               // 1 or 0
  std::string_view set_up[4] = {};  // what a new ODBC session runs: read-only, times in +08:00
  // What its ODBC connection strings have unless they say otherwise: "CHARSET=utf8mb4"; drivers for MySQL
  // refuse SET NAMES.
  std::string_view connection = {};
  // What an ODBC session runs before it asks for columns. SQLite's driver tells those a statement was prepared
  // with, and its library learns of an altered table only from a statement that runs.
  std::string_view refresh = {};
};

// One of "postgres", "mysql" (MariaDB too), "sqlite", "sqlserver", "oracle", "dameng"; null if there is none
// of the name. Kingbase and openGauss are "postgres".
const Dialect* FindDialect(std::string_view name);

// `name` as an identifier: between quotes, the closing one doubled, so that whatever it holds is one name.
std::string Quoted(const Dialect& dialect, std::string_view name);

// {} of `pattern` replaced by `text`.
std::string Filled(std::string_view pattern, std::string_view text);

}  // namespace zhanqiao::connectors
