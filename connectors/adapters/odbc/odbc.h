// Any database with an ODBC driver, by unixODBC: Oracle, SQL Server, 达梦, Kingbase, MariaDB, SQLite …
#pragma once

#include <memory>
#include <string>

#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {

// The database `connection` (an ODBC connection string, for example "DSN=permits" or "Driver=…;Server=…")
// names; `password`, unless it is empty, is added to it as PWD. `dialect` must outlive it. Sessions are set
// up as the dialect says; rows are fetched in blocks of up to 256 KiB; statements that run out of time are
// cancelled by SQLCancel.
std::shared_ptr<SqlDatabase> OdbcDatabase(std::string connection, std::string password,
                                          const Dialect& dialect, int connections_max);

}  // namespace zhanqiao::connectors
