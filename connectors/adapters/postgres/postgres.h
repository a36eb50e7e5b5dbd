// PostgreSQL, and what speaks its protocol (Kingbase, openGauss, CockroachDB), by libpq.
#pragma once

#include <memory>
#include <string>

#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {

// The database `connection` (a libpq connection string) names; `password` may be empty. Sessions are
// read-only, in UTF-8, with times in +08:00; statements are prepared once each, small requests sent together
// in pipeline mode. Requests that run out of time are cancelled in the server too.
std::shared_ptr<SqlDatabase> PostgresDatabase(std::string connection, std::string password,
                                              int connections_max);

}  // namespace zhanqiao::connectors
