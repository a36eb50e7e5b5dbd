#include "catalog/model/catalog_service.h"

#include "catalog/model/test_catalog.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::catalog {
namespace {

std::string Problems(const v1::ImportOrganizationsResponse& response) {
  std::string text;
  for (const auto& problem : response.problems()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", problem.row(), "/", problem.column(), ":", problem.reason());
  }
  return text;
}

TEST_F(CatalogServiceTest, ASecondImportOfTheSameRowsChangesNothing) {
  const std::string csv = std::string(kHeading) + "370200-FGW,青岛市发展和改革委员会,市发展改革委,municipal_department,370200,370200,\n";
  const uint64_t entries = sequencer_.size();
  EXPECT_EQ(Import(csv).unchanged(), 1);
  EXPECT_EQ(sequencer_.size(), entries);
}

TEST_F(CatalogServiceTest, AnImportUpdatesWhatDiffersAndKeepsColumnsItLeavesOut) {
  v1::Organization body = *catalog_.FindOrganization(kFgw);
  body.set_unified_credit_code("9137130016829134XT");
  v1::UpdateOrganizationRequest update;
  *update.mutable_organization() = body;
  ASSERT_TRUE(service_.UpdateOrganization(office_, update).ok());
  const auto response = Import(std::string(kHeading) + "370200-FGW,青岛市发改委,,municipal_department,370200,370200,\n");
  EXPECT_EQ(response.updated(), 1);
  EXPECT_EQ(catalog_.FindOrganization(kFgw)->display_name(), "青岛市发改委");
  EXPECT_EQ(catalog_.FindOrganization(kFgw)->unified_credit_code(), "9137130016829134XT");
}

TEST_F(CatalogServiceTest, OneWrongCellKeepsTheWholeFileOut) {
  const uint64_t entries = sequencer_.size();
  const auto response = Import(std::string(kHeading) +
                               "370200-CZJ,青岛市财政局,,municipal_department,370200,370200,\n"
                               "370200-x,,,department,37020,NOWHERE,\n"
                               "370200-CZJ,青岛市财政局,,municipal_department,370200,370200,\n");
  EXPECT_EQ(Problems(response),
            "3/code:ORGANIZATION_CODE 3/name:TEXT_REQUIRED 3/kind:ENUM_VALUE 3/division_code:DIVISION_CODE "
            "3/parent_code:PARENT_UNKNOWN 4/code:CODE_REPEATED");
  EXPECT_EQ(response.created(), 0);
  EXPECT_EQ(sequencer_.size(), entries);
  EXPECT_EQ(catalog_.FindOrganization("organizations/370200-CZJ"), nullptr);
}

TEST_F(CatalogServiceTest, AnImportSaysWhereTheFileItselfIsWrong) {
  EXPECT_EQ(Problems(Import("code,name\n")),
            "1/short_name:COLUMN_MISSING 1/kind:COLUMN_MISSING 1/division_code:COLUMN_MISSING "
            "1/parent_code:COLUMN_MISSING 1/plan_role:COLUMN_MISSING");
  EXPECT_EQ(Problems(Import("code,name,short_name,kind,division_code,parent_code,plan_role,phone\n")),
            "1/phone:COLUMN_UNKNOWN");
  EXPECT_EQ(Problems(Import(std::string(kHeading) + "370200-CZJ,\"open\n")), "2/name:CSV_INVALID");
  EXPECT_EQ(Problems(Import(std::string(size_t{3} << 20, 'x') + "x")), "1/:CSV_TOO_LARGE");
}

TEST_F(CatalogServiceTest, AnImportRefusesAClosedChainOfParents) {
  const auto response = Import(std::string(kHeading) + "370200,青岛市人民政府,市政府,municipal_office,370200,370200-FGW,\n");
  EXPECT_EQ(Problems(response), "2/parent_code:PARENT_CYCLE");
}

TEST_F(CatalogServiceTest, AnImportForValidationStoresNothing) {
  const auto response = Import(std::string(kHeading) + "370200-CZJ,青岛市财政局,,municipal_department,370200,,\n", true);
  EXPECT_EQ(response.created(), 1);
  EXPECT_EQ(catalog_.FindOrganization("organizations/370200-CZJ"), nullptr);
}

TEST_F(CatalogServiceTest, OnlyTheOfficeKeepsOrganizations) {
  EXPECT_EQ(ReasonOf(service_.ImportOrganizations(approver_, {}).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(service_.CreateOrganization(approver_, {}).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(service_.UpdateOrganization(approver_, {}).status()), "ROLE_REQUIRED");
}

TEST_F(CatalogServiceTest, AnOrganizationNeedsAKnownParentAndAnEtagToChange) {
  v1::CreateOrganizationRequest create;
  *create.mutable_organization() = *catalog_.FindOrganization(kFgw);
  EXPECT_EQ(ReasonOf(service_.CreateOrganization(office_, create).status()), "DOCUMENT_EXISTS");
  create.mutable_organization()->set_name("organizations/370200-CZJ");
  create.mutable_organization()->set_parent("organizations/370299");
  EXPECT_EQ(FactOf(service_.CreateOrganization(office_, create).status(), "field"), "organization.parent");

  v1::UpdateOrganizationRequest update;
  *update.mutable_organization() = *catalog_.FindOrganization(kFgw);
  update.mutable_organization()->set_short_name("发改委");
  ASSERT_TRUE(service_.UpdateOrganization(office_, update).ok());
  EXPECT_EQ(ReasonOf(service_.UpdateOrganization(office_, update).status()), "ETAG_MISMATCH");
  update.mutable_organization()->clear_etag();
  EXPECT_EQ(ReasonOf(service_.UpdateOrganization(office_, update).status()), "ETAG_REQUIRED");
}

TEST_F(CatalogServiceTest, ListsPageByPageOneKindOfDocument) {
  ASSERT_TRUE(CreateSystem("organizations/370200-FGW/systems/a", "系统甲", clerk_).ok());
  ASSERT_TRUE(CreateSystem("organizations/370200-GAJ/systems/b", "系统乙", office_).ok());
  v1::ListOrganizationsRequest request;
  request.set_page_size(2);
  const auto first = service_.ListOrganizations(clerk_, request);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->organizations_size(), 2);
  request.set_page_token(first->next_page_token());
  const auto second = service_.ListOrganizations(clerk_, request);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->organizations_size(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  v1::ListInformationSystemsRequest systems;
  systems.set_parent(kFgw);
  EXPECT_EQ(service_.ListInformationSystems(clerk_, systems)->information_systems_size(), 1);
  systems.set_parent("organizations/-");
  EXPECT_EQ(service_.ListInformationSystems(clerk_, systems)->information_systems_size(), 2);
  systems.set_parent("organizations/x");
  EXPECT_EQ(ReasonOf(service_.ListInformationSystems(clerk_, systems).status()), "ORGANIZATION_NAME");
}

TEST_F(CatalogServiceTest, AReadAtAnEarlierPositionShowsWhatWasKnownThen) {
  const uint64_t before = sequencer_.size() - 1;
  v1::UpdateOrganizationRequest update;
  *update.mutable_organization() = *catalog_.FindOrganization(kFgw);
  update.mutable_organization()->set_display_name("新名称");
  ASSERT_TRUE(service_.UpdateOrganization(office_, update).ok());
  v1::GetOrganizationRequest get;
  get.set_name(kFgw);
  EXPECT_EQ(service_.GetOrganization(clerk_, get)->display_name(), "新名称");
  get.mutable_read_at()->set_known_at(before);
  EXPECT_EQ(service_.GetOrganization(clerk_, get)->display_name(), "青岛市发展和改革委员会");
  get.mutable_read_at()->set_as_of("2018-02-30");
  EXPECT_EQ(FactOf(service_.GetOrganization(clerk_, get).status(), "field"), "read_at.as_of");
  get.set_name("organizations/370200-NONE");
  get.clear_read_at();
  EXPECT_EQ(ReasonOf(service_.GetOrganization(clerk_, get).status()), "DOCUMENT_NOT_FOUND");
}

TEST_F(CatalogServiceTest, ClerksKeepTheSystemsOfTheirOwnBody) {
  const std::string name = "organizations/370200-FGW/systems/approval";
  EXPECT_EQ(ReasonOf(CreateSystem(name, "审批系统", PersonOf("organizations/370200-GAJ", "org_clerk")).status()), "ROLE_REQUIRED");
  const auto system = CreateSystem(name, "审批系统", clerk_);
  ASSERT_TRUE(system.ok()) << system.status();
  v1::UpdateInformationSystemRequest update;
  *update.mutable_information_system() = *system;
  update.mutable_information_system()->set_state(v1::REGISTRATION_STATE_DISABLED);
  ASSERT_TRUE(service_.UpdateInformationSystem(clerk_, update).ok());
  EXPECT_EQ(catalog_.FindSystem(name)->state(), v1::REGISTRATION_STATE_DISABLED);
  EXPECT_EQ(ReasonOf(CreateSystem("organizations/370200-NONE/systems/a", "甲", office_).status()), "ORGANIZATION_UNKNOWN");
}

TEST_F(CatalogServiceTest, AnEntryIsDraftedPublishedAndWithdrawn) {
  const auto draft = Create(Draft(), clerk_);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(draft->name(), kEntry);
  EXPECT_EQ(draft->state(), v1::RESOURCE_STATE_DRAFT);
  EXPECT_EQ(draft->schema_fingerprint().size(), 32u);
  EXPECT_EQ(draft->findings(0).reason(), "CREDIT_CODE_MISSING");
  EXPECT_EQ(ReasonOf(Withdraw(kEntry, approver_, "无用").status()), "RESOURCE_NOT_PUBLISHED");
  const auto published = Publish(kEntry, approver_, draft->etag());
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->state(), v1::RESOURCE_STATE_PUBLISHED);
  EXPECT_EQ(published->release_date(), "2018-03-01");
  EXPECT_EQ(published->revision(), 3u);
  EXPECT_EQ(ReasonOf(Publish(kEntry, approver_).status()), "RESOURCE_NOT_DRAFT");
  EXPECT_EQ(FactOf(Withdraw(kEntry, approver_, "").status(), "field"), "reason");
  ASSERT_TRUE(Withdraw(kEntry, approver_, "职能调整").ok());
  EXPECT_EQ(catalog_.FindResource(kEntry)->state(), v1::RESOURCE_STATE_WITHDRAWN);
}

TEST_F(CatalogServiceTest, AWithdrawnCodeIsNeverUsedAgain) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  ASSERT_TRUE(Publish(kEntry, approver_).ok());
  const auto withdrawn = Withdraw(kEntry, approver_, "职能调整");
  ASSERT_TRUE(withdrawn.ok());
  EXPECT_EQ(ReasonOf(Create(Draft(), clerk_).status()), "DOCUMENT_EXISTS");
  EXPECT_EQ(ReasonOf(Update(*withdrawn, approver_).status()), "RESOURCE_WITHDRAWN");
  EXPECT_EQ(ReasonOf(Publish(kEntry, approver_).status()), "RESOURCE_NOT_DRAFT");
}

TEST_F(CatalogServiceTest, APublishedEntryKeepsItsCodeProviderAndState) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  const auto published = Publish(kEntry, approver_);
  ASSERT_TRUE(published.ok());
  v1::Resource changed = *published;
  changed.set_resource_code("308001370200/000009");
  EXPECT_EQ(FactOf(Update(changed, approver_).status(), "field"), "resource.name");
  changed = *published;
  changed.set_provider("organizations/370200-GAJ");
  EXPECT_EQ(FactOf(Update(changed, office_).status(), "field"), "resource.provider");
  changed = *published;
  changed.set_state(v1::RESOURCE_STATE_DRAFT);
  changed.clear_release_date();
  changed.set_abstract("改写的摘要。");
  const auto updated = Update(changed, approver_);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->state(), v1::RESOURCE_STATE_PUBLISHED);
  EXPECT_EQ(updated->release_date(), "2018-03-01");
  EXPECT_EQ(ReasonOf(Update(changed, approver_).status()), "ETAG_MISMATCH");
}

TEST_F(CatalogServiceTest, RolesAreAskedForBeforeAnythingIsLookedUp) {
  EXPECT_EQ(ReasonOf(Publish(kEntry, clerk_).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Publish(kEntry, approver_).status()), "DOCUMENT_NOT_FOUND");
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  EXPECT_EQ(ReasonOf(Create(Draft(), stranger_).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Publish(kEntry, stranger_).status()), "ROLE_REQUIRED");
  const auto published = Publish(kEntry, approver_);
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(ReasonOf(Update(*published, clerk_).status()), "ROLE_REQUIRED");  // in force: an approver's matter
  EXPECT_EQ(ReasonOf(Withdraw(kEntry, stranger_, "x").status()), "ROLE_REQUIRED");
}

TEST_F(CatalogServiceTest, AnEntryIsCheckedAgainstOtherDocuments) {
  v1::Resource resource = Draft();
  resource.set_provider("organizations/370200-NONE");
  EXPECT_EQ(ReasonOf(Create(resource, office_).status()), "ORGANIZATION_UNKNOWN");
  resource = Draft();
  resource.set_source_system("organizations/370200-FGW/systems/none");
  EXPECT_EQ(ReasonOf(Create(resource, clerk_).status()), "SYSTEM_UNKNOWN");
  ASSERT_TRUE(CreateSystem("organizations/370200-FGW/systems/approval", "审批系统", clerk_).ok());
  resource = Draft();
  resource.set_display_name("审批系统");
  EXPECT_EQ(ReasonOf(Create(resource, clerk_).status()), "NAME_IS_SYSTEM");
}

TEST_F(CatalogServiceTest, TheProvidersCreditCodeIsTakenOverAndMustAgree) {
  v1::UpdateOrganizationRequest update;
  *update.mutable_organization() = *catalog_.FindOrganization(kFgw);
  update.mutable_organization()->set_unified_credit_code("9137130016829134XT");
  ASSERT_TRUE(service_.UpdateOrganization(office_, update).ok());
  v1::Resource resource = Draft();
  resource.set_provider_code("91350100M000100Y43");
  EXPECT_EQ(ReasonOf(Create(resource, clerk_).status()), "PROVIDER_CODE_MISMATCH");
  resource.clear_provider_code();
  const auto created = Create(resource, clerk_);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->provider_code(), "9137130016829134XT");
  EXPECT_EQ(created->findings_size(), 0);
}

TEST_F(CatalogServiceTest, ANameLikeAnotherIsAFinding) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  v1::Resource twin = Draft();
  twin.set_resource_code("308001370200/000002");
  twin.set_display_name("政府核准的“投资项目”目录");
  const auto created = Create(twin, clerk_);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->findings(created->findings_size() - 1).reason(), "DUPLICATE_NAME_LIKE");
}

TEST_F(CatalogServiceTest, EveryViolationComesInOneAnswer) {
  v1::Resource resource = Draft();
  resource.clear_display_name();
  resource.clear_open_type();
  const auto violations = ViolationsOf(Create(resource, clerk_).status());
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "resource.display_name");
  EXPECT_EQ(violations[1].field, "resource.open_type");
}

TEST_F(CatalogServiceTest, EntriesAreListedByProvider) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  v1::ListResourcesRequest request;
  EXPECT_EQ(service_.ListResources(clerk_, request)->resources_size(), 1);
  request.set_provider("organizations/370200-GAJ");
  EXPECT_EQ(service_.ListResources(clerk_, request)->resources_size(), 0);
  request.set_provider("GAJ");
  EXPECT_EQ(ReasonOf(service_.ListResources(clerk_, request).status()), "ORGANIZATION_NAME");
}

TEST_F(CatalogServiceTest, RevisionsTellWhoChangedWhatAndWhere) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  ASSERT_TRUE(Publish(kEntry, approver_).ok());
  const auto revisions = Revisions(kEntry, stranger_);
  ASSERT_TRUE(revisions.ok()) << revisions.status();
  ASSERT_EQ(revisions->revisions_size(), 3);
  EXPECT_EQ(revisions->revisions(0).revision(), 3u);
  EXPECT_EQ(revisions->revisions(0).actor(), office_.subject);
  EXPECT_EQ(revisions->revisions(0).ledger_index(), sequencer_.size() - 1);
  EXPECT_EQ(revisions->revisions(0).change_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_NE(revisions->revisions(0).document_json().find("\"resource_code\":\"308001370200/000001\""), std::string::npos);
  EXPECT_EQ(ReasonOf(Revisions("organizations/370200-NONE", clerk_).status()), "DOCUMENT_NOT_FOUND");
}

TEST_F(CatalogServiceTest, TheHistoryOfAGrantIsForItsPartiesAndTheAuditor) {
  ASSERT_TRUE(Create(Draft(), clerk_).ok());
  v1::Grant grant;
  grant.set_name("grants/01hx");
  grant.set_consumer("organizations/370200-GAJ/systems/a");
  grant.set_resource(kEntry);
  documents::Transaction transaction;
  transaction.changes.push_back({grant.name(), grant.GetDescriptor()->full_name(), documents::Canonical(grant), false, 0, {}});
  ASSERT_TRUE(documents_.Apply(transaction).ok());
  EXPECT_TRUE(Revisions(grant.name(), clerk_).ok());     // of the provider
  EXPECT_TRUE(Revisions(grant.name(), stranger_).ok());  // of the consumer
  EXPECT_TRUE(Revisions(grant.name(), PersonOf("organizations/370200", "auditor")).ok());
  EXPECT_EQ(ReasonOf(Revisions(grant.name(), PersonOf("organizations/370200", "org_clerk")).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Revisions("grants/none", PersonOf("organizations/370200", "org_clerk")).status()), "ROLE_REQUIRED");
}

}  // namespace
}  // namespace zhanqiao::catalog
