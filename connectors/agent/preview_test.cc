#include "connectors/agent/preview.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "connectors/adapters/memory/table.h"

namespace zhanqiao::connectors {
namespace {

// Persons of a district with their year of birth, and a grant of them.
class PreviewTest : public testing::Test {
 protected:
  PreviewTest() {
    entry_.set_name("resources/308001370200~000001");
    for (const auto& [field, type] : {std::pair("id", v1::DATA_TYPE_CHARACTER), std::pair("name", v1::DATA_TYPE_CHARACTER),
                                      std::pair("born", v1::DATA_TYPE_DATE), std::pair("district", v1::DATA_TYPE_CHARACTER)}) {
      v1::Field& one = *entry_.add_fields();
      one.set_field(field);
      one.set_data_type(type);
      one.set_length(40);
      one.set_key(std::string(field) == "id" || std::string(field) == "district");
    }
  }
  void Person(const std::string& name, const std::string& born, const std::string& district) {
    v1::Row& row = rows_.emplace_back();
    row.add_values()->set_text(absl::StrCat("p", rows_.size() + 10'000'000));
    row.add_values()->set_text(name);
    row.add_values()->set_text(born);
    row.add_values()->set_text(district);
  }
  void Grant(const std::string& field, v1::Mask mask) {
    auto& granted = *grant_.add_fields();
    granted.set_field(field);
    granted.set_mask(mask);
  }
  Preview Found(PreviewOptions options = {}, std::vector<std::string> key = {"id"}) {
    const Table table(entry_, rows_, key);
    const auto preview = PreviewRelease(grant_, entry_, table, options);
    EXPECT_TRUE(preview.ok()) << preview.status();
    return preview.ok() ? *preview : Preview();
  }

  v1::Resource entry_;
  v1::Grant grant_;
  std::vector<v1::Row> rows_;
};

TEST_F(PreviewTest, RowsAreAlikeAsTheyWouldBeReleasedNotAsTheyAre) {
  for (int i = 0; i < 6; ++i) Person(absl::StrCat("张", i == 0 ? "三" : "四"), absl::StrCat("1949-0", 1 + i, "-01"), "市南区");
  Grant("name", v1::MASK_NAME);
  Grant("born", v1::MASK_BIRTH_DATE);
  const Preview masked = Found();
  EXPECT_EQ(masked.groups, 1);
  EXPECT_EQ(masked.smallest, 6);
  grant_.mutable_fields(1)->set_mask(v1::MASK_BIRTH_DATE_DISPLAY);
  EXPECT_EQ(Found().smallest, 1) << "by their months of birth they can be told apart";
}

TEST_F(PreviewTest, RowsInSmallGroupsAreCountedAtEachThreshold) {
  for (int i = 0; i < 20; ++i) Person("张三", "1949-01-01", "市南区");
  for (int i = 0; i < 4; ++i) Person("张三", "1950-01-01", "市南区");
  Person("张三", "1951-01-01", "市南区");
  Grant("born", v1::MASK_BIRTH_DATE);
  const Preview preview = Found();
  EXPECT_EQ(preview.rows, 25);
  EXPECT_EQ(preview.groups, 3);
  EXPECT_EQ(preview.smallest, 1);
  EXPECT_EQ(preview.levels[0].rows, 1);  // k < 3
  EXPECT_EQ(preview.levels[1].rows, 5);  // k < 5
  EXPECT_EQ(preview.levels[2].rows, 5);  // k < 20
}

TEST_F(PreviewTest, OnlyTheNamedQuasiIdentifiersCount) {
  for (int i = 0; i < 5; ++i) Person(absl::StrCat("张", i), "1949-01-01", "市南区");
  Grant("id", v1::MASK_UNSPECIFIED);
  Grant("born", v1::MASK_UNSPECIFIED);
  EXPECT_EQ(Found().smallest, 1);
  EXPECT_EQ(Found({.quasi = {"born"}}).smallest, 5);
}

TEST_F(PreviewTest, TheGrantsRowConditionsHold) {
  Person("张三", "1949-01-01", "市南区");
  Person("李四", "1949-01-01", "市北区");
  Grant("born", v1::MASK_UNSPECIFIED);
  auto& condition = *grant_.add_row_conditions();
  condition.set_field("district");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text("市南区");
  EXPECT_EQ(Found().rows, 1);
}

TEST_F(PreviewTest, PseudonymsKeepPersonsApartAndNothingMore) {
  for (int i = 0; i < 3; ++i) Person("张三", "1949-01-01", "市南区");
  Grant("name", v1::MASK_PSEUDONYM);
  EXPECT_EQ(Found().smallest, 3);
}

TEST_F(PreviewTest, ManyChunksAreOneAndAResourceWithoutKeyIsReadOnce) {
  for (int i = 0; i < 12'000; ++i) Person("张三", "1949-01-01", "市南区");
  Grant("born", v1::MASK_UNSPECIFIED);
  EXPECT_EQ(Found().rows, 12'000);
  EXPECT_TRUE(Found().whole);
  EXPECT_EQ(Found({}, {}).rows, 12'000);
  const Preview cut = Found({.rows_max = 6'000});
  EXPECT_GE(cut.rows, 6'000);
  EXPECT_FALSE(cut.whole);
}

TEST_F(PreviewTest, AFieldThatIsNotGrantedIsNamed) {
  Grant("born", v1::MASK_UNSPECIFIED);
  const Table table(entry_, rows_, {"id"});
  const auto preview = PreviewRelease(grant_, entry_, table, {.quasi = {"name"}});
  EXPECT_EQ(ReasonOf(preview.status()), "FIELD_UNKNOWN");
  EXPECT_EQ(FactOf(preview.status(), "field"), "name");
}

TEST_F(PreviewTest, TheGrantIsReadAsZqWritesIt) {
  const std::string file = testing::TempDir() + "zq-preview-grant.json";
  std::ofstream(file) << R"({"name":"grants/01h","resource":"resources/308001370200~000001","fields":[{"field":"born","mask":"MASK_BIRTH_DATE"}],"laterField":1})";
  const auto grant = GrantFromFile(file);
  ASSERT_TRUE(grant.ok()) << grant.status();
  EXPECT_EQ(grant->fields(0).mask(), v1::MASK_BIRTH_DATE);
  std::ofstream(file) << "no grant";
  EXPECT_EQ(ReasonOf(GrantFromFile(file).status()), "GRANT_INVALID");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace zhanqiao::connectors
