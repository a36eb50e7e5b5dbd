#include "catalog/model/catalog.h"

#include <gtest/gtest.h>

#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

template <typename Message>
documents::Version VersionOf(const Message& message, uint64_t revision) {
  documents::Version version;
  version.name = message.name();
  version.revision = revision;
  version.type = Message::descriptor()->full_name();
  version.document = message.SerializeAsString();
  return version;
}

v1::Resource Entry(const std::string& code, const std::string& display_name) {
  v1::Resource resource;
  resource.set_resource_code(code);
  resource.set_display_name(display_name);
  Normalize(resource);
  return resource;
}

TEST(Catalog, GivesTheNewestVersionWithItsRevision) {
  Catalog catalog;
  catalog.Take(VersionOf(Entry("308001/1", "旧名"), 1));
  const auto before = catalog.FindResource("resources/308001~1");
  catalog.Take(VersionOf(Entry("308001/1", "新名"), 2));
  const auto after = catalog.FindResource("resources/308001~1");
  ASSERT_NE(after, nullptr);
  EXPECT_EQ(after->display_name(), "新名");
  EXPECT_EQ(after->revision(), 2u);
  EXPECT_EQ(documents::RevisionOf(after->etag()).value(), 2u);
  EXPECT_EQ(before->display_name(), "旧名");  // a snapshot stays what it was
  EXPECT_EQ(catalog.FindResource("resources/308001~2"), nullptr);
}

TEST(Catalog, ForgetsDeletedDocuments) {
  Catalog catalog;
  documents::Version version = VersionOf(Entry("308001/1", "名录"), 1);
  catalog.Take(version);
  version.deleted = true;
  version.document.clear();
  version.revision = 2;
  catalog.Take(version);
  EXPECT_EQ(catalog.FindResource("resources/308001~1"), nullptr);
  EXPECT_EQ(catalog.ResourceNamedLike("名录", ""), std::nullopt);
}

TEST(Catalog, FindsNamesThatDifferOnlyByPunctuation) {
  Catalog catalog;
  catalog.Take(VersionOf(Entry("308001/1", "企业（法人）名录"), 1));
  catalog.Take(VersionOf(Entry("308001/2", "企业法人 名录"), 1));
  EXPECT_EQ(catalog.ResourceNamedLike("企业法人名录", "resources/308001~2"), "resources/308001~1");
  v1::Resource withdrawn = Entry("308001/1", "企业（法人）名录");
  withdrawn.set_state(v1::RESOURCE_STATE_WITHDRAWN);
  catalog.Take(VersionOf(withdrawn, 2));
  EXPECT_EQ(catalog.ResourceNamedLike("企业法人名录", "resources/308001~2"), std::nullopt);
  catalog.Take(VersionOf(Entry("308001/2", "另一个"), 2));
  EXPECT_EQ(catalog.ResourceNamedLike("企业法人名录", ""), std::nullopt);
}

TEST(Catalog, KeepsOrganizationsAndSystemsAndIgnoresOthers) {
  Catalog catalog;
  v1::Organization body;
  body.set_name("organizations/370200-FGW");
  v1::InformationSystem system;
  system.set_name("organizations/370200-FGW/systems/approval");
  system.set_display_name("审批系统");
  catalog.Take(VersionOf(body, 1));
  catalog.Take(VersionOf(system, 3));
  documents::Version person;
  person.name = "organizations/370200-FGW/persons/p";
  person.type = "zhanqiao.v1.Person";
  catalog.Take(person);
  EXPECT_NE(catalog.FindOrganization(body.name()), nullptr);
  EXPECT_EQ(documents::RevisionOf(catalog.FindSystem(system.name())->etag()).value(), 3u);
  EXPECT_EQ(catalog.FindSystemNamed("审批系统")->name(), system.name());
  EXPECT_EQ(catalog.FindSystemNamed("审批"), nullptr);
  EXPECT_EQ(catalog.counts().organizations + catalog.counts().systems + catalog.counts().resources, 2u);
}

}  // namespace
}  // namespace zhanqiao::catalog
