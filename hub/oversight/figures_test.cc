#include "hub/oversight/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/oversight/test_year.h"

namespace zhanqiao::oversight {
namespace {

constexpr v1::Measure kCloud = v1::MEASURE_CLOUD_MIGRATION_RATIO;
constexpr v1::Measure kMerged = v1::MEASURE_SYSTEMS_INTEGRATED;
constexpr v1::Measure kZombies = v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED;
constexpr v1::Measure kNetworks = v1::MEASURE_PRIVATE_NETWORKS_MIGRATED;
constexpr v1::Measure kCoverage = v1::MEASURE_CATALOGUE_COVERAGE;

class FiguresTest : public ::testing::Test, protected TestYear {
 protected:
  void Migrate(const std::string& system, const std::string& date) {
    Change(system, [&](v1::Inventory& i) {
      i.set_on_cloud(true);
      i.set_cloud_date(date);
    });
  }
};

TEST_F(FiguresTest, WhatWasDoneBeforeItWasRecordedCountsOnceItIsKnown) {
  Put(System(kOa));
  Today(7, 3);
  const uint64_t recorded = Change(kOa, [](v1::Inventory& i) {
    i.set_on_cloud(true);
    i.set_cloud_date("2018-06-28");
  });
  EXPECT_EQ(Cloud(Day(6, 30), KnownOn(Day(7, 3))), "1/1-0");
  EXPECT_EQ(Cloud(Day(6, 30), KnownOn(Day(6, 30))), "0/1-0");
  EXPECT_EQ(Cloud(Day(6, 30), {.known_at = recorded, .before = {}}), "1/1-0");
  EXPECT_EQ(Cloud(Day(6, 30), {.known_at = recorded - 1, .before = {}}), "0/1-0");
  EXPECT_EQ(Cloud(Day(6, 27)), "0/1-0");
  EXPECT_EQ(Cloud(Day(6, 28)), "1/1-0");
}

TEST_F(FiguresTest, ASystemRecordedLateCountsWhereItsOwnDatesReach) {
  Today(7, 3);
  Put(System(kOa, [](v1::Inventory& i) {
    i.set_on_cloud(true);
    i.set_cloud_date("2018-06-28");
  }));
  EXPECT_EQ(Cloud(Day(6, 30)), "1/1-0");
  EXPECT_EQ(Cloud(Day(6, 27)), "0/0-0");
  EXPECT_EQ(Cloud(Day(6, 30), KnownOn(Day(7, 2))), "0/0-0");
}

TEST_F(FiguresTest, AMigrationWithoutDateCountsFromTheDayItWasRecorded) {
  Put(System(kOa));
  Today(5, 31);
  Migrate(kOa, "");
  EXPECT_EQ(Cloud(Day(5, 30)), "0/1-0");
  EXPECT_EQ(Cloud(Day(5, 31)), "1/1-0");
}

TEST_F(FiguresTest, ClassifiedAndExemptSystemsAreLeftOutWithTheirReason) {
  Put(System(kOa));
  Put(System("organizations/370200-FGW/systems/secret", [](v1::Inventory& i) {
    i.set_is_classified(true);
    i.set_on_cloud(true);
  }));
  Put(System("organizations/370200-FGW/systems/kept", [](v1::Inventory& i) {
    i.set_migration_eligible(false);
    i.set_cloud_exemption("专用加密硬件");
  }));
  Put(System("organizations/370200-FGW/systems/unsaid", [](v1::Inventory& i) { i.set_migration_eligible(false); }));
  EXPECT_EQ(Cloud(Day(1, 2)), "0/1-3");
  std::vector<std::string> told;
  for (const v1::FigureItem& item : Items(kCloud, Day(1, 2))) told.push_back(absl::StrCat(item.display_name(), " ", item.reason(), " ", item.note()));
  EXPECT_THAT(told, testing::ElementsAre("kept EXEMPT 专用加密硬件", "oa NOT_ON_CLOUD ", "secret CLASSIFIED ", "unsaid NOT_ELIGIBLE "));
}

TEST_F(FiguresTest, ARecordOfSeveralSystemsCountsThemAll) {
  Put(System(kOa, [](v1::Inventory& i) { i.set_system_count(3); }));
  EXPECT_EQ(Cloud(Day(1, 2)), "0/3-0");
}

TEST_F(FiguresTest, AFigureOpensToTheChangeThatMadeItCount) {
  const uint64_t registered = Put(System(kOa));
  EXPECT_EQ(Item(kCloud, Day(1, 2)).ledger_index(), registered);
  Today(6, 29);
  const uint64_t migrated = Change(kOa, [](v1::Inventory& i) {
    i.set_on_cloud(true);
    i.set_cloud_date("2018-06-28");
  });
  Today(8, 1);
  Change(kOa, [](v1::Inventory& i) { i.set_funding_source("财政"); });
  const v1::FigureItem item = Item(kCloud, Day(9, 30));
  EXPECT_EQ(item.state(), v1::FIGURE_ITEM_STATE_COUNTED);
  EXPECT_EQ(item.ledger_index(), migrated);
  EXPECT_EQ(item.fact_date(), "2018-06-28");
  EXPECT_EQ(item.organization(), kFgw);
}

TEST_F(FiguresTest, ACorrectionChangesWhatIsKnownNowAndNotWhatWasKnownThen) {
  Put(System(kOa));
  Today(6, 29);
  Migrate(kOa, "2018-06-28");
  Today(7, 10);
  Migrate(kOa, "2018-07-05");
  EXPECT_EQ(Cloud(Day(6, 30), KnownOn(Day(6, 30))), "1/1-0");
  EXPECT_EQ(Cloud(Day(6, 30)), "0/1-0");
  EXPECT_EQ(Cloud(Day(7, 5)), "1/1-0");
  Today(7, 20);
  Change(kOa, [](v1::Inventory& i) {
    i.set_on_cloud(false);
    i.clear_cloud_date();
  });
  EXPECT_EQ(Cloud(Day(7, 31)), "0/1-0");
  EXPECT_EQ(Cloud(Day(7, 31), KnownOn(Day(7, 19))), "1/1-0");
}

TEST_F(FiguresTest, EligibilityHoldsFromTheDayItIsRecorded) {
  Put(System(kOa));
  Today(8, 1);
  Change(kOa, [](v1::Inventory& i) {
    i.set_migration_eligible(false);
    i.set_cloud_exemption("停用在即");
  });
  EXPECT_EQ(Cloud(Day(7, 31)), "0/1-0");
  EXPECT_EQ(Cloud(Day(8, 1)), "0/0-1");
}

TEST_F(FiguresTest, MonthEndsAndLeapDaysAreDaysLikeOthers) {
  Put(System(kOa));
  Today(absl::CivilDay(2020, 3, 1));
  Migrate(kOa, "2020-02-29");
  EXPECT_EQ(Cloud(absl::CivilDay(2020, 2, 28)), "0/1-0");
  EXPECT_EQ(Cloud(absl::CivilDay(2020, 2, 29)), "1/1-0");
  EXPECT_EQ(Cloud(absl::CivilDay(2020, 2, 29), KnownOn(absl::CivilDay(2020, 2, 29))), "0/1-0");
}

TEST_F(FiguresTest, KnowledgeOfADayEndsAtMidnightInShanghai) {
  Put(System(kOa));
  clock.Set(absl::FromCivil(absl::CivilSecond(2018, 6, 30, 23, 59, 59), Shanghai()));
  Migrate(kOa, "2018-06-30");
  EXPECT_EQ(Cloud(Day(6, 30), KnownOn(Day(6, 30))), "1/1-0");
  clock.Set(absl::FromCivil(absl::CivilSecond(2018, 7, 1, 0, 0, 0), Shanghai()));
  Put(System("organizations/370200-FGW/systems/late", [](v1::Inventory& i) {
    i.set_on_cloud(true);
    i.set_cloud_date("2018-06-30");
  }));
  EXPECT_EQ(Cloud(Day(6, 30), KnownOn(Day(6, 30))), "1/1-0");
  EXPECT_EQ(Cloud(Day(6, 30)), "2/2-0");
}

TEST_F(FiguresTest, AMergedBodyKeepsItsPastAndItsSuccessorGetsWhatFollows) {
  Put(System(kOa));
  Put(System("organizations/370200-GAJ/systems/residents"));
  Today(8, 20);
  Change<v1::Organization>(kFgw, [](v1::Organization& body) {
    body.set_successor(kGaj);
    body.set_succession_date("2018-08-15");
  });
  EXPECT_EQ(Cloud(Day(8, 14), {}, kFgw), "0/1-0");
  EXPECT_EQ(Cloud(Day(8, 15), {}, kFgw), "0/0-0");
  EXPECT_EQ(Cloud(Day(8, 14), {}, kGaj), "0/1-0");
  EXPECT_EQ(Cloud(Day(8, 15), {}, kGaj), "0/2-0");
  EXPECT_EQ(Cloud(Day(8, 15), KnownOn(Day(8, 19)), kFgw), "0/1-0");
  EXPECT_EQ(Item(kCloud, Day(8, 15)).organization(), kGaj);
}

TEST_F(FiguresTest, CountsAreGroupedByBodyDistrictAndKind) {
  Put(System(kOa));
  Put(System("organizations/370200-GAJ/systems/residents"));
  Put(System("organizations/370202/systems/oa"));
  const auto keys = [&](v1::FigureGroup group) {
    std::vector<std::string> rows;
    const v1::Figure figure = figures.Count(kCloud, {Day(1, 2), {}, ""}, group).value();
    for (const v1::FigureRow& row : figure.rows()) rows.push_back(absl::StrCat(row.key(), "=", row.count().due()));
    return rows;
  };
  EXPECT_THAT(keys(v1::FIGURE_GROUP_BODY), testing::ElementsAre("organizations/370200-FGW=1", "organizations/370200-GAJ=1", "organizations/370202=1"));
  EXPECT_THAT(keys(v1::FIGURE_GROUP_DISTRICT), testing::ElementsAre("370200=2", "370202=1"));
  EXPECT_THAT(keys(v1::FIGURE_GROUP_KIND), testing::ElementsAre("ORGANIZATION_KIND_DISTRICT_GOVERNMENT=1", "ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT=2"));
}

TEST_F(FiguresTest, ABodyNobodyKnowsIsAnErrorAndOneWithoutSystemsIsNot) {
  EXPECT_EQ(Cloud(Day(1, 2), {}, "organizations/370200-NEU"), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(Cloud(Day(1, 2), {}, kGaj), "0/0-0");
}

TEST_F(FiguresTest, TheTargetIsThatOfTheNextMilestone) {
  const auto target = [&](absl::CivilDay day) {
    const v1::Figure figure = figures.Count(kCloud, {day, {}, ""}).value();
    return absl::StrCat(figure.target(), " ", figure.target_date());
  };
  EXPECT_EQ(target(Day(6, 30)), "0.7 2018-06-30");
  EXPECT_EQ(target(Day(7, 1)), "1 2018-12-31");
  EXPECT_EQ(target(absl::CivilDay(2019, 5, 1)), "1 2018-12-31");
}

TEST_F(FiguresTest, PlansMakeTheForecast) {
  for (int i = 0; i < 10; ++i) {
    Put(System(absl::StrCat("organizations/370200-FGW/systems/s", i), [&](v1::Inventory& inventory) {
      if (i < 4) inventory.set_planned_cloud_date("2018-06-30");
      if (i == 4 || i == 5) inventory.set_planned_cloud_date("2018-09-30");
      if (i == 6) inventory.set_planned_cloud_date("2018-02-01");
      if (i > 7) {
        inventory.set_on_cloud(true);
        inventory.set_cloud_date("2017-12-01");
      }
    }));
  }
  const v1::CloudForecast forecast = figures.Forecast({Day(4, 1), {}, ""}).value();
  ASSERT_EQ(forecast.milestones_size(), 2);
  EXPECT_EQ(forecast.milestones(0).on_cloud(), 6);
  EXPECT_FALSE(forecast.milestones(0).met());
  EXPECT_EQ(forecast.milestones(0).short_by(), 1);
  EXPECT_EQ(forecast.milestones(1).on_cloud(), 8);
  EXPECT_EQ(forecast.milestones(1).short_by(), 2);
  EXPECT_EQ(forecast.plan_passed(), 1);
  EXPECT_EQ(forecast.without_plan(), 1);
}

TEST_F(FiguresTest, ACurveHasEveryMonthsEndAndTheLastDay) {
  Put(System(kOa));
  Today(3, 1);
  Migrate(kOa, "2018-02-28");
  const auto curve = [&](bool as_known_then) {
    std::vector<std::string> points;
    const v1::FigureCurve made = figures.Curve(kCloud, Day(1, 1), Day(3, 15), as_known_then, {}).value();
    for (const v1::FigurePoint& point : made.points()) {
      points.push_back(absl::StrCat(point.day(), "=", point.count().counted()));
    }
    return points;
  };
  EXPECT_THAT(curve(false), testing::ElementsAre("2018-01-31=0", "2018-02-28=1", "2018-03-15=1"));
  EXPECT_THAT(curve(true), testing::ElementsAre("2018-01-31=0", "2018-02-28=0", "2018-03-15=1"));
}

TEST_F(FiguresTest, SystemsToBeMergedCountWhenTheyAre) {
  Put(System("organizations/370200-FGW/systems/big"));
  Put(System(kOa, [](v1::Inventory& i) { i.set_is_section_level(true); }));
  EXPECT_EQ(Count(kMerged, Day(1, 2)), "0/1-0");
  Today(6, 20);
  Change(kOa, [](v1::Inventory& i) {
    i.set_merged_into("organizations/370200-FGW/systems/big");
    i.set_merged_date("2018-06-15");
  });
  EXPECT_EQ(Count(kMerged, Day(6, 14)), "0/1-0");
  EXPECT_EQ(Count(kMerged, Day(6, 15)), "1/1-0");
  EXPECT_EQ(Item(kMerged, Day(6, 15)).note(), "organizations/370200-FGW/systems/big");
}

TEST_F(FiguresTest, IdleStaleAndZombieSystemsAreClearedAndShadowsAreNot) {
  int i = 0;
  for (const v1::CleanupClass one : {v1::CLEANUP_CLASS_NORMAL, v1::CLEANUP_CLASS_IDLE, v1::CLEANUP_CLASS_STALE, v1::CLEANUP_CLASS_ZOMBIE, v1::CLEANUP_CLASS_SHADOW}) {
    Put(System(absl::StrCat("organizations/370200-FGW/systems/s", i++), [&](v1::Inventory& inventory) {
      inventory.set_cleanup_class(one);
      if (one == v1::CLEANUP_CLASS_STALE || one == v1::CLEANUP_CLASS_SHADOW) inventory.set_cleared_date("2018-01-01");
    }));
  }
  EXPECT_EQ(Count(kZombies, Day(1, 2)), "1/3-0");
}

TEST_F(FiguresTest, AFacilityStaysOutOnlyUnderAnApprovalWithAReference) {
  Put(Facility("organizations/370200-FGW/facilities/line", v1::FACILITY_KIND_BUSINESS_NETWORK));
  v1::Facility kept = Facility("organizations/370200-GAJ/facilities/line", v1::FACILITY_KIND_BUSINESS_NETWORK);
  kept.set_exemption_approval("青网批〔2018〕3号");
  Put(kept);
  Put(Facility("organizations/370200-GAJ/facilities/exit", v1::FACILITY_KIND_INTERNET_EXIT));
  EXPECT_EQ(Count(kNetworks, Day(1, 2)), "0/1-1");
  EXPECT_EQ(Item(kNetworks, Day(1, 2), kept.name()).note(), "青网批〔2018〕3号");
  EXPECT_EQ(Count(v1::MEASURE_INTERNET_EXITS_MERGED, Day(1, 2)), "0/1-0");
  Today(7, 3);
  Change<v1::Facility>("organizations/370200-FGW/facilities/line", [](v1::Facility& f) { f.set_done_date("2018-06-28"); });
  EXPECT_EQ(Count(kNetworks, Day(6, 30)), "1/1-1");
  EXPECT_EQ(Count(kNetworks, Day(6, 30), KnownOn(Day(6, 30))), "0/1-1");
}

TEST_F(FiguresTest, ASystemIsCoveredByAPublishedEntryThatComesFromIt) {
  Put(System(kOa));
  Put(System("organizations/370200-FGW/systems/planned", [](v1::Inventory& i) { i.set_construction_status(v1::CONSTRUCTION_STATUS_APPROVED); }));
  v1::Resource entry;
  entry.set_name("resources/307001~000001");
  entry.set_source_system(kOa);
  entry.set_state(v1::RESOURCE_STATE_DRAFT);
  Put(entry);
  EXPECT_EQ(Count(kCoverage, Day(12, 31)), "0/1-1");
  Today(2, 1);
  entry.set_state(v1::RESOURCE_STATE_PUBLISHED);
  const uint64_t published = Put(entry);
  EXPECT_EQ(Count(kCoverage, Day(1, 31)), "0/1-1");
  EXPECT_EQ(Count(kCoverage, Day(2, 1)), "1/1-1");
  EXPECT_EQ(Item(kCoverage, Day(2, 1)).ledger_index(), published);
}

TEST_F(FiguresTest, ItemsComeInPagesAndByState) {
  for (int i = 0; i < 5; ++i) {
    Put(System(absl::StrCat("organizations/370200-FGW/systems/s", i), [&](v1::Inventory& inventory) { inventory.set_on_cloud(i % 2 == 0); }));
  }
  v1::ListFigureItemsRequest request;
  request.set_measure(kCloud);
  request.set_state(v1::FIGURE_ITEM_STATE_COUNTED);
  request.set_page_size(2);
  const FigureScope scope{Day(1, 2), {}, ""};
  const auto first = figures.Items(request, scope);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->items_size(), 2);
  request.set_page_token(first->next_page_token());
  const auto second = figures.Items(request, scope);
  ASSERT_EQ(second->items_size(), 1);
  EXPECT_EQ(second->items(0).document(), "organizations/370200-FGW/systems/s4");
  EXPECT_EQ(second->next_page_token(), "");
  request.set_state(v1::FIGURE_ITEM_STATE_DUE);
  EXPECT_EQ(ReasonOf(figures.Items(request, scope).status()), "PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace zhanqiao::oversight
