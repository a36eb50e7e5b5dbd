// Codes the hub gives, codes of before, and retries of creations.
#include <set>
#include <thread>

#include "catalog/model/code_table_service.h"
#include "catalog/model/test_catalog.h"

namespace zhanqiao::catalog {
namespace {

class ResourceCodesTest : public CatalogServiceTest {
 protected:
  static v1::Resource Unnumbered(const std::string& classification = "308001370200") {
    v1::Resource resource = Draft();
    resource.set_resource_code(classification);
    return resource;
  }
  absl::StatusOr<v1::Resource> CreateAs(const v1::Resource& resource, const std::string& request_id) {
    v1::CreateResourceRequest request;
    *request.mutable_resource() = resource;
    request.set_request_id(request_id);
    return service_.CreateResource(clerk_, request);
  }
};

TEST_F(ResourceCodesTest, AClassificationAloneGetsTheNextSequence) {
  const auto first = Create(Unnumbered(), clerk_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->resource_code(), "308001370200/000001");
  EXPECT_EQ(first->name(), "resources/308001370200~000001");
  EXPECT_EQ(Create(Unnumbered(), clerk_)->resource_code(), "308001370200/000002");
  EXPECT_EQ(Create(Unnumbered("３０８００２ "), clerk_)->resource_code(), "308002/000001");
  v1::Resource given = Draft();
  given.set_resource_code("308001370200/0041");
  ASSERT_TRUE(Create(given, clerk_).ok());
  EXPECT_EQ(Create(Unnumbered(), clerk_)->resource_code(), "308001370200/000042");
}

TEST_F(ResourceCodesTest, AWithdrawnCodeIsNotGivenAgain) {
  const auto only = Create(Unnumbered(), clerk_);
  ASSERT_TRUE(Publish(only->name(), approver_).ok());
  ASSERT_TRUE(Withdraw(only->name(), approver_, "职能调整").ok());
  EXPECT_EQ(Create(Unnumbered(), clerk_)->resource_code(), "308001370200/000002");
}

TEST_F(ResourceCodesTest, ManyAtOnceGetDifferentCodesWithoutGaps) {
  std::vector<std::string> codes(40);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < codes.size(); i += 4) codes[i] = Create(Unnumbered(), clerk_).value().resource_code();
    });
  }
  for (auto& thread : threads) thread.join();
  const std::set<std::string> distinct(codes.begin(), codes.end());
  EXPECT_EQ(distinct.size(), codes.size());
  EXPECT_EQ(*distinct.rbegin(), "308001370200/000040");
}

TEST_F(ResourceCodesTest, SequencesGrowBeyondSixDigitsAndEnd) {
  v1::Resource given = Draft();
  given.set_resource_code("308001370200/999999");
  ASSERT_TRUE(Create(given, clerk_).ok());
  EXPECT_EQ(Create(Unnumbered(), clerk_)->resource_code(), "308001370200/1000000");
  given.set_resource_code("308001370200/999999999999");
  ASSERT_TRUE(Create(given, clerk_).ok());
  EXPECT_EQ(ReasonOf(Create(Unnumbered(), clerk_).status()), "CODES_EXHAUSTED");
}

TEST_F(ResourceCodesTest, TheTableOfClassificationsDecidesWhatIsNumbered) {
  CodeTableService tables(documents_);
  v1::ImportCodeTableRequest load;
  load.set_name(std::string(kClassificationTable));
  load.set_csv("code,name\n308001,青岛\n308001370200,市直\n");
  load.set_source("测试");
  ASSERT_TRUE(tables.ImportCodeTable(office_, load).ok());
  EXPECT_TRUE(Create(Unnumbered(), clerk_).ok());
  EXPECT_EQ(ReasonOf(Create(Unnumbered("308001370201"), clerk_).status()), "CLASSIFICATION_UNKNOWN");
  // A whole code comes from the department: a finding, no refusal.
  v1::Resource given = Draft();
  given.set_resource_code("308009/000001");
  given.set_display_name("别处的条目");
  const auto created = Create(given, clerk_);
  ASSERT_TRUE(created.ok()) << created.status();
  bool found = false;
  for (const auto& finding : created->findings()) found = found || finding.reason() == "CLASSIFICATION_UNKNOWN";
  EXPECT_TRUE(found);
}

TEST_F(ResourceCodesTest, WhatIsNeitherCodeNorClassificationIsRefused) {
  for (const char* bad : {"", "3080", "408001", "308001/", "BA6006/000218", "3080011234567890123"}) {
    EXPECT_EQ(ReasonOf(Create(Unnumbered(bad), clerk_).status()), "RESOURCE_CODE") << bad;
  }
}

TEST_F(ResourceCodesTest, ACodeOfBeforeFindsTheEntry) {
  v1::Resource resource = Draft();
  resource.set_legacy_code("BA6006/000218");
  ASSERT_TRUE(Create(resource, clerk_).ok());
  v1::ListResourcesRequest request;
  request.set_legacy_code("  ｂａ6006/000218");
  const auto found = service_.ListResources(stranger_, request);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->resources_size(), 1);
  EXPECT_EQ(found->resources(0).name(), kEntry);
  request.set_legacy_code("BA6006/000219");
  EXPECT_EQ(service_.ListResources(stranger_, request)->resources_size(), 0);
}

TEST_F(ResourceCodesTest, ARetriedCreationMakesOneEntry) {
  const auto first = CreateAs(Unnumbered(), "r-1");
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t entries = sequencer_.size();
  const auto again = CreateAs(Unnumbered(), "r-1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->resource_code(), first->resource_code());
  EXPECT_EQ(sequencer_.size(), entries);
  EXPECT_NE(CreateAs(Unnumbered(), "r-2")->resource_code(), first->resource_code());
  EXPECT_EQ(ReasonOf(CreateAs(Unnumbered(), std::string(65, 'x')).status()), "TEXT_TOO_LONG");
}

TEST_F(ResourceCodesTest, OrganisationsAndSystemsAreMadeOncePerRequest) {
  v1::CreateOrganizationRequest body;
  *body.mutable_organization() = *catalog_.FindOrganization(kFgw);
  body.mutable_organization()->set_name("organizations/370200-CZJ");
  body.set_request_id("o-1");
  ASSERT_TRUE(service_.CreateOrganization(office_, body).ok());
  EXPECT_EQ(service_.CreateOrganization(office_, body)->name(), "organizations/370200-CZJ");
  body.clear_request_id();
  EXPECT_EQ(ReasonOf(service_.CreateOrganization(office_, body).status()), "DOCUMENT_EXISTS");
  v1::CreateInformationSystemRequest system;
  system.mutable_information_system()->set_name("organizations/370200-FGW/systems/a");
  system.mutable_information_system()->set_display_name("甲系统");
  system.mutable_information_system()->set_state(v1::REGISTRATION_STATE_ACTIVE);
  system.set_request_id("s-1");
  ASSERT_TRUE(service_.CreateInformationSystem(clerk_, system).ok());
  EXPECT_TRUE(service_.CreateInformationSystem(clerk_, system).ok());
}

}  // namespace
}  // namespace zhanqiao::catalog
