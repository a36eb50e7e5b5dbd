#include "connectors/adapters/odbc/odbc.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "connectors/adapters/odbc/session.h"

namespace zhanqiao::connectors {
namespace {

// `connection` with the dialect's own attribute, unless it has one of that name.
std::string WithDefault(std::string connection, const std::string& attribute) {
  if (attribute.empty()) return connection;
  const std::string name = absl::StrCat(";", attribute.substr(0, attribute.find('=') + 1));
  if (absl::AsciiStrToUpper(absl::StrCat(";", connection)).find(name) == std::string::npos)
    absl::StrAppend(&connection, ";", attribute);
  return connection;
}

}  // namespace

std::shared_ptr<SqlDatabase> OdbcDatabase(std::string connection, std::string password,
                                          const Dialect& dialect, int connections_max) {
  connection = WithDefault(std::move(connection), std::string(dialect.connection));
  if (!password.empty())
    absl::StrAppend(&connection, ";PWD={", absl::StrReplaceAll(password, {{"}", "}}"}}), "}");
  return std::make_shared<SqlDatabase>(dialect, connections_max,
                                       [connection = std::move(connection), &dialect](absl::Time deadline) {
                                         return OdbcSession::Open(connection, dialect, deadline);
                                       });
}

}  // namespace zhanqiao::connectors
