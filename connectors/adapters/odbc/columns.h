// ODBC's types as kinds of columns.
#pragma once

#include <sql.h>

#include <vector>

#include "connectors/adapters/sql/dialect.h"

namespace zhanqiao::connectors {

// The columns of the result `statement` has.
std::vector<Column> OdbcColumns(SQLHSTMT statement);

}  // namespace zhanqiao::connectors
