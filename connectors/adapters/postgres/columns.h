// PostgreSQL's types as kinds of columns.
#pragma once

#include <libpq-fe.h>

#include <string>

#include "connectors/adapters/sql/dialect.h"

namespace zhanqiao::connectors {

// The column of a result with the type `oid` and its modifier (-1: none).
Column PostgresColumn(std::string name, Oid oid, int modifier);

}  // namespace zhanqiao::connectors
