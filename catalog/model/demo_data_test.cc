// The demonstration data passes the rules it is loaded under.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/numbers.h"
#include "catalog/base/csv.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/records.h"
#include "catalog/base/workdays.h"
#include "catalog/model/base_database.h"
#include "catalog/model/catalog.h"
#include "catalog/model/code_table.h"
#include "catalog/model/organization_import.h"
#include "catalog/model/resource.h"
#include "catalog/model/synthetic.h"

namespace zhanqiao::catalog {
namespace {

std::string ReadFile(const std::string& name) {
  std::ifstream file(std::string(DEMO_DATA) + "/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(file.good()) << name;
  return text.str();
}

std::map<std::string, v1::Resource> Resources() {
  google::protobuf::ListValue list;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(ReadFile("resources.json"), &list).ok());
  std::map<std::string, v1::Resource> resources;
  for (const auto& value : list.values()) {
    std::string json;
    v1::Resource resource;
    EXPECT_TRUE(google::protobuf::util::MessageToJsonString(value, &json).ok());
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &resource).ok()) << json;
    Normalize(resource);
    resources.emplace(resource.resource_code(), resource);
  }
  return resources;
}

v1::Value ValueOf(const std::string& cell, v1::DataType type) {
  v1::Value value;
  if (cell.empty()) return value;
  if (type == v1::DATA_TYPE_INTEGER) {
    int64_t number = 0;
    EXPECT_TRUE(absl::SimpleAtoi(cell, &number)) << cell;
    value.set_integer(number);
  } else if (type == v1::DATA_TYPE_LOGICAL) {
    EXPECT_TRUE(cell == "true" || cell == "false") << cell;
    value.set_logical(cell == "true");
  } else {
    value.set_text(cell);
  }
  return value;
}

void ExpectFits(const v1::Resource& resource, const std::string& csv, size_t rows) {
  const auto table = ParseCsv(csv);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->rows.size(), rows);
  ASSERT_EQ(table->header.size(), static_cast<size_t>(resource.fields_size()));
  for (int i = 0; i < resource.fields_size(); ++i) {
    const v1::Field& field = resource.fields(i);
    EXPECT_EQ(table->header[static_cast<size_t>(i)], field.field());
    for (const CsvRow& row : table->rows) {
      const v1::Value value = ValueOf(row.cells[static_cast<size_t>(i)], field.data_type());
      const absl::Status fits = CheckValue(value, field.data_type(), field.length(), field.field());
      EXPECT_TRUE(fits.ok()) << resource.display_name() << " line " << row.line << ": " << fits;
    }
  }
}

TEST(DemoData, EveryEntryPassesTheRules) {
  const auto resources = Resources();
  EXPECT_EQ(resources.size(), 5u);
  for (const auto& [code, resource] : resources) {
    EXPECT_EQ(code.substr(0, 3), "308");
    for (const auto& violation : Check(resource)) ADD_FAILURE() << code << " " << violation.field << " " << violation.reason;
    for (const auto& finding : FindingsOf(resource)) EXPECT_EQ(finding.reason(), "CREDIT_CODE_MISSING") << code;
  }
}

TEST(DemoData, EveryCellFitsItsField) {
  const auto resources = Resources();
  ExpectFits(resources.at("308001370200/000001"), ReadFile("investment_catalogue_2017.csv"), 121);
  ExpectFits(resources.at("308001370200/000002"), SyntheticResidentsCsv(2000, 2018), 2000);
  ExpectFits(resources.at("308001370200/000003"), ReadFile("plan_tasks.csv"), 91);
  ExpectFits(resources.at("308001370200/000004"), ReadFile("outage_grades_2017.csv"), 18);
  ExpectFits(resources.at("308001370200/000005"), ReadFile("auto_port_measures_2017.csv"), 21);
}

TEST(DemoData, OrganizationsLoadAndProvideTheEntries) {
  const Catalog empty;
  const OrganizationPlan plan = PlanOrganizations(ReadFile("organizations.csv"), empty);
  for (const auto& problem : plan.problems) ADD_FAILURE() << problem.ShortDebugString();
  EXPECT_EQ(plan.created.size(), 66u);
  std::set<std::string> bodies;
  for (const auto& body : plan.created) bodies.insert(body.name());
  for (const auto& [code, resource] : Resources()) EXPECT_TRUE(bodies.contains(resource.provider())) << code;
}

TEST(DemoData, CodeTablesLoadAndKnowTheEntriesAndTheBodies) {
  const CodeTablePlan classes = PlanCodeTable(kClassificationTable, ReadFile("classification.csv"));
  const CodeTablePlan types = PlanCodeTable(kCertificateTypesTable, ReadFile("certificate_types.csv"));
  const CodeTablePlan bases = PlanCodeTable(kBaseDatabasesTable, ReadFile("base_databases.csv"));
  for (const auto* plan : {&classes, &types, &bases}) {
    for (const auto& problem : plan->problems) ADD_FAILURE() << plan->table.name() << " " << problem.ShortDebugString();
  }
  const CodeTable table(classes.table);
  for (const auto& [code, resource] : Resources()) EXPECT_TRUE(table.KnowsClassification(code.substr(0, code.find('/')))) << code;
  // The items of the guide, class by class.
  std::map<char, int> items;
  for (const auto& row : classes.table.rows()) items[row.code()[0]] += row.code().size() == 3 ? 1 : 0;
  EXPECT_EQ(items, (std::map<char, int>{{'1', 5}, {'2', 12}, {'3', 8}}));
  for (const auto& row : types.table.rows()) EXPECT_TRUE(IsCreditCode(row.code().substr(0, 18))) << row.code();
  const Catalog empty;
  std::set<std::string> bodies;
  for (const auto& body : PlanOrganizations(ReadFile("organizations.csv"), empty).created) bodies.insert(body.name());
  for (const BaseDatabase& base : kBaseDatabases) {
    const auto expected = CodeTable(bases.table).ExpectedProviders(base.name);
    EXPECT_FALSE(expected.empty()) << base.name;
    for (const std::string& provider : expected) EXPECT_TRUE(bodies.contains(provider)) << provider;
  }
}

TEST(DemoData, HolidaysMoveALimitAcrossTheSpringFestivalOf2018) {
  const auto calendar = WorkCalendar::FromCsv(ReadFile("holidays.csv"));
  ASSERT_TRUE(calendar.ok()) << calendar.status();
  // Ten working days from Friday 9 February: Sunday 11 and Saturday 24 are worked, 15 to 21 are not.
  EXPECT_EQ(calendar->AddWorkdays(absl::CivilDay(2018, 2, 9), 10), absl::CivilDay(2018, 2, 28));
  int workdays = 0;
  for (absl::CivilDay day(2018, 1, 1); day.year() == 2018; ++day) workdays += calendar->IsWorkday(day);
  EXPECT_EQ(workdays, 250);
}

}  // namespace
}  // namespace zhanqiao::catalog
