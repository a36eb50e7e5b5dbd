#include "connectors/adapters/odbc/odbc.h"

#include <sql.h>
#include <sqlext.h>

#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "connectors/adapters/odbc/session.h"
#include "connectors/adapters/sql/sql_contract.h"
#include "connectors/adapters/sql/test_server.h"

namespace zhanqiao::connectors {
namespace {

constexpr char kDrivers[] = "/usr/lib/x86_64-linux-gnu/odbc/";

// Runs SQL as a department's own program would; the first number of a result.
class Client {
 public:
  explicit Client(const std::string& connection) : environment_(SQL_HANDLE_ENV, SQL_NULL_HANDLE) {
    SQLSetEnvAttr(environment_.get(), SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
    connection_ = OdbcHandle(SQL_HANDLE_DBC, environment_.get());
    const SQLRETURN result = SQLDriverConnect(connection_.get(), nullptr, Text(connection), SQL_NTS, nullptr,
                                              0, nullptr, SQL_DRIVER_NOPROMPT);
    EXPECT_TRUE(SQL_SUCCEEDED(result)) << Problem(connection_);
  }
  ~Client() { SQLDisconnect(connection_.get()); }

  int64_t Run(const std::string& sql) {
    const OdbcHandle statement(SQL_HANDLE_STMT, connection_.get());
    const SQLRETURN result = SQLExecDirect(statement.get(), Text(sql), SQL_NTS);
    EXPECT_TRUE(SQL_SUCCEEDED(result) || result == SQL_NO_DATA) << Problem(statement) << sql;
    int64_t number = 0;
    SQLSMALLINT columns = 0;
    SQLNumResultCols(statement.get(), &columns);
    if (columns > 0 && SQL_SUCCEEDED(SQLFetch(statement.get())))
      SQLGetData(statement.get(), 1, SQL_C_SBIGINT, &number, 0, nullptr);
    return number;
  }

 private:
  static SQLCHAR* Text(const std::string& text) {
    return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.c_str()));
  }
  static std::string Problem(const OdbcHandle& handle) {
    SQLCHAR state[6] = "", text[512] = "";
    SQLGetDiagRec(handle.kind(), handle.get(), 1, state, nullptr, text, sizeof text, nullptr);
    return absl::StrCat(reinterpret_cast<const char*>(state), " ", reinterpret_cast<const char*>(text), " ");
  }

  OdbcHandle environment_;
  OdbcHandle connection_;
};

class OdbcSource : public SqlContractSource {
 protected:
  void Execute(const std::string& sql) override { client()->Run(sql); }
  int64_t Count(const std::string& sql) override { return client()->Run(sql); }
  std::shared_ptr<SqlDatabase> Database() override {
    if (database_ == nullptr) database_ = OdbcDatabase(ConnectionString(), "", dialect(), 2);
    return database_;
  }
  virtual std::string ConnectionString() = 0;
  virtual Client* client() {
    if (client_ == nullptr) client_ = std::make_unique<Client>(ConnectionString());
    return client_.get();
  }

  std::unique_ptr<Client> client_;
  std::shared_ptr<SqlDatabase> database_;
};

class SqliteSource final : public OdbcSource {
 public:
  SqliteSource() {
    std::string name = testing::TempDir() + "zqliteXXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~SqliteSource() override {
    client_ = nullptr;
    database_ = nullptr;
    std::filesystem::remove_all(folder_);
  }

 private:
  std::string ConnectionString() override {
    return absl::StrCat("Driver=", kDrivers,
                        "libsqlite3odbc.so;Database=", (folder_ / "contract.db").string(),
                        ";SyncPragma=OFF;Timeout=10000");
  }
  const Dialect& dialect() const override { return *FindDialect("sqlite"); }
  std::string TypeName(const v1::Field& field) const override {
    switch (field.data_type()) {
      case v1::DATA_TYPE_CHARACTER:
        return absl::StrCat("varchar(", field.length(), ")");
      case v1::DATA_TYPE_NUMERIC:
      case v1::DATA_TYPE_CURRENCY:
        return "numeric";
      case v1::DATA_TYPE_DATE:
        return "date";
      case v1::DATA_TYPE_DATETIME:
        return "timestamp";
      case v1::DATA_TYPE_LOGICAL:
        return "smallint";
      case v1::DATA_TYPE_GENERAL:
        return "blob";
      case v1::DATA_TYPE_DOUBLE:
      case v1::DATA_TYPE_FLOAT:
        return "double";
      case v1::DATA_TYPE_INTEGER:
        return "bigint";
      default:
        return "text";
    }
  }
  std::string Literal(const v1::Value& value, v1::DataType type) const override {
    if (value.has_binary()) return absl::StrCat("x'", ToHex(value.binary()), "'");
    if (type == v1::DATA_TYPE_DATETIME)
      return absl::StrCat("'", value.text().substr(0, 10), " ", value.text().substr(11, 8), "'");
    return value.has_text() ? QuotedText(value.text()) : PlainText(value);
  }

  std::filesystem::path folder_;
};

// One server for the whole program.
TestServer& Mariadb() {
  static const std::unique_ptr<TestServer> server = TestServer::Mariadb();
  return *server;
}

class MariadbSource final : public OdbcSource {
 public:
  MariadbSource() { Client(Server()).Run("CREATE DATABASE IF NOT EXISTS contract CHARACTER SET utf8mb4"); }
  bool Stop() override {
    client_ = nullptr;
    Mariadb().Stop();
    return true;
  }
  void Start() override { EXPECT_TRUE(Mariadb().Start()); }

 private:
  static std::string Server() {
    return absl::StrCat("Driver=", kDrivers, "libmaodbc.so;SOCKET=", Mariadb().socket(),
                        ";UID=root;CHARSET=utf8mb4");
  }
  std::string ConnectionString() override { return Server() + ";DATABASE=contract"; }
  const Dialect& dialect() const override { return *FindDialect("mysql"); }
  std::string TypeName(const v1::Field& field) const override {
    switch (field.data_type()) {
      case v1::DATA_TYPE_CHARACTER:
        return absl::StrCat("varchar(", field.length(), ")");
      case v1::DATA_TYPE_NUMERIC:
        return "decimal(18,2)";
      case v1::DATA_TYPE_CURRENCY:
        return "decimal(18,4)";
      case v1::DATA_TYPE_DATE:
        return "date";
      case v1::DATA_TYPE_DATETIME:
        return "datetime(3)";
      case v1::DATA_TYPE_LOGICAL:
        return "tinyint";
      case v1::DATA_TYPE_GENERAL:
        return "longblob";
      case v1::DATA_TYPE_DOUBLE:
        return "double";
      case v1::DATA_TYPE_FLOAT:
        return "float";
      case v1::DATA_TYPE_INTEGER:
        return field.length() > 9 ? "bigint" : "int";
      default:
        return "longtext";
    }
  }
  std::string Literal(const v1::Value& value, v1::DataType type) const override {
    if (value.has_binary()) return absl::StrCat("x'", ToHex(value.binary()), "'");
    if (type == v1::DATA_TYPE_DATETIME)
      return absl::StrCat("'", value.text().substr(0, 10), " ", value.text().substr(11, 8), "'");
    return value.has_text() ? absl::StrCat("_utf8mb4 x'", ToHex(value.text()), "'") : PlainText(value);
  }
};

TestServer& Postgres() {
  static const std::unique_ptr<TestServer> server = TestServer::Postgres();
  return *server;
}

class PostgresSource final : public OdbcSource {
 public:
  bool Stop() override {
    client_ = nullptr;
    Postgres().Stop();
    return true;
  }
  void Start() override { EXPECT_TRUE(Postgres().Start()); }

 private:
  std::string ConnectionString() override {
    return absl::StrCat("Driver=", kDrivers, "psqlodbca.so;Servername=", Postgres().folder().string(),
                        ";Port=5432;Database=postgres;Username=zhanqiao;ByteaAsLongVarBinary=1;BoolsAsChar=0;"
                        "TextAsLongVarchar=1;"
                        "UseServerSidePrepare=1;ConnSettings=SET+client_encoding+TO+UTF8");
  }
  const Dialect& dialect() const override { return *FindDialect("postgres"); }
  std::string TypeName(const v1::Field& field) const override {
    switch (field.data_type()) {
      case v1::DATA_TYPE_CHARACTER:
        return absl::StrCat("varchar(", field.length(), ")");
      case v1::DATA_TYPE_NUMERIC:
        return "numeric(18,2)";
      case v1::DATA_TYPE_CURRENCY:
        return "numeric(18,4)";
      case v1::DATA_TYPE_DATE:
        return "date";
      case v1::DATA_TYPE_DATETIME:
        return "timestamp";
      case v1::DATA_TYPE_LOGICAL:
        return "smallint";
      case v1::DATA_TYPE_GENERAL:
        return "bytea";
      case v1::DATA_TYPE_DOUBLE:
        return "float8";
      case v1::DATA_TYPE_FLOAT:
        return "real";
      case v1::DATA_TYPE_INTEGER:
        return "bigint";
      default:
        return "text";
    }
  }
  std::string Literal(const v1::Value& value, v1::DataType type) const override {
    if (value.has_binary()) return absl::StrCat("decode('", ToHex(value.binary()), "', 'hex')");
    if (type == v1::DATA_TYPE_DATETIME)
      return absl::StrCat("'", value.text().substr(0, 10), " ", value.text().substr(11, 8), "'");
    if (value.has_text() && type != v1::DATA_TYPE_CHARACTER && type != v1::DATA_TYPE_MEMO)
      return QuotedText(value.text());
    return value.has_text() ? absl::StrCat("convert_from(decode('", ToHex(value.text()), "', 'hex'), 'UTF8')")
                            : PlainText(value);
  }
};

template <typename Source>
std::unique_ptr<ContractSource> Make() {
  return std::make_unique<Source>();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, AdapterContract, testing::Values(&Make<SqliteSource>));
INSTANTIATE_TEST_SUITE_P(Mariadb, AdapterContract, testing::Values(&Make<MariadbSource>));
INSTANTIATE_TEST_SUITE_P(PostgresByOdbc, AdapterContract, testing::Values(&Make<PostgresSource>));

TEST(Odbc, AStatementThatTakesTooLongIsCancelled) {
  MariadbSource source;
  const auto mapping = ParseMapping(
      "query = \"SELECT 'x' AS a, SLEEP(120) AS b FROM (SELECT 1 AS one) t\"\n[fields]\npermit = "
      "\"a\"\nlevel = \"b\"\n"
      "floors = {constant = \"1\"}\nissued = {constant = \"2017-01-01\"}\n");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  const std::string connection = absl::StrCat("Driver=", kDrivers, "libmaodbc.so;SOCKET=", Mariadb().socket(),
                                              ";UID=root;CHARSET=utf8mb4");
  const SqlAdapter adapter(OdbcDatabase(connection, "", *FindDialect("mysql"), 1), *mapping, ContractEntry());
  auto query = AskOf(ContractEntry(), {"permit", "level"});
  query.set_timeout_ms(500);
  v1::ConnectorReply reply;
  const absl::Time start = absl::Now();
  const absl::Status status = adapter.Answer(query, reply);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(60));
  Client client(connection);
  const auto running = [&client] {
    return client.Run(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%SLEEP(120)%' AND id <> CONNECTION_ID()");
  };
  while (running() != 0 && absl::Now() - start < absl::Seconds(60)) std::this_thread::yield();
  EXPECT_EQ(running(), 0);
}

// The rows of `adapter` as one text.
std::string Served(const SqlAdapter& adapter, const std::string& field) {
  v1::ConnectorReply reply;
  const absl::Status status = adapter.Answer(AskOf(ContractEntry(), {field}), reply);
  if (!status.ok()) return ReasonOf(status);
  std::string text;
  for (const auto& row : reply.records().rows()) absl::StrAppend(&text, row.values(0).text(), " ");
  return text;
}

constexpr char kPlainMapping[] =
    "table = \"plain\"\n[fields]\npermit = \"a\"\nlevel = {constant = \"市\"}\nfloors = {constant = "
    "\"1\"}\nissued = {constant = \"2017-01-01\"}\n";

TEST(Odbc, MariadbSpeaksUtf8AlsoWhereItsConnectionStringDoesNotSaySo) {
  MariadbSource source;
  const std::string connection =
      absl::StrCat("Driver=", kDrivers, "libmaodbc.so;SOCKET=", Mariadb().socket(), ";UID=root;DATABASE=contract");
  Client client(connection + ";charset=utf8mb4");
  client.Run("CREATE OR REPLACE TABLE plain (a VARCHAR(10)) CHARACTER SET utf8mb4");
  client.Run("INSERT INTO plain VALUES ('青岛')");
  for (const char* said : {"", ";charset=utf8mb4", ";CHARSET=utf8mb4"}) {
    const SqlAdapter adapter(OdbcDatabase(connection + said, "", *FindDialect("mysql"), 1),
                             *ParseMapping(kPlainMapping), ContractEntry());
    EXPECT_EQ(Served(adapter, "permit"), "青岛 ") << said;
  }
}

TEST(Odbc, ATableThatWasAlteredIsServedAnewOnTheSameConnection) {
  const std::string file = testing::TempDir() + "zqaltered.db";
  std::filesystem::remove(file);
  const std::string connection = absl::StrCat("Driver=", kDrivers, "libsqlite3odbc.so;Database=", file);
  Client client(connection);
  client.Run("CREATE TABLE plain (a varchar(10))");
  client.Run("INSERT INTO plain VALUES ('before')");
  const SqlAdapter adapter(OdbcDatabase(connection, "", *FindDialect("sqlite"), 1), *ParseMapping(kPlainMapping),
                           ContractEntry());
  ASSERT_EQ(Served(adapter, "permit"), "before ");
  client.Run("DROP TABLE plain");
  client.Run("CREATE TABLE plain (other varchar(10))");
  const auto altered = adapter.Mismatches();
  ASSERT_TRUE(altered.ok()) << altered.status();
  ASSERT_EQ(altered->size(), 1u);
  EXPECT_EQ(altered->front().reason, "COLUMN_MISSING");
  std::filesystem::remove(file);
}

TEST(Odbc, ADriverThatIsNotThereIsNamedAtOnce) {
  const auto mapping = ParseMapping(
      "table = \"t\"\n[fields]\npermit = \"a\"\nlevel = \"b\"\nfloors = \"c\"\nissued = \"d\"\n");
  const SqlAdapter adapter(OdbcDatabase("Driver=/nonexistent.so", "", *FindDialect("oracle"), 1), *mapping,
                           ContractEntry());
  v1::ConnectorReply reply;
  const absl::Status status = adapter.Answer(AskOf(ContractEntry(), {"permit"}), reply);
  EXPECT_EQ(ReasonOf(status), "SOURCE_UNAVAILABLE");
  EXPECT_EQ(FactOf(status, "link"), "source");
}

}  // namespace
}  // namespace zhanqiao::connectors
