#include "catalog/model/update_cycle.h"

#include <gtest/gtest.h>

#include "catalog/base/clock.h"

namespace zhanqiao::catalog {
namespace {

v1::Resource Entry(v1::UpdateCycle cycle, const std::string& updated) {
  v1::Resource resource;
  resource.set_state(v1::RESOURCE_STATE_PUBLISHED);
  resource.set_update_cycle(cycle);
  resource.set_data_update_date(updated);
  return resource;
}

std::string Due(v1::UpdateCycle cycle, const std::string& updated) {
  const auto due = UpdateDue(Entry(cycle, updated));
  return due ? FormatDay(*due) : "";
}

TEST(UpdateDue, CountsTheCycleFromTheLastUpdate) {
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_REALTIME, "2018-03-01"), "2018-03-02");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_DAILY, "2018-12-31"), "2019-01-01");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_WEEKLY, "2018-02-26"), "2018-03-05");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_MONTHLY, "2018-03-15"), "2018-04-15");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_QUARTERLY, "2018-11-30"), "2019-02-28");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_SEMIANNUAL, "2018-08-31"), "2019-02-28");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_ANNUAL, "2020-02-29"), "2021-02-28");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_MONTHLY, "2020-01-31"), "2020-02-29");
}

TEST(UpdateDue, NothingIsDueOfWhatHasNoCycleOrIsNotInForce) {
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_IRREGULAR, "2018-03-01"), "");
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_NEVER, "2018-03-01"), "");
  v1::Resource draft = Entry(v1::UPDATE_CYCLE_DAILY, "2018-03-01");
  draft.set_state(v1::RESOURCE_STATE_DRAFT);
  EXPECT_EQ(UpdateDue(draft), std::nullopt);
  EXPECT_EQ(Due(v1::UPDATE_CYCLE_DAILY, ""), "");
}

TEST(UpdateDue, CountsFromThePublicationWhileNothingWasReported) {
  v1::Resource resource = Entry(v1::UPDATE_CYCLE_MONTHLY, "");
  resource.set_release_date("2018-01-10");
  EXPECT_EQ(FormatDay(*UpdateDue(resource)), "2018-02-10");
}

TEST(IsOverdue, OnlyAfterTheLastDayInTime) {
  const v1::Resource resource = Entry(v1::UPDATE_CYCLE_MONTHLY, "2018-01-31");
  EXPECT_FALSE(IsOverdue(resource, absl::CivilDay(2018, 2, 28)));
  EXPECT_TRUE(IsOverdue(resource, absl::CivilDay(2018, 3, 1)));
}

}  // namespace
}  // namespace zhanqiao::catalog
