#include "hub/ledger/audit/audit_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "hub/ledger/archive/part.h"
#include "hub/ledger/audit/test_audit.h"

namespace zhanqiao::ledger {
namespace {

using testing::ElementsAre;

v1::QueryEntriesRequest Where(std::vector<std::pair<std::string, std::string>> filters) {
  v1::QueryEntriesRequest request;
  for (auto& [field, value] : filters) {
    auto& filter = *request.add_filters();
    filter.set_field(field);
    filter.set_value(value);
  }
  return request;
}

class AuditServiceTest : public testing::Test {
 protected:
  // 1 created, 2 submitted, 3 proposed, 4 approved, 5 released, 6 refused, 7 another grant's approval.
  void SetUp() override {
    hub_.Move("created", "organizations/A/persons/clerk", 1);
    hub_.Move("submitted", "organizations/A/persons/clerk", 2);
    hub_.Move("proposed", "organizations/B/persons/clerk", 3);
    approved_ = hub_.Move("approved", "organizations/B/persons/head", 4);
    released_ = hub_.Release(4, approved_, {PersonNumber(1), PersonNumber(2)});
    refused_ = hub_.Refuse("FIELD_NOT_GRANTED", 12, {PersonNumber(1)});
    hub_.Move("approved", "organizations/B/persons/other", 4, "grants/g2");
  }
  std::vector<uint64_t> Found(const Caller& caller, const v1::QueryEntriesRequest& request) {
    const auto response = hub_.service->QueryEntries(caller, request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<uint64_t> found;
    if (!response.ok()) return found;
    for (const auto& entry : response->entries()) found.push_back(entry.index());
    return found;
  }
  AuditedLog hub_;
  uint64_t approved_ = 0;
  uint64_t released_ = 0;
  uint64_t refused_ = 0;
};

TEST_F(AuditServiceTest, FiltersOfOneFieldAreAlternativesAndDifferentFieldsMustAllHold) {
  const Caller auditor = hub_.auditor();
  EXPECT_THAT(Found(auditor, Where({{"outcome", "released"}})), ElementsAre(5));
  EXPECT_THAT(Found(auditor, Where({{"outcome", "released"}, {"outcome", "denied"}})), ElementsAre(6, 5));
  EXPECT_THAT(Found(auditor, Where({{"grant", kGrant}, {"event", "grant"}})), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(Found(auditor, Where({{"consumer", "organizations/A"}, {"field", "name"}})), ElementsAre(5));
  EXPECT_THAT(Found(auditor, Where({{"reason", "FIELD_NOT_GRANTED"}, {"link", "grant"}})), ElementsAre(6));
  EXPECT_THAT(Found(auditor, Where({{"outcome", "released"}, {"grant", "grants/none"}})), ElementsAre());
}

TEST_F(AuditServiceTest, AnApproverIsFoundByDecisionsAndByWhatWasDoneUnderThem) {
  EXPECT_THAT(Found(hub_.auditor(), Where({{"approver", "organizations/B/persons/head"}})),
              ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(
      Found(hub_.auditor(), Where({{"approver", "organizations/B/persons/head"}, {"outcome", "released"}})),
      ElementsAre(5));
  EXPECT_THAT(Found(hub_.auditor(), Where({{"approver", "organizations/B/persons/other"}})), ElementsAre(7));
}

TEST_F(AuditServiceTest, AFilterNoIndexServesIsRefusedWithWhatIsIndexed) {
  for (const char* field : {"purpose", "rows", "subject", ""}) {
    const auto refused = hub_.service->QueryEntries(hub_.auditor(), Where({{field, "x"}})).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(refused), "FILTER_NOT_INDEXED");
    EXPECT_EQ(FactOf(refused, "field"), field);
    EXPECT_THAT(FactOf(refused, "indexed"), testing::HasSubstr("consumer, provider, resource"));
  }
}

TEST_F(AuditServiceTest, PagesJoinToTheWholeAnswerAndATokenBelongsToItsQuestion) {
  for (const auto order : {v1::ENTRY_ORDER_UNSPECIFIED, v1::ENTRY_ORDER_OLDEST_FIRST}) {
    auto request = Where({{"grant", kGrant}});
    request.set_order(order);
    const auto whole = Found(hub_.auditor(), request);
    request.set_page_size(4);
    std::vector<uint64_t> joined;
    do {
      const auto page = hub_.service->QueryEntries(hub_.auditor(), request);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const auto& entry : page->entries()) joined.push_back(entry.index());
      request.set_page_token(page->next_page_token());
      hub_.Release(4, approved_);  // what comes meanwhile does not shift the pages
    } while (!request.page_token().empty());
    EXPECT_EQ(joined, whole);
    request.set_page_token("5.7.00000000");
    EXPECT_EQ(ReasonOf(hub_.service->QueryEntries(hub_.auditor(), request).status()), "PAGE_TOKEN_INVALID");
  }
}

TEST_F(AuditServiceTest, TimesAreFromInclusiveToExclusive) {
  v1::LedgerEntry release;
  ASSERT_TRUE(release.ParseFromString(*hub_.log.online->Entry(released_)));
  auto request = Where({});
  request.mutable_from_time()->set_seconds(static_cast<int64_t>(release.time_us() / 1'000'000));
  request.mutable_to_time()->set_seconds(static_cast<int64_t>(release.time_us() / 1'000'000) + 1);
  EXPECT_THAT(Found(hub_.auditor(), request), ElementsAre(released_));
}

TEST_F(AuditServiceTest, PartiesFindWhatConcernsThemOnly) {
  const Caller provider = AuditedLog::Person("org_clerk", kProvider);
  const Caller stranger = AuditedLog::Person("org_clerk", "organizations/C");
  EXPECT_THAT(Found(provider, Where({{"outcome", "denied"}})), ElementsAre(6));  // names its resource only
  EXPECT_THAT(Found(provider, Where({{"outcome", "released"}})), ElementsAre(5));
  EXPECT_THAT(Found(stranger, Where({{"grant", kGrant}})), ElementsAre());
  EXPECT_THAT(Found(stranger, Where({})), ElementsAre(0));
  EXPECT_EQ(ReasonOf(hub_.service->QueryEntries(Caller(), Where({})).status()), "CALLER_UNREGISTERED");
}

TEST_F(AuditServiceTest, AReleaseIsTracedToItsGrantAndThePeopleBehindIt) {
  v1::TraceApprovalRequest request;
  request.set_index(released_);
  const auto trace = hub_.service->TraceApproval(hub_.auditor(), request);
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->grant(), kGrant);
  EXPECT_EQ(trace->grant_index(), approved_);
  EXPECT_EQ(trace->applicant(), "organizations/A/persons/clerk");
  EXPECT_EQ(trace->proposer(), "organizations/B/persons/clerk");
  EXPECT_EQ(trace->decider(), "organizations/B/persons/head");
  EXPECT_EQ(trace->working_days(), 3);
  EXPECT_EQ(trace->legal_basis(), "条例第一条");
  ASSERT_EQ(trace->steps_size(), 4);
  EXPECT_EQ(trace->steps(2).verb(), "proposed");
  request.set_index(0);
  EXPECT_EQ(ReasonOf(hub_.service->TraceApproval(hub_.auditor(), request).status()), "NO_GRANT");
  request.set_index(1000);
  EXPECT_EQ(ReasonOf(hub_.service->TraceApproval(hub_.auditor(), request).status()), "ENTRY_INDEX");
  request.set_index(released_);
  const Caller stranger = AuditedLog::Person("org_clerk", "organizations/C");
  EXPECT_EQ(ReasonOf(hub_.service->TraceApproval(stranger, request).status()), "ENTRY_NOT_YOURS");
}

TEST_F(AuditServiceTest, WhoLookedAtAPersonIsAnsweredAndTheQuestionIsAnEntryThatNamesNobody) {
  v1::QuerySubjectRequest request;
  request.set_id_number(" " + PersonNumber(1));
  request.set_purpose("群众投诉核查");
  const auto response = hub_.service->QuerySubject(hub_.auditor(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->entries_size(), 2);
  EXPECT_EQ(response->entries(0).index(), refused_);
  EXPECT_EQ(response->entries(1).index(), released_);
  EXPECT_EQ(response->found(), 2u);
  EXPECT_EQ(response->question_index(), response->reached());
  const std::string written = *hub_.log.online->Entry(response->question_index());
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(written));
  EXPECT_EQ(entry.question().kind(), "subject");
  EXPECT_EQ(entry.question().purpose(), "群众投诉核查");
  EXPECT_EQ(entry.question().found(), 2u);
  EXPECT_EQ(entry.question().commitment().size(), 32u);
  EXPECT_EQ(written.find(PersonNumber(1)), std::string::npos);
  request.set_id_number(PersonNumber(3));
  EXPECT_EQ(hub_.service->QuerySubject(hub_.auditor(), request)->found(), 0u);
}

TEST_F(AuditServiceTest, WhoLookedNeedsARoleAPurposeAndAnIdNumber) {
  v1::QuerySubjectRequest request;
  request.set_id_number(PersonNumber(1));
  request.set_purpose("核查");
  const uint64_t size = hub_.log.log.log().head()->size();
  EXPECT_EQ(
      ReasonOf(hub_.service->QuerySubject(AuditedLog::Person("org_clerk", kProvider), request).status()),
      "ROLE_REQUIRED");
  request.clear_purpose();
  EXPECT_EQ(ReasonOf(hub_.service->QuerySubject(hub_.auditor(), request).status()), "TEXT_REQUIRED");
  request.set_purpose("核查");
  request.set_id_number("370202199001011234567");
  EXPECT_EQ(ReasonOf(hub_.service->QuerySubject(hub_.auditor(), request).status()), "ID_NUMBER");
  EXPECT_EQ(hub_.log.log.log().head()->size(), size);
}

TEST_F(AuditServiceTest, RollUpsCountReleasesAndRefusalsWithThoseOnlyCounted) {
  v1::GetRollupRequest request;
  request.set_from_day("2026-01-01");
  request.set_to_day("2027-01-01");
  request.add_keys(v1::ROLLUP_KEY_MONTH);
  request.add_keys(v1::ROLLUP_KEY_PROVIDER);
  const auto response = hub_.service->GetRollup(hub_.office(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->rows_size(), 1);
  EXPECT_EQ(response->rows(0).day(), "2026-11");
  EXPECT_EQ(response->rows(0).provider(), kProvider);
  EXPECT_EQ(response->rows(0).released(), 1u);
  EXPECT_EQ(response->rows(0).denied(), 12u);
  EXPECT_EQ(response->rows(0).rows(), 2u);
  EXPECT_EQ(response->rows(0).released_bytes(), 100u);
  request.set_consumer("organizations/C");
  EXPECT_EQ(hub_.service->GetRollup(hub_.office(), request)->rows_size(), 0);
  request.set_to_day("2026-02-30");
  EXPECT_EQ(ReasonOf(hub_.service->GetRollup(hub_.office(), request).status()), "DATE_INVALID");
}

TEST_F(AuditServiceTest, AnExportedRangeProvesItselfAndIsAnEntry) {
  for (int i = 0; i < 700; ++i) hub_.Release(4, approved_);
  hub_.log.log.Sign();
  v1::ExportRangeRequest request;
  request.set_from(300);
  request.set_to(500);
  request.set_purpose("年度审计");
  std::map<std::string, std::string> files;
  const auto response = hub_.service->ExportRange(hub_.auditor(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->from(), 256u);
  EXPECT_EQ(response->to(), 512u);
  EXPECT_EQ(response->next_page_token(), "");
  for (const auto& file : response->files()) files[file.path()] = file.content();
  const auto report = VerifyPart(
      [&](std::string_view path) -> absl::StatusOr<std::string> { return files[std::string(path)]; },
      std::vector{hub_.log.log.key()});
  EXPECT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Found(hub_.auditor(), Where({{"event", "question"}, {"outcome", "export"}})),
              testing::SizeIs(1));
  request.clear_purpose();
  EXPECT_EQ(ReasonOf(hub_.service->ExportRange(hub_.auditor(), request).status()), "TEXT_REQUIRED");
}

}  // namespace
}  // namespace zhanqiao::ledger
