// The count of open datasets equals an independent recount: plain loops over all versions of datasets, probes and entries, for
// fifty random dates, positions and bodies of a year that changes at random.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

using documents::Version;

class DatasetRecountTest : public ::testing::Test, protected TestDatasets {
 protected:
  DatasetRecountTest() : TestDatasets(absl::CivilSecond(2019, 7, 1, 9, 0, 0)) {
    if (const char* seed = std::getenv("ZHANQIAO_SEED")) seed_ = std::strtoull(seed, nullptr, 10);
    random_.seed(seed_);
  }
  int Draw(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  static std::string Name(int number) { return absl::StrCat(number % 2 == 0 ? kBody : "organizations/370202", "/datasets/d", number); }
  static std::string EntryOf(int number) { return absl::StrCat("resources/307001~", 200000 + number % 5); }
  std::string RecentDate() { return FormatDay(CivilDayOf(clock.Now()) - Draw(20)); }

  void RecordSomething() {
    const int number = Draw(12);
    const int kind = Draw(4);
    if (kind == 0) {
      PutEntry(EntryOf(number), static_cast<v1::OpenType>(1 + Draw(3)), Draw(5) == 0 ? v1::RESOURCE_STATE_WITHDRAWN : v1::RESOURCE_STATE_PUBLISHED);
    } else if (kind == 1) {
      v1::Dataset dataset;
      dataset.set_name(Name(number));
      dataset.set_resource(EntryOf(number));
      dataset.set_state(Draw(4) == 0 ? v1::DATASET_STATE_WITHDRAWN : v1::DATASET_STATE_PUBLISHED);
      dataset.set_update_cycle(Draw(2) == 0 ? v1::UPDATE_CYCLE_WEEKLY : v1::UPDATE_CYCLE_NEVER);
      v1::DatasetRelease& release = *dataset.mutable_current();
      release.set_number(Draw(5) == 0 ? 2 : 1);
      release.set_risk_passed(Draw(6) > 0);
      release.set_data_update_date(RecentDate());
      if (Draw(6) > 0) release.add_distributions()->set_id("data");
      Put(dataset.name(), dataset);
    } else {
      v1::DatasetProbe probe;
      probe.set_name(Name(number) + "/probes/latest");
      probe.set_release(Draw(5) == 0 ? 2 : 1);
      probe.set_working(Draw(4) > 0);
      probe.set_date(RecentDate());
      Put(probe.name(), probe);
    }
  }

  static const Version* On(const std::map<std::string, std::vector<Version>>& all, const std::string& name, absl::CivilDay day, uint64_t known_at) {
    const Version* best = nullptr;
    const auto found = all.find(name);
    if (found == all.end()) return best;
    for (const Version& version : found->second) {
      if (version.known_at <= known_at && version.effective <= day && (best == nullptr || version.effective >= best->effective)) best = &version;
    }
    return best;
  }
  static bool Counts(const std::map<std::string, std::vector<Version>>& all, const v1::Dataset& dataset, absl::CivilDay day, uint64_t known_at) {
    const v1::DatasetRelease& release = dataset.current();
    if (dataset.state() != v1::DATASET_STATE_PUBLISHED || !release.risk_passed() || release.distributions().empty()) return false;
    if (dataset.update_cycle() == v1::UPDATE_CYCLE_WEEKLY && day - ParseDay(release.data_update_date()).value() > 7) return false;
    const Version* entry = On(all, dataset.resource(), day, known_at);
    const Version* probed = On(all, dataset.name() + "/probes/latest", day, known_at);
    if (entry == nullptr || probed == nullptr) return false;
    const auto resource = entry->As<v1::Resource>().value();
    const auto probe = probed->As<v1::DatasetProbe>().value();
    return resource.state() == v1::RESOURCE_STATE_PUBLISHED && resource.open_type() != v1::OPEN_TYPE_NOT_OPEN && probe.working() &&
           probe.release() == release.number() && day - ParseDay(probe.date()).value() <= 35;
  }

  uint64_t seed_ = 20191231;
  std::mt19937_64 random_;
};

TEST_F(DatasetRecountTest, FiftyCountsEqualPlainLoops) {
  SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", seed_));
  for (absl::CivilDay today(2019, 7, 1); today < absl::CivilDay(2020, 7, 1); today += 1) {
    clock.Set(absl::FromCivil(absl::CivilSecond(today.year(), today.month(), today.day(), 9, 0, 0), Shanghai()));
    for (int i = Draw(4); i > 0; --i) RecordSomething();
  }
  std::map<std::string, std::vector<Version>> all;
  std::optional<uint64_t> position;
  for (auto changes = documents.ChangesSince(position, 1000).value(); !changes.empty(); changes = documents.ChangesSince(position, 1000).value()) {
    for (const Version& version : changes) all[version.name].push_back(version);
    position = changes.back().known_at;
  }
  int counted = 0;
  for (int i = 0; i < 50; ++i) {
    const absl::CivilDay day = i == 0 ? absl::CivilDay(2020, 2, 29) : absl::CivilDay(2019, 7, 20) + Draw(345);
    const uint64_t known_at = i % 2 == 0 ? *position : static_cast<uint64_t>(Draw(static_cast<int>(*position)));
    const std::string body = i % 3 == 0 ? "" : i % 3 == 1 ? kBody : "organizations/370202";
    int expected = 0;
    for (int number = 0; number < 12; ++number) {
      const Version* version = On(all, Name(number), day, known_at);
      if (version == nullptr || (!body.empty() && !version->name.starts_with(body + "/"))) continue;
      expected += Counts(all, version->As<v1::Dataset>().value(), day, known_at) ? 1 : 0;
    }
    v1::CountDatasetsRequest request;
    request.mutable_read_at()->set_as_of(FormatDay(day));
    request.mutable_read_at()->set_known_at(known_at);
    request.set_organization(body);
    EXPECT_EQ(room->count().Count(request)->counted(), expected) << "of " << body << " on " << FormatDay(day) << " as known at " << known_at;
    counted += expected;
  }
  EXPECT_GT(counted, 5) << "a recount of nothing proves nothing";
}

}  // namespace
}  // namespace zhanqiao::datasets
