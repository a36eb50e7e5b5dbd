#include "connectors/adapters/postgres/session.h"

#include <poll.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/adapters/postgres/columns.h"

namespace zhanqiao::connectors {
namespace {

constexpr size_t kPreparedMax = 512;  // statements; then the connection is given up and another opened

constexpr size_t kWindowBytes = 512 << 10;  // of a cursor, by what its columns may hold
constexpr int kWindowRowsMax = 1000;
constexpr int kWindowRowsMin = 16;  // fewer: one by one

constexpr char kSetUp[] =
    "SET default_transaction_read_only TO on; SET datestyle TO 'ISO, YMD'; SET bytea_output TO hex; "
    "SET extra_float_digits TO 1; SET standard_conforming_strings TO on; SET TIME ZONE INTERVAL '+08:00' "
    "HOUR TO MINUTE";

int HexDigit(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

std::string FromByteaHex(std::string_view text) {
  std::string bytes;
  if (text.substr(0, 2) != "\\x") return bytes;
  for (size_t i = 2; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(HexDigit(text[i]) << 4 | HexDigit(text[i + 1]));
  }
  return bytes;
}

// A statement's parameters as libpq takes them; the statement must outlive it.
struct Parameters {
  explicit Parameters(const Statement& statement) {
    for (const Statement::Parameter& parameter : statement.parameters) {
      values.push_back(parameter.text.c_str());
      lengths.push_back(static_cast<int>(parameter.text.size()));
      formats.push_back(parameter.kind == ColumnKind::kBinary ? 1 : 0);
    }
  }
  int size() const { return static_cast<int>(values.size()); }
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
};

// How many rows may be held at once; 0: their size is not known, or there are few.
int WindowOf(const Statement& statement) {
  size_t bytes = 0;
  for (const Column* column : statement.columns) {
    const size_t width = WidthOf(*column);
    if (width == 0) return 0;
    bytes += width;
  }
  const int window = static_cast<int>(std::min<size_t>(kWindowBytes / bytes, kWindowRowsMax));
  return window < kWindowRowsMin || statement.rows_max < window ? 0 : window;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqlConnection>> PostgresSession::Open(const std::string& connection,
                                                                     const std::string& password,
                                                                     absl::Time deadline) {
  const char* const keys[] = {"dbname", "fallback_application_name", "client_encoding",
                              password.empty() ? nullptr : "password", nullptr};
  const char* const values[] = {connection.c_str(), "zhanqiao-connector", "UTF8", password.c_str(), nullptr};
  std::unique_ptr<PostgresSession> session(new PostgresSession(PQconnectStartParams(keys, values, 1)));
  TRY(session->Connect(deadline));
  return session;
}

absl::Status PostgresSession::Connect(absl::Time deadline) {
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) {
      // libpq tells of hosts, users and databases here, never of rows.
      Log(LogLevel::kWarning, "source_unavailable", {{"cause", PQerrorMessage(connection_.get())}});
      return SourceUnavailable();
    }
    TRY(Wait(state == PGRES_POLLING_WRITING, deadline));
    state = PQconnectPoll(connection_.get());
  }
  PQsetnonblocking(connection_.get(), 1);
  if (PQsendQuery(connection_.get(), kSetUp) == 0) return Lost();
  return Drain(deadline);
}

absl::Status PostgresSession::Wait(bool write, absl::Time deadline) {
  pollfd socket{PQsocket(connection_.get()), static_cast<short>(write ? POLLOUT : POLLIN), 0};
  for (;;) {
    const int64_t left_ms =
        std::clamp<int64_t>(absl::ToInt64Milliseconds(deadline - absl::Now()), -1, 60'000);
    if (left_ms < 0) return Late();
    const int ready = poll(&socket, 1, static_cast<int>(left_ms) + 1);
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Lost();
  }
}

absl::Status PostgresSession::Flush(absl::Time deadline) {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) return absl::OkStatus();
    if (left < 0) return Lost();
    // The server may not read on before its answers are read.
    pollfd socket{PQsocket(connection_.get()), POLLIN | POLLOUT, 0};
    if (deadline <= absl::Now()) return Late();
    if (poll(&socket, 1, 100) > 0 && (socket.revents & POLLIN) != 0 && PQconsumeInput(connection_.get()) == 0)
      return Lost();
  }
}

absl::StatusOr<PostgresSession::ResultPtr> PostgresSession::Next(absl::Time deadline) {
  while (PQisBusy(connection_.get()) != 0) {
    TRY(Wait(false, deadline));
    if (PQconsumeInput(connection_.get()) == 0) return Lost();
  }
  ResultPtr result(PQgetResult(connection_.get()));
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return Lost();
  return result;
}

absl::Status PostgresSession::Drain(absl::Time deadline) {
  absl::Status status;
  TRY(Flush(deadline));
  for (;;) {
    const ResultPtr result = TRY(Next(deadline));
    if (result == nullptr) return status;
    if (status.ok()) status = StatusOf(result.get());
  }
}

absl::Status PostgresSession::Lost() {
  broken_ = true;
  return SourceUnavailable();
}

absl::Status PostgresSession::Late() {
  broken_ = true;  // what it is still about to send is of no use to the next request
  Cancel();
  return SourceSlow();
}

void PostgresSession::Cancel() {
  PGcancel* cancel = PQgetCancel(connection_.get());
  char problem[256];
  if (cancel != nullptr) PQcancel(cancel, problem, sizeof problem);
  PQfreeCancel(cancel);
}

absl::Status PostgresSession::StatusOf(const PGresult* result) {
  if (PQresultStatus(result) != PGRES_FATAL_ERROR) return absl::OkStatus();
  const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = field == nullptr ? "" : field;
  const std::string_view kind = std::string_view(state).substr(0, 2);
  if (state.empty() || kind == "08" || kind == "53" || kind == "58" || state.substr(0, 3) == "57P")
    return Lost();
  if (state == "57014") return SourceSlow();
  // Undefined table, column, function or statement; a plan whose result has changed; types that do not
  // compare.
  if (state == "42P01" || state == "42703" || state == "42883" || state == "26000" || state == "0A000") {
    broken_ = true;  // its prepared statements are those of before
    return SourceChanged();
  }
  return SourceRefused(state);
}

const std::string& PostgresSession::NameOf(const std::string& sql, bool& fresh) {
  const auto found = prepared_.find(sql);
  fresh = found == prepared_.end();
  if (!fresh) return found->second;
  return prepared_.emplace(sql, absl::StrCat("z", ++names_)).first->second;
}

bool PostgresSession::SendPrepare(const std::string& sql, const std::string& name) {
  return PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr) != 0;
}

bool PostgresSession::SendExecute(const Statement& statement, const std::string& name) {
  const Parameters with(statement);
  return PQsendQueryPrepared(connection_.get(), name.c_str(), with.size(), with.values.data(), with.lengths.data(),
                             with.formats.data(), 0) != 0;
}

absl::Status PostgresSession::PrepareNow(const std::string& sql, std::string& name, absl::Time deadline) {
  bool fresh = false;
  name = NameOf(sql, fresh);
  if (!fresh) return absl::OkStatus();
  if (!SendPrepare(sql, name)) return Lost();
  const absl::Status status = Drain(deadline);
  if (!status.ok()) prepared_.erase(sql);
  return status;
}

absl::StatusOr<std::vector<Column>> PostgresSession::Describe(const std::string& sql, absl::Time deadline) {
  if (PQsendPrepare(connection_.get(), "", sql.c_str(), 0, nullptr) == 0) return Lost();
  TRY(Drain(deadline));
  if (PQsendDescribePrepared(connection_.get(), "") == 0) return Lost();
  TRY(Flush(deadline));
  const ResultPtr result = TRY(Next(deadline));
  TRY(StatusOf(result.get()));
  std::vector<Column> columns;
  for (int i = 0; i < PQnfields(result.get()); ++i) {
    columns.push_back(
        PostgresColumn(PQfname(result.get(), i), PQftype(result.get(), i), PQfmod(result.get(), i)));
  }
  TRY(Drain(deadline));
  return columns;
}

absl::StatusOr<bool> PostgresSession::TakeRows(const PGresult* result, const Statement& statement,
                                               const TakeRow& take) {
  const int columns = PQnfields(result);
  cells_.resize(static_cast<size_t>(columns));
  binaries_.resize(cells_.size());
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < columns; ++column) {
      const auto i = static_cast<size_t>(column);
      Cell& cell = cells_[i];
      cell.null = PQgetisnull(result, row, column) != 0;
      cell.text = {PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column))};
      if (cell.null || statement.columns[i]->kind != ColumnKind::kBinary) continue;
      binaries_[i] = FromByteaHex(cell.text);
      cell.text = binaries_[i];
    }
    const bool more = TRY(take(cells_));
    if (!more) return false;
  }
  return true;
}

bool PostgresSession::Send(const std::string& sql) {
  return PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) != 0;
}

absl::StatusOr<PostgresSession::ResultPtr> PostgresSession::Whole(absl::Time deadline) {
  ResultPtr result = TRY(Next(deadline));
  const ResultPtr end = TRY(Next(deadline));
  if (result == nullptr || end != nullptr) return Lost();
  return result;
}

absl::Status PostgresSession::FetchWindows(const Statement& statement, int window, absl::Time deadline,
                                           const TakeRow& take) {
  const Parameters with(statement);
  const std::string declare = absl::StrCat("DECLARE zhanqiao NO SCROLL CURSOR FOR ", statement.sql);
  const std::string fetch = absl::StrCat("FETCH FORWARD ", window, " FROM zhanqiao");
  if (!Send("BEGIN") ||
      PQsendQueryParams(connection_.get(), declare.c_str(), with.size(), nullptr, with.values.data(),
                        with.lengths.data(), with.formats.data(), 0) == 0 ||
      !Send(fetch) || !Send(fetch) || PQsendFlushRequest(connection_.get()) == 0) {
    return Lost();
  }
  TRY(Flush(deadline));
  for (int begun = 0; begun < 2; ++begun) {  // the transaction, the cursor
    const ResultPtr done = TRY(Whole(deadline));
    TRY(StatusOf(done.get()));
  }
  for (bool more = true; more;) {
    const ResultPtr rows = TRY(Whole(deadline));
    TRY(StatusOf(rows.get()));
    const bool last = PQntuples(rows.get()) < window;
    if (!last && (!Send(fetch) || PQsendFlushRequest(connection_.get()) == 0)) return Lost();
    TRY(Flush(deadline));
    more = TRY(TakeRows(rows.get(), statement, take));
    more = more && !last;
  }
  return absl::OkStatus();
}

absl::Status PostgresSession::RunInWindows(const Statement& statement, int window, absl::Time deadline,
                                           const TakeRow& take) {
  if (PQenterPipelineMode(connection_.get()) == 0) return Lost();
  const absl::Status status = FetchWindows(statement, window, deadline, take);
  if (broken_ && ReasonOf(status) != "SOURCE_CHANGED") return status;
  // Whatever became of the statement: up to the first end a failure is skipped, after it the transaction is ended.
  if (PQpipelineSync(connection_.get()) == 0 || !Send("ROLLBACK") || PQpipelineSync(connection_.get()) == 0) return Lost();
  TRY(Flush(deadline));
  for (int ends = 0; ends < 2;) {
    const ResultPtr result = TRY(Next(deadline));
    if (result != nullptr && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) ++ends;
  }
  if (PQexitPipelineMode(connection_.get()) == 0) return Lost();
  return status;
}

absl::Status PostgresSession::Run(const Statement& statement, absl::Time deadline, const TakeRow& take) {
  if (const int window = WindowOf(statement); window > 0) return RunInWindows(statement, window, deadline, take);
  if (prepared_.size() >= kPreparedMax) broken_ = true;  // after this one
  std::string name;
  TRY(PrepareNow(statement.sql, name, deadline));
  if (!SendExecute(statement, name) || PQsetSingleRowMode(connection_.get()) == 0) return Lost();
  TRY(Flush(deadline));
  absl::Status status;
  bool more = true;
  for (;;) {
    const ResultPtr result = TRY(Next(deadline));
    if (result == nullptr) return status;
    if (!more) continue;  // cancelled: what was under way, and the notice of it
    if (status = StatusOf(result.get()); !status.ok()) continue;
    const auto taken = TakeRows(result.get(), statement, take);
    if (taken.ok() && *taken) continue;
    more = false;
    status = taken.status();
    Cancel();
  }
}

absl::Status PostgresSession::ReadTask(SqlTask& task, absl::Time deadline) {
  bool more = true;
  for (;;) {
    const ResultPtr result = TRY(Next(deadline));
    if (result == nullptr) continue;  // the end of one part of it
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return absl::OkStatus();
    if (!task.status.ok()) continue;
    task.status = StatusOf(result.get());
    if (!task.status.ok() || PQresultStatus(result.get()) != PGRES_TUPLES_OK || !more) continue;
    const auto taken = TakeRows(result.get(), *task.statement, task.take);
    task.status = taken.status();
    more = taken.ok() && *taken;
  }
}

void PostgresSession::RunAll(absl::Span<SqlTask> tasks, absl::Time deadline) {
  if (prepared_.size() >= kPreparedMax) broken_ = true;
  if (tasks.size() == 1) {
    tasks[0].status = Run(*tasks[0].statement, deadline, tasks[0].take);
    return;
  }
  absl::Status lost;
  if (PQenterPipelineMode(connection_.get()) == 0) lost = Lost();
  std::vector<std::string> fresh_statements;
  for (size_t i = 0; i < tasks.size() && lost.ok(); ++i) {
    bool fresh = false;
    const std::string name = NameOf(tasks[i].statement->sql, fresh);
    if (fresh) fresh_statements.push_back(tasks[i].statement->sql);
    if ((fresh && !SendPrepare(tasks[i].statement->sql, name)) || !SendExecute(*tasks[i].statement, name) ||
        PQpipelineSync(connection_.get()) == 0) {
      lost = Lost();
    }
  }
  if (lost.ok()) lost = Flush(deadline);
  bool failed = false;
  for (SqlTask& task : tasks) {
    if (lost.ok()) lost = ReadTask(task, deadline);
    if (!lost.ok()) task.status = lost;
    failed |= !task.status.ok();
  }
  if (lost.ok() && PQexitPipelineMode(connection_.get()) == 0) broken_ = true;
  if (!failed) return;
  for (const std::string& sql : fresh_statements)
    prepared_.erase(sql);  // whether they were prepared is not known
}

}  // namespace zhanqiao::connectors
