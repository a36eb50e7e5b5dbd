#include "connectors/adapters/postgres/postgres.h"

#include "connectors/adapters/postgres/session.h"

namespace zhanqiao::connectors {

std::shared_ptr<SqlDatabase> PostgresDatabase(std::string connection, std::string password,
                                              int connections_max) {
  static const Dialect dialect = [] {
    Dialect numbered = *FindDialect("postgres");
    numbered.numbered = true;
    numbered.timestamp_parameter = numbered.boolean_parameter = "{}";  // each takes its column's type
    return numbered;
  }();
  return std::make_shared<SqlDatabase>(
      dialect, connections_max,
      [connection = std::move(connection), password = std::move(password)](absl::Time deadline) {
        return PostgresSession::Open(connection, password, deadline);
      });
}

}  // namespace zhanqiao::connectors
