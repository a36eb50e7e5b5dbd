// adapter-scan-bench: all rows of a table in chunks, through each database adapter, against the same rows
// read by hand (COPY; a block cursor). The floor is half of that speed. Servers are started as in the tests.
#include <libpq-fe.h>
#include <sql.h>
#include <sqlext.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "connectors/adapters/contract_rows.h"
#include "connectors/adapters/odbc/odbc.h"
#include "connectors/adapters/odbc/session.h"
#include "connectors/adapters/postgres/postgres.h"
#include "connectors/adapters/sql/sql_adapter.h"
#include "connectors/adapters/sql/test_server.h"

namespace zhanqiao::connectors {
namespace {

constexpr char kSelect[] =
    "SELECT id, permit, holder, level, amount, issued, changed, floors FROM permits ORDER BY id";
constexpr int kChunkRows = 10'000;

v1::Resource Entry() {
  v1::Resource entry;
  entry.set_name("resources/308001370200~000001");
  const auto add = [&entry](const char* name, v1::DataType type, int length) {
    v1::Field& field = *entry.add_fields();
    field.set_field(name);
    field.set_data_type(type);
    field.set_length(length);
  };
  add("id", v1::DATA_TYPE_INTEGER, 18);
  add("permit", v1::DATA_TYPE_CHARACTER, 20);
  add("holder", v1::DATA_TYPE_CHARACTER, 30);
  add("level", v1::DATA_TYPE_CHARACTER, 10);
  add("amount", v1::DATA_TYPE_CURRENCY, 0);
  add("issued", v1::DATA_TYPE_DATE, 0);
  add("changed", v1::DATA_TYPE_DATETIME, 0);
  add("floors", v1::DATA_TYPE_INTEGER, 4);
  return entry;
}

Mapping Identity() {
  Mapping mapping;
  mapping.table = {"permits"};
  mapping.key = {"id"};
  for (const auto& name : FieldNames(Entry())) mapping.fields[name].column = name;
  return mapping;
}

struct Read {
  int64_t rows = 0;
  int64_t bytes = 0;
  double seconds = 0;
};

template <typename F>
Read Timed(F read) {
  const absl::Time start = absl::Now();
  Read result = read();
  result.seconds = absl::ToDoubleSeconds(absl::Now() - start);
  return result;
}

// Every chunk, one after the other, as a fetch asks for them.
Read ByAdapter(const Adapter& adapter) {
  Read read;
  v1::ConnectorQuery query = AskOf(Entry(), FieldNames(Entry()));
  query.set_chunk(true);
  query.set_row_limit(kChunkRows);
  query.set_timeout_ms(600'000);
  for (;;) {
    google::protobuf::Arena arena;
    auto& reply = *google::protobuf::Arena::CreateMessage<v1::ConnectorReply>(&arena);
    const absl::Status status = adapter.Answer(query, reply);
    if (!status.ok()) {
      std::cerr << status << std::endl;
      exit(1);
    }
    read.rows += reply.records().rows_size();
    read.bytes += static_cast<int64_t>(reply.ByteSizeLong());
    if (reply.next_cursor().empty()) return read;
    query.set_cursor(reply.next_cursor());
  }
}

void Report(const std::string& name, const Read& hand, const Read& adapter) {
  if (hand.rows != adapter.rows) {
    std::cerr << name << ": " << adapter.rows << " of " << hand.rows << " rows\n";
    exit(1);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << absl::StrFormat(
                   "{\"source\":\"%s\",\"rows\":%d,\"by_hand_rows_s\":%.0f,\"adapter_rows_s\":%.0f,\"adapter_"
                   "mb_s\":%.1f,"
                   "\"share\":%.2f,\"rss_mb_max\":%d}",
                   name, adapter.rows, static_cast<double>(hand.rows) / hand.seconds,
                   static_cast<double>(adapter.rows) / adapter.seconds,
                   static_cast<double>(adapter.bytes) / adapter.seconds / 1e6, hand.seconds / adapter.seconds,
                   usage.ru_maxrss / 1024)
            << std::endl;
}

void BenchPostgres(int rows) {
  const auto server = TestServer::Postgres();
  const std::string where =
      absl::StrCat("host=", server->folder().string(), " user=zhanqiao dbname=postgres");
  PGconn* connection = PQconnectdb(where.c_str());
  PQclear(PQexec(
      connection,
      absl::StrCat("CREATE TABLE permits AS SELECT i::bigint AS id, ('A-' || i)::varchar(20) AS permit, "
                   "('青岛市民' || i)::varchar(30) AS holder, '市'::varchar(10) AS level, (i % 100000 / "
                   "100.0)::numeric(18,4) AS amount, "
                   "date '2017-01-01' + i % 300 AS issued, timestamptz '2017-01-01 09:00:00+08' + i * "
                   "interval '1 second' AS changed, "
                   "i % 30 AS floors FROM generate_series(1, ",
                   rows, ") i")
          .c_str()));
  PQclear(PQexec(connection, "ALTER TABLE permits ADD PRIMARY KEY (id)"));
  PQclear(PQexec(connection, "ANALYZE permits"));
  const auto by_hand = [connection] {
    Read read;
    PQclear(PQexec(connection, absl::StrCat("COPY (", kSelect, ") TO STDOUT").c_str()));
    char* line = nullptr;
    for (int bytes; (bytes = PQgetCopyData(connection, &line, 0)) > 0; PQfreemem(line)) {
      ++read.rows;
      read.bytes += bytes;
    }
    while (PGresult* result = PQgetResult(connection)) PQclear(result);
    return read;
  };
  by_hand();  // warm
  const SqlAdapter adapter(PostgresDatabase(where, "", 1), Identity(), Entry());
  Report("postgres", Timed(by_hand), Timed([&adapter] { return ByAdapter(adapter); }));
  PQfinish(connection);
}

// A cursor with a block of 1,000 rows, as text, read by hand.
Read Blocks(SQLHDBC connection) {
  const OdbcHandle statement(SQL_HANDLE_STMT, connection);
  constexpr size_t kRows = 1000, kColumns = 8, kWidth = 128;
  std::vector<char> cells(kRows * kColumns * kWidth);
  std::vector<SQLLEN> lengths(kRows * kColumns);
  SQLULEN fetched = 0;
  SQLSetStmtAttr(statement.get(), SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(kRows), 0);
  SQLSetStmtAttr(statement.get(), SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
  SQLExecDirect(statement.get(), reinterpret_cast<SQLCHAR*>(const_cast<char*>(kSelect)), SQL_NTS);
  for (size_t i = 0; i < kColumns; ++i) {
    SQLBindCol(statement.get(), static_cast<SQLUSMALLINT>(i + 1), SQL_C_CHAR, &cells[i * kRows * kWidth],
               kWidth, &lengths[i * kRows]);
  }
  Read read;
  while (SQL_SUCCEEDED(SQLFetch(statement.get()))) read.rows += static_cast<int64_t>(fetched);
  return read;
}

void BenchOdbc(const std::string& name, const std::string& where, const std::vector<std::string>& fill) {
  OdbcHandle environment(SQL_HANDLE_ENV, SQL_NULL_HANDLE);
  SQLSetEnvAttr(environment.get(), SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  OdbcHandle connection(SQL_HANDLE_DBC, environment.get());
  std::string text = where;
  SQLDriverConnect(connection.get(), nullptr, reinterpret_cast<SQLCHAR*>(text.data()), SQL_NTS, nullptr, 0,
                   nullptr, SQL_DRIVER_NOPROMPT);
  for (const std::string& sql : fill) {
    const OdbcHandle statement(SQL_HANDLE_STMT, connection.get());
    std::string one = sql;
    if (!SQL_SUCCEEDED(SQLExecDirect(statement.get(), reinterpret_cast<SQLCHAR*>(one.data()), SQL_NTS)))
      std::cerr << "failed: " << sql << "\n";
  }
  Blocks(connection.get());  // warm
  const SqlAdapter adapter(OdbcDatabase(where, "", *FindDialect(name == "sqlite" ? "sqlite" : "mysql"), 1),
                           Identity(), Entry());
  const Read hand = Timed([&connection] { return Blocks(connection.get()); });
  Report(name, hand, Timed([&adapter] { return ByAdapter(adapter); }));
  SQLDisconnect(connection.get());
}

void BenchMariadb(int rows) {
  const auto server = TestServer::Mariadb();
  const std::string where =
      absl::StrCat("Driver=/usr/lib/x86_64-linux-gnu/odbc/libmaodbc.so;SOCKET=", server->socket(),
                   ";UID=root;CHARSET=utf8mb4;DATABASE=mysql");
  BenchOdbc("mariadb", where,
            {"CREATE TABLE permits (id BIGINT PRIMARY KEY, permit VARCHAR(20), holder VARCHAR(30), level "
             "VARCHAR(10), amount DECIMAL(18,4), "
             "issued DATE, changed DATETIME, floors INT) ENGINE=InnoDB CHARACTER SET utf8mb4",
             absl::StrCat("INSERT INTO permits SELECT seq, CONCAT('A-', seq), CONCAT('青岛市民', seq), '市', "
                          "seq % 100000 / 100, "
                          "DATE_ADD('2017-01-01', INTERVAL seq % 300 DAY), DATE_ADD('2017-01-01 09:00:00', "
                          "INTERVAL seq SECOND), seq % 30 "
                          "FROM seq_1_to_",
                          rows)});
}

void BenchSqlite(int rows) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / absl::StrCat("zqscan", getpid(), ".db");
  BenchOdbc("sqlite",
            absl::StrCat("Driver=/usr/lib/x86_64-linux-gnu/odbc/libsqlite3odbc.so;SyncPragma=OFF;Database=",
                         file.string()),
            {"CREATE TABLE permits (id bigint primary key, permit varchar(20), holder varchar(30), level "
             "varchar(10), amount numeric, "
             "issued date, changed timestamp, floors integer)",
             absl::StrCat("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ", rows,
                          ") INSERT INTO permits SELECT i, 'A-' || i, '青岛市民' || i, '市', i % 100000 / "
                          "100.0, date('2017-01-01', (i % 300) || ' days'), "
                          "datetime('2017-01-01 09:00:00', i || ' seconds'), i % 30 FROM n")});
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace zhanqiao::connectors

int main(int argc, char** argv) {
  CLI::App app("Reads a table in chunks through each database adapter and by hand.");
  int rows = 1'000'000;
  std::vector<std::string> sources = {"postgres", "mariadb", "sqlite"};
  app.add_option("--rows", rows, "rows of the table")->capture_default_str();
  app.add_option("--source", sources, "which of them")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  for (const std::string& source : sources) {
    if (source == "postgres") zhanqiao::connectors::BenchPostgres(rows);
    if (source == "mariadb") zhanqiao::connectors::BenchMariadb(rows);
    if (source == "sqlite") zhanqiao::connectors::BenchSqlite(rows);
  }
}
