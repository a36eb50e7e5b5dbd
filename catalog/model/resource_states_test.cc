// The life of an entry: review, schema versions and who is told of them, reports of updates, withdrawal.
#include "catalog/model/test_catalog.h"

#include "catalog/model/notice_service.h"

namespace zhanqiao::catalog {
namespace {

class ResourceStatesTest : public CatalogServiceTest {
 protected:
  v1::Resource Published() { return CatalogServiceTest::Published(Draft(), approver_); }
  absl::StatusOr<v1::Resource> Report(const Caller& caller, const std::string& date) {
    v1::ReportDataUpdateRequest request;
    request.set_name(kEntry);
    request.set_data_update_date(date);
    return service_.ReportDataUpdate(caller, request);
  }
  // What `organization` was told, newest last.
  std::vector<v1::Notice> Told(const std::string& organization) {
    v1::ListNoticesRequest request;
    request.set_parent(organization);
    const auto listed = NoticeService(documents_, clock_).ListNotices(office_, request).value();
    return {listed.notices().begin(), listed.notices().end()};
  }
  static Caller Machine(SubjectKind kind, const std::string& subject) {
    Caller caller;
    caller.kind = kind;
    caller.organization = std::string(OrganizationOf(subject));
    caller.subject = subject;
    return caller;
  }
};

TEST_F(ResourceStatesTest, AnEntryIsPublishedByTheOfficesReviewOfWhatItsProviderSubmitted) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  EXPECT_EQ(ReasonOf(Review(kEntry, office_, true).status()), "RESOURCE_NOT_SUBMITTED");
  EXPECT_EQ(ReasonOf(Submit(kEntry, clerk_).status()), "ROLE_REQUIRED");
  const auto submitted = Submit(kEntry, approver_);
  ASSERT_TRUE(submitted.ok()) << submitted.status();
  EXPECT_EQ(submitted->state(), v1::RESOURCE_STATE_SUBMITTED);
  EXPECT_EQ(ReasonOf(Review(kEntry, approver_, true).status()), "ROLE_REQUIRED");
  const auto published = Review(kEntry, office_, true, "符合要求");
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->state(), v1::RESOURCE_STATE_PUBLISHED);
  EXPECT_EQ(published->release_date(), "2018-03-01");
  EXPECT_TRUE(published->review().approved());
  EXPECT_EQ(published->review().reviewer(), office_.subject);
  EXPECT_EQ(published->review().review_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
}

TEST_F(ResourceStatesTest, PublishingIsTheApprovingReviewAndNothingElse) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  v1::PublishResourceRequest request;
  request.set_name(kEntry);
  EXPECT_EQ(ReasonOf(service_.PublishResource(office_, request).status()), "RESOURCE_NOT_SUBMITTED");
  ASSERT_TRUE(Submit(kEntry, approver_).ok());
  EXPECT_EQ(ReasonOf(service_.PublishResource(approver_, request).status()), "ROLE_REQUIRED");
  EXPECT_EQ(service_.PublishResource(office_, request)->state(), v1::RESOURCE_STATE_PUBLISHED);
}

TEST_F(ResourceStatesTest, WhatIsSentBackIsADraftWithACommentItsProviderIsToldOf) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  ASSERT_TRUE(Submit(kEntry, approver_).ok());
  EXPECT_EQ(FactOf(Review(kEntry, office_, false).status(), "field"), "comment");
  const auto back = Review(kEntry, office_, false, "摘要过于简略");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->state(), v1::RESOURCE_STATE_DRAFT);
  EXPECT_FALSE(back->review().approved());
  EXPECT_EQ(back->review().comment(), "摘要过于简略");
  ASSERT_EQ(Told(kFgw).size(), 1u);
  EXPECT_EQ(Told(kFgw)[0].kind(), kNoticeSentBack);
  v1::Resource changed = *back;
  changed.set_abstract("更详细的摘要。");
  changed.clear_review();  // output only: stays
  const auto updated = Update(changed, clerk_);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->review().comment(), "摘要过于简略");
  EXPECT_TRUE(Submit(kEntry, approver_).ok());
}

TEST_F(ResourceStatesTest, ASubmittedEntryLiesStill) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  const auto submitted = Submit(kEntry, approver_);
  ASSERT_TRUE(submitted.ok());
  EXPECT_EQ(ReasonOf(Update(*submitted, approver_).status()), "RESOURCE_SUBMITTED");
  EXPECT_EQ(ReasonOf(Submit(kEntry, approver_).status()), "RESOURCE_NOT_DRAFT");
  EXPECT_EQ(ReasonOf(Withdraw(kEntry, approver_, "x").status()), "RESOURCE_NOT_PUBLISHED");
}

TEST_F(ResourceStatesTest, ReviewedSharingIsTheOfficesToChange) {
  v1::Resource published = Published();
  v1::Resource changed = published;
  changed.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
  changed.set_share_condition("按需申请。");
  EXPECT_EQ(ReasonOf(Update(changed, approver_).status()), "RESOURCE_REVIEW_REQUIRED");
  changed = published;
  changed.set_open_type(v1::OPEN_TYPE_NOT_OPEN);
  EXPECT_EQ(ReasonOf(Update(changed, approver_).status()), "RESOURCE_REVIEW_REQUIRED");
  EXPECT_EQ(Update(changed, office_)->open_type(), v1::OPEN_TYPE_NOT_OPEN);
}

TEST_F(ResourceStatesTest, NoClientWritesWhatIsOutputOnly) {
  v1::Resource resource = Draft();
  resource.set_state(v1::RESOURCE_STATE_PUBLISHED);
  resource.set_schema_version(7);
  resource.set_open_objections(3);
  resource.mutable_review()->set_approved(true);
  const auto created = Create(resource, clerk_);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->state(), v1::RESOURCE_STATE_DRAFT);
  EXPECT_EQ(created->schema_version(), 1);
  EXPECT_EQ(created->open_objections(), 0);
  EXPECT_FALSE(created->has_review());
}

TEST_F(ResourceStatesTest, AReadShowsHowManyObjectionsAreBeingCheckedAndNoVersionKeepsIt) {
  const std::string name = Published().name();
  int open = 2;
  service_.ShowObjections([&](std::string_view resource) { return resource == name ? open : 0; });
  v1::GetResourceRequest request;
  request.set_name(name);
  v1::Resource shown = *service_.GetResource(office_, request);
  EXPECT_EQ(shown.open_objections(), 2);
  EXPECT_EQ(shown.state(), v1::RESOURCE_STATE_PUBLISHED);
  open = 0;
  shown.set_abstract("另写的摘要。");
  ASSERT_TRUE(Update(shown, office_).ok());
  EXPECT_EQ(service_.GetResource(office_, request)->open_objections(), 0);
}

TEST_F(ResourceStatesTest, ChangedItemsOfAPublishedEntryAreANewSchemaVersionAllGranteesAreToldOf) {
  grantees_ = {"organizations/370200", "organizations/370200-GAJ"};
  v1::Resource resource = Published();
  EXPECT_EQ(resource.schema_version(), 1);
  resource.set_abstract("只改摘要。");
  const auto same = Update(resource, approver_);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(same->schema_version(), 1);
  EXPECT_TRUE(Told("organizations/370200").empty());

  resource = *same;
  resource.mutable_fields(0)->set_length(12);
  const auto longer = Update(resource, approver_);
  ASSERT_TRUE(longer.ok()) << longer.status();
  EXPECT_EQ(longer->schema_version(), 2);
  EXPECT_EQ(longer->schema_compatibility(), v1::SCHEMA_COMPATIBILITY_COMPATIBLE);

  clock_.Advance(absl::Seconds(1));  // notices sort by time
  resource = *longer;
  resource.mutable_fields(0)->set_field("code");
  const auto renamed = Update(resource, approver_);
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  EXPECT_EQ(renamed->schema_version(), 3);
  EXPECT_EQ(renamed->schema_compatibility(), v1::SCHEMA_COMPATIBILITY_BREAKING);
  EXPECT_NE(renamed->schema_fingerprint(), longer->schema_fingerprint());
  for (const std::string& grantee : grantees_) {
    const auto told = Told(grantee);
    ASSERT_EQ(told.size(), 2u) << grantee;
    EXPECT_EQ(told[0].kind(), kNoticeSchemaChanged);
    EXPECT_EQ(told[0].subject(), kEntry);
    EXPECT_EQ(told[0].facts().at("compatibility") + told[1].facts().at("compatibility"), "COMPATIBLEBREAKING");
  }
}

TEST_F(ResourceStatesTest, ADraftsItemsChangeWithoutVersions) {
  v1::Resource draft = Create(Draft(), clerk_).value();
  draft.mutable_fields(0)->set_length(12);
  EXPECT_EQ(Update(draft, clerk_)->schema_version(), 1);
}

TEST_F(ResourceStatesTest, WithdrawalIsMarkedInTheSameCommitAndToldToGrantees) {
  grantees_ = {"organizations/370200-GAJ"};
  Published();
  ASSERT_TRUE(Withdraw(kEntry, approver_, "职能调整").ok());
  const auto entry = documents_.Get(kEntry);
  const auto mark = documents_.Get(WithdrawnName(kEntry));
  ASSERT_TRUE(mark.ok()) << mark.status();
  EXPECT_EQ(mark->change_time, entry->change_time);
  ASSERT_EQ(Told("organizations/370200-GAJ").size(), 1u);
  EXPECT_EQ(Told("organizations/370200-GAJ")[0].kind(), kNoticeWithdrawn);
  EXPECT_EQ(Told("organizations/370200-GAJ")[0].facts().at("reason"), "职能调整");
}

TEST_F(ResourceStatesTest, UpdatesAreReportedByPeopleAndMachinesOfTheProvider) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  EXPECT_EQ(ReasonOf(Report(clerk_, "2018-02-28").status()), "RESOURCE_NOT_PUBLISHED");
  ASSERT_TRUE(Publish(kEntry, approver_).ok());
  EXPECT_EQ(Report(clerk_, "2018-02-28")->data_update_date(), "2018-02-28");
  EXPECT_EQ(Report(Machine(SubjectKind::kSystem, "organizations/370200-FGW/systems/a"), "2018-02-27")->data_update_date(),
            "2018-02-27");
  EXPECT_EQ(Report(clerk_, "")->data_update_date(), "2018-03-01");
  EXPECT_EQ(FactOf(Report(clerk_, "2018-03-02").status(), "field"), "data_update_date");
  EXPECT_EQ(ReasonOf(Report(clerk_, "yesterday").status()), "DATE_INVALID");
  EXPECT_EQ(ReasonOf(Report(stranger_, "2018-02-28").status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Report(Machine(SubjectKind::kSystem, "organizations/370200-GAJ/systems/a"), "2018-02-28").status()),
            "ROLE_REQUIRED");
  // Only the connectors that serve it.
  const Caller connector = Machine(SubjectKind::kConnector, "organizations/370200-FGW/connectors/fgw-main");
  EXPECT_EQ(ReasonOf(Report(connector, "2018-02-28").status()), "ROLE_REQUIRED");
  v1::Resource resource = *catalog_.FindResource(kEntry);
  resource.add_connectors(connector.subject);
  ASSERT_TRUE(Update(resource, approver_).ok());
  EXPECT_TRUE(Report(connector, "2018-02-28").ok());
}

TEST_F(ResourceStatesTest, TheSameReportAgainChangesNothingAndAnUpdateKeepsTheDate) {
  Published();
  ASSERT_TRUE(Report(clerk_, "2018-02-28").ok());
  const uint64_t entries = sequencer_.size();
  ASSERT_TRUE(Report(clerk_, "2018-02-28").ok());
  EXPECT_EQ(sequencer_.size(), entries);
  v1::Resource resource = *catalog_.FindResource(kEntry);
  resource.clear_data_update_date();
  resource.set_abstract("改写的摘要。");
  EXPECT_EQ(Update(resource, approver_)->data_update_date(), "2018-02-28");
}

}  // namespace
}  // namespace zhanqiao::catalog
