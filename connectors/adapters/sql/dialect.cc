#include "connectors/adapters/sql/dialect.h"

namespace zhanqiao::connectors {
namespace {

constexpr Dialect kDialects[] = {
    {.name = "postgres",
     .row_values = true,
     .bytes_of = "({})::text COLLATE \"C\"",
     .as_text = "CAST({} AS text)",
     .decimal_parameter = "CAST({} AS numeric)",
     // Of sessions in +08:00, whose driver shows times without offset; libpq's are given with theirs.
     .timestamp_parameter = "CAST({} AS timestamp)",
     .boolean_parameter = "CAST({} AS boolean)",
     .set_up = {"SET default_transaction_read_only TO on", "SET datestyle TO 'ISO, YMD'",
                "SET TIME ZONE INTERVAL '+08:00' HOUR TO MINUTE", ""}},
    // The binary form compares code units whatever the column's collation; = stays first, for its index.
    {.name = "mysql",
     .quote_open = '`',
     .quote_close = '`',
     .bytes_of = "CAST(CONVERT({} USING utf8mb4) AS BINARY)",
     .exact_text = false,
     .as_text = "CAST({} AS CHAR)",
     .decimal_parameter = "CAST({} AS DECIMAL(65,20))",
     .set_up = {"SET time_zone = '+08:00'", "SET SESSION TRANSACTION READ ONLY", "", ""},
     .connection = "CHARSET=utf8mb4"},
    {.name = "sqlite",
     .row_values = true,
     .as_text = "CAST({} AS TEXT)",
     .decimal_parameter = "CAST({} AS NUMERIC)",
     .set_up = {"PRAGMA query_only = 1", "", "", ""},
     .refresh = "SELECT COUNT(*) FROM sqlite_master"},
    {.name = "sqlserver",
     .quote_open = '[',
     .quote_close = ']',
     .limit = Dialect::Limit::kTop,
     .bytes_of = "CAST(CAST({} AS NVARCHAR(4000)) COLLATE Latin1_General_100_BIN2_UTF8 AS VARBINARY(8000))",
     .exact_text = false,
     .as_text = "CAST({} AS NVARCHAR(4000))",
     .decimal_parameter = "CAST({} AS DECIMAL(38,10))",
     .timestamp_parameter = "CAST({} AS DATETIME2)"},
    {.name = "oracle",
     .limit = Dialect::Limit::kFetchFirst,
     .bytes_of = "UTL_RAW.CAST_TO_RAW({})",
     .as_text = "TO_CHAR({})",
     .decimal_parameter = "TO_NUMBER({})",
     .timestamp_parameter = "TO_TIMESTAMP({}, 'YYYY-MM-DD HH24:MI:SS.FF')",
     .set_up = {"ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'",
                "ALTER SESSION SET NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF'",
                "ALTER SESSION SET TIME_ZONE = '+08:00'", "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'"}},
    {.name = "dameng",
     .limit = Dialect::Limit::kLimit,
     .bytes_of = "UTL_RAW.CAST_TO_RAW({})",
     .decimal_parameter = "CAST({} AS DECIMAL(38,10))"},
};

}  // namespace

const Dialect* FindDialect(std::string_view name) {
  for (const Dialect& dialect : kDialects) {
    if (dialect.name == name) return &dialect;
  }
  return nullptr;
}

std::string Quoted(const Dialect& dialect, std::string_view name) {
  std::string quoted(1, dialect.quote_open);
  for (const char c : name) {
    if (c == '\0') continue;  // no identifier has one, and C interfaces would end the statement there
    quoted += c;
    if (c == dialect.quote_close) quoted += c;
  }
  return quoted + dialect.quote_close;
}

std::string Filled(std::string_view pattern, std::string_view text) {
  std::string out;
  for (size_t at = 0; at < pattern.size();) {
    if (pattern.substr(at, 2) == "{}") {
      out += text;
      at += 2;
    } else {
      out += pattern[at++];
    }
  }
  return out;
}

size_t WidthOf(const Column& column) {
  switch (column.kind) {
    case ColumnKind::kText:
      return column.length_max > 0 ? static_cast<size_t>(column.length_max) * 4 + 1 : 0;
    case ColumnKind::kInteger:
      return 24;
    case ColumnKind::kReal:
      return 48;
    case ColumnKind::kDecimal:
      return 96;
    case ColumnKind::kBoolean:
      return 8;
    case ColumnKind::kDate:
    case ColumnKind::kTimestamp:
    case ColumnKind::kZonedTimestamp:
      return 48;
    default:
      return 0;
  }
}

}  // namespace zhanqiao::connectors
