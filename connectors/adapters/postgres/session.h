// One connection to PostgreSQL.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {

// Every wait ends at its deadline: the statement is cancelled and the connection given up. Not thread-safe.
class PostgresSession final : public SqlConnection {
 public:
  // UNAVAILABLE / SOURCE_UNAVAILABLE (libpq's reason is logged), DEADLINE_EXCEEDED / SOURCE_SLOW.
  static absl::StatusOr<std::unique_ptr<SqlConnection>> Open(const std::string& connection,
                                                             const std::string& password,
                                                             absl::Time deadline);

  absl::StatusOr<std::vector<Column>> Describe(const std::string& sql, absl::Time deadline) override;
  absl::Status Run(const Statement& statement, absl::Time deadline, const TakeRow& take) override;
  void RunAll(absl::Span<SqlTask> tasks, absl::Time deadline) override;
  bool broken() const override { return broken_; }

 private:
  struct Result {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using ResultPtr = std::unique_ptr<PGresult, Result>;
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  explicit PostgresSession(PGconn* connection) : connection_(connection) {}

  absl::Status Connect(absl::Time deadline);
  // Waits until the socket can be read (or, with `write`, written).
  absl::Status Wait(bool write, absl::Time deadline);
  absl::Status Flush(absl::Time deadline);
  // The next result; null between two statements.
  absl::StatusOr<ResultPtr> Next(absl::Time deadline);
  // Results up to the end of a single statement; its failure if it has one.
  absl::Status Drain(absl::Time deadline);
  absl::Status Lost();
  absl::Status Late();
  void Cancel();
  absl::Status StatusOf(const PGresult* result);

  // Runs a statement without parameters; its results are still to be read.
  bool Send(const std::string& sql);
  // What the next command of a pipeline came to.
  absl::StatusOr<ResultPtr> Whole(absl::Time deadline);
  // Runs `statement` as a cursor from which `window` rows at a time are fetched. libpq then makes one result of them, and
  // the server goes on while they are taken.
  absl::Status RunInWindows(const Statement& statement, int window, absl::Time deadline, const TakeRow& take);
  absl::Status FetchWindows(const Statement& statement, int window, absl::Time deadline, const TakeRow& take);

  // The name under which `sql` is prepared; `fresh` if it has to be prepared first.
  const std::string& NameOf(const std::string& sql, bool& fresh);
  bool SendPrepare(const std::string& sql, const std::string& name);
  bool SendExecute(const Statement& statement, const std::string& name);
  absl::Status PrepareNow(const std::string& sql, std::string& name, absl::Time deadline);
  // Gives the rows of `result` to `take`; false once it wants no more.
  absl::StatusOr<bool> TakeRows(const PGresult* result, const Statement& statement, const TakeRow& take);
  absl::Status ReadTask(SqlTask& task, absl::Time deadline);

  const std::unique_ptr<PGconn, Close> connection_;
  bool broken_ = false;
  absl::flat_hash_map<std::string, std::string> prepared_;  // SQL -> name
  uint64_t names_ = 0;
  std::vector<Cell> cells_;            // of the row at hand
  std::vector<std::string> binaries_;  // and its decoded binary cells
};

}  // namespace zhanqiao::connectors
