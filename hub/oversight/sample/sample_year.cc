#include "hub/oversight/sample/sample_year.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/model/catalog.h"
#include "catalog/model/organization_import.h"
#include "catalog/model/sample_catalog.h"
#include "hub/oversight/sample/plan.h"
#include "hub/oversight/sample/sample_reports.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kChangesPerCommit = 400;
constexpr size_t kEntries = 2600;

absl::StatusOr<Organizations> ReadBodies(std::string_view csv) {
  const catalog::Catalog empty;
  catalog::OrganizationPlan plan = catalog::PlanOrganizations(csv, empty);
  if (!plan.problems.empty()) {
    const v1::CellProblem& problem = plan.problems.front();
    return Fail(absl::StatusCode::kInvalidArgument, "SAMPLE_INVALID", "The table of organisations has a wrong cell; correct it.",
                {{"table", "organizations"}, {"row", absl::StrCat(problem.row())}, {"column", problem.column()}});
  }
  return std::move(plan.created);
}

// Enough copies of the sample catalogue for all entries.
absl::StatusOr<std::vector<v1::Resource>> Drafts(const Organizations& bodies, const SampleTables& tables) {
  std::vector<v1::Resource> drafts = TRY(catalog::SampleCatalog(bodies, tables.topics_csv, tables.items_csv, 1));
  if (!drafts.empty() && drafts.size() < kEntries) {
    const int copies = static_cast<int>((kEntries + drafts.size() - 1) / drafts.size());
    drafts = TRY(catalog::SampleCatalog(bodies, tables.topics_csv, tables.items_csv, copies));
  }
  if (drafts.size() > kEntries) drafts.resize(kEntries);
  return drafts;
}

documents::Transaction SampleTransaction() {
  documents::Transaction transaction;
  transaction.actor = "hub";
  transaction.reason = "样例 sample year 2018";
  return transaction;
}

void Add(const std::string& name, const std::string& type, std::string document, documents::Transaction& transaction) {
  transaction.changes.push_back({.name = name, .type = type, .document = std::move(document), .expected_revision = std::nullopt,
                                 .effective = std::nullopt});
}

// As the hub does on the first day after a month.
absl::Status RecordWholeMonth(SampleReports& reports, absl::CivilMonth month, documents::DocumentStore& store, SimulatedClock& clock) {
  documents::Transaction transaction = SampleTransaction();
  const std::vector<v1::Report> filled = TRY(reports.WithWholeMonth(month));
  for (const v1::Report& report : filled) {
    Add(report.name(), std::string(v1::Report::descriptor()->full_name()), documents::Canonical(report), transaction);
  }
  if (transaction.changes.empty()) return absl::OkStatus();
  TRY(store.Apply(std::move(transaction)).status());
  clock.Advance(absl::Seconds(1));
  return absl::OkStatus();
}

}  // namespace

std::vector<SampleChange> SamplePlan::Take() {
  std::stable_sort(changes_.begin(), changes_.end(), [](const SampleChange& a, const SampleChange& b) { return a.day < b.day; });
  return std::move(changes_);
}

Draw::Draw(std::string_view of) : state_(0) {
  const Digest digest = Sha256(of);
  for (size_t i = 0; i < 8; ++i) state_ = state_ << 8 | digest[i];
}

// SplitMix64.
int Draw::Below(int n) {
  uint64_t z = state_ += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return static_cast<int>((z ^ z >> 31) % static_cast<uint64_t>(n));
}

absl::StatusOr<std::vector<SampleChange>> SampleYear2018(const SampleTables& tables) {
  const Organizations bodies = TRY(ReadBodies(tables.organizations_csv));
  const std::vector<v1::Resource> drafts = TRY(Drafts(bodies, tables));
  SamplePlan plan;
  for (const v1::Organization& body : bodies) plan.Record(absl::CivilDay(2017, 12, 29), body);
  TRY(PlanTasks(tables.tasks_csv, plan));
  const Systems systems = PlanSystems(bodies, plan);
  PlanFacilities(bodies, plan);
  const std::vector<v1::Resource> entries = PlanEntries(drafts, systems, plan);
  PlanDatasets(entries, plan);
  PlanExchanges(entries, systems, plan);
  PlanReports(bodies, plan);
  return plan.Take();
}

absl::Status RecordSample(const std::vector<SampleChange>& changes, documents::DocumentStore& store, SimulatedClock& clock,
                          const std::function<void(size_t done)>& progress) {
  SampleReports reports(store);
  for (size_t begin = 0; begin < changes.size();) {
    const absl::CivilDay day = changes[begin].day;
    const absl::Time morning = absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 9, 0, 0), Shanghai());
    clock.Set(std::max(clock.Now(), morning));
    documents::Transaction transaction = SampleTransaction();
    size_t end = begin;
    for (; end < changes.size() && changes[end].day == day && end - begin < kChangesPerCommit; ++end) {
      // A document that changes twice a day does so in two commits.
      const auto same = [&](const documents::Change& change) { return change.name == changes[end].name; };
      if (std::any_of(transaction.changes.begin(), transaction.changes.end(), same)) break;
      std::string document = changes[end].document;
      if (changes[end].type == v1::Report::descriptor()->full_name()) {
        v1::Report report;
        report.ParseFromString(document);
        report = TRY(reports.Filled(std::move(report), day));
        document = documents::Canonical(report);
      }
      Add(changes[end].name, changes[end].type, std::move(document), transaction);
    }
    TRY(store.Apply(std::move(transaction)).status());
    clock.Advance(absl::Seconds(1));
    begin = end;
    const bool day_is_over = begin == changes.size() || changes[begin].day != day;
    if (day.day() == 1 && day_is_over) TRY(RecordWholeMonth(reports, absl::CivilMonth(day) - 1, store, clock));
    if (progress) progress(begin);
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::oversight
