// Columns of the inventory of information systems: the nine items the plan names (青政办发〔2017〕40号 二（二）) and what
// its tasks need.
#include "catalog/sheets/columns.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::sheets {
namespace {

const Words& Scopes() {
  static const Words words = {{v1::USAGE_SCOPE_SECTION, "处室", {}},
                              {v1::USAGE_SCOPE_BODY, "单位", {"本单位"}},
                              {v1::USAGE_SCOPE_CROSS_DEPARTMENT, "跨部门", {}},
                              {v1::USAGE_SCOPE_CROSS_LEVEL, "跨层级", {}},
                              {v1::USAGE_SCOPE_PUBLIC, "公众", {"社会公众"}}};
  return words;
}
const Words& Frequencies() {
  static const Words words = {{v1::USAGE_FREQUENCY_DAILY, "每日", {"每天"}},
                              {v1::USAGE_FREQUENCY_WEEKLY, "每周", {}},
                              {v1::USAGE_FREQUENCY_MONTHLY, "每月", {}},
                              {v1::USAGE_FREQUENCY_RARELY, "偶尔", {"很少"}},
                              {v1::USAGE_FREQUENCY_NEVER, "不使用", {"未使用", "从不"}}};
  return words;
}
const Words& Statuses() {
  static const Words words = {{v1::CONSTRUCTION_STATUS_APPROVED, "立项", {"已立项"}},
                              {v1::CONSTRUCTION_STATUS_BUILDING, "在建", {"建设中"}},
                              {v1::CONSTRUCTION_STATUS_IN_USE, "在用", {"运行", "使用中"}},
                              {v1::CONSTRUCTION_STATUS_NOT_UPDATED, "停更", {"停止更新"}},
                              {v1::CONSTRUCTION_STATUS_NOT_MAINTAINED, "停运维", {"停止运维"}},
                              {v1::CONSTRUCTION_STATUS_OUT_OF_USE, "停用", {"已停用"}}};
  return words;
}
const Words& BuildModes() {
  static const Words words = {{v1::BUILD_MODE_GOVERNMENT_INVESTED, "政府投资", {"政府投资建设"}},
                              {v1::BUILD_MODE_JOINT, "联合建设", {"与社会企业联合建设"}},
                              {v1::BUILD_MODE_PURCHASED_SERVICE, "购买服务", {"向社会购买服务"}},
                              {v1::BUILD_MODE_FUNDED_OPERATION, "财政运维", {"财政资金运行维护"}}};
  return words;
}
const Words& CleanupClasses() {
  static const Words words = {{v1::CLEANUP_CLASS_NORMAL, "正常", {}},
                              {v1::CLEANUP_CLASS_IDLE, "闲置", {}},
                              {v1::CLEANUP_CLASS_STALE, "停更停维", {"停止更新和运维"}},
                              {v1::CLEANUP_CLASS_ZOMBIE, "僵尸", {"僵尸系统"}},
                              {v1::CLEANUP_CLASS_SHADOW, "影子", {"影子系统"}}};
  return words;
}
const Words& CommonApps() {
  static const Words words = {{v1::COMMON_APP_CLASS_OFFICE, "办公", {}},
                              {v1::COMMON_APP_CLASS_APPROVAL, "审批", {}},
                              {v1::COMMON_APP_CLASS_ENFORCEMENT, "执法", {}},
                              {v1::COMMON_APP_CLASS_PUBLIC_SERVICE, "办事服务", {}},
                              {v1::COMMON_APP_CLASS_NET_MEETING, "网络会议", {"视频会议"}},
                              {v1::COMMON_APP_CLASS_VIDEO_SURVEILLANCE, "视频监控", {}},
                              {v1::COMMON_APP_CLASS_EMAIL, "电子邮件", {"邮件"}},
                              {v1::COMMON_APP_CLASS_INSTANT_MESSAGING, "即时通信", {"即时通讯"}}};
  return words;
}
const Words& Networks() {
  static const Words words = {{v1::SYSTEM_NETWORK_INTRANET, "内网", {"电子政务内网"}},
                              {v1::SYSTEM_NETWORK_EXTRANET, "外网", {"电子政务外网"}},
                              {v1::SYSTEM_NETWORK_PRIVATE, "专网", {"业务专网"}},
                              {v1::SYSTEM_NETWORK_INTERNET, "互联网", {}}};
  return words;
}
const Words& Audits() {
  static const Words words = {{v1::AUDIT_STATUS_NOT_AUDITED, "未审计", {}},
                              {v1::AUDIT_STATUS_IN_PROGRESS, "审计中", {}},
                              {v1::AUDIT_STATUS_AUDITED, "已审计", {}},
                              {v1::AUDIT_STATUS_RECTIFYING, "整改中", {}}};
  return words;
}
const Words& States() {
  static const Words words = {{v1::REGISTRATION_STATE_ACTIVE, "启用", {"有效", "正常"}},
                              {v1::REGISTRATION_STATE_DISABLED, "禁用", {"停用", "无效"}}};
  return words;
}

}  // namespace

SheetTable SystemTable() {
  SheetTable table{v1::SHEET_KIND_INFORMATION_SYSTEMS, "政务信息系统清单", "", 3, {}};
  table.columns = {
      {.heading = "所属单位", .element = "owner", .form = Form::kOwner,
       .synonyms = {"单位", "单位名称", "建设单位", "owner_code"}, .required = true, .width = 26,
       .hint = "单位全称、简称、单位代码或统一社会信用代码"},
      {.heading = "系统标识", .element = "name", .form = Form::kName, .synonyms = {"系统代码", "系统编号", "id"},
       .width = 16, .hint = "小写字母、数字和中间的连字符；不填时自动编号"},
      {.heading = "系统名称", .element = "display_name", .synonyms = {"名称", "信息系统名称", "name"}, .required = true,
       .width = 28},
      {.heading = "系统数量", .element = "inventory.system_count", .form = Form::kWhole, .synonyms = {"数量"},
       .width = 9, .hint = "一行代表的系统个数，一般为1"},
      {.heading = "功能", .element = "function", .form = Form::kLines, .synonyms = {"系统功能", "主要功能", "function_desc"},
       .width = 40},
      {.heading = "使用范围", .element = "inventory.usage_scope", .form = Form::kWord, .width = 10, .words = &Scopes()},
      {.heading = "使用频度", .element = "inventory.usage_frequency", .form = Form::kWord, .synonyms = {"使用频率"},
       .width = 10, .words = &Frequencies()},
      {.heading = "经费来源", .element = "inventory.funding_source", .width = 18},
      {.heading = "审批部门", .element = "inventory.approval_dept", .width = 18},
      {.heading = "审批时间", .element = "inventory.approval_date", .form = Form::kDate, .synonyms = {"审批日期"},
       .width = 12},
      {.heading = "建设状态", .element = "inventory.construction_status", .form = Form::kWord, .width = 10,
       .words = &Statuses()},
      {.heading = "建设方式", .element = "inventory.build_mode", .form = Form::kWord, .width = 10, .words = &BuildModes()},
      {.group = "清理整合", .heading = "清理类别", .element = "inventory.cleanup_class", .form = Form::kWord, .width = 10,
       .words = &CleanupClasses()},
      {.group = "清理整合", .heading = "清理完成日期", .element = "inventory.cleared_date", .form = Form::kDate,
       .width = 12},
      {.group = "清理整合", .heading = "功能替代系统", .element = "inventory.substitute_system", .form = Form::kSystem,
       .width = 22, .hint = "能替代其功能的已登记系统"},
      {.group = "清理整合", .heading = "处室系统", .element = "inventory.is_section_level", .form = Form::kYesNo,
       .synonyms = {"是否处室系统"}, .width = 9},
      {.group = "清理整合", .heading = "归入大系统", .element = "inventory.merged_into", .form = Form::kSystem,
       .width = 22, .hint = "归并去向"},
      {.group = "清理整合", .heading = "归并完成日期", .element = "inventory.merged_date", .form = Form::kDate, .width = 12},
      {.heading = "最近更新日期", .element = "inventory.last_update_date", .form = Form::kDate, .width = 12},
      {.heading = "最近运维日期", .element = "inventory.last_maintenance_date", .form = Form::kDate, .width = 12},
      {.heading = "共性应用类别", .element = "inventory.common_app_class", .form = Form::kWord, .width = 12,
       .words = &CommonApps(), .hint = "八类共性应用之一，不属于的不填"},
      {.heading = "涉密", .element = "inventory.is_classified", .form = Form::kYesNo, .synonyms = {"是否涉密"}, .width = 7},
      {.group = "上云情况", .heading = "具备迁移条件", .element = "inventory.migration_eligible", .form = Form::kYesNo,
       .width = 12},
      {.group = "上云情况", .heading = "已上云", .element = "inventory.on_cloud", .form = Form::kYesNo,
       .synonyms = {"是否上云"}, .width = 8},
      {.group = "上云情况", .heading = "上云日期", .element = "inventory.cloud_date", .form = Form::kDate, .width = 12},
      {.group = "上云情况", .heading = "计划上云日期", .element = "inventory.planned_cloud_date", .form = Form::kDate,
       .width = 12},
      {.group = "上云情况", .heading = "不迁移理由", .element = "inventory.cloud_exemption", .width = 22,
       .hint = "不具备迁移条件的非涉密系统填写"},
      {.heading = "所在网络", .element = "inventory.network", .form = Form::kWord, .width = 10, .words = &Networks()},
      {.heading = "面向公众", .element = "inventory.is_public_facing", .form = Form::kYesNo, .synonyms = {"是否面向公众"},
       .width = 9},
      {.heading = "接入统一用户体系", .element = "inventory.uses_unified_id", .form = Form::kYesNo, .width = 11},
      {.heading = "接入协同平台", .element = "inventory.on_collab_platform", .form = Form::kYesNo, .width = 10},
      {.heading = "审计状态", .element = "inventory.audit_status", .form = Form::kWord, .width = 10, .words = &Audits()},
      {.heading = "等级保护级别", .element = "inventory.mlps_level", .form = Form::kWhole, .synonyms = {"等保级别"}, .width = 11,
       .hint = "1至5，未定级的不填"},
      {.heading = "等级保护备案号", .element = "inventory.mlps_filing", .form = Form::kCode, .synonyms = {"等保备案号"},
       .width = 18},
      {.group = "云资源与费用", .heading = "测量日期", .element = "inventory.cloud_use.measured_date", .form = Form::kDate, .width = 12},
      {.group = "云资源与费用", .heading = "虚拟处理器（个）", .element = "inventory.cloud_use.vcpus", .form = Form::kWhole, .width = 10},
      {.group = "云资源与费用", .heading = "内存（GiB）", .element = "inventory.cloud_use.memory_gib", .form = Form::kWhole, .width = 10},
      {.group = "云资源与费用", .heading = "存储（GiB）", .element = "inventory.cloud_use.storage_gib", .form = Form::kWhole, .width = 10},
      {.group = "云资源与费用", .heading = "处理器使用率（%）", .element = "inventory.cloud_use.cpu_use_percent", .form = Form::kWhole, .width = 11},
      {.group = "云资源与费用", .heading = "内存使用率（%）", .element = "inventory.cloud_use.memory_use_percent", .form = Form::kWhole, .width = 11},
      {.group = "云资源与费用", .heading = "存储使用率（%）", .element = "inventory.cloud_use.storage_use_percent", .form = Form::kWhole, .width = 11},
      {.group = "云资源与费用", .heading = "年费用（元）", .element = "inventory.cloud_use.yearly_cost_yuan", .form = Form::kWhole, .width = 12},
      {.group = "云资源与费用", .heading = "上云前年费用（元）", .element = "inventory.cloud_use.yearly_cost_before_yuan", .form = Form::kWhole, .width = 12},
      {.group = "云资源与费用", .heading = "月业务量（件）", .element = "inventory.cloud_use.monthly_transactions", .form = Form::kWhole, .width = 12},
      {.group = "云资源与费用", .heading = "平均响应时间（毫秒）", .element = "inventory.cloud_use.response_ms", .form = Form::kWhole, .width = 12},
      {.group = "云资源与费用", .heading = "上云前响应时间（毫秒）", .element = "inventory.cloud_use.response_before_ms", .form = Form::kWhole, .width = 12},
      {.heading = "登记状态", .element = "state", .form = Form::kWord, .width = 10, .words = &States(),
       .hint = "不填为启用"},
  };
  return table;
}

}  // namespace zhanqiao::sheets
