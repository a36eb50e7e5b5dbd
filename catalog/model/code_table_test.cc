#include "catalog/model/code_table.h"

#include "absl/strings/str_cat.h"
#include "catalog/model/code_table_service.h"
#include "catalog/model/test_catalog.h"

namespace zhanqiao::catalog {
namespace {

std::string Problems(std::string_view table, const std::string& csv) {
  std::string text;
  for (const auto& problem : PlanCodeTable(table, csv).problems) {
    absl::StrAppend(&text, text.empty() ? "" : " ", problem.row(), "/", problem.column(), ":", problem.reason());
  }
  return text;
}

CodeTable Classes(const std::string& rows) {
  const CodeTablePlan plan = PlanCodeTable(kClassificationTable, "code,name\n" + rows);
  EXPECT_TRUE(plan.problems.empty());
  return CodeTable(plan.table);
}

TEST(CodeTable, ATableThatIsNotLoadedKnowsEverything) {
  EXPECT_TRUE(CodeTable().KnowsClassification("308001370200"));
  EXPECT_FALSE(CodeTable().loaded());
}

TEST(CodeTable, KnowsAClassificationByItselfOrByItsMu) {
  const CodeTable table = Classes("3,部门\n308,计划单列市\n308001,青岛\n308001370200,市直\n101001,人口\n");
  EXPECT_TRUE(table.KnowsClassification("308001370200"));
  EXPECT_FALSE(table.KnowsClassification("308001370201"));  // its 目 lists 细目, not this one
  EXPECT_TRUE(table.KnowsClassification("101001"));
  EXPECT_TRUE(table.KnowsClassification("1010010001"));  // its 目 lists none
  EXPECT_FALSE(table.KnowsClassification("307001"));
}

TEST(CodeTable, ReportsEveryWrongCell) {
  EXPECT_EQ(Problems(kClassificationTable, "code,name\n3,部门\n30,项\n4,类\n308001,\n3,又\n"),
            "3/code:CLASSIFICATION 4/code:CLASSIFICATION 5/name:TEXT_REQUIRED 6/code:CODE_REPEATED");
  EXPECT_EQ(Problems(kClassificationTable, "code,title\n"), "1/name:COLUMN_MISSING");
  EXPECT_EQ(Problems(kClassificationTable, "code,name,Note\n"), "1/Note:COLUMN_NAME");
  EXPECT_EQ(Problems(kCertificateTypesTable, "code,name\n11100000000013127D001,居民身份证\n1110,证\n"),
            "3/code:CERTIFICATE_TYPE");
  EXPECT_EQ(Problems(kBaseDatabasesTable, "code,name,expected_providers\n自然人,自然人,A;B\n人口,人口,\n法人,法人,a;b\n"),
            "3/code:BASE_DATABASE 4/expected_providers:ORGANIZATION_CODE");
  EXPECT_EQ(Problems(kClassificationTable, "code,name\n\"3"), "2/code:CSV_INVALID");
}

class CodeTableServiceTest : public CatalogServiceTest {
 protected:
  v1::ImportCodeTableResponse Load(const std::string& csv, bool validate_only = false) {
    v1::ImportCodeTableRequest request;
    request.set_name(std::string(kClassificationTable));
    request.set_csv(csv);
    request.set_source("测试");
    request.set_validate_only(validate_only);
    const auto done = tables_.ImportCodeTable(office_, request);
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(v1::ImportCodeTableResponse());
  }
  CodeTableService tables_{documents_};
};

TEST_F(CodeTableServiceTest, LoadsReplacesAndKeepsEarlierTables) {
  EXPECT_TRUE(Load("code,name,note\n308001,青岛,演示\n").changed());
  const uint64_t before = sequencer_.size() - 1;
  EXPECT_FALSE(Load("code,name,note\n308001,青岛,演示\n").changed());
  EXPECT_EQ(sequencer_.size() - 1, before);
  EXPECT_TRUE(Load("code,name\n308002,别处\n").changed());
  v1::GetCodeTableRequest get;
  get.set_name(std::string(kClassificationTable));
  EXPECT_EQ(tables_.GetCodeTable(clerk_, get)->rows(0).code(), "308002");
  get.mutable_read_at()->set_known_at(before);
  EXPECT_EQ(tables_.GetCodeTable(clerk_, get)->rows(0).attributes().at("note"), "演示");
  EXPECT_FALSE(catalog_.FindCodeTable(kClassificationTable)->KnowsClassification("308001"));
}

TEST_F(CodeTableServiceTest, StoresNothingOfAWrongFileOrADryRun) {
  EXPECT_EQ(Load("code,name\n30,项\n").problems_size(), 1);
  EXPECT_TRUE(Load("code,name\n308001,青岛\n", /*validate_only=*/true).changed());
  EXPECT_FALSE(catalog_.FindCodeTable(kClassificationTable)->loaded());
}

TEST_F(CodeTableServiceTest, IsTheOfficesToLoad) {
  v1::ImportCodeTableRequest request;
  EXPECT_EQ(ReasonOf(tables_.ImportCodeTable(approver_, request).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(tables_.ImportCodeTable(office_, request).status()), "CODE_TABLE_NAME");
  request.set_name(std::string(kClassificationTable));
  EXPECT_EQ(FactOf(tables_.ImportCodeTable(office_, request).status(), "field"), "source");
}

}  // namespace
}  // namespace zhanqiao::catalog
