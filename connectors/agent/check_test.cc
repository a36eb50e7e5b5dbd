#include "connectors/agent/check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "connectors/adapters/csv/csv.h"

namespace zhanqiao::connectors {
namespace {

constexpr char kEntry[] = R"({"name":"resources/308001370200~000001","displayName":"许可","fields":[
  {"field":"permit","displayName":"许可证号","dataType":"DATA_TYPE_CHARACTER","length":10,"key":true},
  {"field":"holder","displayName":"持证人","dataType":"DATA_TYPE_CHARACTER","length":10,"mask":"MASK_NAME"}],"etag":"x"})";

class CheckTest : public testing::Test {
 protected:
  CheckTest() {
    std::string name = testing::TempDir() + "zqcheckXXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~CheckTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file) << text;
    return folder_ / file;
  }
  ResourceCheck Check(const std::string& csv) {
    const auto entries = EntriesFromFile(Write("entry.json", kEntry));
    EXPECT_TRUE(entries.ok()) << entries.status();
    CsvOptions options;
    options.file = Write("data.csv", csv);
    return CheckResource(entries->at(0), CsvFiles(options), 2);
  }

  std::filesystem::path folder_;
};

TEST_F(CheckTest, ShowsRowsAsAConsumerWouldSeeThem) {
  const ResourceCheck check = Check("permit,holder\nA-1,张三\nA-2,李四\nA-3,王五\n");
  ASSERT_TRUE(check.status.ok()) << check.status;
  EXPECT_EQ(ToText({check}),
            "ok      resources/308001370200~000001  许可\n        permit | holder\n        A-1 | 张*\n       "
            " A-2 | 李*\n");
  EXPECT_EQ(ToJson({check}),
            "{\"resources\":[{\"resource\":\"resources/"
            "308001370200~000001\",\"display_name\":\"许可\",\"ok\":true,\"mismatches\":[],"
            "\"fields\":[\"permit\",\"holder\"],\"rows\":[[\"A-1\",\"张*\"],[\"A-2\",\"李*\"]]}]}");
}

TEST_F(CheckTest, NamesEachMismatch) {
  const ResourceCheck check =
      Check("permit,holder\nA-1-is-much-too-long,张三\nA-2,a name of too many letters\n");
  EXPECT_FALSE(check.status.ok());
  ASSERT_EQ(check.mismatches.size(), 2u);
  EXPECT_EQ(check.mismatches[1].field, "row 3, column holder");
  EXPECT_EQ(ToText({check}).find("张三"), std::string::npos);
}

TEST_F(CheckTest, AFileThatIsNoEntryIsRefused) {
  EXPECT_EQ(ReasonOf(EntriesFromFile(Write("entry.json", "no json")).status()), "ENTRY_INVALID");
  EXPECT_EQ(ReasonOf(EntriesFromFile(Write("entry.json", "{\"fields\": 1}")).status()), "ENTRY_INVALID");
  EXPECT_EQ(EntriesFromFile(Write("entry.json", std::string("[") + kEntry + "," + kEntry + "]"))->size(), 2u);
}

}  // namespace
}  // namespace zhanqiao::connectors
