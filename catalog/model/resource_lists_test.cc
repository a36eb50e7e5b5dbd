// Lists by filter, page by page, and updates by mask.
#include <functional>
#include <set>

#include "catalog/model/test_catalog.h"

namespace zhanqiao::catalog {
namespace {

class ResourceListsTest : public CatalogServiceTest {
 protected:
  v1::Resource Coded(const std::string& code) {
    v1::Resource resource = Draft();
    resource.set_resource_code(code);
    resource.set_display_name("条目 " + code);
    return resource;
  }
  std::string Codes(const v1::ListResourcesRequest& request) {
    const auto answer = service_.ListResources(stranger_, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    const v1::ListResourcesResponse listed = answer.value_or(v1::ListResourcesResponse());
    std::string codes;
    for (const auto& one : listed.resources()) {
      codes += (codes.empty() ? "" : " ") + one.resource_code();
    }
    return codes;
  }
  std::string By(const std::function<void(v1::ListResourcesRequest&)>& filter) {
    v1::ListResourcesRequest request;
    filter(request);
    return Codes(request);
  }
};

TEST_F(ResourceListsTest, EveryFilterNarrows) {
  ASSERT_TRUE(CreateSystem("organizations/370200-FGW/systems/a", "甲系统", clerk_).ok());
  v1::Resource a = Coded("308001/000001");
  a.set_source_system("organizations/370200-FGW/systems/a");
  a.set_base_database("行政执法");
  v1::Resource b = Coded("308002/000001");
  b.set_provider("organizations/370200-GAJ");
  b.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
  b.set_share_condition("按需");
  b.set_open_type(v1::OPEN_TYPE_NOT_OPEN);
  v1::Resource c = Coded("308003/000001");
  c.set_update_cycle(v1::UPDATE_CYCLE_DAILY);
  c.set_format_category(v1::FORMAT_CATEGORY_DOCUMENT);
  c.set_format_types(0, "pdf");
  for (const auto& resource : {a, b, c}) ASSERT_TRUE(Create(resource, office_).ok());
  ASSERT_TRUE(Submit("resources/308003~000001", approver_).ok());
  EXPECT_EQ(By([](auto&) {}), "308001/000001 308002/000001 308003/000001");
  EXPECT_EQ(By([](auto& f) { f.set_provider("organizations/370200-GAJ"); }), "308002/000001");
  EXPECT_EQ(By([](auto& f) { f.set_state(v1::RESOURCE_STATE_SUBMITTED); }), "308003/000001");
  EXPECT_EQ(By([](auto& f) { f.set_share_type(v1::SHARE_TYPE_CONDITIONAL); }), "308002/000001");
  EXPECT_EQ(By([](auto& f) { f.set_open_type(v1::OPEN_TYPE_NOT_OPEN); }), "308002/000001");
  EXPECT_EQ(By([](auto& f) { f.set_base_database("行政执法"); }), "308001/000001");
  EXPECT_EQ(By([](auto& f) { f.set_update_cycle(v1::UPDATE_CYCLE_DAILY); }), "308003/000001");
  EXPECT_EQ(By([](auto& f) { f.set_format_category(v1::FORMAT_CATEGORY_DOCUMENT); }), "308003/000001");
  EXPECT_EQ(By([](auto& f) { f.set_classification("308002"); }), "308002/000001");
  EXPECT_EQ(By([](auto& f) { f.set_source_system("organizations/370200-FGW/systems/a"); }), "308001/000001");
  EXPECT_EQ(By([](auto& f) {
              f.set_provider("organizations/370200-GAJ");
              f.set_base_database("行政执法");
            }),
            "");
}

TEST_F(ResourceListsTest, AWrongFilterIsNamed) {
  v1::ListResourcesRequest request;
  request.set_base_database("人口");
  request.set_classification("30x");
  request.set_state(static_cast<v1::ResourceState>(99));
  const auto violations = ViolationsOf(service_.ListResources(clerk_, request).status());
  ASSERT_EQ(violations.size(), 3u);
  EXPECT_EQ(violations[0].field, "state");
}

TEST_F(ResourceListsTest, PagesHoldWhatStaysOnceThoughOthersComeAndGo) {
  for (int i = 10; i < 40; ++i) ASSERT_TRUE(Create(Coded(absl::StrCat("308001/0000", i)), office_).ok());
  v1::ListResourcesRequest request;
  request.set_page_size(7);
  std::multiset<std::string> seen;
  int extra = 100;
  do {
    const auto page = service_.ListResources(clerk_, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& one : page->resources()) seen.insert(one.resource_code());
    request.set_page_token(page->next_page_token());
    ASSERT_TRUE(Create(Coded(absl::StrCat("308000/000", extra++)), office_).ok());  // before, out of sight
  } while (!request.page_token().empty());
  for (int i = 10; i < 40; ++i) EXPECT_EQ(seen.count(absl::StrCat("308001/0000", i)), 1u) << i;
}

TEST_F(ResourceListsTest, ATokenBelongsToItsFilterAndItsTimes) {
  for (int i = 1; i < 4; ++i) ASSERT_TRUE(Create(Coded(absl::StrCat("308001/00000", i)), office_).ok());
  v1::ListResourcesRequest request;
  request.set_page_size(1);
  const std::string token = service_.ListResources(clerk_, request)->next_page_token();
  request.set_page_token(token);
  EXPECT_EQ(Codes(request), "308001/000002");
  request.set_page_size(2);  // another size is fine
  EXPECT_EQ(Codes(request), "308001/000002 308001/000003");
  request.set_provider(kFgw);
  EXPECT_EQ(ReasonOf(service_.ListResources(clerk_, request).status()), "PAGE_TOKEN_INVALID");
  request.clear_provider();
  request.mutable_read_at()->set_known_at(99);
  EXPECT_EQ(ReasonOf(service_.ListResources(clerk_, request).status()), "PAGE_TOKEN_INVALID");
  request.clear_read_at();
  request.set_page_size(-1);
  EXPECT_EQ(ReasonOf(service_.ListResources(clerk_, request).status()), "PAGE_SIZE_INVALID");
}

TEST_F(ResourceListsTest, TheFiltersHoldInThePastToo) {
  ASSERT_TRUE(Create(Coded("308001/000001"), office_).ok());
  ASSERT_TRUE(Create(Coded("308001/000002"), office_).ok());
  const uint64_t before = sequencer_.size() - 1;
  ASSERT_TRUE(Submit("resources/308001~000001", approver_).ok());
  v1::ListResourcesRequest request;
  request.set_state(v1::RESOURCE_STATE_DRAFT);
  request.set_page_size(1);
  EXPECT_EQ(Codes(request), "308001/000002");
  request.mutable_read_at()->set_known_at(before);
  EXPECT_EQ(Codes(request), "308001/000001");
  request.set_page_token(service_.ListResources(clerk_, request)->next_page_token());
  EXPECT_EQ(Codes(request), "308001/000002");
}

TEST_F(ResourceListsTest, OrganisationsAndSystemsAreFilteredToo) {
  v1::ListOrganizationsRequest bodies;
  bodies.set_kind(v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT);
  EXPECT_EQ(service_.ListOrganizations(clerk_, bodies)->organizations_size(), 2);
  bodies.clear_kind();
  bodies.set_parent("organizations/370200-FGW");
  EXPECT_EQ(service_.ListOrganizations(clerk_, bodies)->organizations_size(), 0);
  ASSERT_TRUE(CreateSystem("organizations/370200-FGW/systems/a", "甲系统", clerk_).ok());
  v1::ListInformationSystemsRequest systems;
  systems.set_parent("organizations/-");
  systems.set_state(v1::REGISTRATION_STATE_DISABLED);
  EXPECT_EQ(service_.ListInformationSystems(clerk_, systems)->information_systems_size(), 0);
  systems.set_state(v1::REGISTRATION_STATE_ACTIVE);
  EXPECT_EQ(service_.ListInformationSystems(clerk_, systems)->information_systems_size(), 1);
}

TEST_F(ResourceListsTest, AMaskedUpdateChangesWhatItNames) {
  const v1::Resource stored = Create(Coded("308001/000001"), clerk_).value();
  v1::UpdateResourceRequest request;
  request.mutable_resource()->set_name(stored.name());
  request.mutable_resource()->set_etag(stored.etag());
  request.mutable_resource()->set_abstract("新摘要。");
  request.mutable_resource()->set_display_name("不被指名");
  request.mutable_update_mask()->add_paths("abstract");
  const auto updated = service_.UpdateResource(clerk_, request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->abstract(), "新摘要。");
  EXPECT_EQ(updated->display_name(), stored.display_name());
  EXPECT_EQ(updated->fields_size(), stored.fields_size());
  request.mutable_resource()->set_etag(updated->etag());
  request.mutable_update_mask()->set_paths(0, "state");  // output only: stays
  request.mutable_resource()->set_state(v1::RESOURCE_STATE_PUBLISHED);
  EXPECT_EQ(service_.UpdateResource(clerk_, request)->state(), v1::RESOURCE_STATE_DRAFT);
  request.mutable_update_mask()->set_paths(0, "colour");
  request.mutable_resource()->set_etag(catalog_.FindResource(stored.name())->etag());
  EXPECT_EQ(ReasonOf(service_.UpdateResource(clerk_, request).status()), "UPDATE_MASK_INVALID");
  request.mutable_update_mask()->set_paths(0, "abstract");
  request.mutable_resource()->set_etag("r1");
  EXPECT_EQ(ReasonOf(service_.UpdateResource(clerk_, request).status()), "ETAG_MISMATCH");
}

TEST_F(ResourceListsTest, AMaskedUpdateOfABodyAndASystem) {
  v1::UpdateOrganizationRequest body;
  body.mutable_organization()->set_name(kFgw);
  body.mutable_organization()->set_etag(catalog_.FindOrganization(kFgw)->etag());
  body.mutable_organization()->set_short_name("发改委");
  body.mutable_update_mask()->add_paths("short_name");
  const auto updated = service_.UpdateOrganization(office_, body);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->short_name(), "发改委");
  EXPECT_EQ(updated->display_name(), "青岛市发展和改革委员会");
  const auto system = CreateSystem("organizations/370200-FGW/systems/a", "甲系统", clerk_);
  v1::UpdateInformationSystemRequest change;
  change.mutable_information_system()->set_name(system->name());
  change.mutable_information_system()->set_etag(system->etag());
  change.mutable_information_system()->set_state(v1::REGISTRATION_STATE_DISABLED);
  change.mutable_update_mask()->add_paths("state");
  EXPECT_EQ(service_.UpdateInformationSystem(clerk_, change)->display_name(), "甲系统");
}

TEST_F(ResourceListsTest, AHundredThousandEntriesAreFilteredByALookAtEach) {
  constexpr int kEntries = 100'000;
  Catalog catalog;
  documents::Version version;
  version.type = v1::Resource::descriptor()->full_name();
  version.revision = 1;
  v1::Resource resource = Draft();
  for (int i = 0; i < kEntries; ++i) {
    resource.set_resource_code(absl::StrCat("308001/", 100000 + i));
    resource.set_name(ResourceName(resource.resource_code()));
    resource.set_display_name(absl::StrCat("条目", i));
    resource.set_state(i == kEntries - 1 ? v1::RESOURCE_STATE_SUBMITTED : v1::RESOURCE_STATE_PUBLISHED);
    version.name = resource.name();
    version.document = resource.SerializeAsString();
    catalog.Take(version);
  }
  CatalogService service(documents_, catalog, clock_, random_);
  v1::ListResourcesRequest request;
  request.set_state(v1::RESOURCE_STATE_SUBMITTED);
  EXPECT_EQ(service.ListResources(clerk_, request)->resources_size(), 1);
  size_t visited = 0;
  catalog.VisitResources("", "", [&](const ResourcePtr&) { return ++visited, true; });
  EXPECT_EQ(visited, static_cast<size_t>(kEntries));
}

}  // namespace
}  // namespace zhanqiao::catalog
