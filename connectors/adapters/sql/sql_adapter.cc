#include "connectors/adapters/sql/sql_adapter.h"

#include <algorithm>
#include <deque>

#include "catalog/base/log.h"

namespace zhanqiao::connectors {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);
constexpr absl::Duration kStartPatience = absl::Seconds(5);

// What one request needs while it is run.
struct Running {
  SqlPlan const* plan;
  const v1::ConnectorQuery* query;
  v1::ConnectorReply* reply;
  Statement statement;
  std::optional<Rows> rows;
  std::vector<std::string> last_key;

  TakeRow Taker() {
    return [this](absl::Span<const Cell> row) {
      return plan->Take(statement, row, *query, *rows, last_key, *reply);
    };
  }
};

absl::Status Prepare(const SqlPlan& plan, const v1::ConnectorQuery& query, v1::ConnectorReply& reply,
                     Running& running) {
  running.plan = &plan;
  running.query = &query;
  running.reply = &reply;
  running.statement = TRY(plan.Select(query));
  running.rows.emplace(query, *running.statement.projection, reply);
  return absl::OkStatus();
}

}  // namespace

absl::Time DeadlineOf(const v1::ConnectorQuery& query) {
  return absl::Now() + (query.timeout_ms() > 0 ? absl::Milliseconds(query.timeout_ms()) : kPatience);
}

absl::StatusOr<std::vector<Column>> SqlAdapter::Columns(absl::Time deadline) const {
  std::vector<Column> columns;
  const absl::Status asked = database_->With(deadline, [&](SqlConnection& connection) -> absl::Status {
    columns = TRY(connection.Describe(SqlPlan::DescribeSql(database_->dialect(), mapping_), deadline));
    return absl::OkStatus();
  });
  if (!asked.ok()) return asked;
  return columns;
}

absl::StatusOr<SqlAdapter::Plan> SqlAdapter::Planned(absl::Time deadline) const {
  {
    absl::MutexLock lock(&mu_);
    if (plan_ != nullptr) return plan_;
  }
  std::vector<Column> columns = TRY(Columns(deadline));
  Plan plan = TRY(SqlPlan::Make(database_->dialect(), mapping_, entry_, std::move(columns)));
  absl::MutexLock lock(&mu_);
  plan_ = plan;
  return plan;
}

void SqlAdapter::Forget(const Plan& plan) const {
  absl::MutexLock lock(&mu_);
  if (plan_ == plan) plan_ = nullptr;
}

absl::StatusOr<std::vector<Violation>> SqlAdapter::Mismatches() const {
  const std::vector<Column> columns = TRY(Columns(absl::Now() + kStartPatience));
  return SqlPlan::Mismatches(mapping_, entry_, columns);
}

absl::Status SqlAdapter::AnswerBy(const Plan& plan, const v1::ConnectorQuery& query, absl::Time deadline,
                                  v1::ConnectorReply& reply) const {
  return database_->With(deadline, [&](SqlConnection& connection) -> absl::Status {
    reply.Clear();
    Running running;
    TRY(Prepare(*plan, query, reply, running));
    if (running.statement.empty) return absl::OkStatus();
    return connection.Run(running.statement, deadline, running.Taker());
  });
}

absl::Status SqlAdapter::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  TRY(schema_.Check(query));  // what is wrong with the request does not depend on the source
  const absl::Time deadline = DeadlineOf(query);
  for (bool again = true;; again = false) {
    const Plan plan = TRY(Planned(deadline));
    absl::Status status = AnswerBy(plan, query, deadline, reply);
    if (ReasonOf(status) != "SOURCE_CHANGED") return status;
    Forget(plan);  // the table was altered: learn its columns anew
    if (!again) return status;
  }
}

void SqlAdapter::AnswerAll(absl::Span<Asked> asked) const {
  if (asked.size() == 1) {
    asked[0].status = Answer(*asked[0].query, *asked[0].reply);
    return;
  }
  absl::Time deadline = absl::InfinitePast();  // of the most patient: nobody is given up for another's sake
  for (const Asked& one : asked) deadline = std::max(deadline, DeadlineOf(*one.query));
  const auto plan = Planned(deadline);
  std::deque<Running> running;
  std::vector<SqlTask> tasks;
  std::vector<Asked*> owners;
  const auto run = [&](SqlConnection& connection) -> absl::Status {
    running.clear();
    tasks.clear();
    owners.clear();
    for (Asked& one : asked) {
      one.reply->Clear();
      Running& next = running.emplace_back();
      one.status =
          plan.ok() ? Prepare(**plan, *one.query, *one.reply, next) : schema_.Check(*one.query).status();
      if (one.status.ok() && !plan.ok()) one.status = plan.status();
      if (!one.status.ok() || next.statement.empty) continue;
      tasks.push_back({&next.statement, one.query->row_limit() + 1, next.Taker(), absl::OkStatus()});
      owners.push_back(&one);
    }
    if (!tasks.empty()) connection.RunAll(absl::MakeSpan(tasks), deadline);
    for (const SqlTask& task : tasks) {
      if (task.status.code() == absl::StatusCode::kUnavailable) return task.status;
    }
    return absl::OkStatus();
  };
  const absl::Status reached = plan.ok() ? database_->With(deadline, run) : plan.status();
  if (!reached.ok() && owners.empty()) {  // never came to it
    for (Asked& one : asked) {
      one.status = schema_.Check(*one.query).status();
      if (one.status.ok()) one.status = reached;
    }
    return;
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    owners[i]->status = tasks[i].status;
    if (ReasonOf(tasks[i].status) != "SOURCE_CHANGED") continue;
    Forget(*plan);
    owners[i]->reply->Clear();
    owners[i]->status = Answer(*owners[i]->query, *owners[i]->reply);
  }
}

AdapterFactory SqlResource(std::shared_ptr<SqlDatabase> database, std::string mapping_file) {
  return [database = std::move(database), file = std::move(mapping_file)](
             const v1::Resource& entry) -> absl::StatusOr<std::unique_ptr<Adapter>> {
    Mapping mapping = TRY(LoadMapping(file));
    auto adapter = std::make_unique<SqlAdapter>(database, std::move(mapping), entry);
    const auto mismatches = adapter->Mismatches();
    if (!mismatches.ok()) {
      LogStatus(LogLevel::kWarning, "source_not_checked",
                WithFact(mismatches.status(), "resource", entry.name()));
      return adapter;
    }
    std::vector<Violation> wrong = *mismatches;
    std::erase_if(wrong, [](const Violation& one) { return one.reason == "LENGTH_SMALL"; });
    TRY(MappingFits(wrong));
    for (const Violation& one : *mismatches) {
      Log(LogLevel::kWarning, "mapping_mismatch",
          {{"resource", entry.name()},
           {"field", one.field},
           {"reason", one.reason},
           {"description", one.description}});
    }
    return adapter;
  };
}

}  // namespace zhanqiao::connectors
