#include <gmock/gmock.h>

#include "hub/oversight/alarms/alarm_rules.h"
#include "hub/oversight/alarms/alarm_service.h"
#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A day's releases, told one by one.
class AlarmRulesTest : public ::testing::Test {
 protected:
  ReleaseSeen& Release(int hour, int second, const std::string& system = "organizations/370200-ZWFWB/systems/approval") {
    ReleaseSeen& release = day_.releases.emplace_back();
    release.index = day_.releases.size();
    release.time = absl::FromCivil(absl::CivilSecond(2018, 6, 20, hour, 0, 0), Shanghai()) + absl::Seconds(second);
    release.consumer = system;
    release.resource = "resources/a";
    release.rows = 1;
    return release;
  }
  std::vector<std::string> Kinds() const {
    std::vector<std::string> kinds;
    const auto alarms = AlarmsOf(day_, policy_);
    for (const v1::Alarm& alarm : alarms.value()) kinds.push_back(v1::AlarmKind_Name(alarm.kind()).substr(11));
    return kinds;
  }
  DaySeen day_{.day = absl::CivilDay(2018, 6, 20), .releases = {}, .mean_before = {}};
  Policy policy_ = Policy::FromCsv("key,value,from,to,variant,source\n"
                                   "alarm.volume_times_mean,3,2016-09-05,,,test\nalarm.volume_releases_min,5,2016-09-05,,,test\n"
                                   "alarm.night_releases,2,2016-09-05,,,test\nalarm.sequential_persons,4,2016-09-05,,,test\n"
                                   "alarm.sequential_seconds,60,2016-09-05,,,test\nalarm.empty_permille,500,2016-09-05,,,test\n"
                                   "alarm.empty_questions_min,4,2016-09-05,,,test\nalarm.lookers,2,2016-09-05,,,test\n")
                       .value();
};

TEST_F(AlarmRulesTest, VolumeIsMeasuredByTheSystemsOwnMean) {
  for (int i = 0; i < 10; ++i) Release(10, i * 100);
  EXPECT_THAT(Kinds(), IsEmpty()) << "the first days tell nothing";
  day_.mean_before["organizations/370200-ZWFWB/systems/approval"] = 4;
  EXPECT_THAT(Kinds(), IsEmpty());
  day_.mean_before["organizations/370200-ZWFWB/systems/approval"] = 3;
  EXPECT_THAT(Kinds(), ElementsAre("VOLUME"));
}

TEST_F(AlarmRulesTest, NightIsFromTenToSix) {
  Release(21, 0);
  Release(22, 0);
  Release(6, 0);
  Release(5, 0);
  EXPECT_THAT(Kinds(), IsEmpty());
  Release(3, 0);
  const auto alarms = AlarmsOf(day_, policy_).value();
  ASSERT_THAT(alarms, SizeIs(1));
  EXPECT_THAT(alarms[0].entries(), ElementsAre(2, 4, 5)) << "it names its entries";
  EXPECT_EQ(alarms[0].policy_key(), "alarm.night_releases");
}

TEST_F(AlarmRulesTest, OnePersonAfterTheOtherIsAProbe) {
  for (int i = 0; i < 5; ++i) Release(10, i * 15).persons = {absl::StrCat("p", i)};
  EXPECT_THAT(Kinds(), ElementsAre("SEQUENTIAL"));
}

TEST_F(AlarmRulesTest, SlowlyOrAboutTheSamePersonIsNone) {
  for (int i = 0; i < 9; ++i) Release(10, i * 16).persons = {absl::StrCat("p", i)};
  EXPECT_THAT(Kinds(), IsEmpty());
  for (int i = 0; i < 9; ++i) Release(15, i).persons = {"p"};
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(AlarmRulesTest, ABulkIsNoQuestion) {
  for (int i = 0; i < 9; ++i) {
    ReleaseSeen& release = Release(10, i);
    release.persons = {absl::StrCat("p", i)};
    release.bulk = true;
    release.rows = 0;
  }
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(AlarmRulesTest, MostlyEmptyAnswersAreAProbe) {
  for (int i = 0; i < 4; ++i) Release(10, i * 100).rows = i < 2 ? 0 : 1;
  EXPECT_THAT(Kinds(), IsEmpty()) << "half of them is not above 500 permille";
  Release(11, 0).rows = 0;
  EXPECT_THAT(Kinds(), ElementsAre("EMPTY_HITS"));
}

TEST_F(AlarmRulesTest, OnePersonLookedUpByManyNamesNobody) {
  for (const char* system : {"organizations/A/systems/a", "organizations/B/systems/b", "organizations/C/systems/c"}) {
    Release(10, 0, system).persons = {"secret-token"};
  }
  const auto alarms = AlarmsOf(day_, policy_).value();
  ASSERT_THAT(alarms, SizeIs(1));
  EXPECT_EQ(alarms[0].kind(), v1::ALARM_KIND_MANY_LOOKERS);
  EXPECT_EQ(alarms[0].SerializeAsString().find("secret-token"), std::string::npos);
}

class AlarmServiceTest : public OfficeCity, public ::testing::Test {
 protected:
  absl::StatusOr<v1::ScanDayResponse> Scan(const Caller& caller, const std::string& date) {
    v1::ScanDayRequest request;
    request.set_date(date);
    return services.alarms().ScanDay(caller, request);
  }
  // One person looked up by eleven systems on 2018-06-20.
  void LookUpByMany() {
    Today(6, 20);
    for (int i = 0; i < 11; ++i) Release(1, {std::string(16, 'p')}, absl::StrCat("organizations/370200-ZWFWB/systems/s", i));
    Today(6, 21);
  }
};

TEST_F(AlarmServiceTest, ADayIsScannedFromTheLedgerOnceItIsOver) {
  LookUpByMany();
  ASSERT_TRUE(services.Run(absl::CivilDay(2018, 6, 21)).ok());
  const auto all = services.alarms().ListAlarms(OfficeOne(), {}).value();
  ASSERT_THAT(all.alarms(), SizeIs(1));
  EXPECT_EQ(all.alarms(0).date(), "2018-06-20");
  EXPECT_EQ(all.alarms(0).entries_count(), 11);
  EXPECT_EQ(access::TestCity::Entries().at(all.alarms(0).entries(0)).exchange().rows(), 1u);
}

TEST_F(AlarmServiceTest, ASecondScanFindsItsWorkDoneAndKeepsWhatWasClosed) {
  LookUpByMany();
  EXPECT_EQ(Scan(Auditor(), "2018-06-20").value().created(), 1);
  v1::CloseAlarmRequest close;
  close.set_name(Scan(Auditor(), "2018-06-20").value().alarms(0).name());
  EXPECT_EQ(ReasonOf(services.alarms().CloseAlarm(OfficeOne(), close).status()), "TEXT_REQUIRED");
  close.set_finding("联合核查，已核实");
  EXPECT_EQ(services.alarms().CloseAlarm(OfficeOne(), close).value().state(), v1::ALARM_STATE_CLOSED);
  const auto again = Scan(Auditor(), "2018-06-20").value();
  EXPECT_EQ(again.created(), 0);
  EXPECT_EQ(again.alarms(0).state(), v1::ALARM_STATE_CLOSED);
}

TEST_F(AlarmServiceTest, WhoWatchesIsNotWhoIsWatched) {
  LookUpByMany();
  EXPECT_EQ(ReasonOf(Scan(ClerkOf("370200-ZWFWB"), "2018-06-20").status()), "ROLE_REQUIRED");
  Scan(Auditor(), "2018-06-20").value();
  EXPECT_THAT(services.alarms().ListAlarms(ClerkOf("370200-ZWFWB"), {}).value().alarms(), IsEmpty());
}

}  // namespace
}  // namespace zhanqiao::oversight
