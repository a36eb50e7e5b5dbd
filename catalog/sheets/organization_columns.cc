// Columns of organisations; the English names are those of the city's organizations.csv.
#include "catalog/sheets/columns.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::sheets {
namespace {

const Words& Kinds() {
  static const Words words = {
      {v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT, "市直部门", {"市级部门"}},
      {v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE, "市政府办事机构", {"办事机构"}},
      {v1::ORGANIZATION_KIND_PUBLIC_INSTITUTION, "事业单位", {}},
      {v1::ORGANIZATION_KIND_CENTRAL_AGENCY, "中央驻青单位", {"垂直管理单位", "中央驻青单位（垂直管理）"}},
      {v1::ORGANIZATION_KIND_STATE_ENTERPRISE, "公共企业", {"国有企业"}},
      {v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT, "区（市）人民政府", {"区市政府"}},
  };
  return words;
}

}  // namespace

SheetTable OrganizationTable() {
  SheetTable table{v1::SHEET_KIND_ORGANIZATIONS, "单位名录", "", 2, {}};
  table.columns = {
      {.heading = "单位代码", .element = "name", .form = Form::kName, .synonyms = {"代码", "机构代码", "code"},
       .required = true, .width = 18, .hint = "数字、大写字母和中间的连字符，不超过32位"},
      {.heading = "单位名称", .element = "display_name", .synonyms = {"名称", "单位全称", "机构名称", "name"},
       .required = true, .width = 34, .hint = "全称，不超过100字"},
      {.heading = "单位简称", .element = "short_name", .synonyms = {"简称"}, .width = 20},
      {.heading = "单位类别", .element = "kind", .form = Form::kWord, .synonyms = {"类别", "单位性质", "机构类型"},
       .required = true, .width = 18, .words = &Kinds()},
      {.heading = "行政区划代码", .element = "division_code", .form = Form::kCode, .synonyms = {"区划代码"},
       .required = true, .width = 14, .hint = "GB/T 2260六位数字，例如370200"},
      {.heading = "上级单位代码", .element = "parent", .form = Form::kBodyCode,
       .synonyms = {"上级单位", "主管单位", "parent_code"}, .width = 18, .hint = "上级单位的代码或名称，没有的不填"},
      {.heading = "统一社会信用代码", .element = "unified_credit_code", .form = Form::kCode, .synonyms = {"信用代码"},
       .width = 22, .hint = "GB 32100—2015，18位"},
      {.heading = "方案职责", .element = "plan_role", .form = Form::kText, .synonyms = {"职责"}, .width = 50,
       .hint = "在青政办发〔2017〕40号方案中的职责"},
  };
  return table;
}

}  // namespace zhanqiao::sheets
