// ODBC's types as kinds of columns.
#pragma once

#include <sql.h>

#include <vector>

#include "connectors/adapters/sql/dialect.h"

namespace zhanqiao::connectors {

// The columns of the result `statement` has.
std::vector<Column> OdbcColumns(SQLHSTMT statement);

// Bytes a cell of `column` takes as text, with its closing zero; 0: no telling.
size_t WidthOf(const Column& column);

}  // namespace zhanqiao::connectors
