#include "connectors/adapters/odbc/columns.h"

#include <sqlext.h>

namespace zhanqiao::connectors {
namespace {

constexpr SQLSMALLINT kSqlServerZoned = -155;  // SQL_SS_TIMESTAMPOFFSET
constexpr SQLULEN kLongestText = 1 << 20;      // sizes beyond say "any"

int BytesOf(SQLSMALLINT type) {
  switch (type) {
    case SQL_TINYINT:
      return 1;
    case SQL_SMALLINT:
      return 2;
    case SQL_INTEGER:
      return 4;
    default:
      return 8;
  }
}

}  // namespace

std::vector<Column> OdbcColumns(SQLHSTMT statement) {
  SQLSMALLINT count = 0;
  SQLNumResultCols(statement, &count);
  std::vector<Column> columns;
  for (SQLUSMALLINT i = 1; i <= count; ++i) {
    SQLCHAR name[512] = "";
    SQLSMALLINT length = 0, type = 0, decimals = 0, nullable = 0;
    SQLULEN size = 0;
    SQLDescribeCol(statement, i, name, sizeof name, &length, &type, &size, &decimals, &nullable);
    SQLLEN is_unsigned = SQL_FALSE;
    SQLColAttribute(statement, i, SQL_DESC_UNSIGNED, nullptr, 0, nullptr, &is_unsigned);
    Column& column = columns.emplace_back();
    column.name = reinterpret_cast<const char*>(name);
    switch (type) {
      case SQL_CHAR:
      case SQL_VARCHAR:
      case SQL_LONGVARCHAR:
      case SQL_WCHAR:
      case SQL_WVARCHAR:
      case SQL_WLONGVARCHAR:
        column.kind = ColumnKind::kText;
        if (type != SQL_LONGVARCHAR && type != SQL_WLONGVARCHAR && size <= kLongestText)
          column.length_max = static_cast<int>(size);
        break;
      case SQL_TINYINT:
      case SQL_SMALLINT:
      case SQL_INTEGER:
      case SQL_BIGINT:
        column.kind = ColumnKind::kInteger;
        column.bytes = BytesOf(type);
        column.is_unsigned = is_unsigned == SQL_TRUE;
        break;
      case SQL_DECIMAL:
      case SQL_NUMERIC:
        column.kind = ColumnKind::kDecimal;
        break;
      case SQL_REAL:
      case SQL_FLOAT:
      case SQL_DOUBLE:
        column.kind = ColumnKind::kReal;
        break;
      case SQL_BIT:
        column.kind = ColumnKind::kBoolean;
        break;
      case SQL_TYPE_DATE:
      case SQL_DATE:
        column.kind = ColumnKind::kDate;
        break;
      case SQL_TYPE_TIMESTAMP:
      case SQL_TIMESTAMP:
        column.kind = ColumnKind::kTimestamp;
        break;
      case kSqlServerZoned:
        column.kind = ColumnKind::kZonedTimestamp;
        break;
      case SQL_BINARY:
      case SQL_VARBINARY:
      case SQL_LONGVARBINARY:
        column.kind = ColumnKind::kBinary;
        break;
      default:
        break;
    }
  }
  return columns;
}

}  // namespace zhanqiao::connectors
