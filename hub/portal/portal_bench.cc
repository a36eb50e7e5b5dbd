// How fast the portal answers over the plan's 1,450 datasets, on one thread.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/portal/ckan.h"

namespace zhanqiao::portal {
namespace {

constexpr int kDatasets = 1450;

const Shelf& City() {
  static const auto* const shelf = [] {
    const char* const kinds[] = {"停车场名录", "公交线路", "行政许可事项", "环境监测数据", "药品经营企业", "中小学校名单"};
    std::vector<PackagePtr> packages;
    for (int i = 0; i < kDatasets; ++i) {
      v1::Dataset dataset;
      dataset.set_name(absl::StrCat("organizations/370200-B", i % 66, "/datasets/d", i));
      dataset.set_title(absl::StrCat(kinds[i % 6], "（", i, "）"));
      dataset.set_description("青岛市政务部门向社会开放的数据集，按更新周期维护。");
      dataset.add_themes(i % 2 == 0 ? "公共服务" : "城乡建设");
      dataset.add_tags(kinds[i % 6]);
      dataset.set_license("qingdao-open");
      dataset.set_update_cycle(v1::UPDATE_CYCLE_MONTHLY);
      dataset.set_access(v1::DATASET_ACCESS_PUBLIC);
      dataset.set_state(v1::DATASET_STATE_PUBLISHED);
      v1::Distribution& distribution = *dataset.mutable_current()->add_distributions();
      distribution.set_id("data");
      distribution.set_format("CSV");
      for (int k = 0; k < 8; ++k) distribution.add_columns()->set_display_name(absl::StrCat("数据项", k));
      packages.push_back(MakePackage(std::move(dataset), nullptr));
    }
    return new Shelf(1, std::move(packages), {});
  }();
  return *shelf;
}

void Search(benchmark::State& state, const std::string& query) {
  const SystemClock clock;
  SystemRandom random;
  storage::MemoryStore store;
  documents::LowerHub hub(store, clock, random);
  const storage::TemporaryDirectory directory;
  const auto data = datasets::OpenData::Open({.directory = directory.path()}).value();
  Tables tables(*data);
  const Usage usage(hub.documents, clock);
  edge::HttpRequest request;
  request.method = "GET";
  request.target = "/api/3/action/package_search?facet.field=[\"organization\",\"groups\",\"tags\",\"res_format\"]&" + query;
  Ckan ckan(clock, tables, usage);
  const Ask ask = TakeApart(request, "https://data.example.cn").value();
  const Shelf& shelf = City();
  for (auto _ : state) benchmark::DoNotOptimize(ckan.Answer(ask, shelf));
  hub.pipeline.Stop();
}

// The first page of a search with four facets, not kept; the floor is 20 ms.
void BM_SearchTwoCharacters(benchmark::State& state) { Search(state, "q=停车"); }
BENCHMARK(BM_SearchTwoCharacters)->UseRealTime();
void BM_SearchEverything(benchmark::State& state) { Search(state, "q=*:*"); }
BENCHMARK(BM_SearchEverything)->UseRealTime();
// A harvester's page of 1,000.
void BM_HarvestPage(benchmark::State& state) { Search(state, "rows=1000&sort=id asc"); }
BENCHMARK(BM_HarvestPage)->UseRealTime();

}  // namespace
}  // namespace zhanqiao::portal

BENCHMARK_MAIN();
