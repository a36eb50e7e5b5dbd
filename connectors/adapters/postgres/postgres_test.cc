#include "connectors/adapters/postgres/postgres.h"

#include <libpq-fe.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "connectors/adapters/sql/sql_contract.h"
#include "connectors/adapters/sql/test_server.h"

namespace zhanqiao::connectors {
namespace {

// One server for the whole program.
TestServer& Server() {
  static const std::unique_ptr<TestServer> server = TestServer::Postgres();
  return *server;
}

std::string ConnectionString() {
  return absl::StrCat("host=", Server().folder().string(), " user=zhanqiao dbname=postgres");
}

// Runs SQL as a department's own program would.
std::string Sql(const std::string& sql) {
  PGconn* connection = PQconnectdb(ConnectionString().c_str());
  PGresult* result = PQexec(connection, ("SET client_min_messages TO error; " + sql).c_str());
  const ExecStatusType state = PQresultStatus(result);
  EXPECT_TRUE(state == PGRES_COMMAND_OK || state == PGRES_TUPLES_OK) << PQerrorMessage(connection) << sql;
  const std::string value = state == PGRES_TUPLES_OK && PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  PQfinish(connection);
  return value;
}

class PostgresSource final : public SqlContractSource {
 public:
  bool Stop() override {
    Server().Stop();
    return true;
  }
  void Start() override { EXPECT_TRUE(Server().Start()); }

 private:
  void Execute(const std::string& sql) override { Sql(sql); }
  int64_t Count(const std::string& sql) override { return std::stoll(Sql(sql)); }
  std::shared_ptr<SqlDatabase> Database() override {
    if (database_ == nullptr) database_ = PostgresDatabase(ConnectionString(), "", 2);
    return database_;
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
        return "timestamptz";
      case v1::DATA_TYPE_LOGICAL:
        return "boolean";
      case v1::DATA_TYPE_GENERAL:
        return "bytea";
      case v1::DATA_TYPE_DOUBLE:
        return "float8";
      case v1::DATA_TYPE_FLOAT:
        return "real";
      case v1::DATA_TYPE_INTEGER:
        return field.length() > 9 ? "bigint" : "smallint";
      default:
        return "text";
    }
  }
  std::string Literal(const v1::Value& value, v1::DataType) const override {
    if (value.has_binary()) return absl::StrCat("'\\x", ToHex(value.binary()), "'");
    if (value.has_logical()) return value.logical() ? "true" : "false";
    return value.has_text() ? QuotedText(value.text()) : PlainText(value);
  }

  std::shared_ptr<SqlDatabase> database_;
};

std::unique_ptr<ContractSource> MakePostgresSource() {
  return std::make_unique<PostgresSource>();
}

INSTANTIATE_TEST_SUITE_P(Postgres, AdapterContract, testing::Values(&MakePostgresSource));

// A resource of one table that each test makes its own way.
class PostgresTest : public testing::Test {
 protected:
  void Make(const std::string& sql, const std::string& mapping) {
    Sql(sql);
    const auto read = ParseMapping(mapping);
    ASSERT_TRUE(read.ok()) << read.status();
    adapter_ =
        std::make_unique<SqlAdapter>(PostgresDatabase(ConnectionString(), "", 2), *read, ContractEntry());
  }
  std::string Problems() {
    const auto found = adapter_->Mismatches();
    EXPECT_TRUE(found.ok()) << found.status();
    std::string problems;
    for (const Violation& one : *found) absl::StrAppend(&problems, one.field, " ", one.reason, "; ");
    return problems;
  }
  absl::Status Answer(const v1::ConnectorQuery& query) {
    reply_.Clear();
    return adapter_->Answer(query, reply_);
  }
  std::string Permits() const {
    std::string permits;
    for (const auto& row : reply_.records().rows()) permits += row.values(0).text() + " ";
    return permits;
  }

  std::unique_ptr<SqlAdapter> adapter_;
  v1::ConnectorReply reply_;
};

constexpr char kTable[] =
    "DROP TABLE IF EXISTS permits; CREATE TABLE permits (xkzh bigint PRIMARY KEY, jb char(1), cs text, fzrq "
    "text);"
    "INSERT INTO permits VALUES (1, '1', '6', '20170102'), (2, '2', NULL, '20170304'), (3, '9', 'six', "
    "'20170506')";
constexpr char kMapping[] =
    "table = \"permits\"\nkey = \"xkzh\"\n[fields]\npermit = \"xkzh\"\nlevel = {column = \"jb\", values = {1 "
    "= \"市\", 2 = \"区\"}}\n"
    "floors = \"cs\"\nissued = {column = \"fzrq\", format = \"YYYYMMDD\"}\n";

TEST_F(PostgresTest, ConvertsAndPushesConditionsThroughTheMapping) {
  Make(kTable, kMapping);
  auto query = AskOf(ContractEntry(), {"permit", "issued"});
  Where(query, "level", v1::COMPARISON_GREATER_OR_EQUAL, TextValue("区"));
  ASSERT_TRUE(Answer(query).ok());
  EXPECT_EQ(Permits(), "1 2 ");
  EXPECT_EQ(reply_.records().rows(1).values(1).text(), "2017-03-04");
  query = AskOf(ContractEntry(), {"permit"});
  Where(query, "issued", v1::COMPARISON_GREATER, TextValue("2017-01-02"));
  Where(query, "permit", "2");
  ASSERT_TRUE(Answer(query).ok());
  EXPECT_EQ(Permits(), "2 ");
}

TEST_F(PostgresTest, AValueThatDoesNotFitIsNamedByFieldAndNeverShown) {
  Make(kTable, kMapping);
  auto query = AskOf(ContractEntry(), {"floors"});
  const absl::Status status = Answer(query);
  EXPECT_EQ(ReasonOf(status), "SOURCE_VALUE");
  EXPECT_EQ(FactOf(status, "field"), "floors");
  EXPECT_EQ(ToDetails(status).find("six"), std::string::npos);
}

TEST_F(PostgresTest, WhatTheSourceCannotCompareByTypeIsRefused) {
  Make(kTable, kMapping);
  auto query = AskOf(ContractEntry(), {"permit"});
  Where(query, "floors", v1::COMPARISON_EQUALS, IntegerValue(6));
  EXPECT_EQ(ReasonOf(Answer(query)), "CONDITION_NOT_SERVED");
}

TEST_F(PostgresTest, EveryMismatchOfMappingAndTableIsReported) {
  Make("DROP TABLE IF EXISTS wrong; CREATE TABLE wrong (a varchar(40), b bytea, c date)",
       "table = \"wrong\"\nkey = \"id\"\n[fields]\npermit = \"a\"\nlevel = \"b\"\nfloors = \"c\"\nissued = "
       "\"gone\"\n");
  EXPECT_EQ(Problems(),
            "key id COLUMN_MISSING; permit LENGTH_SMALL; level TYPE_MISMATCH; floors TYPE_MISMATCH; issued "
            "COLUMN_MISSING; ");
  EXPECT_EQ(ReasonOf(Answer(AskOf(ContractEntry(), {"permit"}))), "COLUMN_MISSING");
}

TEST_F(PostgresTest, AStatementThatTakesTooLongIsCancelledInTheServer) {
  Make("DROP TABLE IF EXISTS one; CREATE TABLE one (a integer); INSERT INTO one VALUES (1)",
       "query = \"SELECT 'x'::text AS a, pg_sleep(120 * a)::text AS b FROM one\"\n[fields]\npermit = "
       "\"a\"\nlevel = \"b\"\n"
       "floors = {constant = \"1\"}\nissued = {constant = \"2017-01-01\"}\n");
  auto query = AskOf(ContractEntry(), {"permit", "level"});
  query.set_timeout_ms(300);
  const absl::Status status = Answer(query);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_EQ(FactOf(status, "link"), "source");
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  const std::string running =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT%pg_sleep(120%' "
      "AND pid <> pg_backend_pid()";
  while (Sql(running) != "0" && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(Sql(running), "0");
}

TEST_F(PostgresTest, ATableThatWasAlteredIsServedAnew) {
  Make(kTable, kMapping);
  auto query = AskOf(ContractEntry(), {"permit"});
  ASSERT_TRUE(Answer(query).ok());
  Sql("ALTER TABLE permits ALTER xkzh TYPE varchar(10)");
  ASSERT_TRUE(Answer(query).ok());
  Where(query, "permit", "3");
  ASSERT_TRUE(Answer(query).ok());
  EXPECT_EQ(Permits(), "3 ");
  Sql("ALTER TABLE permits RENAME xkzh TO other");
  EXPECT_EQ(ReasonOf(Answer(query)), "COLUMN_MISSING");
}

constexpr char kMany[] =
    "DROP TABLE IF EXISTS many; CREATE TABLE many AS SELECT i::bigint AS id, 'x'::varchar(200) AS a FROM "
    "generate_series(1, 2500) i; ALTER TABLE many ADD PRIMARY KEY (id)";
constexpr char kManyMapping[] =
    "table = \"many\"\nkey = \"id\"\n[fields]\npermit = \"id\"\nlevel = \"a\"\nfloors = {constant = "
    "\"1\"}\nissued = {constant = \"2017-01-01\"}\n";

v1::ConnectorQuery ManyRows() {
  auto query = AskOf(ContractEntry(), {"permit", "level"});
  query.set_chunk(true);
  query.set_row_limit(2200);
  return query;
}

TEST_F(PostgresTest, AChunkOfManyRowsComesWholeAndTheNextGoesOn) {
  Make(kMany, kManyMapping);
  auto query = ManyRows();
  ASSERT_TRUE(Answer(query).ok());
  ASSERT_EQ(reply_.records().rows_size(), 2200);
  for (int i = 0; i < 2200; ++i) EXPECT_EQ(reply_.records().rows(i).values(0).text(), absl::StrCat(i + 1));
  query.set_cursor(reply_.next_cursor());
  ASSERT_TRUE(Answer(query).ok());
  EXPECT_EQ(reply_.records().rows_size(), 300);
  EXPECT_EQ(reply_.records().rows(299).values(0).text(), "2500");
  EXPECT_EQ(reply_.next_cursor(), "");
}

TEST_F(PostgresTest, AfterAFailureInTheMiddleOfManyRowsTheSessionGoesOn) {
  Make(kMany, kManyMapping);
  Sql("UPDATE many SET a = repeat('y', 200) WHERE id = 1100");
  EXPECT_EQ(ReasonOf(Answer(ManyRows())), "SOURCE_VALUE");
  Sql("UPDATE many SET a = 'x' WHERE id = 1100");
  ASSERT_TRUE(Answer(ManyRows()).ok());
  EXPECT_EQ(reply_.records().rows_size(), 2200);
  Sql("ALTER TABLE many RENAME a TO b");
  EXPECT_EQ(ReasonOf(Answer(ManyRows())), "COLUMN_MISSING");
  Sql("ALTER TABLE many RENAME b TO a");
  EXPECT_TRUE(Answer(ManyRows()).ok());
}

TEST_F(PostgresTest, ManyRowsThatStallAreGivenUpInTime) {
  Make("SELECT 1",
       "query = \"SELECT i::bigint AS id, i::bigint AS a FROM generate_series(1, 3000) i WHERE i < 1500 OR "
       "pg_sleep(60)::text = ''\"\n[fields]\npermit = \"id\"\nlevel = \"a\"\nfloors = {constant = \"1\"}\nissued = "
       "{constant = \"2017-01-01\"}\n");
  auto query = AskOf(ContractEntry(), {"permit", "level"});
  query.set_row_limit(2200);
  query.set_timeout_ms(300);
  EXPECT_EQ(ReasonOf(Answer(query)), "SOURCE_SLOW");
}

TEST_F(PostgresTest, SessionsAreReadOnly) {
  Make(
      "DROP TABLE IF EXISTS one; CREATE TABLE one (a integer); CREATE OR REPLACE FUNCTION writes() RETURNS "
      "text AS "
      "'INSERT INTO one VALUES (2); SELECT ''x''::text' LANGUAGE sql",
      "query = \"SELECT writes() AS a\"\n[fields]\npermit = \"a\"\nlevel = \"a\"\nfloors = {constant = "
      "\"1\"}\nissued = {constant = \"2017-01-01\"}\n");
  EXPECT_EQ(ReasonOf(Answer(AskOf(ContractEntry(), {"permit"}))), "SOURCE_REFUSED");
  EXPECT_EQ(Sql("SELECT count(*) FROM one"), "0");
}

TEST_F(PostgresTest, ManyAtOnceShareFewConnections) {
  Make(kTable, kMapping);
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) {
        auto query = AskOf(ContractEntry(), {"permit"});
        Where(query, "permit", absl::StrCat(1 + j % 3));
        v1::ConnectorReply reply;
        if (adapter_->Answer(query, reply).ok() && reply.records().rows_size() == 1) ++answered;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, 400);
}

TEST(Postgres, AServerThatIsNotThereIsNamedAtOnce) {
  const auto mapping = ParseMapping(kMapping);
  const SqlAdapter adapter(PostgresDatabase("host=/nonexistent user=x dbname=y", "", 1), *mapping,
                           ContractEntry());
  v1::ConnectorReply reply;
  const absl::Status status = adapter.Answer(AskOf(ContractEntry(), {"permit"}), reply);
  EXPECT_EQ(ReasonOf(status), "SOURCE_UNAVAILABLE");
  EXPECT_EQ(FactOf(status, "link"), "source");
}

}  // namespace
}  // namespace zhanqiao::connectors
