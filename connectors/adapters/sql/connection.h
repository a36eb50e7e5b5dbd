// What the SQL adapter needs of a database's own interface, and the connections it keeps open.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "connectors/adapters/sql/plan.h"

namespace zhanqiao::connectors {

// Takes one row; false ends the statement early.
using TakeRow = std::function<absl::StatusOr<bool>(absl::Span<const Cell>)>;

// A statement to run, and how it went.
struct SqlTask {
  const Statement* statement;
  int rows_max;  // it asks for
  TakeRow take;
  absl::Status status;
};

// One connection; not thread-safe. Failures carry the link source:
//   UNAVAILABLE / SOURCE_UNAVAILABLE (also when the connection broke), DEADLINE_EXCEEDED / SOURCE_SLOW,
//   FAILED_PRECONDITION / SOURCE_CHANGED (tables or columns are not as described), SOURCE_REFUSED (fact
//   `state`).
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  // The columns of a statement that returns no row.
  virtual absl::StatusOr<std::vector<Column>> Describe(const std::string& sql, absl::Time deadline) = 0;
  // Runs a statement row by row, holding one row at a time (or one block of them).
  virtual absl::Status Run(const Statement& statement, absl::Time deadline, const TakeRow& take) = 0;
  // Runs several that return few rows; together, where the database can.
  virtual void RunAll(absl::Span<SqlTask> tasks, absl::Time deadline) {
    for (SqlTask& task : tasks) task.status = Run(*task.statement, deadline, task.take);
  }
  // It can be used no further.
  virtual bool broken() const = 0;
};

absl::Status SourceUnavailable();
absl::Status SourceSlow();
absl::Status SourceChanged();
absl::Status SourceRefused(std::string_view state);

// Connections of one database, opened when they are needed. Thread-safe.
class SqlDatabase {
 public:
  using Connect = std::function<absl::StatusOr<std::unique_ptr<SqlConnection>>(absl::Time deadline)>;

  SqlDatabase(const Dialect& dialect, int connections_max, Connect connect)
      : dialect_(dialect), connections_max_(connections_max), connect_(std::move(connect)) {}

  const Dialect& dialect() const { return dialect_; }
  int connections_max() const { return connections_max_; }

  // Calls `use` with a connection, waiting for one until the deadline. A connection that had been idle and
  // turns out to have broken meanwhile is replaced and `use` called again: it must be repeatable as long as
  // it took no row.
  absl::Status With(absl::Time deadline, const std::function<absl::Status(SqlConnection&)>& use);

 private:
  absl::Status Take(absl::Time deadline, std::unique_ptr<SqlConnection>& connection, bool& fresh);
  void Return(std::unique_ptr<SqlConnection> connection);
  bool Free() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !idle_.empty() || open_ < connections_max_; }

  const Dialect& dialect_;
  const int connections_max_;
  const Connect connect_;
  absl::Mutex mu_;  // makes "is one free, who has it" one step
  std::vector<std::unique_ptr<SqlConnection>> idle_ ABSL_GUARDED_BY(mu_);
  int open_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::connectors
