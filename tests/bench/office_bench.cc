// How long the office's questions take: over the sample year in a hub's real store, ledger and index, with exchanges of
// 1 to 25 January 2019, which is what the report of that month covers, appended entry by entry behind it.
//
// As it stands the log is small, so that the bench runs with the tests. ZHANQIAO_OFFICE_BENCH_ENTRIES=10000000 makes the
// design's log (5 GB), ZHANQIAO_OFFICE_BENCH_DIR keeps it for the next run.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/measure/appends.h"
#include "hub/ledger/measure/scratch_hub.h"
#include "hub/oversight/datasets/dataset_count.h"
#include "hub/oversight/office.h"
#include "hub/oversight/oversight.h"
#include "hub/oversight/sample/sample_year.h"

namespace zhanqiao::oversight {
namespace {

std::string Table(const std::string& name) {
  std::ifstream file(std::string(DEMO_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

uint64_t EntriesWanted() {
  uint64_t entries = 70'000;  // one sealed segment and an open one
  if (const char* wanted = std::getenv("ZHANQIAO_OFFICE_BENCH_ENTRIES")) (void)absl::SimpleAtoi(wanted, &entries);
  return entries;
}

std::filesystem::path Directory() {
  if (const char* kept = std::getenv("ZHANQIAO_OFFICE_BENCH_DIR")) return kept;
  static const auto* const temporary = new storage::TemporaryDirectory();
  return temporary->path();
}

// The sample year, then exchanges spread over 25 days. What was made before is taken as it is.
void Fill(const std::filesystem::path& directory, uint64_t entries) {
  {
    SimulatedClock clock(absl::FromCivil(absl::CivilSecond(2017, 12, 29, 8, 0, 0), Shanghai()));
    const auto hub = ledger::ScratchHub::Open(directory, clock).value();
    if (hub->log->head()->size() == 1) {
      SystemRandom random;
      documents::DocumentStore documents(*hub->store, *hub->pipeline, clock, random);
      const auto year = SampleYear2018({Table("organizations.csv"), Table("sample_topics.csv"), Table("sample_items.csv"), Table("plan_tasks.csv")}).value();
      if (!RecordSample(year, documents, clock, {}).ok()) std::abort();
    }
    hub->pipeline->Stop();
  }
  ledger::SpreadClock clock(absl::FromCivil(absl::CivilDay(2019, 1, 1), Shanghai()), absl::Hours(24 * 25) / static_cast<int64_t>(entries));
  const auto hub = ledger::ScratchHub::Open(directory, clock).value();
  clock.Count(hub->log->head()->size());
  ledger::RandomEntries random(1);
  if (!ledger::Fill(*hub, clock, random, entries).ok()) std::abort();
  hub->pipeline->Stop();
}

// A hub over it on 26 January 2019.
struct City {
  City() {
    Fill(Directory(), EntriesWanted());
    hub = ledger::ScratchHub::Open(Directory(), clock).value();
    if (!hub->StartIndex().ok()) std::abort();
    while (hub->index->Snapshot(absl::Now() + absl::Seconds(60)).reached() < hub->log->head()->size()) {
    }
    documents.emplace(*hub->store, *hub->pipeline, clock, random);
    datasets.emplace(*documents, rules.policy, clock);
    oversight.emplace(Oversight::Parts{.store = *documents, .catalog = catalog, .rules = rules, .clock = clock, .random = random,
                                       .index = *hub->index, .entries = *hub->entries,
                                       .progress = {.open_datasets = [this](const FigureScope& scope) { return OpenDatasets(scope); },
                                                    .reports = [this](const FigureScope& scope) { return office->ReportsOf(scope); },
                                                    .tasks = [this](const FigureScope& scope) { return office->TasksOf(scope); }}});
    office.emplace(Office::Parts{.store = *documents, .catalog = catalog, .pipeline = *hub->pipeline, .records = oversight->records(),
                                 .index = *hub->index, .entries = *hub->entries, .rules = rules, .clock = clock, .random = random,
                                 .position = [this] { return hub->log->head()->size() - 1; },
                                 .checkpoint = [] { return ledger::SignedCheckpointPtr(); },
                                 .root_at = nullptr,
                                 .open_datasets = [this](const FigureScope& scope) { return OpenDatasets(scope); },
                                 .mailer = nullptr, .contacts = {}, .public_url = ""});
    if (!oversight->Warm().ok() || !datasets->Warm().ok()) std::abort();
    caller.kind = SubjectKind::kPerson;
    caller.subject = "organizations/370200-ZFBGT/persons/bench";
    caller.organization = "organizations/370200-ZFBGT";
    caller.roles = {"office"};
    std::fprintf(stderr, "%llu entries in the ledger\n", static_cast<unsigned long long>(hub->log->head()->size()));
  }

  absl::StatusOr<v1::OpenDatasetProgress> OpenDatasets(const FigureScope& scope) {
    v1::CountDatasetsRequest request;
    request.mutable_read_at()->set_as_of(FormatDay(scope.as_of));
    request.set_organization(scope.organization);
    const auto count = datasets->Count(request);
    v1::OpenDatasetProgress progress;
    if (count.ok()) progress.set_published(count->counted());
    return progress;
  }

  SimulatedClock clock{absl::FromCivil(absl::CivilSecond(2019, 1, 26, 18, 0, 0), Shanghai())};
  SystemRandom random;
  access::Rules rules;
  catalog::Catalog catalog;
  std::unique_ptr<ledger::ScratchHub> hub;
  std::optional<documents::DocumentStore> documents;
  std::optional<datasets::DatasetCount> datasets;
  std::optional<Oversight> oversight;
  std::optional<Office> office;
  Caller caller;
};

City& city() {
  static City* const city = new City();
  return *city;
}

// Asks again and again; the first failure ends it.
template <typename Ask>
void Repeat(benchmark::State& state, const Ask& ask) {
  city();
  for (auto _ : state) {
    const auto answer = ask();
    if (!answer.ok()) return state.SkipWithError(std::string(answer.status().message()).c_str());
    benchmark::DoNotOptimize(answer);
  }
}

// Every figure: at most 50 ms, better 5.
void BM_Progress(benchmark::State& state) {
  v1::GetProgressRequest request;
  request.mutable_time()->set_as_of("2018-06-30");
  Repeat(state, [&] { return city().oversight->service().GetProgress(city().caller, request); });
}
BENCHMARK(BM_Progress)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Measure(benchmark::State& state) {
  v1::GetFigureRequest request;
  request.set_measure(static_cast<v1::Measure>(state.range(0)));
  request.set_group_by(v1::FIGURE_GROUP_BODY);
  request.mutable_time()->set_as_of("2018-06-30");
  state.SetLabel(v1::Measure_Name(request.measure()));
  Repeat(state, [&] { return city().oversight->service().GetFigure(city().caller, request); });
}
BENCHMARK(BM_Measure)->DenseRange(1, v1::Measure_MAX)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Items(benchmark::State& state) {
  v1::ListFigureItemsRequest request;
  request.set_measure(v1::MEASURE_CLOUD_MIGRATION_RATIO);
  request.mutable_time()->set_as_of("2018-06-30");
  Repeat(state, [&] { return city().oversight->service().ListFigureItems(city().caller, request); });
}
BENCHMARK(BM_Items)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_CurveOfTheYear(benchmark::State& state) {
  v1::GetFigureCurveRequest request;
  request.set_measure(v1::MEASURE_CLOUD_MIGRATION_RATIO);
  request.set_from_day("2018-01-01");
  request.set_to_day("2018-12-31");
  request.set_as_known_then(state.range(0) == 1);
  Repeat(state, [&] { return city().oversight->service().GetFigureCurve(city().caller, request); });
}
BENCHMARK(BM_CurveOfTheYear)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Forecast(benchmark::State& state) {
  v1::GetCloudForecastRequest request;
  request.mutable_time()->set_as_of("2018-05-31");
  Repeat(state, [&] { return city().oversight->service().GetCloudForecast(city().caller, request); });
}
BENCHMARK(BM_Forecast)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_OpenDatasetsWithCurve(benchmark::State& state) {
  v1::CountDatasetsRequest request;
  request.mutable_read_at()->set_as_of("2018-12-31");
  request.set_curve_from("2018-01-01");
  Repeat(state, [&] { return city().datasets->Count(request); });
}
BENCHMARK(BM_OpenDatasetsWithCurve)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Completeness(benchmark::State& state) {
  Repeat(state, [&] { return city().oversight->inventory().GetCompleteness(city().caller, {}); });
}
BENCHMARK(BM_Completeness)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_CleanupProposals(benchmark::State& state) {
  Repeat(state, [&] { return city().oversight->inventory().ListCleanupProposals(city().caller, {}); });
}
BENCHMARK(BM_CleanupProposals)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_MergeTrees(benchmark::State& state) {
  Repeat(state, [&] { return city().oversight->inventory().ListMergeTrees(city().caller, {}); });
}
BENCHMARK(BM_MergeTrees)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_CloudComparisons(benchmark::State& state) {
  Repeat(state, [&] { return city().oversight->inventory().ListCloudComparisons(city().caller, {}); });
}
BENCHMARK(BM_CloudComparisons)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Tasks(benchmark::State& state) {
  v1::ListTasksRequest request;
  request.set_as_of("2018-06-30");
  Repeat(state, [&] { return city().office->tasks().ListTasks(city().caller, request); });
}
BENCHMARK(BM_Tasks)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_DueReports(benchmark::State& state) {
  v1::ListDueReportsRequest request;
  request.set_month("2018-06");
  Repeat(state, [&] { return city().office->reports().ListDueReports(city().caller, request); });
}
BENCHMARK(BM_DueReports)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_SharingQuality(benchmark::State& state) {
  Repeat(state, [&] { return city().oversight->service().GetSharingQuality(city().caller, {}); });
}
BENCHMARK(BM_SharingQuality)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_SharingByMonth(benchmark::State& state) {
  v1::GetSharingRequest request;
  request.set_from_day("2018-01-01");
  request.set_to_day("2019-01-26");
  request.add_keys(v1::SHARING_KEY_MONTH);
  request.add_keys(v1::SHARING_KEY_PROVIDER);
  Repeat(state, [&] { return city().oversight->service().GetSharing(city().caller, request); });
}
BENCHMARK(BM_SharingByMonth)->Unit(benchmark::kMillisecond)->UseRealTime();

// A month report over all exchanges of the log, every body at once: at most 5 s, better 0.5.
void BM_MonthReport(benchmark::State& state) {
  v1::GetReportRequest request;
  request.set_name("reports/2019-01/370200-GAJ");
  Repeat(state, [&] { return city().office->reports().GetReport(city().caller, request); });
}
BENCHMARK(BM_MonthReport)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_CitySummary(benchmark::State& state) {
  v1::GetCitySummaryRequest request;
  request.set_month("2019-01");
  Repeat(state, [&] { return city().office->reports().GetCitySummary(city().caller, request); });
}
BENCHMARK(BM_CitySummary)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace zhanqiao::oversight

BENCHMARK_MAIN();
