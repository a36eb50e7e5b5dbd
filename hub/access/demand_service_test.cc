#include "hub/access/demand_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/access/test_city.h"
#include "zhanqiao/v1/notice.pb.h"

namespace zhanqiao::access {
namespace {

using testing::ElementsAre;

constexpr char kNewYear[] =
    "date,kind,note\n2018-12-29,workday,元旦调休\n2018-12-30,holiday,元旦\n2018-12-31,holiday,元旦\n2019-01-"
    "01,holiday,元旦\n";
constexpr char kPolice[] = "organizations/370200-GAJ";
constexpr char kApproval[] = "organizations/370200-ZWFWB";

class DemandTest : public testing::Test {
 protected:
  DemandTest() {
    city_.rules.calendar = WorkCalendar::FromCsv(kNewYear).value();
    At(2018, 12, 24);
    v1::Organization civil = TestCity::Body("organizations/370200-MZJ");
    civil.set_display_name("青岛市民政局");
    city_.Put(civil.name(), civil);
    v1::Organization police = TestCity::Body(kPolice);
    police.set_display_name("青岛市公安局");
    police.set_plan_role("配合基础库扩面（自然人等）");
    city_.Put(police.name(), police);
  }
  void At(int year, int month, int day) {
    city_.clock.Set(absl::FromCivil(absl::CivilSecond(year, month, day, 10, 0, 0), Shanghai()));
  }

  Caller Of(const std::string& code) const { return city_.Person(code, "x", {"org_clerk"}); }
  Caller Office() const { return city_.Person("370200-DZZWXZB", "o", {"office"}); }

  v1::Demand Created() {
    v1::CreateDemandRequest request;
    request.set_title("殡葬减免人员名单");
    request.set_description("自然人死亡后民政部门登记的减免对象");
    request.set_purpose("核发补贴");
    return service_.CreateDemand(Of("370200-CZJ"), request).value();
  }
  absl::StatusOr<v1::Demand> Match(const v1::Demand& demand, const std::vector<std::string>& providers) {
    v1::MatchDemandRequest request;
    request.set_name(demand.name());
    for (const std::string& provider : providers) request.add_providers(provider);
    return service_.MatchDemand(Office(), request);
  }
  absl::StatusOr<v1::Demand> Answer(const v1::Demand& demand, const std::string& code,
                                    v1::DemandAnswerKind kind) {
    v1::AnswerDemandRequest request;
    request.set_name(demand.name());
    request.set_kind(kind);
    if (kind == v1::DEMAND_ANSWER_KIND_WILL_PUBLISH) request.set_publish_by("2019-03-31");
    if (kind == v1::DEMAND_ANSWER_KIND_EXISTS) request.add_resources(kResidence);
    request.set_reason("说明");
    return service_.AnswerDemand(Of(code), request);
  }
  std::vector<std::string> Overdue(const std::string& as_of) {
    v1::ListDemandsRequest request;
    request.set_overdue(true);
    request.set_as_of(as_of);
    std::vector<std::string> names;
    const auto listed = service_.ListDemands(Office(), request).value();
    for (const v1::Demand& one : listed.demands()) names.push_back(one.name());
    return names;
  }
  int Notices(const std::string& organization, std::string_view kind) {
    int count = 0;
    const auto page = city_.documents.List(organization + "/notices/", 1000, "").value();
    for (const documents::Version& version : page.versions) count += version.As<v1::Notice>()->kind() == kind;
    return count;
  }
  v1::DemandEvent LastEvent() const { return city_.Entries().back().demand_event(); }

  TestCity city_;
  std::vector<std::string> like_ = {kResidence};
  std::string searched_;
  DemandService service_{{.store = city_.documents,
                          .catalog = city_.catalog,
                          .rules = city_.rules,
                          .clock = city_.clock,
                          .random = city_.random,
                          .entries_like = [this](const Caller&, std::string_view text) {
                            searched_ = std::string(text);
                            return absl::StatusOr<std::vector<std::string>>(like_);
                          }}};
};

TEST_F(DemandTest, GoesFromOpenToMatchedToAnsweredToClosed) {
  const v1::Demand demand = Created();
  EXPECT_EQ(demand.state(), v1::DEMAND_STATE_OPEN);
  EXPECT_EQ(demand.due_date(), "");
  EXPECT_EQ(Match(demand, {kPolice, kApproval})->state(), v1::DEMAND_STATE_MATCHED);
  EXPECT_EQ(Answer(demand, "370200-GAJ", v1::DEMAND_ANSWER_KIND_NOT_HELD)->state(), v1::DEMAND_STATE_MATCHED);
  const auto answered = Answer(demand, "370200-ZWFWB", v1::DEMAND_ANSWER_KIND_EXISTS);
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_EQ(answered->state(), v1::DEMAND_STATE_ANSWERED);
  EXPECT_THAT(answered->answers(1).resources(), ElementsAre(kResidence));
  v1::CloseDemandRequest close;
  close.set_name(demand.name());
  close.set_reason("已满足");
  EXPECT_EQ(service_.CloseDemand(Of("370200-CZJ"), close)->state(), v1::DEMAND_STATE_CLOSED);
  EXPECT_EQ(ReasonOf(service_.CloseDemand(Of("370200-CZJ"), close).status()), "DEMAND_STATE");
  EXPECT_EQ(LastEvent().verb(), "closed");
}

TEST_F(DemandTest, TheClockStartsWithTheMatchAndLivesThroughNewYear) {
  const v1::Demand demand = Created();
  At(2018, 12, 26);
  const auto matched = Match(demand, {kPolice});
  EXPECT_EQ(matched->due_date(), "2019-01-10");  // 27, 28, 29 (worked), 2, 3, 4, 7, 8, 9, 10
  EXPECT_TRUE(Overdue("2019-01-10").empty());
  EXPECT_THAT(Overdue("2019-01-11"), ElementsAre(demand.name()));
  At(2019, 1, 14);
  ASSERT_TRUE(Answer(demand, "370200-GAJ", v1::DEMAND_ANSWER_KIND_WILL_PUBLISH).ok());
  EXPECT_EQ(LastEvent().working_days(), 12);
  EXPECT_EQ(LastEvent().overdue_working_days(), 2);
  EXPECT_EQ(LastEvent().answer(), "DEMAND_ANSWER_KIND_WILL_PUBLISH");
  EXPECT_TRUE(Overdue("2019-02-01").empty());
}

TEST_F(DemandTest, MatchedBodiesAreToldOnceAndTheConsumerOfEveryAnswer) {
  const v1::Demand demand = Created();
  ASSERT_TRUE(Match(demand, {kPolice}).ok());
  ASSERT_TRUE(Match(demand, {kPolice, kApproval}).ok());
  EXPECT_EQ(Notices(kPolice, "DEMAND_MATCHED"), 1);
  EXPECT_EQ(Notices(kApproval, "DEMAND_MATCHED"), 1);
  ASSERT_TRUE(Answer(demand, "370200-GAJ", v1::DEMAND_ANSWER_KIND_NOT_HELD).ok());
  EXPECT_EQ(Notices("organizations/370200-CZJ", "DEMAND_ANSWERED"), 1);
}

TEST_F(DemandTest, ABodyThatHasAnsweredStaysWhenTheOfficeMatchesAnew) {
  const v1::Demand demand = Created();
  ASSERT_TRUE(Match(demand, {kPolice, kApproval}).ok());
  ASSERT_TRUE(Answer(demand, "370200-GAJ", v1::DEMAND_ANSWER_KIND_NOT_HELD).ok());
  EXPECT_THAT(Match(demand, {"organizations/370200-MZJ"})->providers(),
              ElementsAre(kPolice, "organizations/370200-MZJ"));
  EXPECT_EQ(ReasonOf(Answer(demand, "370200-GAJ", v1::DEMAND_ANSWER_KIND_NOT_HELD).status()),
            "DEMAND_ANSWERED");
  EXPECT_EQ(ReasonOf(Answer(demand, "370200-ZWFWB", v1::DEMAND_ANSWER_KIND_NOT_HELD).status()),
            "ROLE_REQUIRED");
}

TEST_F(DemandTest, SuggestionsComeFromSearchNamesAndDuties) {
  v1::SuggestMatchesRequest request;
  request.set_name(Created().name());
  const auto suggested = service_.SuggestMatches(Office(), request);
  ASSERT_TRUE(suggested.ok()) << suggested.status();
  EXPECT_EQ(searched_, "殡葬减免人员名单");
  EXPECT_THAT(suggested->resources(), ElementsAre(kResidence));
  ASSERT_EQ(suggested->providers_size(), 2);
  EXPECT_EQ(suggested->providers(0).provider(), kPolice);
  EXPECT_EQ(suggested->providers(0).entries(), 1);
  EXPECT_EQ(suggested->providers(0).why(), "duty");
  EXPECT_EQ(suggested->providers(1).provider(), "organizations/370200-MZJ");
  EXPECT_EQ(suggested->providers(1).why(), "name");
}

TEST_F(DemandTest, WhatIsOverdueIsNotedOnceAndAgainAfterANewMatch) {
  const v1::Demand demand = Created();
  ASSERT_TRUE(Match(demand, {kPolice}).ok());
  At(2019, 2, 1);
  ASSERT_TRUE(service_.NoteOverdue(absl::CivilDay(2019, 2, 1)).ok());
  EXPECT_EQ(LastEvent().verb(), "overdue");
  EXPECT_EQ(Notices(kPolice, "DEMAND_OVERDUE"), 1);
  const uint64_t entries = city_.log->head()->size();
  ASSERT_TRUE(service_.NoteOverdue(absl::CivilDay(2019, 2, 2)).ok());
  EXPECT_EQ(city_.log->head()->size(), entries);
  ASSERT_TRUE(Match(demand, {kPolice, kApproval}).ok());
  ASSERT_TRUE(service_.NoteOverdue(absl::CivilDay(2019, 3, 1)).ok());
  EXPECT_EQ(Notices(kPolice, "DEMAND_OVERDUE"), 2);
}

TEST_F(DemandTest, RolesAndStrangers) {
  const v1::Demand demand = Created();
  v1::MatchDemandRequest match;
  match.set_name(demand.name());
  match.add_providers(kPolice);
  EXPECT_EQ(ReasonOf(service_.MatchDemand(Of("370200-CZJ"), match).status()), "ROLE_REQUIRED");
  v1::GetDemandRequest get;
  get.set_name(demand.name());
  EXPECT_EQ(ReasonOf(service_.GetDemand(Of("370200-GAJ"), get).status()), "ROLE_REQUIRED");
  get.set_name("demands/nothing");
  EXPECT_EQ(ReasonOf(service_.GetDemand(Of("370200-GAJ"), get).status()), "ROLE_REQUIRED");
  EXPECT_EQ(service_.ListDemands(Of("370200-GAJ"), {})->demands_size(), 0);
  ASSERT_TRUE(Match(demand, {kPolice}).ok());
  EXPECT_EQ(service_.ListDemands(Of("370200-GAJ"), {})->demands_size(), 1);
}

TEST_F(DemandTest, WrongAnswersAreNamed) {
  const v1::Demand demand = Created();
  EXPECT_EQ(ReasonOf(Match(demand, {}).status()), "PROVIDERS_REQUIRED");
  EXPECT_EQ(ReasonOf(Match(demand, {"organizations/NONE"}).status()), "ORGANIZATION_UNKNOWN");
  ASSERT_TRUE(Match(demand, {kPolice}).ok());
  v1::AnswerDemandRequest answer;
  answer.set_name(demand.name());
  EXPECT_EQ(ReasonOf(service_.AnswerDemand(Of("370200-GAJ"), answer).status()), "ENUM_VALUE");
  answer.set_kind(v1::DEMAND_ANSWER_KIND_WILL_PUBLISH);
  answer.set_publish_by("2018-12-24");
  EXPECT_EQ(ReasonOf(service_.AnswerDemand(Of("370200-GAJ"), answer).status()), "DATE_INVALID");
  answer.set_kind(v1::DEMAND_ANSWER_KIND_EXISTS);
  answer.add_resources("resources/308001~9");
  EXPECT_EQ(ReasonOf(service_.AnswerDemand(Of("370200-GAJ"), answer).status()), "RESOURCE_UNKNOWN");
  answer.set_kind(v1::DEMAND_ANSWER_KIND_NOT_HELD);
  EXPECT_EQ(ReasonOf(service_.AnswerDemand(Of("370200-GAJ"), answer).status()), "TEXT_REQUIRED");
}

}  // namespace
}  // namespace zhanqiao::access
