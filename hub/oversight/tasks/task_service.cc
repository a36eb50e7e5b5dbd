#include "hub/oversight/tasks/task_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"
#include "hub/oversight/bodies.h"
#include "hub/oversight/tasks/task_table.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kNoteMax = 1000;
constexpr int kEvidenceMax = 50;
constexpr int kAttestationsMax = 5000;

// Nobody who is not registered looks at the plan's duties.
absl::Status RequireRegistered(const Caller& caller) {
  return caller.kind == SubjectKind::kNone ? access::RoleRequired("any registered subject") : absl::OkStatus();
}

// A duty without what only its readers are shown.
v1::Task Plain(v1::Task task) {
  task.clear_progress();
  task.clear_lead_organizations();
  task.clear_etag();
  return task;
}

template <typename Request>
documents::Knowledge KnownBy(const Request& request) {
  documents::Knowledge known;
  if (request.has_known_at()) known.known_at = request.known_at();
  return known;
}

absl::StatusOr<v1::Task> Shown(const documents::Dated<v1::Task>& held, DutyBook& book) {
  v1::Task task = held.fact;
  *task.mutable_progress() = TRY(book.ProgressOf(task));
  for (std::string& body : book.LeadsOf(task)) *task.add_lead_organizations() = std::move(body);
  documents::Version version;
  version.revision = held.revision;
  task.set_etag(version.etag());
  return task;
}

absl::Status NotThere(const std::string& name) {
  return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND", "There is no such duty; take its name from the list.",
              {{"document", name}});
}

bool Fits(const v1::ListTasksRequest& request, const v1::Task& task, const DutyBook& book) {
  if (request.light() != v1::TASK_LIGHT_UNSPECIFIED && task.progress().light() != request.light()) return false;
  if (request.overdue() && !task.progress().overdue()) return false;
  return request.organization().empty() || book.Concerns(task, request.organization(), request.role());
}

void AddNextDeadline(const std::string& today, const v1::Task& task, v1::ListTasksResponse& response) {
  if (task.progress().done() || task.deadline().empty() || task.deadline() < today) return;
  if (response.next_deadline().empty() || task.deadline() < response.next_deadline()) {
    response.set_next_deadline(task.deadline());
    response.set_next_deadline_tasks(0);
  }
  if (task.deadline() == response.next_deadline()) response.set_next_deadline_tasks(response.next_deadline_tasks() + 1);
}

}  // namespace

absl::Status TaskService::WithBook(absl::CivilDay as_of, const documents::Knowledge& known, UseBook use) const {
  DutyBook::Outside outside;
  if (parts_.open_datasets) {
    const v1::OpenDatasetProgress datasets = TRY(parts_.open_datasets(FigureScope{as_of, known, ""}));
    outside.open_datasets = datasets.published();
  }
  return parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
    DutyBook book(view, as_of, known, parts_.rules.policy, outside);
    return use(view, book);
  });
}

absl::StatusOr<v1::ImportTasksResponse> TaskService::ImportTasks(const Caller& caller, const v1::ImportTasksRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  const std::vector<v1::Task> tasks = TRY(ReadTasks(request.csv()));
  v1::ImportTasksResponse response;
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = "import";
  for (v1::Task task : tasks) {
    const auto stored = parts_.store.Get(task.name());
    uint64_t revision = 0;
    if (stored.ok()) {
      const v1::Task before = TRY(stored->As<v1::Task>());
      *task.mutable_attestations() = before.attestations();
      revision = stored->revision;
      if (documents::Canonical(task) == documents::Canonical(before)) {
        response.set_unchanged(response.unchanged() + 1);
        continue;
      }
      response.set_updated(response.updated() + 1);
    } else if (ReasonOf(stored.status()) == "DOCUMENT_NOT_FOUND") {
      response.set_created(response.created() + 1);
    } else {
      return stored.status();
    }
    transaction.changes.push_back(catalog::ChangeTo(std::move(task), revision));
  }
  if (!request.validate_only() && !transaction.changes.empty()) TRY(parts_.store.Apply(std::move(transaction)));
  return response;
}

absl::StatusOr<v1::Task> TaskService::GetTask(const Caller& caller, const v1::GetTaskRequest& request) {
  TRY(RequireRegistered(caller));
  const absl::CivilDay as_of = TRY(access::CountingDay(request.as_of(), Today()));
  v1::Task task;
  const absl::Status looked = WithBook(as_of, KnownBy(request), [&](const RecordsView& view, DutyBook& book) -> absl::Status {
    const auto* history = view.tasks.Find(request.name());
    const auto* newest = history == nullptr ? nullptr : history->Newest(KnownBy(request));
    if (newest == nullptr) return NotThere(request.name());
    task = TRY(Shown(*newest, book));
    return absl::OkStatus();
  });
  TRY(looked);
  return task;
}

absl::StatusOr<v1::ListTasksResponse> TaskService::ListTasks(const Caller& caller, const v1::ListTasksRequest& request) {
  TRY(RequireRegistered(caller));
  const absl::CivilDay as_of = TRY(access::CountingDay(request.as_of(), Today()));
  v1::ListTasksResponse response;
  const absl::Status looked = WithBook(as_of, KnownBy(request), [&](const RecordsView& view, DutyBook& book) -> absl::Status {
    for (const auto& [name, history] : view.tasks.all()) {
      const auto* newest = history.Newest(KnownBy(request));
      if (newest == nullptr) continue;
      v1::Task task = TRY(Shown(*newest, book));
      if (!Fits(request, task, book)) continue;
      response.set_total(response.total() + 1);
      if (task.progress().done()) response.set_done(response.done() + 1);
      if (task.progress().overdue()) response.set_overdue(response.overdue() + 1);
      AddNextDeadline(FormatDay(as_of), task, response);
      *response.add_tasks() = std::move(task);
    }
    return absl::OkStatus();
  });
  TRY(looked);
  return response;
}

absl::StatusOr<v1::Task> TaskService::AttestTask(const Caller& caller, const v1::AttestTaskRequest& request) {
  const std::string organization = request.organization().empty() ? caller.organization : request.organization();
  const bool office = access::HoldsAny(caller, {"office"});
  if (!office && !access::HoldsAnyAt(caller, organization, {"org_approver"})) {
    return access::RoleRequired("org_approver of a leading body, office");
  }
  const documents::Version version = TRY(parts_.store.Get(request.name()));
  v1::Task task = TRY(version.As<v1::Task>());
  TRY(access::RequireCurrent(request.etag(), version));
  if (IsDerived(task)) {
    return Fail(absl::StatusCode::kFailedPrecondition, "TASK_DERIVED",
                "The progress of this duty is derived from what is recorded; record the facts instead.",
                {{"document", task.name()}, {"measure", task.measure()}});
  }
  bool leads = false;
  TRY(WithBook(Today(), {}, [&](const RecordsView&, DutyBook& book) {
    leads = book.Concerns(task, organization, v1::TASK_ROLE_LEAD);
    return absl::OkStatus();
  }));
  if (!leads) return BadField("NOT_LEADING", "organization", "The body does not lead this duty; only who leads attests it.");
  if (request.percent() < 0 || request.percent() > 100) return BadField("PERCENT_INVALID", "percent", "Give 0 to 100.");
  const absl::CivilDay day = TRY(access::CountingDay(request.date(), Today()));
  if (day > Today()) return BadField("DATE_IN_FUTURE", "date", "Attest what is done: a date not after today.");
  TRY(access::CheckText("note", request.note(), kNoteMax, true));
  if (request.evidence_size() > kEvidenceMax) return BadField("LIST_TOO_LONG", "evidence", "Give at most 50 ledger indexes.");
  const uint64_t position = parts_.position();
  for (const uint64_t index : request.evidence()) {
    if (index > position) return BadField("ENTRY_INDEX", "evidence", "The ledger has no such entry; take the index from an entry.");
  }
  if (task.attestations_size() >= kAttestationsMax) {
    return Fail(absl::StatusCode::kResourceExhausted, "ATTESTATIONS_MAX", "The duty holds as many attestations as it can.");
  }
  v1::Attestation& attestation = *task.add_attestations();
  attestation.set_organization(organization);
  attestation.set_percent(request.percent());
  attestation.set_date(FormatDay(day));
  attestation.set_note(request.note());
  *attestation.mutable_evidence() = request.evidence();
  attestation.set_attester(caller.subject);
  *attestation.mutable_attest_time() = catalog::ToTimestamp(parts_.clock.Now());
  documents::Transaction transaction;
  transaction.changes.push_back(catalog::ChangeTo(Plain(std::move(task)), version.revision));
  transaction.actor = caller.subject;
  transaction.reason = request.note();
  TRY(parts_.store.Apply(std::move(transaction)));
  v1::GetTaskRequest get;
  get.set_name(request.name());
  return GetTask(caller, get);
}

absl::StatusOr<v1::TaskProgress> TaskService::Progress(const FigureScope& scope) const {
  v1::TaskProgress progress;
  const absl::Status looked = WithBook(scope.as_of, scope.known, [&](const RecordsView& view, DutyBook& book) -> absl::Status {
    for (const auto& [name, history] : view.tasks.all()) {
      const auto* newest = history.Newest(scope.known);
      if (newest == nullptr) continue;
      if (!scope.organization.empty() && !book.Concerns(newest->fact, scope.organization, v1::TASK_ROLE_UNSPECIFIED)) continue;
      const v1::DutyProgress one = TRY(book.ProgressOf(newest->fact));
      progress.set_total(progress.total() + 1);
      if (one.done()) progress.set_done(progress.done() + 1);
      if (one.overdue()) progress.set_overdue(progress.overdue() + 1);
    }
    return absl::OkStatus();
  });
  TRY(looked);
  return progress;
}

}  // namespace zhanqiao::oversight
