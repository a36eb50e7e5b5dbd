// Serves one resource from a database.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "connectors/adapters/adapter.h"
#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {

// Learns the columns when it is first asked and again after they changed, so that a database may be away at
// the start. Thread-safe.
class SqlAdapter final : public Adapter {
 public:
  SqlAdapter(std::shared_ptr<SqlDatabase> database, Mapping mapping, v1::Resource entry)
      : database_(std::move(database)),
        mapping_(std::move(mapping)),
        entry_(std::move(entry)),
        schema_(entry_) {}

  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;
  void AnswerAll(absl::Span<Asked> asked) const override;
  int waiting_max() const override { return database_->connections_max(); }

  // Asks the database for the columns and compares them with mapping and entry: every mismatch, or why it
  // could not.
  absl::StatusOr<std::vector<Violation>> Mismatches() const override;

 private:
  using Plan = std::shared_ptr<const SqlPlan>;

  absl::StatusOr<std::vector<Column>> Columns(absl::Time deadline) const;
  absl::StatusOr<Plan> Planned(absl::Time deadline) const;
  void Forget(const Plan& plan) const;
  absl::Status AnswerBy(const Plan& plan, const v1::ConnectorQuery& query, absl::Time deadline,
                        v1::ConnectorReply& reply) const;

  const std::shared_ptr<SqlDatabase> database_;  // shared by the resources of one source
  const Mapping mapping_;
  const v1::Resource entry_;
  const Schema schema_;
  mutable absl::Mutex mu_;  // makes taking and replacing the plan one step
  mutable Plan plan_ ABSL_GUARDED_BY(mu_);
};

// A factory of such adapters. The mapping file is read each time; a database that is away is not a failure
// here, a mapping that does not fit is.
AdapterFactory SqlResource(std::shared_ptr<SqlDatabase> database, std::string mapping_file);

// When `query` is to be given up: its own time, or 30 seconds.
absl::Time DeadlineOf(const v1::ConnectorQuery& query);

}  // namespace zhanqiao::connectors
