// 2,600 catalogue entries and 1,450 open datasets made of the open ones among them.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/model/catalog.h"
#include "catalog/model/names.h"
#include "catalog/model/resource_entry.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/sample/plan.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::oversight {
namespace {

constexpr int kDatasets = 1450;
constexpr int kProbeEveryDays = 28;  // within dataset.probe_days

// The day the n-th dataset is published: few in the first months, 1,400 reached before the year is over.
absl::CivilDay PublishDay(int n) {
  struct Pace {
    int until;  // datasets published by the month's end
    int month;
  };
  constexpr Pace kPaces[] = {{0, 1}, {60, 2}, {150, 3}, {240, 4}, {350, 5}, {520, 6}, {640, 7}, {790, 8}, {940, 9}, {1110, 10}, {1290, 11}, {1450, 12}};
  int before = 0;
  for (const Pace& pace : kPaces) {
    if (n < pace.until) {
      const int days = pace.month == 12 ? 24 : 27;
      return In2018(pace.month, 1) + (n - before) * days / (pace.until - before);
    }
    before = pace.until;
  }
  return In2018(12, 24);
}

v1::Dataset DatasetOf(const v1::Resource& entry, int number, absl::CivilDay day) {
  v1::Dataset dataset;
  dataset.set_name(absl::StrCat(entry.provider(), "/datasets/sample-", number + 1));
  dataset.set_resource(entry.name());
  dataset.set_title(absl::StrCat(entry.display_name(), number >= 1000 ? "（分册）" : "", Absl(kSampleMark)));
  dataset.set_description(absl::StrCat("样例数据集：", entry.display_name(), "。不含真实数据。"));
  dataset.add_themes("样例");
  dataset.set_update_cycle(v1::UPDATE_CYCLE_ANNUAL);
  dataset.set_access(entry.open_type() == v1::OPEN_TYPE_UNCONDITIONAL ? v1::DATASET_ACCESS_PUBLIC : v1::DATASET_ACCESS_CONTROLLED);
  dataset.mutable_contact()->set_unit("样例处室");
  dataset.set_sample(true);
  dataset.set_state(v1::DATASET_STATE_PUBLISHED);
  dataset.set_issue_date(FormatDay(day));
  const auto now = catalog::ToTimestamp(absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 9, 0, 0), Shanghai()));
  *dataset.mutable_create_time() = now;
  *dataset.mutable_update_time() = now;
  v1::DatasetRelease& release = *dataset.mutable_current();
  release.set_number(1);
  release.set_data_update_date(FormatDay(day));
  release.set_risk_passed(true);
  v1::Distribution& file = *release.add_distributions();
  file.set_id("csv");
  file.set_format("CSV");
  file.set_address(absl::StrCat("https://sample.invalid/", number + 1, ".csv"));
  return dataset;
}

// What fetching it every four weeks gave: most work, some stop working for some weeks.
void PlanProbes(const v1::Dataset& dataset, absl::CivilDay published, SamplePlan& plan) {
  Draw draw(dataset.name());
  const bool fails = draw.Percent(6);
  const absl::CivilDay broken = published + 20 + draw.Below(200);
  const absl::CivilDay repaired = broken + 28 + draw.Below(60);
  for (absl::CivilDay day = published; day <= In2018(12, 31); day += kProbeEveryDays) {
    v1::DatasetProbe probe;
    probe.set_name(absl::StrCat(dataset.name(), "/probes/latest"));
    probe.set_dataset(dataset.name());
    probe.set_release(1);
    probe.set_date(FormatDay(day));
    probe.set_working(!(fails && day >= broken && day < repaired));
    v1::DistributionProbe& one = *probe.add_distributions();
    one.set_distribution("csv");
    one.set_working(probe.working());
    one.set_http_status(probe.working() ? 200 : 503);
    if (!probe.working()) one.set_problem("HTTP_STATUS");
    plan.Record(day, probe);
  }
}

}  // namespace

std::vector<v1::Resource> PlanEntries(const std::vector<v1::Resource>& drafts, const Systems& systems, SamplePlan& plan) {
  std::map<std::string_view, std::vector<std::string_view>> systems_of;
  for (const v1::InformationSystem& system : systems) {
    const v1::Inventory& inventory = system.inventory();
    if (inventory.is_classified() || inventory.cleanup_class() != v1::CLEANUP_CLASS_NORMAL) continue;
    systems_of[catalog::OrganizationOf(system.name())].push_back(system.name());
  }
  const catalog::Catalog nothing;
  std::map<std::string, size_t> turn;
  std::vector<v1::Resource> entries;
  for (v1::Resource entry : drafts) {
    entry.set_name(catalog::ResourceName(entry.resource_code()));
    Draw draw(entry.name());
    const auto& sources = systems_of[entry.provider()];
    if (!sources.empty()) entry.set_source_system(std::string(sources[turn[entry.provider()]++ % sources.size()]));
    catalog::Derive(nothing, entry);
    const absl::CivilDay released = std::max(ParseDay(entry.release_date()).value_or(In2018(1, 10)), In2018(1, 10));
    entry.set_state(v1::RESOURCE_STATE_DRAFT);
    entry.set_schema_version(1);
    entry.clear_release_date();
    plan.Record(std::max(In2018(1, 8), released - 10 - draw.Below(20)), entry);
    entry.set_state(v1::RESOURCE_STATE_PUBLISHED);
    entry.set_release_date(FormatDay(released));
    plan.Record(released, entry);
    if (draw.Percent(75)) {
      const absl::CivilDay updated = released + 15 + draw.Below(60);
      entry.set_data_update_date(FormatDay(updated));
      if (updated <= In2018(12, 31)) plan.Record(updated, entry);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

void PlanDatasets(const std::vector<v1::Resource>& entries, SamplePlan& plan) {
  std::vector<const v1::Resource*> open;
  for (const v1::Resource& entry : entries) {
    if (entry.open_type() == v1::OPEN_TYPE_UNCONDITIONAL || entry.open_type() == v1::OPEN_TYPE_CONDITIONAL) open.push_back(&entry);
  }
  // An entry must be published before what is made of it.
  std::stable_sort(open.begin(), open.end(), [](const v1::Resource* a, const v1::Resource* b) { return a->release_date() < b->release_date(); });
  if (open.empty()) return;
  for (int number = 0; number < kDatasets; ++number) {
    const v1::Resource& entry = *open[static_cast<size_t>(number) % open.size()];
    const absl::CivilDay day = std::max(PublishDay(number), ParseDay(entry.release_date()).value_or(In2018(1, 10)) + 1);
    const v1::Dataset dataset = DatasetOf(entry, number, day);
    plan.Record(day, dataset);
    PlanProbes(dataset, day, plan);
  }
}

}  // namespace zhanqiao::oversight
