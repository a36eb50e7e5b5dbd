#include "connectors/adapters/odbc/odbc.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "connectors/adapters/odbc/session.h"

namespace zhanqiao::connectors {

std::shared_ptr<SqlDatabase> OdbcDatabase(std::string connection, std::string password,
                                          const Dialect& dialect, int connections_max) {
  if (!password.empty())
    absl::StrAppend(&connection, ";PWD={", absl::StrReplaceAll(password, {{"}", "}}"}}), "}");
  return std::make_shared<SqlDatabase>(dialect, connections_max,
                                       [connection = std::move(connection), &dialect](absl::Time deadline) {
                                         return OdbcSession::Open(connection, dialect, deadline);
                                       });
}

}  // namespace zhanqiao::connectors
