#include "connectors/adapters/mapping.h"

#include <gtest/gtest.h>

#include "connectors/adapters/contract_rows.h"

namespace zhanqiao::connectors {
namespace {

constexpr char kGood[] = R"(table = ["permit", "projects"]
key = "id"
[fields]
permit = "xkzh"
level = { column = "jb", values = { "1" = "市", "2" = "区" } }
floors = { column = "cs" }
issued = { column = "fzrq", format = "YYYYMMDD" }
)";

std::string Problems(const std::string& toml) {
  const auto mapping = ParseMapping(toml);
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  std::string problems;
  for (const Violation& one : CheckMapping(*mapping, ContractEntry()))
    problems += one.field + " " + one.reason + "; ";
  return problems;
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Mapping, TiesColumnsToFields) {
  const auto mapping = ParseMapping(kGood);
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  EXPECT_EQ(mapping->table, (std::vector<std::string>{"permit", "projects"}));
  EXPECT_EQ(mapping->key, std::vector<std::string>{"id"});
  EXPECT_EQ(mapping->fields.at("permit").column, "xkzh");
  EXPECT_EQ(mapping->fields.at("level").values.at("2"), "区");
  EXPECT_EQ(Problems(kGood), "");
}

TEST(Mapping, EveryMismatchWithTheEntryIsReported) {
  EXPECT_EQ(Problems(Replaced(kGood, "permit = \"xkzh\"", "permits = \"xkzh\"")),
            "permits FIELD_UNKNOWN; permit FIELD_UNMAPPED; ");
  EXPECT_EQ(
      Problems(Replaced(Replaced(kGood, "YYYYMMDD", "DDMMYYYY"), "column = \"cs\"", "constant = \"six\"")),
      "floors VALUE_TYPE; issued FORMAT_INVALID; ");
  EXPECT_EQ(Problems(Replaced(kGood, "区", "a level of far too many characters")), "level VALUE_TYPE; ");
}

TEST(Mapping, AMistakeIsNamedByLineAndKey) {
  const auto mistake = [](const std::string& toml) {
    const absl::Status status = ParseMapping(toml).status();
    EXPECT_EQ(ReasonOf(status), "CONFIG_INVALID");
    return FactOf(status, "line") + " " + FactOf(status, "key");
  };
  EXPECT_EQ(mistake(Replaced(kGood, "column = \"cs\"", "")), "6 fields.floors");
  EXPECT_EQ(mistake(Replaced(kGood, "column = \"cs\"", "colum = \"cs\"")), "6 fields.floors.colum");
  EXPECT_EQ(mistake(Replaced(kGood, "format =", "zone = \"8\", format =")), "7 fields.issued.zone");
  EXPECT_EQ(mistake("http = {path = \"x\"}\n"), "1 http.path");
}

}  // namespace
}  // namespace zhanqiao::connectors
