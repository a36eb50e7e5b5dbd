// What the e-government office keeps, as one object: monthly reports, the task ledger, evaluations, project filings and
// alarms, wired to each other, so that the hub has one member.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/rules.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/index/index.h"
#include "hub/oversight/alarms/alarm_service.h"
#include "hub/oversight/evaluation/evaluation_service.h"
#include "hub/oversight/facts/exchanges.h"
#include "hub/oversight/oversight_service.h"
#include "hub/oversight/projects/project_service.h"
#include "hub/oversight/records.h"
#include "hub/oversight/reports/mail.h"
#include "hub/oversight/reports/public_report.h"
#include "hub/oversight/reports/reminders.h"
#include "hub/oversight/reports/report_service.h"
#include "hub/oversight/tasks/task_service.h"

namespace zhanqiao::oversight {

class Office {
 public:
  // What it stands on; all of it outlives the object.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    storage::CommitPipeline& pipeline;
    const Records& records;
    const ledger::Index& index;
    const ledger::Entries& entries;
    const access::Rules& rules;
    const Clock& clock;
    Random& random;
    std::function<uint64_t()> position;                       // of the newest entry of the ledger
    std::function<ledger::SignedCheckpointPtr()> checkpoint;  // the newest; null while nothing is signed
    std::function<absl::StatusOr<Digest>(uint64_t size)> root_at;  // of the ledger's first `size` entries
    CountOpenDatasets open_datasets;                          // may be empty
    std::unique_ptr<Mailer> mailer;                           // null: notices alone
    Contacts contacts;                                        // where mail goes
    std::string public_url;                                   // before "/reports/…" on paper; may be empty
    std::string pdf_program = "weasyprint";
  };
  explicit Office(Parts parts);

  ReportService& reports() { return reports_; }
  const PublicReports& public_reports() const { return public_reports_; }
  TaskService& tasks() { return tasks_; }
  EvaluationService& evaluations() { return evaluations_; }
  ProjectService& projects() { return projects_; }
  AlarmService& alarms() { return alarms_; }

  // The seams of OversightService, but for open datasets.
  absl::StatusOr<v1::ReportProgress> ReportsOf(const FigureScope& scope) const { return reports_.Progress(scope); }
  absl::StatusOr<v1::TaskProgress> TasksOf(const FigureScope& scope) const { return tasks_.Progress(scope); }

  // A duty of the sweep: what a civil day brings.
  absl::Status Run(absl::CivilDay today);

 private:
  const std::unique_ptr<Mailer> mailer_;
  const IndexedExchanges exchanges_;
  Reminders reminders_;
  ReportService reports_;
  PublicReports public_reports_;
  TaskService tasks_;
  EvaluationService evaluations_;
  ProjectService projects_;
  AlarmService alarms_;
};

}  // namespace zhanqiao::oversight
