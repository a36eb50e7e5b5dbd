#include "hub/cli/resource_sheet.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "catalog/base/text.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {
namespace {

// The word at the place of `value`; values without a word show their number.
template <size_t N>
std::string At(const std::string_view (&words)[N], int value) {
  if (value >= 0 && static_cast<size_t>(value) < N) return std::string(words[value]);
  return std::to_string(value);
}

std::string WordOf(v1::FormatCategory category) {
  static constexpr std::string_view kWords[] = {"", "电子文件", "电子表格", "数据库", "图形图像", "流媒体", "自描述格式"};
  return At(kWords, category);
}
std::string WordOf(v1::ShareModeCategory category) {
  static constexpr std::string_view kWords[] = {"", "共享平台方式", "其他方式"};
  return At(kWords, category);
}
std::string WordOf(v1::ShareModeType type) {
  static constexpr std::string_view kWords[] = {"", "数据库", "文件", "接口"};
  return At(kWords, type);
}
std::string WordOf(v1::OpenType type) {
  static constexpr std::string_view kWords[] = {"", "无条件开放", "有条件开放", "不予开放"};
  return At(kWords, type);
}
std::string WordOf(v1::UpdateCycle cycle) {
  static constexpr std::string_view kWords[] = {"",       "实时",   "每日", "每周",   "每月",
                                                "每季度", "每半年", "每年", "不定期", "不更新"};
  return At(kWords, cycle);
}
std::string WordOf(v1::Sensitivity sensitivity) {
  static constexpr std::string_view kWords[] = {"", "个人", "敏感"};
  return At(kWords, sensitivity);
}

// 字符型 C and so on; the letter stands in brackets in the guide.
std::string WordOf(v1::DataType type) {
  static constexpr std::string_view kWords[] = {"",         "字符型 C", "数值型 N",   "货币型 Y", "日期型 D", "日期时间 T",
                                                "逻辑型 L", "备注型 M", "通用型 G", "双精度 B",   "整型 I",   "浮点型 F"};
  return At(kWords, type);
}

std::string Pair(const std::string& first, const std::string& second) {
  return second.empty() ? first : absl::StrCat(first, " / ", second);
}

std::string CensusText(const v1::Census& census) {
  const std::pair<const char*, double> figures[] = {
      {"存储 GB", census.storage_gb()},    {"记录 万条", census.records_10k()},
      {"共享 GB", census.shared_gb()},     {"共享记录 万条", census.shared_records_10k()},
      {"开放 GB", census.open_gb()},       {"开放记录 万条", census.open_records_10k()}};
  std::string text;
  for (const auto& [label, figure] : figures) {
    if (figure > 0) absl::StrAppendFormat(&text, "%s%s %g", text.empty() ? "" : "；", label, figure);
  }
  return text;
}

std::string CertificateText(const v1::ElectronicCertificate& certificate) {
  const std::string_view holder = certificate.holder_kind() == "natural_person" ? "自然人"
                                  : certificate.holder_kind() == "legal_person" ? "法人"
                                                                                : "混合";
  return absl::StrCat(certificate.type_code(), "，持证主体 ", Absl(holder), "，授权级别 ",
                      certificate.authorisation_level());
}

void AddReview(const v1::ResourceReview& review, Sheet& sheet) {
  sheet.Add("审核", absl::StrCat(review.approved() ? "通过" : "退回", " ", TimeText(review.review_time()), " ",
                                 review.reviewer()));
  sheet.Add("审核意见", review.comment());
}

std::string FieldTable(const v1::Resource& resource) {
  Table table({"信息项", "名称", "类型", "长度", "键", "敏感", "脱敏", "说明"});
  for (const auto& field : resource.fields()) {
    table.Add({field.field(), field.display_name(), WordOf(field.data_type()),
               field.length() > 0 ? std::to_string(field.length()) : "",
               field.person_key() ? "人" : field.key() ? "是" : "", WordOf(field.sensitivity()),
               EnumText(v1::Mask_descriptor(), field.mask()), field.note()});
  }
  return table.empty() ? "" : table.Render();
}

}  // namespace

std::string WordOf(v1::ShareType type) {
  static constexpr std::string_view kWords[] = {"", "无条件共享", "有条件共享", "不予共享"};
  return At(kWords, type);
}
std::string WordOf(v1::ResourceState state) {
  static constexpr std::string_view kWords[] = {"", "草稿", "已发布", "已撤销", "待审核"};
  return At(kWords, state);
}
std::string WordOf(v1::SchemaCompatibility compatibility) {
  static constexpr std::string_view kWords[] = {"", "相同", "兼容", "不兼容"};
  return At(kWords, compatibility);
}

std::string ResourceSheet(const v1::Resource& resource) {
  Sheet sheet;
  sheet.Add("信息资源代码", resource.resource_code());
  sheet.Add("原代码", resource.legacy_code());
  sheet.Add("信息资源名称", resource.display_name());
  sheet.Add("状态", WordOf(resource.state()));
  if (resource.open_objections() > 0) sheet.Add("校核中", absl::StrCat(resource.open_objections(), " 件"));
  sheet.Add("提供方", resource.provider());
  sheet.Add("提供方内部部门", resource.provider_unit());
  sheet.Add("提供方代码", resource.provider_code());
  sheet.Add("摘要", resource.abstract());
  sheet.Add("格式", Pair(WordOf(resource.format_category()), absl::StrJoin(resource.format_types(), "、")));
  sheet.Add("共享类型", WordOf(resource.share_type()));
  sheet.Add("共享条件", resource.share_condition());
  sheet.Add("共享方式", Pair(WordOf(resource.share_mode_category()), WordOf(resource.share_mode_type())));
  sheet.Add("开放类型", WordOf(resource.open_type()));
  sheet.Add("开放条件", resource.open_condition());
  sheet.Add("更新周期", WordOf(resource.update_cycle()));
  sheet.Add("数据更新日期", resource.data_update_date());
  sheet.Add("发布日期", resource.release_date());
  sheet.Add("关联资源代码", absl::StrJoin(resource.related_codes(), "、"));
  sheet.Add("所属系统", resource.source_system());
  sheet.Add("基础库", resource.base_database());
  if (resource.has_electronic_certificate()) sheet.Add("电子证照", CertificateText(resource.electronic_certificate()));
  sheet.Add("大普查", CensusText(resource.census()));
  for (const std::string& connector : resource.connectors()) sheet.Add("前置机", connector);
  if (resource.schema_version() > 0) {
    sheet.Add("信息项版本", Pair(absl::StrCat(resource.schema_version()), WordOf(resource.schema_compatibility())));
  }
  if (resource.has_review()) AddReview(resource.review(), sheet);
  for (const auto& finding : resource.findings()) {
    sheet.Add("问题", absl::StrCat(finding.reason(), " ", finding.field(), ": ", finding.description()));
  }
  sheet.Add("etag", resource.etag());
  return absl::StrCat(sheet.Render(), "\n", FieldTable(resource));
}

}  // namespace zhanqiao::cli
