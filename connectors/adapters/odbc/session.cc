#include "connectors/adapters/odbc/session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/adapters/odbc/columns.h"
#include "connectors/adapters/odbc/watchdog.h"

namespace zhanqiao::connectors {
namespace {

constexpr size_t kPreparedMax = 64;        // statements; then all are dropped
constexpr size_t kBlockBytes = 256 << 10;  // fetched at once
constexpr size_t kWidthMax = 8 << 10;      // wider cells are fetched one by one

SQLCHAR* Sql(const std::string& text) {
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));
}

bool Ok(SQLRETURN result) {
  return result == SQL_SUCCESS || result == SQL_SUCCESS_WITH_INFO || result == SQL_NO_DATA;
}

}  // namespace

OdbcHandle::OdbcHandle(SQLSMALLINT kind, SQLHANDLE parent) : kind_(kind) {
  if (!Ok(SQLAllocHandle(kind, parent, &handle_))) handle_ = nullptr;
}

OdbcHandle::OdbcHandle(OdbcHandle&& other) noexcept
    : kind_(other.kind_), handle_(std::exchange(other.handle_, nullptr)) {}

OdbcHandle& OdbcHandle::operator=(OdbcHandle&& other) noexcept {
  std::swap(kind_, other.kind_);
  std::swap(handle_, other.handle_);
  return *this;
}

OdbcHandle::~OdbcHandle() {
  if (handle_ != nullptr) SQLFreeHandle(kind_, handle_);
}

OdbcSession::OdbcSession(const Dialect& dialect)
    : dialect_(dialect), environment_(SQL_HANDLE_ENV, SQL_NULL_HANDLE) {
  SQLSetEnvAttr(environment_.get(), SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  connection_ = OdbcHandle(SQL_HANDLE_DBC, environment_.get());
}

OdbcSession::~OdbcSession() {
  prepared_.clear();
  if (connected_) SQLDisconnect(connection_.get());
}

absl::StatusOr<std::unique_ptr<SqlConnection>> OdbcSession::Open(const std::string& connection,
                                                                 const Dialect& dialect,
                                                                 absl::Time deadline) {
  std::unique_ptr<OdbcSession> session(new OdbcSession(dialect));
  const auto seconds =
      static_cast<uintptr_t>(std::clamp<int64_t>(absl::ToInt64Seconds(deadline - absl::Now()), 1, 30));
  SQLSetConnectAttr(session->connection_.get(), SQL_ATTR_LOGIN_TIMEOUT, reinterpret_cast<SQLPOINTER>(seconds),
                    0);
  const SQLRETURN connected =
      SQLDriverConnect(session->connection_.get(), nullptr, Sql(connection),
                       static_cast<SQLSMALLINT>(connection.size()), nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT);
  if (!SQL_SUCCEEDED(connected)) {
    SQLCHAR state[6] = "", text[512] = "";
    SQLGetDiagRec(SQL_HANDLE_DBC, session->connection_.get(), 1, state, nullptr, text, sizeof text, nullptr);
    Log(LogLevel::kWarning, "source_unavailable",
        {{"state", reinterpret_cast<const char*>(state)}, {"cause", reinterpret_cast<const char*>(text)}});
    return SourceUnavailable();
  }
  session->connected_ = true;
  for (const std::string_view sql : dialect.set_up) TRY(session->RunNow(sql, deadline));
  return session;
}

absl::Status OdbcSession::RunNow(std::string_view sql, absl::Time deadline) {
  if (sql.empty()) return absl::OkStatus();
  const OdbcHandle statement(SQL_HANDLE_STMT, connection_.get());
  const Watchdog::Watch watch(statement.get(), deadline);
  const std::string text(sql);
  SQLRETURN result = SQLExecDirect(statement.get(), Sql(text), static_cast<SQLINTEGER>(text.size()));
  SQLSMALLINT columns = 0;
  if (Ok(result) && SQL_SUCCEEDED(SQLNumResultCols(statement.get(), &columns)) && columns > 0)
    result = SQLFetch(statement.get());
  return Ok(result) ? absl::OkStatus() : Failure(statement, deadline);
}

absl::Status OdbcSession::Failure(const OdbcHandle& handle, absl::Time deadline) {
  SQLCHAR state_text[6] = "", text[512];
  SQLINTEGER native = 0;
  SQLGetDiagRec(handle.kind(), handle.get(), 1, state_text, &native, text, sizeof text, nullptr);
  const std::string state = reinterpret_cast<const char*>(state_text);
  SQLUINTEGER dead = SQL_CD_FALSE;
  SQLGetConnectAttr(connection_.get(), SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr);
  if (absl::Now() >= deadline || state == "HYT00" || state == "HY008" || state == "57014") {
    broken_ = true;
    return SourceSlow();
  }
  // 2002, 2006 and 2013 are MariaDB's words for a lost server, under the general state.
  if (dead == SQL_CD_TRUE || state.substr(0, 2) == "08" || state == "HYT01" || native == 2002 ||
      native == 2006 || native == 2013) {
    broken_ = true;
    return SourceUnavailable();
  }
  if (state == "42S02" || state == "42S22" || state == "42P01" || state == "42703" || state == "42883" ||
      state == "0A000") {
    broken_ = true;
    return SourceChanged();
  }
  return SourceRefused(state);
}

absl::StatusOr<SQLHSTMT> OdbcSession::Prepared(const std::string& sql, absl::Time deadline) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return found->second.get();
  if (prepared_.size() >= kPreparedMax) prepared_.clear();
  OdbcHandle statement(SQL_HANDLE_STMT, connection_.get());
  if (!Ok(SQLPrepare(statement.get(), Sql(sql), static_cast<SQLINTEGER>(sql.size()))))
    return Failure(statement, deadline);
  return prepared_.emplace(sql, std::move(statement)).first->second.get();
}

absl::Status OdbcSession::Bind(SQLHSTMT handle, const Statement& what, Bound& bound, absl::Time deadline) {
  const size_t count = what.parameters.size();
  bound.texts.resize(count);
  bound.integers.resize(count);
  bound.reals.resize(count);
  bound.lengths.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const Statement::Parameter& parameter = what.parameters[i];
    const auto place = static_cast<SQLUSMALLINT>(i + 1);
    std::string& text = bound.texts[i] = parameter.text;
    if ((parameter.kind == ColumnKind::kTimestamp || parameter.kind == ColumnKind::kZonedTimestamp) &&
        text.size() > 10 && text[10] == 'T') {
      text[10] = ' ';
    }
    bound.lengths[i] = static_cast<SQLLEN>(text.size());
    const SQLULEN size = std::max<SQLULEN>(1, text.size());
    SQLRETURN result;
    if (parameter.kind == ColumnKind::kInteger && absl::SimpleAtoi(text, &bound.integers[i])) {
      bound.lengths[i] = sizeof(int64_t);
      result = SQLBindParameter(handle, place, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 20, 0,
                                &bound.integers[i], 0, &bound.lengths[i]);
    } else if (parameter.kind == ColumnKind::kReal && absl::SimpleAtod(text, &bound.reals[i])) {
      bound.lengths[i] = sizeof(double);
      result = SQLBindParameter(handle, place, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 15, 0,
                                &bound.reals[i], 0, &bound.lengths[i]);
    } else if (parameter.kind == ColumnKind::kBinary) {
      result = SQLBindParameter(handle, place, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, size, 0,
                                text.data(), bound.lengths[i], &bound.lengths[i]);
    } else {
      result = SQLBindParameter(handle, place, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, size, 0, text.data(),
                                bound.lengths[i], &bound.lengths[i]);
    }
    if (!Ok(result)) return Failure(*current_, deadline);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Column>> OdbcSession::Describe(const std::string& sql, absl::Time deadline) {
  TRY(RunNow(dialect_.refresh, deadline));
  const OdbcHandle statement(SQL_HANDLE_STMT, connection_.get());
  {
    const Watchdog::Watch watch(statement.get(), deadline);
    if (!Ok(SQLExecDirect(statement.get(), Sql(sql), static_cast<SQLINTEGER>(sql.size()))))
      return Failure(statement, deadline);
  }
  return OdbcColumns(statement.get());
}

absl::Status OdbcSession::Run(const Statement& statement, absl::Time deadline, const TakeRow& take) {
  const SQLHSTMT handle = TRY(Prepared(statement.sql, deadline));
  current_ = &prepared_.at(statement.sql);
  Bound bound;
  absl::Status status = Bind(handle, statement, bound, deadline);
  if (status.ok()) {
    const Watchdog::Watch watch(handle, deadline);
    status = Ok(SQLExecute(handle)) ? Fetch(handle, statement, deadline, take) : Failure(*current_, deadline);
  }
  if (!status.ok()) {
    prepared_.erase(statement.sql);  // in what state its driver left it is not known
    return status;
  }
  SQLFreeStmt(handle, SQL_CLOSE);
  SQLFreeStmt(handle, SQL_UNBIND);
  SQLFreeStmt(handle, SQL_RESET_PARAMS);
  return absl::OkStatus();
}

absl::Status OdbcSession::Fetch(SQLHSTMT handle, const Statement& statement, absl::Time deadline,
                                const TakeRow& take) {
  std::vector<size_t> widths;
  for (const Column* column : statement.columns) {
    widths.push_back(WidthOf(*column));
    if (widths.back() == 0 || widths.back() > kWidthMax) return FetchLong(handle, statement, deadline, take);
  }
  return FetchBlocks(handle, widths, deadline, take);
}

absl::Status OdbcSession::FetchBlocks(SQLHSTMT handle, const std::vector<size_t>& widths, absl::Time deadline,
                                      const TakeRow& take) {
  size_t row_bytes = 0;
  for (const size_t width : widths) row_bytes += width + sizeof(SQLLEN);
  const size_t rows = std::clamp<size_t>(kBlockBytes / row_bytes, 1, 1000);
  std::vector<std::vector<char>> cells;
  std::vector<std::vector<SQLLEN>> lengths;
  SQLULEN fetched = 0;
  SQLSetStmtAttr(handle, SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(rows), 0);
  SQLSetStmtAttr(handle, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
  for (size_t i = 0; i < widths.size(); ++i) {
    cells.emplace_back(rows * widths[i]);
    lengths.emplace_back(rows);
    SQLBindCol(handle, static_cast<SQLUSMALLINT>(i + 1), SQL_C_CHAR, cells[i].data(),
               static_cast<SQLLEN>(widths[i]), lengths[i].data());
  }
  std::vector<Cell> row(widths.size());
  absl::Status status;
  for (bool more = true; more && status.ok();) {
    const SQLRETURN result = SQLFetch(handle);
    if (result == SQL_NO_DATA) break;
    if (!Ok(result)) {
      status = Failure(*current_, deadline);
      return status;
    }
    for (size_t i = 0; i < fetched && more && status.ok(); ++i) {
      for (size_t column = 0; column < widths.size(); ++column) {
        const SQLLEN length = lengths[column][i];
        if (length != SQL_NULL_DATA && (length < 0 || static_cast<size_t>(length) >= widths[column])) {
          status =
              SourceRefused("22001");  // longer than its own column: of a source that does not keep its types
          break;
        }
        row[column].null = length == SQL_NULL_DATA;
        row[column].text = {cells[column].data() + i * widths[column],
                            row[column].null ? 0 : static_cast<size_t>(length)};
      }
      if (!status.ok()) break;
      const auto taken = take(row);
      status = taken.status();
      more = taken.ok() && *taken;
    }
  }
  SQLSetStmtAttr(handle, SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(1), 0);
  SQLSetStmtAttr(handle, SQL_ATTR_ROWS_FETCHED_PTR, nullptr, 0);
  return status;
}

absl::Status OdbcSession::FetchLong(SQLHSTMT handle, const Statement& statement, absl::Time deadline,
                                    const TakeRow& take) {
  const size_t columns = statement.columns.size();
  std::vector<std::string> texts(columns);
  std::vector<Cell> row(columns);
  for (;;) {
    const SQLRETURN result = SQLFetch(handle);
    if (result == SQL_NO_DATA) return absl::OkStatus();
    if (!Ok(result)) return Failure(*current_, deadline);
    for (size_t i = 0; i < columns; ++i) {
      const bool binary = statement.columns[i]->kind == ColumnKind::kBinary;
      const bool there = TRY(GetData(handle, static_cast<SQLUSMALLINT>(i + 1), binary, texts[i], deadline));
      row[i].null = !there;
      row[i].text = texts[i];
    }
    const bool more = TRY(take(row));
    if (!more) return absl::OkStatus();
  }
}

absl::StatusOr<bool> OdbcSession::GetData(SQLHSTMT handle, SQLUSMALLINT column, bool binary, std::string& out,
                                          absl::Time deadline) {
  out.clear();
  char part[16 << 10];
  for (;;) {
    SQLLEN length = 0;
    const SQLRETURN result =
        SQLGetData(handle, column, binary ? SQL_C_BINARY : SQL_C_CHAR, part, sizeof part, &length);
    if (result == SQL_NO_DATA) return true;
    if (!Ok(result)) return Failure(*current_, deadline);
    if (length == SQL_NULL_DATA) return false;
    const size_t room = sizeof part - (binary ? 0 : 1);
    const bool all = length != SQL_NO_TOTAL && static_cast<size_t>(length) <= room;
    out.append(part, all ? static_cast<size_t>(length) : room);
    if (all) return true;
    if (out.size() > (size_t{64} << 20)) return SourceRefused("22001");
  }
}

}  // namespace zhanqiao::connectors
