#include "hub/oversight/datasets/dataset_count.h"

#include <gtest/gtest.h>

#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

class DatasetCountTest : public ::testing::Test, protected TestDatasets {
 protected:
  void At(int year, int month, int day) { clock.Set(absl::FromCivil(absl::CivilSecond(year, month, day, 9), Shanghai())); }
  v1::CountDatasetsResponse Count(const std::string& as_of = "", std::optional<uint64_t> known_at = {}) {
    v1::CountDatasetsRequest request;
    request.mutable_read_at()->set_as_of(as_of);
    if (known_at) request.mutable_read_at()->set_known_at(*known_at);
    request.set_list(true);
    return room->count().Count(request).value();
  }
  std::string WhyNot(const v1::CountDatasetsResponse& counted) {
    return counted.reasons_size() == 1 && counted.counted() == 0 ? counted.reasons(0).reason() : "";
  }
  v1::Dataset Withdraw(const std::string& name) {
    v1::WithdrawDatasetRequest request;
    request.set_name(name);
    request.set_reason("停止");
    return room->service().WithdrawDataset(approver(), request).value();
  }
};

TEST_F(DatasetCountTest, APublishedWorkingDatasetCountsTowardsTheTarget) {
  Published();
  Created("draft");
  const auto counted = Count();
  EXPECT_EQ(counted.counted(), 1);
  EXPECT_EQ(counted.published(), 1);
  EXPECT_EQ(counted.target(), 1400);
  EXPECT_EQ(counted.missing(), 1399);
  ASSERT_EQ(counted.bodies_size(), 1);
  EXPECT_EQ(counted.bodies(0).organization(), kBody);
  ASSERT_EQ(counted.reasons_size(), 1);
  EXPECT_EQ(counted.reasons(0).reason(), "NOT_PUBLISHED");
  EXPECT_EQ(counted.datasets_size(), 2);
}

TEST_F(DatasetCountTest, PastItsUpdateCycleItNoLongerCounts) {
  Published();
  EXPECT_EQ(Count("2018-06-07").counted(), 1);
  EXPECT_EQ(WhyNot(Count("2018-06-08")), "UPDATE_OVERDUE");
}

TEST_F(DatasetCountTest, AProbeCountsForSoLongOnly) {
  v1::Dataset dataset = Wanted("laws");
  dataset.set_update_cycle(v1::UPDATE_CYCLE_NEVER);
  v1::CreateDatasetRequest create;
  *create.mutable_dataset() = dataset;
  room->service().CreateDataset(clerk(), create).value();
  Uploaded(dataset.name(), Parks(), ParkColumns());
  Released(dataset.name());
  EXPECT_EQ(Count("2018-06-11").counted(), 1);
  EXPECT_EQ(WhyNot(Count("2018-06-12")), "NOT_PROBED");
  At(2018, 6, 10);
  ASSERT_TRUE(room->Run(absl::CivilDay(2018, 6, 10)).ok());
  EXPECT_EQ(Count("2018-07-15").counted(), 1);
}

TEST_F(DatasetCountTest, ADatasetThatCannotBeFetchedDoesNotCount) {
  const v1::Dataset dataset = Published();
  ASSERT_TRUE(std::filesystem::remove(directory.path() / "open_data" / ToHex(dataset.current().distributions(0).sha256())));
  At(2018, 5, 9);
  ASSERT_TRUE(room->Run(absl::CivilDay(2018, 5, 9)).ok());
  EXPECT_EQ(WhyNot(Count()), "NOT_WORKING");
  EXPECT_EQ(Count("2018-05-08").counted(), 1) << "it worked the day before";
}

TEST_F(DatasetCountTest, AnEntryWithdrawnOrClosedTakesItsDatasetsAlong) {
  Published();
  At(2018, 5, 20);
  PutEntry(kOpenEntry, v1::OPEN_TYPE_NOT_OPEN);
  EXPECT_EQ(WhyNot(Count()), "ENTRY_NOT_OPEN");
  EXPECT_EQ(Count("2018-05-19").counted(), 1);
}

TEST_F(DatasetCountTest, BothTimesAreReadable) {
  const std::string name = Published().name();
  const uint64_t known = Count().known_at();
  At(2018, 5, 20);
  Withdraw(name);
  EXPECT_EQ(WhyNot(Count()), "NOT_PUBLISHED");
  EXPECT_EQ(Count("2018-05-19").counted(), 1);
  EXPECT_EQ(Count("2018-05-20", log->head()->size() - 1).counted(), 0);
  EXPECT_EQ(Count("2018-05-20", known).counted(), 1) << "what the hub knew before the withdrawal";
  EXPECT_EQ(Count("2018-05-06").counted(), 0);
}

TEST_F(DatasetCountTest, AFreshViewCountsThePastAlike) {
  const std::string name = Published().name();
  At(2018, 5, 20);
  Withdraw(name);
  DatasetCount fresh(documents, policy, clock);
  v1::CountDatasetsRequest request;
  request.mutable_read_at()->set_as_of("2018-05-19");
  EXPECT_EQ(fresh.Count(request)->counted(), 1);
  request.mutable_read_at()->set_as_of("2018-05-20");
  EXPECT_EQ(fresh.Count(request)->counted(), 0);
}

TEST_F(DatasetCountTest, TheCurveHasAPointForEachMonthEnd) {
  Published();
  At(2018, 6, 20);
  Published("second");
  v1::CountDatasetsRequest request;
  request.set_curve_from("2018-04-10");
  const auto counted = room->count().Count(request).value();
  ASSERT_EQ(counted.curve_size(), 3);
  EXPECT_EQ(counted.curve(0).as_of(), "2018-04-30");
  EXPECT_EQ(counted.curve(0).counted(), 0);
  EXPECT_EQ(counted.curve(1).as_of(), "2018-05-31");
  EXPECT_EQ(counted.curve(1).counted(), 1);
  EXPECT_EQ(counted.curve(2).as_of(), "2018-06-20");
  EXPECT_EQ(counted.curve(2).counted(), 1) << "the first is overdue by now";
  EXPECT_EQ(counted.curve(2).published(), 2);
}

}  // namespace
}  // namespace zhanqiao::datasets
