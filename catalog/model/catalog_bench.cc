// Lists, findings and figures over a catalogue of 100,000 entries of 66 bodies, from the in-memory view. The floor of a
// filter that hardly anything passes is one look at each entry.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/names.h"
#include "catalog/model/resource.h"
#include "catalog/storage/fake_sequencer.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::catalog {
namespace {

constexpr int kEntries = 100'000;
constexpr int kBodies = 66;

// A hub's catalogue without its store: the view takes the entries in directly.
struct City {
  City() {
    documents::Version version;
    version.type = v1::Resource::descriptor()->full_name();
    version.revision = 1;
    for (int i = 0; i < kEntries; ++i) {
      const v1::Resource resource = Entry(i);
      version.name = resource.name();
      version.document = resource.SerializeAsString();
      catalog.Take(version);
    }
    office.kind = SubjectKind::kPerson;
    office.roles = {"office"};
  }

  // Every tenth is of a base database; the last awaits its review.
  static v1::Resource Entry(int i) {
    v1::Resource resource;
    resource.set_resource_code(absl::StrCat("308001370200/", 100'000 + i));
    resource.set_display_name(absl::StrCat("第", i, "号登记信息"));
    resource.set_provider(absl::StrCat("organizations/370200-B", i % kBodies));
    resource.set_provider_code("9137130016829134XT");
    resource.set_state(i == kEntries - 1 ? v1::RESOURCE_STATE_SUBMITTED : v1::RESOURCE_STATE_PUBLISHED);
    resource.set_share_type(i % 3 == 0 ? v1::SHARE_TYPE_UNCONDITIONAL : v1::SHARE_TYPE_CONDITIONAL);
    resource.set_update_cycle(v1::UPDATE_CYCLE_ANNUAL);
    resource.set_data_update_date("2018-02-01");
    if (i % 10 == 0) resource.set_base_database("自然人");
    for (int f = 0; f < 8; ++f) {
      v1::Field* field = resource.add_fields();
      field->set_field(absl::StrCat("f", f));
      field->set_display_name(absl::StrCat("信息项", i, "之", f));
      field->set_data_type(v1::DATA_TYPE_CHARACTER);
      field->set_length(20);
    }
    Normalize(resource);
    return resource;
  }

  SimulatedClock clock{absl::FromCivil(absl::CivilDay(2018, 3, 1), Shanghai())};
  SeededRandom random{1};
  storage::MemoryStore store;
  storage::FakeSequencer sequencer{store, clock};
  storage::CommitPipeline pipeline{store, &sequencer, {}};
  documents::DocumentStore documents{store, pipeline, clock, random};
  Catalog catalog;
  CatalogService service{documents, catalog, clock, random};
  Caller office;
};

City& TheCity() {
  static City city;
  return city;
}

void BM_FirstPage(benchmark::State& state) {
  City& city = TheCity();
  for (auto _ : state) benchmark::DoNotOptimize(city.service.ListResources(city.office, {}));
}
BENCHMARK(BM_FirstPage)->Unit(benchmark::kMillisecond);

void BM_FilterOneOfAll(benchmark::State& state) {
  City& city = TheCity();
  v1::ListResourcesRequest request;
  request.set_state(v1::RESOURCE_STATE_SUBMITTED);
  for (auto _ : state) {
    if (city.service.ListResources(city.office, request)->resources_size() != 1) state.SkipWithError("not found");
  }
}
BENCHMARK(BM_FilterOneOfAll)->Unit(benchmark::kMillisecond);

void BM_FindingsOfAll(benchmark::State& state) {
  City& city = TheCity();
  v1::ListFindingsRequest request;
  request.set_reason("UPDATE_OVERDUE");  // nobody's
  for (auto _ : state) {
    if (city.service.ListFindings(city.office, request)->findings_size() != 0) state.SkipWithError("found");
  }
}
BENCHMARK(BM_FindingsOfAll)->Unit(benchmark::kMillisecond);

void BM_Coverage(benchmark::State& state) {
  City& city = TheCity();
  for (auto _ : state) {
    if (city.service.GetBaseDatabaseCoverage(city.office, {})->coverages(0).entries_published() != kEntries / 10) {
      state.SkipWithError("miscounted");
    }
  }
}
BENCHMARK(BM_Coverage)->Unit(benchmark::kMillisecond);

void BM_TakeOneEntry(benchmark::State& state) {
  City& city = TheCity();
  documents::Version version;
  version.type = v1::Resource::descriptor()->full_name();
  version.revision = 2;
  const v1::Resource resource = City::Entry(4711);
  version.name = resource.name();
  version.document = resource.SerializeAsString();
  for (auto _ : state) city.catalog.Take(version);
}
BENCHMARK(BM_TakeOneEntry)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace zhanqiao::catalog

BENCHMARK_MAIN();
