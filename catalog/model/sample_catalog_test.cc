#include "catalog/model/sample_catalog.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "catalog/base/error.h"
#include "catalog/model/organization_import.h"
#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

std::string ReadFile(const std::string& name) {
  std::ifstream file(std::string(DEMO_DATA) + "/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(file.good()) << name;
  return text.str();
}

std::vector<v1::Organization> Bodies() {
  return PlanOrganizations(ReadFile("organizations.csv"), Catalog()).created;
}

absl::StatusOr<std::vector<v1::Resource>> Sample(int copies = 1) {
  return SampleCatalog(Bodies(), ReadFile("sample_topics.csv"), ReadFile("sample_items.csv"), copies);
}

TEST(SampleCatalogTest, EveryEntryKeepsTheRulesAndIsMarked) {
  const auto entries = Sample();
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_GE(entries->size(), 300U);
  EXPECT_LE(entries->size(), 600U);
  for (v1::Resource entry : *entries) {
    Normalize(entry);
    const std::vector<Violation> violations = Check(entry);
    EXPECT_TRUE(violations.empty()) << entry.display_name() << " " << violations.front().field << " "
                                    << violations.front().description;
    EXPECT_NE(entry.abstract().find("【示例】"), std::string::npos);
  }
}

TEST(SampleCatalogTest, EveryBodyHasEntriesAndNoCodeOrNameStandsTwice) {
  std::set<std::string> providers, codes, names;
  const std::vector<v1::Resource> entries = *Sample();
  for (const v1::Resource& entry : entries) {
    providers.insert(entry.provider());
    EXPECT_TRUE(codes.insert(entry.resource_code()).second) << entry.resource_code();
    EXPECT_TRUE(names.insert(NameSkeleton(entry.display_name())).second) << entry.display_name();
  }
  EXPECT_EQ(providers.size(), Bodies().size());
}

TEST(SampleCatalogTest, EveryValueOfEveryFacetIsThere) {
  std::set<int> shares, opens, cycles, formats;
  std::set<std::string> bases;
  const std::vector<v1::Resource> entries = *Sample();
  for (const v1::Resource& entry : entries) {
    shares.insert(entry.share_type());
    opens.insert(entry.open_type());
    cycles.insert(entry.update_cycle());
    formats.insert(entry.format_category());
    bases.insert(entry.base_database());
  }
  EXPECT_EQ(shares.size(), 3U);
  EXPECT_EQ(opens.size(), 3U);
  EXPECT_EQ(cycles.size(), 8U);  // all but "never"
  EXPECT_EQ(formats.size(), 6U);
  EXPECT_EQ(bases.size(), 6U);  // the five, and none
}

TEST(SampleCatalogTest, IsTheSameEveryTimeAndGrowsByCopies) {
  const std::vector<v1::Resource> once = *Sample();
  const std::vector<v1::Resource> thrice = *Sample(3);
  ASSERT_EQ(thrice.size(), once.size() * 3);
  for (size_t i = 0; i < once.size(); ++i)
    EXPECT_EQ(once[i].SerializeAsString(), thrice[i].SerializeAsString());
}

TEST(SampleCatalogTest, ACellThatMeansNothingIsNamed) {
  const auto wrong = SampleCatalog(
      Bodies(),
      "bodies,name,item,base,share,open,cycle,format,items\n公安局,甲,308,,maybe,no,daily,database,姓名\n",
      ReadFile("sample_items.csv"));
  EXPECT_EQ(ReasonOf(wrong.status()), "SAMPLE_INVALID");
  EXPECT_EQ(FactOf(wrong.status(), "row"), "2");
  EXPECT_EQ(FactOf(wrong.status(), "column"), "share");
}

}  // namespace
}  // namespace zhanqiao::catalog
