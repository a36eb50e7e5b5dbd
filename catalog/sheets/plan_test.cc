#include "catalog/sheets/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "catalog/sheets/marked.h"
#include "catalog/sheets/read_sheet.h"
#include "catalog/sheets/test_catalog.h"

namespace zhanqiao::sheets {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kHeading[] =
    "信息资源代码,信息资源名称,信息资源提供方,信息资源摘要,格式分类,格式类型,信息项名称,信息项英文名,数据类型,数据长度,共享类型,共享条件,"
    "共享方式分类,共享方式类型,开放类型,更新周期\n";
constexpr char kFirst[] = "308001370200/000001,投资项目目录,市发展改革委,核准范围,电子表格,csv,事项编码,item_code,C,8,无条件共享,,共享平台方式,文件,不予开放,每年\n";

class PlanTest : public testing::Test {
 protected:
  PlanTest() { FillCity(catalog_); }
  Planned Resources(const std::string& rows, const Caller& caller = Office()) {
    return PlanOf(SheetOf(kHeading + rows), v1::SHEET_KIND_RESOURCES, catalog_, caller);
  }
  Planned Bodies(const std::string& csv) { return PlanOf(SheetOf(csv), v1::SHEET_KIND_ORGANIZATIONS, catalog_, Office()); }
  Planned Systems(const std::string& csv, const Caller& caller = Office()) {
    return PlanOf(SheetOf(csv), v1::SHEET_KIND_INFORMATION_SYSTEMS, catalog_, caller);
  }
  // Stores what a plan would.
  void Store(const Planned& planned) {
    for (size_t i = 0; i < planned.plan.changes.size(); ++i) {
      const auto& change = planned.plan.changes[i];
      documents::Version version;
      version.name = change.name;
      version.type = change.type;
      version.document = change.document;
      version.revision = change.expected_revision.value_or(0) + 1;
      catalog_.Take(version);
    }
  }

  catalog::Catalog catalog_;
};

TEST_F(PlanTest, ARowIsADraft) {
  const Planned planned = Resources(kFirst);
  ASSERT_THAT(planned.problems, IsEmpty());
  EXPECT_EQ(planned.plan.created, 1);
  const v1::Resource resource = planned.resource(0);
  EXPECT_EQ(resource.name(), "resources/308001370200~000001");
  EXPECT_EQ(resource.state(), v1::RESOURCE_STATE_DRAFT);
  EXPECT_EQ(resource.provider(), kFgw);
  EXPECT_EQ(resource.fields(0).data_type(), v1::DATA_TYPE_CHARACTER);
  EXPECT_EQ(resource.fields(0).length(), 8);
  EXPECT_EQ(planned.plan.changes[0].expected_revision, 0u);
}

TEST_F(PlanTest, FurtherRowsOfAnEntryAreItsItemsWhetherBlankOrRepeated) {
  const std::string repeated = "308001370200/000001,投资项目目录,市发展改革委,核准范围,电子表格,csv,条件,condition,M,,无条件共享,,共享平台方式,文件,不予开放,每年\n";
  const Planned planned = Resources(std::string(kFirst) + ",,,,,,行业,,I,2,,,,,,\n" + repeated + "308001370200/000002,另一目录,市公安局,摘要,电子文件,pdf,,,,,3,国家安全法,,,3,8\n");
  EXPECT_THAT(planned.problems, ElementsAre("4 TEXT_REQUIRED")) << "a memo needs a note; there is no such column, so the row is told";
}

TEST_F(PlanTest, ItemsWithoutEnglishNamesAreNumberedAndKeepTheirNumbers) {
  const Planned first = Resources(std::string(kFirst) + ",,,,,,行业,,I,2,,,,,,\n,,,,,,事项,,C,50,,,,,,\n");
  ASSERT_THAT(first.problems, IsEmpty());
  EXPECT_EQ(first.resource(0).fields(1).field(), "item_1");
  EXPECT_EQ(first.resource(0).fields(2).field(), "item_2");
  Store(first);
  const Planned second = Resources(std::string(kFirst) + ",,,,,,事项,,C,50,,,,,,\n,,,,,,行业,,I,2,,,,,,\n");
  ASSERT_THAT(second.problems, IsEmpty());
  EXPECT_EQ(second.resource(0).fields(1).field(), "item_2") << "the stored item of this name";
}

TEST_F(PlanTest, CellsThatDifferWithinAnEntryAreTold) {
  EXPECT_THAT(Resources(std::string(kFirst) + ",,市公安局,,,,行业,hy,I,2,,,,,,\n").problems, ElementsAre("C3 ENTRY_CELL_DIFFERS"));
}

TEST_F(PlanTest, ItemsBeforeAnyEntryAreTold) {
  const Planned planned = Resources(",,,,,,行业,hy,I,2,,,,,,\n");
  EXPECT_THAT(planned.problems, testing::Contains("2 ITEM_BEFORE_ENTRY"));
}

TEST_F(PlanTest, EveryWrongCellIsToldOnceWithItsPlace) {
  const Planned planned = Resources("30800,,市发改,x,电子表格,csv,事项,item_code,Z,8,随便,,共享平台方式,文件,不予开放,每年\n");
  EXPECT_THAT(planned.problems, ElementsAre("A2 RESOURCE_CODE", "B2 TEXT_REQUIRED", "C2 BODY_UNKNOWN", "I2 VALUE_WORD", "K2 VALUE_WORD"));
  EXPECT_TRUE(planned.plan.changes.empty());
  EXPECT_EQ(planned.plan.problems[3].sentence.chinese.find("请填写下列之一：字符型、"), 0u);
}

TEST_F(PlanTest, TheModelsRulesHoldInTheCellsTheyAreAbout) {
  EXPECT_THAT(Resources("308001370200/000001,投资项目目录,市发展改革委,核准,数据库,oracle,事项,item_code,C,,不予共享,,共享平台方式,文件,不予开放,每年\n").problems,
              ElementsAre("J2 FIELD_LENGTH", "L2 SHARE_BASIS_REQUIRED", "N2 SHARE_MODE_TYPE"));
  EXPECT_THAT(Resources("308001370200/000001,居住证管理系统,市发展改革委,核准,电子表格,oracle,,,,,无条件共享,,共享平台方式,文件,不予开放,每年\n").problems,
              ElementsAre("B2 NAME_IS_SYSTEM", "F2 FORMAT_TYPE_OF_ANOTHER_CATEGORY", "G2 FIELDS_REQUIRED"));
}

TEST_F(PlanTest, AMissingElementWithoutAColumnIsToldOfTheRow) {
  std::string heading = kHeading;
  heading.replace(heading.find("开放类型"), std::string("开放类型").size(), "原有代码");
  const Planned planned = PlanOf(SheetOf(heading + kFirst), v1::SHEET_KIND_RESOURCES, catalog_, Office());
  EXPECT_THAT(planned.problems, ElementsAre("2 ENUM_VALUE"));
  EXPECT_EQ(planned.plan.problems[0].sentence.chinese.find("开放类型："), 0u);
}

TEST_F(PlanTest, CodesStandOnceInAFileAndNamesAreToldApart) {
  const std::string second = "308001370200/000002,投资项目·目录,市发展改革委,核准范围,电子表格,csv,事项编码,item_code,C,8,无条件共享,,共享平台方式,文件,不予开放,每年\n";
  EXPECT_THAT(Resources(std::string(kFirst) + second + kFirst).problems, ElementsAre("B3 NAME_LIKE_IN_FILE", "A4 REPEATED_IN_FILE", "B4 NAME_LIKE_IN_FILE"));
}

TEST_F(PlanTest, AClerkBringsHisOwnBodysOnly) {
  EXPECT_THAT(Resources(kFirst, Person(kFgw, "org_clerk")).problems, IsEmpty());
  EXPECT_THAT(Resources(kFirst, Person(kGaj, "org_clerk")).problems, ElementsAre("C2 NOT_YOUR_BODY"));
}

TEST_F(PlanTest, EqualRowsChangeNothingAndOthersUpdateTheirRevision) {
  Store(Resources(kFirst));
  const Planned same = Resources(kFirst);
  EXPECT_EQ(same.plan.unchanged, 1);
  EXPECT_TRUE(same.plan.changes.empty());
  std::string changed = kFirst;
  changed.replace(changed.find("核准范围"), std::string("核准范围").size(), "核准范围与权限");
  const Planned other = Resources(changed);
  EXPECT_EQ(other.plan.updated, 1);
  EXPECT_EQ(other.plan.changes.at(0).expected_revision, 1u);
}

TEST_F(PlanTest, AnEntryInForceIsChangedByAnApproverAWithdrawnOneByNobody) {
  v1::Resource stored = Resources(kFirst).resource(0);
  stored.set_state(v1::RESOURCE_STATE_PUBLISHED);
  stored.set_release_date("2018-01-02");
  Know(catalog_, stored, 4);
  EXPECT_THAT(Resources(kFirst, Person(kFgw, "org_clerk")).problems, IsEmpty()) << "equal: nothing is changed";
  std::string changed = kFirst;
  changed.replace(changed.find("每年"), std::string("每年").size(), "每月");
  EXPECT_THAT(Resources(changed, Person(kFgw, "org_clerk")).problems, ElementsAre("A2 ENTRY_IN_FORCE"));
  const Planned approved = Resources(changed, Person(kFgw, "org_approver"));
  ASSERT_THAT(approved.problems, IsEmpty());
  EXPECT_EQ(approved.resource(0).state(), v1::RESOURCE_STATE_PUBLISHED);
  EXPECT_EQ(approved.resource(0).release_date(), "2018-01-02");
  stored.set_state(v1::RESOURCE_STATE_WITHDRAWN);
  Know(catalog_, stored, 5);
  EXPECT_THAT(Resources(changed).problems, ElementsAre("A2 RESOURCE_WITHDRAWN"));
}

TEST_F(PlanTest, HowAPublishedEntryIsSharedIsTheOfficesToChangeAndNewItemsAreANewSchema) {
  v1::Resource stored = Resources(kFirst).resource(0);
  stored.set_state(v1::RESOURCE_STATE_PUBLISHED);
  stored.set_release_date("2018-01-02");
  Know(catalog_, stored, 4);
  std::string shared = kFirst;
  shared.replace(shared.find("不予开放"), std::string("不予开放").size(), "无条件开放");
  EXPECT_THAT(Resources(shared, Person(kFgw, "org_approver")).problems, ElementsAre("K2 RESOURCE_REVIEW_REQUIRED"));
  EXPECT_THAT(Resources(shared).problems, IsEmpty());
  const Planned grown = Resources(std::string(kFirst) + ",,,,,,行业,hy,I,2,,,,,,\n", Person(kFgw, "org_approver"));
  ASSERT_THAT(grown.problems, IsEmpty());
  EXPECT_EQ(grown.resource(0).schema_version(), stored.schema_version() + 1);
  EXPECT_EQ(grown.resource(0).schema_compatibility(), v1::SCHEMA_COMPATIBILITY_COMPATIBLE);
}

TEST_F(PlanTest, AClassificationAloneGetsTheNextCodesAndKeepsThemByName) {
  std::string first = kFirst;
  first.erase(first.find("/000001"), 7);
  std::string second = first;
  second.replace(second.find("投资项目目录"), std::string("投资项目目录").size(), "另一目录");
  const Planned planned = Resources(first + second);
  ASSERT_THAT(planned.problems, IsEmpty());
  EXPECT_EQ(planned.resource(0).resource_code(), "308001370200/000001");
  EXPECT_EQ(planned.resource(1).resource_code(), "308001370200/000002");
  Store(planned);
  EXPECT_EQ(Resources(second + first).plan.unchanged, 2);
}

TEST_F(PlanTest, ColumnsLeftOutKeepWhatIsStored) {
  v1::Resource stored = Resources(kFirst).resource(0);
  stored.set_legacy_code("A-1");
  stored.mutable_fields(0)->set_mask(v1::MASK_ALL);
  Know(catalog_, stored, 2);
  std::string changed = kFirst;
  changed.replace(changed.find("每年"), std::string("每年").size(), "每月");
  const Planned planned = Resources(changed);
  ASSERT_THAT(planned.problems, IsEmpty());
  EXPECT_EQ(planned.resource(0).legacy_code(), "A-1");
  EXPECT_EQ(planned.resource(0).fields(0).mask(), v1::MASK_ALL);
}

TEST_F(PlanTest, OpennessFromTheGuidesYesAndNo) {
  std::string heading = kHeading;
  heading.replace(heading.find("开放类型"), std::string("开放类型").size(), "是否向社会开放");
  std::string row = kFirst;
  row.replace(row.find("不予开放"), std::string("不予开放").size(), "是");
  const Planned planned = PlanOf(SheetOf(heading + row), v1::SHEET_KIND_RESOURCES, catalog_, Office());
  ASSERT_THAT(planned.problems, IsEmpty());
  EXPECT_EQ(planned.resource(0).open_type(), v1::OPEN_TYPE_UNCONDITIONAL);
}

TEST_F(PlanTest, TheClassificationMustAgreeWithTheCode) {
  const std::string heading = std::string("类,项,目,细目,") + kHeading;
  EXPECT_THAT(PlanOf(SheetOf(heading + "3,8,1,370200," + kFirst), v1::SHEET_KIND_RESOURCES, catalog_, Office()).problems, IsEmpty());
  EXPECT_THAT(PlanOf(SheetOf(heading + "2,08,001,370200," + kFirst), v1::SHEET_KIND_RESOURCES, catalog_, Office()).problems, ElementsAre("A2 CODE_PART_DIFFERS"));
}

TEST_F(PlanTest, OrganisationsOfTheCitysFile) {
  const Planned planned = Bodies(
      "code,name,short_name,kind,division_code,parent_code,plan_role\n"
      "370200,青岛市人民政府,市政府,municipal_office,370200,,\n"
      "370200-FGW,青岛市发展和改革委员会,市发展改革委,municipal_department,370200,370200,\n"
      "370200-JX,青岛市经信委,,市直部门,370200,市政府,牵头\n");
  ASSERT_THAT(planned.problems, IsEmpty());
  EXPECT_EQ(planned.plan.created, 2);
  EXPECT_EQ(planned.plan.updated, 1);
  EXPECT_EQ(planned.organization(2).parent(), "organizations/370200");
}

TEST_F(PlanTest, ParentsMustExistAndNotCloseAChain) {
  EXPECT_THAT(Bodies("单位代码,单位名称,单位类别,行政区划代码,上级单位代码\nA,甲,市直部门,370200,C\nB,乙,市直部门,37020,A\n").problems,
              ElementsAre("E2 BODY_UNKNOWN", "D3 DIVISION_CODE"));
  EXPECT_THAT(Bodies("单位代码,单位名称,单位类别,行政区划代码,上级单位代码\nA,甲,市直部门,370200,B\nB,乙,市直部门,370200,A\n").problems,
              ElementsAre("E3 PARENT_CYCLE"));
}

TEST_F(PlanTest, TheInventoryFillsEveryElementThePlanAsksFor) {
  const Planned planned = Systems(
      "所属单位,系统标识,系统名称,数量,功能,使用范围,使用频度,经费来源,审批部门,审批时间,建设状态,建设方式,清理类别,清理完成日期,功能替代系统,"
      "处室系统,归入大系统,共性应用类别,涉密,具备迁移条件,已上云,上云日期,所在网络,面向公众,接入统一用户体系,接入协同平台,审计状态\n"
      "市发展改革委,oa,办公系统,1,公文,单位,每日,财政,市发展改革委,2016年5月6日,在用,政府投资,僵尸,2018/3/31,投资项目在线审批监管平台,是,"
      "投资项目在线审批监管平台,办公,否,是,是,2018-02-01,外网,否,是,否,已审计\n");
  ASSERT_THAT(planned.problems, IsEmpty());
  const v1::InformationSystem system = planned.system(0);
  EXPECT_EQ(system.name(), "organizations/370200-FGW/systems/oa");
  const v1::Inventory& inventory = system.inventory();
  EXPECT_EQ(inventory.system_count(), 1);
  EXPECT_EQ(inventory.usage_scope(), v1::USAGE_SCOPE_BODY);
  EXPECT_EQ(inventory.usage_frequency(), v1::USAGE_FREQUENCY_DAILY);
  EXPECT_EQ(inventory.approval_date(), "2016-05-06");
  EXPECT_EQ(inventory.construction_status(), v1::CONSTRUCTION_STATUS_IN_USE);
  EXPECT_EQ(inventory.build_mode(), v1::BUILD_MODE_GOVERNMENT_INVESTED);
  EXPECT_EQ(inventory.cleanup_class(), v1::CLEANUP_CLASS_ZOMBIE);
  EXPECT_EQ(inventory.substitute_system(), "organizations/370200-FGW/systems/approval");
  EXPECT_TRUE(inventory.is_section_level());
  EXPECT_EQ(inventory.common_app_class(), v1::COMMON_APP_CLASS_OFFICE);
  EXPECT_TRUE(inventory.migration_eligible());
  EXPECT_EQ(inventory.cloud_date(), "2018-02-01");
  EXPECT_EQ(inventory.network(), v1::SYSTEM_NETWORK_EXTRANET);
  EXPECT_EQ(inventory.audit_status(), v1::AUDIT_STATUS_AUDITED);
}

TEST_F(PlanTest, SystemsWithoutIdAreFoundByNameOrGetTheSameIdEachTime) {
  const std::string csv = "所属单位,系统名称,涉密\n市发展改革委,投资项目在线审批监管平台,否\n市发展改革委,新系统,是\n";
  const Planned first = Systems(csv);
  ASSERT_THAT(first.problems, IsEmpty());
  EXPECT_EQ(first.plan.unchanged, 1);
  EXPECT_EQ(first.plan.created, 1);
  EXPECT_EQ(Systems(csv).system(0).name(), first.system(0).name());
  Store(first);
  EXPECT_EQ(Systems(csv).plan.unchanged, 2);
}

TEST_F(PlanTest, AClerkListsHisOwnBodysSystemsOnly) {
  EXPECT_THAT(Systems("所属单位,系统名称\n市公安局,甲系统\n市发展改革委,乙系统\n市农委,丙系统\n", Person(kGaj, "org_clerk")).problems,
              ElementsAre("A3 NOT_YOUR_BODY", "A4 BODY_UNKNOWN"));
}

TEST_F(PlanTest, TheMarkedSheetHasTheSameCellsAndTheProblemsBesideThem) {
  const Sheet sheet = SheetOf("备忘\n\n单位代码,单位名称,单位类别,行政区划代码\nA,'=甲,没有,370200\n");
  const auto layout = FindHeading(sheet, TableOf(v1::SHEET_KIND_ORGANIZATIONS));
  const Planned planned = PlanOf(sheet, v1::SHEET_KIND_ORGANIZATIONS, catalog_, Office());
  ASSERT_THAT(planned.problems, ElementsAre("C4 VALUE_WORD"));
  const auto file = Marked(sheet, *layout, TableOf(v1::SHEET_KIND_ORGANIZATIONS), planned.plan);
  ASSERT_TRUE(file.ok()) << file.status();
  const auto again = ReadSheet(*file, {}, [](int64_t) { return absl::OkStatus(); });
  ASSERT_TRUE(again.ok()) << again.status();
  ASSERT_EQ(again->rows.size(), 3u);
  EXPECT_EQ(again->rows[2].number, 4);
  EXPECT_EQ(again->rows[2].at(1).view(), "=甲") << "a string, not a formula";
  EXPECT_EQ(again->rows[2].at(2).view(), "没有");
  const auto list = ReadSheet(*file, {.sheet = "问题清单"}, [](int64_t) { return absl::OkStatus(); });
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->rows[2].at(2).view(), "C");
  EXPECT_EQ(list->rows[2].at(6).view(), "VALUE_WORD");
  // What was marked and is corrected may be sent again as it is.
  EXPECT_THAT(PlanOf(*again, v1::SHEET_KIND_ORGANIZATIONS, catalog_, Office()).problems, ElementsAre("C4 VALUE_WORD"));
}

}  // namespace
}  // namespace zhanqiao::sheets
