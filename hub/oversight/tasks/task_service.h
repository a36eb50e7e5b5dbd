// TaskService (proto/zhanqiao/v1/task.proto): duties in task_service.cc, notices of criticism in criticisms.cc. Methods block
// until durable: call from a worker thread. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "hub/access/rules.h"
#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"
#include "hub/oversight/tasks/duty_progress.h"
#include "zhanqiao/v1/task.pb.h"

namespace zhanqiao::oversight {

// How many open datasets count in a scope.
using CountOpenDatasets = std::function<absl::StatusOr<v1::OpenDatasetProgress>(const FigureScope&)>;

class TaskService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const Records& records;
    const access::Rules& rules;
    const Clock& clock;
    Random& random;
    std::function<uint64_t()> position;  // of the newest entry of the ledger
    CountOpenDatasets open_datasets;     // may be empty
  };
  explicit TaskService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::ImportTasksResponse> ImportTasks(const Caller&, const v1::ImportTasksRequest&);
  absl::StatusOr<v1::Task> GetTask(const Caller&, const v1::GetTaskRequest&);
  absl::StatusOr<v1::ListTasksResponse> ListTasks(const Caller&, const v1::ListTasksRequest&);
  absl::StatusOr<v1::Task> AttestTask(const Caller&, const v1::AttestTaskRequest&);
  absl::StatusOr<v1::Criticism> DraftCriticism(const Caller&, const v1::DraftCriticismRequest&);
  absl::StatusOr<v1::Criticism> GetCriticism(const Caller&, const v1::GetCriticismRequest&);
  absl::StatusOr<v1::ListCriticismsResponse> ListCriticisms(const Caller&, const v1::ListCriticismsRequest&);
  absl::StatusOr<v1::Criticism> PublishCriticism(const Caller&, const v1::PublishCriticismRequest&);

  // The seam of OversightService: duties in all, done and overdue; of a body those it leads or supports.
  absl::StatusOr<v1::TaskProgress> Progress(const FigureScope& scope) const;

 private:
  using UseBook = absl::FunctionRef<absl::Status(const RecordsView& view, DutyBook& book)>;
  // Looks at the duties as they stand; the book is good while it is used.
  absl::Status WithBook(absl::CivilDay as_of, const documents::Knowledge& known, UseBook use) const;
  absl::CivilDay Today() const { return CivilDayOf(parts_.clock.Now()); }

  const Parts parts_;
};

}  // namespace zhanqiao::oversight
