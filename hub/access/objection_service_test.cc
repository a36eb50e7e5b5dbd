#include "hub/access/objection_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/base/identifiers.h"
#include "hub/access/test_city.h"
#include "zhanqiao/v1/notice.pb.h"

namespace zhanqiao::access {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

// New Year 2019 as the State Council gave it (国办发明电〔2018〕15号): Saturday 12-29 is worked, 12-30 to
// 01-01 are free.
constexpr char kNewYear[] =
    "date,kind,note\n2018-12-29,workday,元旦调休\n2018-12-30,holiday,元旦\n2018-12-31,holiday,元旦\n2019-01-"
    "01,holiday,元旦\n";

class ObjectionTest : public testing::Test {
 protected:
  ObjectionTest() {
    city_.rules.calendar = WorkCalendar::FromCsv(kNewYear).value();
    At(2018, 12, 26);
    grant_ = city_.Active();
    EXPECT_TRUE(open_.Follow(city_.documents).ok());
  }
  void At(int year, int month, int day) {
    city_.clock.Set(absl::FromCivil(absl::CivilSecond(year, month, day, 10, 0, 0), Shanghai()));
  }

  Caller Consumer() const { return city_.Person("370200-ZWFWB", "user", {"org_clerk"}); }
  Caller Provider() const { return city_.clerk(); }
  Caller Of(const std::string& code) const { return city_.Person(code, "x", {"org_clerk"}); }

  v1::FileObjectionRequest Filing() const {
    v1::FileObjectionRequest request;
    request.set_grant(grant_.name());
    request.set_field("address");
    request.set_key_field("id_number");
    request.set_record_key(id_);
    request.set_description("住址与本人所述不一致");
    return request;
  }
  v1::Objection Filed() { return service_.FileObjection(Consumer(), Filing()).value(); }
  absl::StatusOr<v1::Objection> Answer(const v1::Objection& objection, const Caller& caller) {
    v1::AnswerObjectionRequest request;
    request.set_name(objection.name());
    request.set_verdict(v1::OBJECTION_VERDICT_CORRECTED);
    request.set_answer("已更正");
    return service_.AnswerObjection(caller, request);
  }
  absl::StatusOr<v1::Objection> Extend(const v1::Objection& objection, int days) {
    v1::ExtendObjectionRequest request;
    request.set_name(objection.name());
    request.set_working_days(days);
    request.set_reason("需向原登记机关核实");
    return service_.ExtendObjection(Provider(), request);
  }
  std::vector<std::string> Overdue(const std::string& as_of) {
    v1::ListObjectionsRequest request;
    request.set_overdue(true);
    request.set_as_of(as_of);
    std::vector<std::string> names;
    const auto listed = service_.ListObjections(Provider(), request).value();
    for (const v1::Objection& one : listed.objections()) names.push_back(one.name());
    return names;
  }
  // "{body} {kind}" of every notice, in order.
  // What bodies were told, the moves of grants aside.
  std::vector<std::string> Notices() {
    std::vector<std::string> notices;
    const auto page = city_.documents.List("organizations/", 1000, "").value();
    for (const documents::Version& version : page.versions) {
      const auto notice = version.As<v1::Notice>();
      if (notice.ok() && notice->kind().find("GRANT_") != 0)
        notices.push_back(version.name.substr(14, version.name.find('/', 14) - 14) + " " + notice->kind());
    }
    return notices;
  }
  v1::ObjectionEvent LastEvent() const { return city_.Entries().back().objection_event(); }

  const std::string id_ = "37029919900101001" + std::string(1, IdNumberCheck("37029919900101001"));
  TestCity city_;
  v1::Grant grant_;
  OpenObjections open_;
  std::vector<std::string> recipients_ = {"organizations/370200-MZJ", "organizations/370200-ZWFWB"};
  std::string asked_id_;  // what the ledger was asked for
  ObjectionService service_{{.store = city_.documents,
                             .catalog = city_.catalog,
                             .rules = city_.rules,
                             .clock = city_.clock,
                             .random = city_.random,
                             .recipients_of = [this](std::string_view, std::string_view id, absl::Time) {
                               asked_id_ = std::string(id);
                               return absl::StatusOr<std::vector<std::string>>(recipients_);
                             }}};
};

TEST_F(ObjectionTest, TheDueDateCountsASwappedSaturdayAndLeavesOutNewYear) {
  const v1::Objection objection = Filed();  // Wednesday: Thu, Fri, the worked Saturday, Wed 2nd, Thu 3rd
  EXPECT_EQ(objection.due_date(), "2019-01-03");
  EXPECT_TRUE(Overdue("2019-01-03").empty());
  EXPECT_THAT(Overdue("2019-01-04"), ElementsAre(objection.name()));
  v1::GetObjectionRequest request;
  request.set_name(objection.name());
  request.set_as_of("2018-12-31");
  EXPECT_EQ(service_.GetObjection(Provider(), request)->working_days(), 3);
  request.set_as_of("2019-01-07");
  EXPECT_EQ(service_.GetObjection(Provider(), request)->working_days(), 7);
  EXPECT_EQ(service_.GetObjection(Provider(), request)->overdue_working_days(), 2);
}

TEST_F(ObjectionTest, TheRecordsKeyIsStoredNowhere) {
  const v1::Objection objection = Filed();
  EXPECT_EQ(asked_id_, id_);
  EXPECT_EQ(objection.record_commitment(), RecordCommitment(objection.record_salt(), " " + id_ + " "));
  for (const storage::Table table :
       {storage::Table::kDocuments, storage::Table::kEntries, storage::Table::kSalts}) {
    ASSERT_TRUE(city_.store
                    .Scan(table, "", "",
                          [&](std::string_view key, std::string_view row) {
                            EXPECT_EQ(key.find(id_), std::string_view::npos);
                            EXPECT_EQ(row.find(id_), std::string_view::npos);
                            return true;
                          })
                    .ok());
  }
}

TEST_F(ObjectionTest, ProviderAndPastRecipientsAreToldInTheSameCommit) {
  const uint64_t entries = city_.log->head()->size();
  const v1::Objection objection = Filed();
  EXPECT_EQ(city_.log->head()->size(), entries + 1);
  EXPECT_THAT(Notices(), UnorderedElementsAre("370200-GAJ OBJECTION_FILED", "370200-MZJ RECORD_IN_QUESTION"));
  EXPECT_EQ(LastEvent().verb(), "filed");
  EXPECT_EQ(LastEvent().recipients_told(), 2);
  EXPECT_EQ(LastEvent().due_date(), "2019-01-03");
  EXPECT_EQ(LastEvent().record_commitment(), objection.record_commitment());
  ASSERT_TRUE(Answer(objection, Provider()).ok());
  EXPECT_THAT(Notices(),
              testing::IsSupersetOf({"370200-ZWFWB OBJECTION_ANSWERED", "370200-MZJ RECORD_CHECKED"}));
}

TEST_F(ObjectionTest, TheEntryIsBeingCheckedUntilAllAreAnsweredAndIsNotWithdrawn) {
  EXPECT_EQ(open_.Count(kResidence), 0);
  const v1::Objection first = Filed();
  const v1::Objection second = Filed();
  EXPECT_EQ(open_.Count(kResidence), 2);
  EXPECT_EQ(city_.catalog.FindResource(kResidence)->state(), v1::RESOURCE_STATE_PUBLISHED);
  ASSERT_TRUE(Answer(first, Provider()).ok());
  v1::WithdrawObjectionRequest withdraw;
  withdraw.set_name(second.name());
  withdraw.set_reason("系误报");
  ASSERT_TRUE(service_.WithdrawObjection(Consumer(), withdraw).ok());
  EXPECT_EQ(open_.Count(kResidence), 0);
  OpenObjections reopened;
  ASSERT_TRUE(reopened.Follow(city_.documents).ok());
  EXPECT_EQ(reopened.Count(kResidence), 0);
}

TEST_F(ObjectionTest, AnAnswerCarriesItsDays) {
  const v1::Objection objection = Filed();
  At(2019, 1, 4);
  const auto answered = Answer(objection, Provider());
  ASSERT_TRUE(answered.ok()) << answered.status();
  EXPECT_EQ(LastEvent().verb(), "answered");
  EXPECT_EQ(LastEvent().verdict(), "OBJECTION_VERDICT_CORRECTED");
  EXPECT_EQ(LastEvent().working_days(), 6);
  EXPECT_EQ(LastEvent().overdue_working_days(), 1);
  At(2019, 3, 1);
  v1::GetObjectionRequest request;
  request.set_name(objection.name());
  EXPECT_EQ(service_.GetObjection(Provider(), request)->working_days(), 6);  // the clock stopped
  EXPECT_EQ(ReasonOf(Answer(objection, Provider()).status()), "OBJECTION_STATE");
}

TEST_F(ObjectionTest, TimeIsTakenOnceWithAReasonAndUpToTenDays) {
  const v1::Objection objection = Filed();
  EXPECT_EQ(ReasonOf(Extend(objection, 11).status()), "EXTENSION_TOO_LONG");
  EXPECT_EQ(ReasonOf(Extend(objection, 5).status()), "EXTENSION_TOO_LONG");
  EXPECT_EQ(Extend(objection, 10)->due_date(), "2019-01-10");
  EXPECT_EQ(LastEvent().verb(), "extended");
  EXPECT_EQ(ReasonOf(Extend(objection, 10).status()), "OBJECTION_EXTENDED");
}

TEST_F(ObjectionTest, WhatIsOverdueIsNotedOnce) {
  Filed();
  ASSERT_TRUE(service_.NoteOverdue(absl::CivilDay(2019, 1, 3)).ok());
  EXPECT_EQ(LastEvent().verb(), "filed");
  At(2019, 1, 4);
  ASSERT_TRUE(service_.NoteOverdue(absl::CivilDay(2019, 1, 4)).ok());
  EXPECT_EQ(LastEvent().verb(), "overdue");
  EXPECT_EQ(LastEvent().overdue_working_days(), 1);
  const uint64_t entries = city_.log->head()->size();
  ASSERT_TRUE(service_.NoteOverdue(absl::CivilDay(2019, 1, 5)).ok());
  EXPECT_EQ(city_.log->head()->size(), entries);
}

TEST_F(ObjectionTest, OnlyTheConsumerFilesAndOnlyTheProviderAnswers) {
  EXPECT_EQ(ReasonOf(service_.FileObjection(Provider(), Filing()).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(service_.FileObjection(Of("370200-MZJ"), Filing()).status()), "ROLE_REQUIRED");
  EXPECT_TRUE(service_.FileObjection(city_.SystemCaller(), Filing()).ok());
  const v1::Objection objection = Filed();
  EXPECT_EQ(ReasonOf(Answer(objection, Consumer()).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Answer(objection, Of("370200-CZJ")).status()), "ROLE_REQUIRED");
}

TEST_F(ObjectionTest, StrangersLearnNothingAndTheAuditorNoSalt) {
  v1::GetObjectionRequest request;
  request.set_name(Filed().name());
  EXPECT_TRUE(service_.GetObjection(Of("370200-MZJ"), request).ok());  // a recipient
  EXPECT_EQ(ReasonOf(service_.GetObjection(Of("370200-CZJ"), request).status()), "ROLE_REQUIRED");
  EXPECT_EQ(service_.GetObjection(city_.Person("370200-SJJ", "a", {"auditor"}), request)->record_salt(), "");
  request.set_name("objections/nothing");
  EXPECT_EQ(ReasonOf(service_.GetObjection(Of("370200-CZJ"), request).status()), "ROLE_REQUIRED");
}

TEST_F(ObjectionTest, WhatCannotBeObjectedToIsNamed) {
  v1::FileObjectionRequest request = Filing();
  request.set_field("district");
  EXPECT_EQ(ReasonOf(service_.FileObjection(Consumer(), request).status()), "FIELD_NOT_GRANTED");
  request = Filing();
  request.set_key_field("name");
  EXPECT_EQ(ReasonOf(service_.FileObjection(Consumer(), request).status()), "KEY_FIELD");
  request = Filing();
  request.set_description("证号" + id_ + "有误");
  EXPECT_EQ(ReasonOf(service_.FileObjection(Consumer(), request).status()), "TEXT_HOLDS_KEY");
  const v1::Grant submitted = city_.Submitted(kResidence);
  request = Filing();
  request.set_grant(submitted.name());
  EXPECT_EQ(ReasonOf(service_.FileObjection(Consumer(), request).status()), "GRANT_NEVER_ACTIVE");
}

TEST_F(ObjectionTest, ARecordWithoutAnIdNumberHasNoKnownRecipients) {
  v1::FileObjectionRequest request = Filing();
  request.set_key_field("district");
  request.set_record_key("崂山区");
  const auto objection = service_.FileObjection(Consumer(), request);
  ASSERT_TRUE(objection.ok()) << objection.status();
  EXPECT_FALSE(objection->recipients_known());
  EXPECT_TRUE(objection->recipients().empty());
  EXPECT_EQ(asked_id_, "");
}

TEST_F(ObjectionTest, ARetryFilesOnce) {
  v1::FileObjectionRequest request = Filing();
  request.set_request_id("r-1");
  const v1::Objection first = *service_.FileObjection(Consumer(), request);
  EXPECT_EQ(service_.FileObjection(Consumer(), request)->name(), first.name());
  EXPECT_EQ(open_.Count(kResidence), 1);
}

TEST_F(ObjectionTest, AnOldEtagIsRefused) {
  const v1::Objection objection = Filed();
  ASSERT_TRUE(Extend(objection, 10).ok());
  v1::AnswerObjectionRequest request;
  request.set_name(objection.name());
  request.set_etag(objection.etag());
  request.set_verdict(v1::OBJECTION_VERDICT_CONFIRMED_RIGHT);
  request.set_answer("核实无误");
  EXPECT_EQ(ReasonOf(service_.AnswerObjection(Provider(), request).status()), "ETAG_MISMATCH");
}

}  // namespace
}  // namespace zhanqiao::access
