#include "hub/oversight/tasks/task_service.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "hub/oversight/tasks/task_table.h"
#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kHeading[] = "task_id,section,title,deliverable,deadline,lead_codes,support_codes,measure,target,unit\n";
constexpr char kCloud[] = "T1,二（一）,上云比例达标,上云达70%,2018-06-30,370200-ZFBGT,ALL_DEPTS;ALL_DISTRICTS,cloud_migration_ratio,0.70,比例\n";
constexpr char kPlan[] = "T2,二（二）,制定单位实施方案,方案,2018-06-30,370200-GAJ;370202,,none,,\n";
constexpr char kStanding[] = "T3,二（八）,大数据归档,机制,,370200-GAJ,,none,,\n";

class TaskServiceTest : public OfficeCity, public ::testing::Test {
 protected:
  absl::StatusOr<v1::ImportTasksResponse> Import(const std::string& rows) {
    v1::ImportTasksRequest request;
    request.set_csv(kHeading + rows);
    return services.tasks().ImportTasks(OfficeOne(), request);
  }
  v1::Task Task(const std::string& id, const std::string& as_of = "") {
    v1::GetTaskRequest request;
    request.set_name("tasks/" + id);
    request.set_as_of(as_of);
    const auto task = services.tasks().GetTask(ClerkOf("370200-GAJ"), request);
    EXPECT_TRUE(task.ok()) << task.status();
    return task.value_or(v1::Task());
  }
  absl::StatusOr<v1::Task> Attest(const std::string& id, const std::string& code, int percent, const std::string& date = "") {
    v1::AttestTaskRequest request;
    request.set_name("tasks/" + id);
    request.set_percent(percent);
    request.set_note("已印发方案");
    request.set_date(date);
    request.add_evidence(1);
    return services.tasks().AttestTask(ApproverOf(code), request);
  }
  void AddSystem(const std::string& body, const std::string& id, const std::string& cloud_date) {
    v1::InformationSystem system = System(body + "/systems/" + id);
    system.mutable_inventory()->set_migration_eligible(true);
    if (!cloud_date.empty()) {
      system.mutable_inventory()->set_on_cloud(true);
      system.mutable_inventory()->set_cloud_date(cloud_date);
    }
    Put(system.name(), system);
  }
  absl::StatusOr<v1::Criticism> Draft() { return services.tasks().DraftCriticism(OfficeOne(), {}); }
};

TEST_F(TaskServiceTest, TheNinetyOneDutiesOfThePlanAreLoadedAsTheyAre) {
  std::ifstream file(DEMO_DATA "/plan_tasks.csv", std::ios::binary);
  v1::ImportTasksRequest request;
  request.set_csv(std::string(std::istreambuf_iterator<char>(file), {}));
  EXPECT_EQ(services.tasks().ImportTasks(OfficeOne(), request).value().created(), 91);
  EXPECT_EQ(services.tasks().ImportTasks(OfficeOne(), request).value().unchanged(), 91);
  EXPECT_EQ(services.tasks().Progress({absl::CivilDay(2018, 5, 28), {}, ""}).value().total(), 91);
}

TEST_F(TaskServiceTest, ATableNamesTheWrongCell) {
  const absl::Status wrong = Import("T1,一,题,,2018-02-30,370200-GAJ,,none,,\n").status();
  EXPECT_EQ(ReasonOf(wrong), "TASK_INVALID");
  EXPECT_EQ(FactOf(wrong, "row"), "2");
  EXPECT_EQ(FactOf(wrong, "column"), "deadline");
  EXPECT_EQ(FactOf(Import("T1,一,题,,,370200-GAJ,,wishes,,\n").status(), "column"), "measure");
  EXPECT_EQ(FactOf(Import("T1,一,题,,,,,none,,\n").status(), "column"), "lead_codes");
}

TEST_F(TaskServiceTest, AnImportKeepsWhatWasAttested) {
  ASSERT_TRUE(Import(kPlan).ok());
  Attest("T2", "370200-GAJ", 60).value();
  EXPECT_EQ(Import("T2,二（二）,制定方案,方案,2018-07-31,370200-GAJ;370202,,none,,\n").value().updated(), 1);
  EXPECT_EQ(Task("T2").attestations_size(), 1);
  EXPECT_EQ(Task("T2").deadline(), "2018-07-31");
}

TEST_F(TaskServiceTest, AMeasuredDutyFollowsTheFactsWithTheEntriesThatProveIt) {
  ASSERT_TRUE(Import(kCloud).ok());
  AddSystem(kGaj, "a", "2018-05-01");
  AddSystem(kGaj, "b", "2018-05-02");
  AddSystem(kShinan, "c", "");
  const v1::DutyProgress progress = Task("T1").progress();
  EXPECT_EQ(progress.source(), v1::PROGRESS_SOURCE_DERIVED);
  EXPECT_NEAR(progress.value(), 2.0 / 3, 1e-9);
  EXPECT_FALSE(progress.done());
  EXPECT_EQ(progress.evidence_count(), 2);
  EXPECT_THAT(progress.behind(), ElementsAre(kShinan));
  Change<v1::InformationSystem>(std::string(kShinan) + "/systems/c", [](v1::InformationSystem& system) {
    system.mutable_inventory()->set_on_cloud(true);
    system.mutable_inventory()->set_cloud_date("2018-05-20");
  });
  EXPECT_TRUE(Task("T1").progress().done());
  EXPECT_EQ(Task("T1").progress().done_date(), "2018-05-20");
  EXPECT_EQ(Task("T1").progress().light(), v1::TASK_LIGHT_GREEN);
}

TEST_F(TaskServiceTest, AMeasuredDutyIsNotAttested) {
  ASSERT_TRUE(Import(kCloud).ok());
  EXPECT_EQ(ReasonOf(Attest("T1", "370200-ZFBGT", 100).status()), "TASK_DERIVED");
}

TEST_F(TaskServiceTest, AnAttestedDutyIsDoneWhenEveryLeadingBodySaysSo) {
  ASSERT_TRUE(Import(kPlan).ok());
  EXPECT_EQ(Task("T2").progress().source(), v1::PROGRESS_SOURCE_UNSPECIFIED);
  Attest("T2", "370200-GAJ", 100).value();
  EXPECT_FALSE(Task("T2").progress().done());
  EXPECT_EQ(Task("T2").progress().value(), 50);
  EXPECT_THAT(Task("T2").progress().behind(), ElementsAre(kShinan));
  Attest("T2", "370202", 100).value();
  EXPECT_TRUE(Task("T2").progress().done());
  EXPECT_EQ(Task("T2").progress().evidence_count(), 2);
}

TEST_F(TaskServiceTest, OnlyWhoLeadsAttestsAndNotTheFuture) {
  ASSERT_TRUE(Import(kPlan).ok());
  EXPECT_EQ(ReasonOf(Attest("T2", "370200-ZWFWB", 100).status()), "NOT_LEADING");
  EXPECT_EQ(ReasonOf(Attest("T2", "370200-GAJ", 101).status()), "PERCENT_INVALID");
  EXPECT_EQ(ReasonOf(Attest("T2", "370200-GAJ", 100, "2018-05-29").status()), "DATE_IN_FUTURE");
  v1::AttestTaskRequest request;
  request.set_name("tasks/T2");
  request.set_note("x");
  EXPECT_EQ(ReasonOf(services.tasks().AttestTask(ClerkOf("370200-GAJ"), request).status()), "ROLE_REQUIRED");
}

TEST_F(TaskServiceTest, AnAttestationHoldsFromItsDate) {
  ASSERT_TRUE(Import(kPlan).ok());
  Attest("T2", "370200-GAJ", 100, "2018-05-20").value();
  EXPECT_EQ(Task("T2", "2018-05-19").progress().value(), 0);
  EXPECT_EQ(Task("T2", "2018-05-20").progress().value(), 50);
}

TEST_F(TaskServiceTest, LightsTurnWithTheCalendar) {
  ASSERT_TRUE(Import(absl::StrCat(kPlan, kStanding)).ok());
  EXPECT_EQ(Task("T2", "2018-05-30").progress().light(), v1::TASK_LIGHT_GREEN);
  EXPECT_EQ(Task("T2", "2018-05-31").progress().light(), v1::TASK_LIGHT_YELLOW);
  EXPECT_EQ(Task("T2", "2018-06-30").progress().light(), v1::TASK_LIGHT_YELLOW);
  EXPECT_EQ(Task("T2", "2018-07-01").progress().light(), v1::TASK_LIGHT_RED);
  EXPECT_TRUE(Task("T2", "2018-07-01").progress().overdue());
  EXPECT_EQ(Task("T3", "2018-07-01").progress().light(), v1::TASK_LIGHT_GREY);
}

TEST_F(TaskServiceTest, AListTellsTheNextDeadline) {
  ASSERT_TRUE(Import(absl::StrCat(kCloud, kPlan, kStanding)).ok());
  v1::ListTasksRequest request;
  const auto all = services.tasks().ListTasks(ClerkOf("370200-GAJ"), request).value();
  EXPECT_EQ(all.total(), 3);
  EXPECT_EQ(all.next_deadline(), "2018-06-30");
  EXPECT_EQ(all.next_deadline_tasks(), 2);
  request.set_organization(kGaj);
  request.set_role(v1::TASK_ROLE_LEAD);
  EXPECT_EQ(services.tasks().ListTasks(ClerkOf("370200-GAJ"), request).value().total(), 2);
  request.set_role(v1::TASK_ROLE_SUPPORT);
  EXPECT_EQ(services.tasks().ListTasks(ClerkOf("370200-GAJ"), request).value().total(), 1);
}

TEST_F(TaskServiceTest, OverdueBodiesAreNamedInADraftThatASecondPersonPublishes) {
  ASSERT_TRUE(Import(absl::StrCat(kCloud, kPlan)).ok());
  EXPECT_EQ(ReasonOf(Draft().status()), "NOTHING_OVERDUE");
  Attest("T2", "370200-GAJ", 100).value();
  AddSystem(kShinan, "c", "");
  Today(7, 10);
  const v1::Criticism draft = Draft().value();
  ASSERT_EQ(draft.items_size(), 2);
  EXPECT_EQ(draft.items(0).organization(), kShinan);
  EXPECT_EQ(draft.items(0).days_overdue(), 10);
  EXPECT_THAT(draft.text(), HasSubstr("市南区"));
  v1::GetCriticismRequest get;
  get.set_name(draft.name());
  EXPECT_EQ(ReasonOf(services.tasks().GetCriticism(ClerkOf("370202"), get).status()), "DOCUMENT_NOT_FOUND");
  v1::PublishCriticismRequest publish;
  publish.set_name(draft.name());
  EXPECT_EQ(ReasonOf(services.tasks().PublishCriticism(OfficeOne(), publish).status()), "FOUR_EYES");
  publish.add_strike_out(1);
  const v1::Criticism published = services.tasks().PublishCriticism(OfficeTwo(), publish).value();
  EXPECT_EQ(published.state(), v1::CRITICISM_STATE_PUBLISHED);
  EXPECT_TRUE(published.items(1).struck_out());
  EXPECT_EQ(published.text().find(draft.items(1).title()), std::string::npos);
  EXPECT_TRUE(services.tasks().GetCriticism(ClerkOf("370202"), get).ok());
  EXPECT_EQ(ReasonOf(services.tasks().PublishCriticism(OfficeTwo(), publish).status()), "CRITICISM_STATE");
}

}  // namespace
}  // namespace zhanqiao::oversight
