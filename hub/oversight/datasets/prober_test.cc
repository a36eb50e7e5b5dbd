#include "hub/oversight/datasets/prober.h"

#include <gtest/gtest.h>

#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

class ProberTest : public ::testing::Test, protected TestDatasets {
 protected:
  static constexpr char kAddress[] = "https://data.example.cn/parks.csv";

  v1::Dataset PublishedElsewhere() {
    network[kAddress] = {200, "text/csv", Parks()};
    const std::string name = Created().name();
    v1::AddAddressRequest request;
    request.set_name(name);
    request.mutable_distribution()->set_id("csv");
    request.mutable_distribution()->set_format("CSV");
    request.mutable_distribution()->set_address(kAddress);
    for (const auto& column : ParkColumns()) *request.mutable_distribution()->add_columns() = column;
    room->service().AddAddress(clerk(), request).value();
    return Released(name);
  }
  v1::DatasetProbe Stored(const std::string& dataset) {
    v1::GetDatasetProbeRequest request;
    request.set_name(ProbeName(dataset));
    return room->service().GetDatasetProbe(clerk(), request).value();
  }
  size_t Versions(const std::string& dataset) { return documents.History(ProbeName(dataset), 100, "").value().versions.size(); }
  void Day(int day) {
    clock.Set(absl::FromCivil(absl::CivilSecond(2018, 5, day, 3), Shanghai()));
    ASSERT_TRUE(room->Run(absl::CivilDay(2018, 5, day)).ok());
  }
};

TEST_F(ProberTest, WhatIsPublishedIsFetchedAtOnce) {
  const v1::Dataset dataset = PublishedElsewhere();
  EXPECT_TRUE(Stored(dataset.name()).working());
  EXPECT_EQ(Stored(dataset.name()).distributions(0).http_status(), 200);
}

TEST_F(ProberTest, AnAddressThatGivesOtherBytesIsNotWhatWasAssessed) {
  const v1::Dataset dataset = PublishedElsewhere();
  network[kAddress].body += "新增,市南区,9\n";
  Day(8);
  EXPECT_EQ(Stored(dataset.name()).distributions(0).problem(), "DATA_CHANGED");
  network[kAddress] = {404, "text/html", "gone"};
  Day(9);
  EXPECT_EQ(Stored(dataset.name()).distributions(0).problem(), "HTTP_STATUS");
  network.erase(kAddress);
  Day(10);
  EXPECT_EQ(Stored(dataset.name()).distributions(0).problem(), "HTTP_UNREACHABLE");
  EXPECT_EQ(Versions(dataset.name()), 4u);
}

TEST_F(ProberTest, TheSameOutcomeIsStoredAnewOnlyWhenItGrowsOld) {
  const v1::Dataset dataset = Published();
  Day(8);
  Day(24);
  EXPECT_EQ(Versions(dataset.name()), 1u);
  Day(25);
  EXPECT_EQ(Versions(dataset.name()), 2u);
  EXPECT_EQ(Stored(dataset.name()).date(), "2018-05-25");
}

}  // namespace
}  // namespace zhanqiao::datasets
