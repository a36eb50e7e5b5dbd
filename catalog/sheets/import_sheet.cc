#include "catalog/sheets/import_sheet.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/headings.h"
#include "catalog/sheets/marked.h"
#include "catalog/sheets/plan.h"
#include "catalog/sheets/read_sheet.h"

namespace zhanqiao::sheets {
namespace {

constexpr size_t kProblemsTold = 1000;

v1::SheetProblem Told(const Problem& problem, const Sheet& sheet, const Layout& layout) {
  v1::SheetProblem told;
  told.set_sheet(sheet.name);
  told.set_row(problem.row);
  if (problem.column >= 0) {
    told.set_column(ColumnLetters(problem.column));
    if (static_cast<size_t>(problem.column) < layout.headings.size()) {
      told.set_heading(layout.headings[static_cast<size_t>(problem.column)]);
    }
  }
  told.set_reason(problem.sentence.reason);
  told.set_description(problem.sentence.english);
  told.set_description_zh(problem.sentence.chinese);
  return told;
}

absl::Status Store(const ImportJob& job, std::vector<documents::Change> changes, documents::DocumentStore& store) {
  documents::Transaction transaction;
  transaction.changes = std::move(changes);
  transaction.actor = job.caller.subject;
  transaction.reason = job.settings.reason();
  return store.Apply(std::move(transaction)).status();
}

}  // namespace

absl::StatusOr<operations::Outcome> ImportFile(ImportJob job, documents::DocumentStore& store,
                                               const catalog::Catalog& catalog, const Clock& clock, const Notices& notices,
                                               operations::Progress& progress) {
  const SheetTable& table = TableOf(job.settings.kind());
  progress.Stage("reading", 300, 0);
  Sheet sheet = TRY(ReadSheet(job.file, {.sheet = job.settings.sheet(), .encoding = job.settings.encoding()},
                              [&](int64_t rows) {
                                progress.Items(rows);
                                return progress.Check();
                              }));
  std::string().swap(job.file);
  job.held.reset();
  const Layout layout = TRY(FindHeading(sheet, table));
  progress.Stage("checking", 700, static_cast<int64_t>(sheet.rows.size() - layout.first_data));
  SheetPlan plan = TRY(PlanSheet(sheet, layout, table, catalog, job.caller, CivilDayOf(clock.Now()), notices, [&](int64_t rows) {
    progress.Items(rows);
    return progress.Check();
  }));
  auto response = std::make_unique<v1::ImportSheetResponse>();
  response->set_kind(table.kind);
  response->set_sheet(sheet.name);
  response->set_rows(plan.rows);
  response->set_documents(plan.documents);
  response->set_created(plan.created);
  response->set_updated(plan.updated);
  response->set_unchanged(plan.unchanged);
  response->set_dry_run(job.settings.dry_run());
  response->set_problem_count(plan.problem_count);
  for (size_t i = 0; i < std::min(plan.problems.size(), kProblemsTold); ++i) {
    *response->add_problems() = Told(plan.problems[i], sheet, layout);
  }
  operations::Outcome outcome;
  if (plan.problem_count > 0) {
    if (job.settings.marked()) {
      progress.Stage("marking", 1000, 0);
      TRY(progress.Check());
      outcome.file = std::make_shared<const std::string>(TRY(Marked(sheet, layout, table, plan)));
      outcome.file_name = absl::StrCat(std::string(table.title), "-问题标注.xlsx");
      response->set_marked(true);
    }
  } else if (!job.settings.dry_run() && !plan.changes.empty()) {
    sheet = Sheet(SheetLimits());  // its memory is wanted for the commit
    progress.Stage("committing", 1000, static_cast<int64_t>(plan.changes.size()));
    TRY(progress.Check());
    TRY(Store(job, std::move(plan.changes), store));
  }
  outcome.response = std::move(response);
  return outcome;
}

}  // namespace zhanqiao::sheets
