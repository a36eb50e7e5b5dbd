// The sample year: the same every time, plainly a sample, and it shows milestones met and missed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "hub/oversight/facts/report_figures.h"
#include "hub/oversight/reports/report_rules.h"
#include "hub/oversight/sample/sample_year.h"
#include "hub/oversight/test_year.h"

namespace zhanqiao::oversight {
namespace {

std::string Table(const std::string& name) {
  std::ifstream file(std::string(DEMO_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

SampleTables Tables() {
  return {Table("organizations.csv"), Table("sample_topics.csv"), Table("sample_items.csv"), Table("plan_tasks.csv")};
}

const std::vector<SampleChange>& Year() {
  static const std::vector<SampleChange> year = SampleYear2018(Tables()).value();
  return year;
}

// The year recorded, once for all tests: it takes some seconds.
class SampleYearTest : public ::testing::Test {
 protected:
  struct City {
    City() {
      if (!RecordSample(Year(), hub.documents, clock, {}).ok()) std::abort();
    }
    storage::MemoryStore store;
    SimulatedClock clock{absl::FromCivil(absl::CivilSecond(2017, 12, 29, 8, 0, 0), Shanghai())};
    SeededRandom random{7};
    documents::LowerHub hub{store, clock, random};
    Records records{hub.documents};
    Figures figures{records};
  };
  static City& city() {
    static City* const city = new City();
    return *city;
  }
  static v1::Figure Figure(v1::Measure measure, absl::CivilDay day, documents::Knowledge known = {}) {
    return city().figures.Count(measure, {day, known, ""}).value();
  }
  static size_t Documents(std::string_view type) {
    std::set<std::string> names;
    for (const SampleChange& change : Year()) {
      if (change.type == type) names.insert(change.name);
    }
    return names.size();
  }
};

TEST_F(SampleYearTest, HasTheNumbersItPromises) {
  EXPECT_EQ(Documents("zhanqiao.v1.Organization"), 66u);
  EXPECT_NEAR(static_cast<double>(Documents("zhanqiao.v1.InformationSystem")), 1200, 12);
  EXPECT_EQ(Documents("zhanqiao.v1.Resource"), 2600u);
  EXPECT_EQ(Documents("zhanqiao.v1.Dataset"), 1450u);
  EXPECT_EQ(Documents("zhanqiao.v1.Task"), 91u);
  EXPECT_EQ(Documents("zhanqiao.v1.SharingSample"), 12u);
}

TEST_F(SampleYearTest, IsTheSameEveryTime) {
  const std::vector<SampleChange> again = SampleYear2018(Tables()).value();
  ASSERT_EQ(again.size(), Year().size());
  for (size_t i = 0; i < again.size(); ++i) {
    ASSERT_EQ(again[i].name, Year()[i].name);
    ASSERT_EQ(again[i].day, Year()[i].day);
    ASSERT_EQ(again[i].document, Year()[i].document);
  }
}

TEST_F(SampleYearTest, SumsUpTwoMillionExchanges) {
  std::map<std::string, uint64_t> exchanges;  // of each month, as last told
  for (const SampleChange& change : Year()) {
    if (change.type != "zhanqiao.v1.SharingSample") continue;
    v1::SharingSample sample;
    ASSERT_TRUE(sample.ParseFromString(change.document));
    exchanges[change.name] = 0;
    for (const v1::SharingSampleCell& cell : sample.cells()) exchanges[change.name] += cell.count();
  }
  uint64_t all = 0;
  for (const auto& [name, count] : exchanges) all += count;
  EXPECT_EQ(all, kSampleExchanges);
}

// Every report keeps what would be derived now of its days as they were known then, so that it can be recomputed.
TEST_F(SampleYearTest, ReportsKeepTheFiguresOfTheDayTheyWereHandedIn) {
  struct Nothing final : Exchanges {
    absl::Status Each(const Period&, ledger::VisitRollup) const override { return absl::OkStatus(); }
  };
  for (const char* name : {"reports/2018-02/370202/1", "reports/2018-06/370200-GAJ/1", "reports/2018-11/370200-FGW/1"}) {
    const auto report = city().hub.documents.Get(name)->As<v1::Report>().value();
    ASSERT_GT(report.figures().figures_size(), 0) << name;
    ASSERT_TRUE(report.has_full_month()) << name;
    EXPECT_LT(report.figures().known_at(), report.full_month().known_at());
    for (const v1::ReportFigures& kept : {report.figures(), report.full_month()}) {
      const Period period = PeriodOf(kept).value();
      ASSERT_TRUE(city().records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
        const ReportTable table = DeriveFigures(view, Nothing(), period).value();
        EXPECT_EQ(documents::Canonical(ToMessage(table.Of(report.organization()), period)), documents::Canonical(kept)) << name;
        return absl::OkStatus();
      }).ok());
    }
  }
}

TEST_F(SampleYearTest, ReportsTellWhatWasSharedInTheirMonth) {
  int64_t provided = 0;
  for (const SampleChange& change : Year()) {
    if (change.type != "zhanqiao.v1.Report" || !absl::StartsWith(change.name, "reports/2018-06/")) continue;
    const auto report = city().hub.documents.Get(change.name)->As<v1::Report>().value();
    provided += FindFigure(report.figures(), "sharing.provided")->value();
  }
  EXPECT_GT(provided, 50'000);
}

TEST_F(SampleYearTest, EverySystemSaysThatItIsASample) {
  for (const SampleChange& change : Year()) {
    if (change.type != "zhanqiao.v1.InformationSystem") continue;
    v1::InformationSystem system;
    ASSERT_TRUE(system.ParseFromString(change.document));
    EXPECT_TRUE(absl::StrContains(system.function(), "样例")) << system.name();
  }
}

TEST_F(SampleYearTest, TheCloudRatioMissesItsMilestoneAsKnownThenAndMeetsItAsKnownNow) {
  const absl::CivilDay june = Day(6, 30);
  EXPECT_LT(Figure(v1::MEASURE_CLOUD_MIGRATION_RATIO, june, KnownOn(june)).total().ratio(), 0.70);
  EXPECT_GE(Figure(v1::MEASURE_CLOUD_MIGRATION_RATIO, june).total().ratio(), 0.70);
  EXPECT_LT(Figure(v1::MEASURE_CLOUD_MIGRATION_RATIO, Day(3, 31)).total().ratio(), 0.50);
  const double end = Figure(v1::MEASURE_CLOUD_MIGRATION_RATIO, Day(12, 31)).total().ratio();
  EXPECT_GT(end, 0.95);
  EXPECT_LT(end, 1.00);
}

TEST_F(SampleYearTest, OtherMilestonesAreNearAndTheirRestComesLater) {
  const auto ratio = [](v1::Measure measure, absl::CivilDay day) { return Figure(measure, day).total().ratio(); };
  EXPECT_THAT(ratio(v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED, Day(3, 31)), testing::AllOf(testing::Gt(0.75), testing::Lt(1.0)));
  EXPECT_EQ(ratio(v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED, Day(12, 31)), 1.0);
  EXPECT_THAT(ratio(v1::MEASURE_SYSTEMS_INTEGRATED, Day(6, 30)), testing::AllOf(testing::Gt(0.7), testing::Lt(1.0)));
  EXPECT_THAT(ratio(v1::MEASURE_INTERNET_EXITS_MERGED, Day(6, 30)), testing::AllOf(testing::Gt(0.8), testing::Lt(1.0)));
  EXPECT_GT(ratio(v1::MEASURE_PRIVATE_NETWORKS_MIGRATED, Day(12, 31)), 0.9);
  EXPECT_GT(ratio(v1::MEASURE_CATALOGUE_COVERAGE, Day(12, 31)), 0.8);
}

TEST_F(SampleYearTest, EveryFigureIsAnsweredAndItsTimeIsPrinted) {
  ASSERT_TRUE(city().records.Warm().ok());
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kRounds = 5;
  for (int i = 0; i < kRounds; ++i) ASSERT_TRUE(city().figures.CountAll({Day(6, 30), {}, ""}).ok());
  const auto took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count() / kRounds;
  RecordProperty("progress_ms", std::to_string(took));
  std::printf("progress of the sample year: %.2f ms\n", took);
}

}  // namespace
}  // namespace zhanqiao::oversight
