#include "hub/oversight/projects/project_gate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::oversight {
namespace {

using Presence = catalog::Violations::Presence;

constexpr int kLinksMax = 100;
constexpr int64_t kMoneyMax = int64_t{1} << 50;  // fen

v1::ProjectFinding Finding(std::string_view reason, std::string_view subject, std::string_view description) {
  v1::ProjectFinding finding;
  finding.set_reason(std::string(reason));
  finding.set_subject(std::string(subject));
  finding.set_description(std::string(description));
  return finding;
}

void CheckMoney(int64_t fen, std::string_view field, catalog::Violations& found) {
  found.Require(fen >= 0 && fen <= kMoneyMax, field, "AMOUNT_INVALID", "Give an amount in 0.01 yuan, 0 or more.");
}

// Whether it can be shared: a draft counts, the gate is asked before the data are there.
bool IsShareable(const v1::Resource& entry) {
  return entry.state() != v1::RESOURCE_STATE_WITHDRAWN && entry.share_type() != v1::SHARE_TYPE_NOT_SHARED &&
         entry.share_type() != v1::SHARE_TYPE_UNSPECIFIED;
}

bool IsBuilding(const v1::Project& project) {
  return project.kind() == v1::PROJECT_KIND_BUILD || project.kind() == v1::PROJECT_KIND_EXTEND;
}

}  // namespace

absl::Status CheckProject(const v1::Project& project, const catalog::Catalog& catalog) {
  catalog::Violations found;
  found.Require(project.kind() != v1::PROJECT_KIND_UNSPECIFIED && v1::ProjectKind_IsValid(project.kind()), "project.kind",
                "ENUM_VALUE", catalog::OneOf(v1::ProjectKind_descriptor()));
  found.Text("project.display_name", project.display_name(), Presence::kRequired, 100);
  CheckMoney(project.investment_fen(), "project.investment_fen", found);
  CheckMoney(project.operation_fen(), "project.operation_fen", found);
  found.Text("project.funding_channel", project.funding_channel(), Presence::kOptional, 100);
  found.Text("project.applications", project.applications(), Presence::kOptional, 2000, /*lines=*/true);
  found.Text("project.mlps_filing", project.mlps_filing(), Presence::kOptional, 100);
  found.Text("project.classified_protection_filing", project.classified_protection_filing(), Presence::kOptional, 100);
  found.Text("project.no_sharing_basis", project.no_sharing_basis(), Presence::kOptional, 1000, /*lines=*/true);
  found.Require(project.mlps_level() >= 0 && project.mlps_level() <= 5, "project.mlps_level", "LEVEL_INVALID", "Give 1 to 5, or 0 for none.");
  found.Require(project.resources_size() <= kLinksMax && project.systems_size() <= kLinksMax, "project.resources", "LIST_TOO_LONG",
                "Give at most 100 entries and 100 systems.");
  for (int i = 0; i < project.resources_size(); ++i) {
    const auto entry = catalog.FindResource(project.resources(i));
    found.Require(entry != nullptr && entry->provider() == project.organization(), absl::StrCat("project.resources[", i, "]"),
                  "RESOURCE_UNKNOWN", "No entry or draft of the body has this name; catalogue it first.");
  }
  for (int i = 0; i < project.systems_size(); ++i) {
    found.Require(catalog.FindSystem(project.systems(i)) != nullptr, absl::StrCat("project.systems[", i, "]"), "SYSTEM_UNKNOWN",
                  "No such registered system; register it first.");
  }
  return BadFields(found.Take());
}

absl::Status CheckNineItems(const v1::Project& project) {
  catalog::Violations found;
  const auto need = [&](bool there, std::string_view field, std::string_view item) {
    found.Require(there, field, "ITEM_MISSING", absl::StrCat("A filing needs ", Absl(item), "; fill it in first."));
  };
  need(!project.display_name().empty(), "display_name", "项目名称");
  need(!project.organization().empty(), "organization", "建设单位");
  need(project.investment_fen() > 0 || !IsBuilding(project), "investment_fen", "投资额");
  need(project.operation_fen() > 0 || IsBuilding(project), "operation_fen", "年运维费");
  need(!project.funding_channel().empty(), "funding_channel", "经费渠道");
  need(!project.applications().empty(), "applications", "应用");
  need(project.is_classified() || !project.mlps_filing().empty(), "mlps_filing", "等级保护备案号");
  need(!project.is_classified() || !project.classified_protection_filing().empty(), "classified_protection_filing", "分级保护备案号");
  // 数据 is found by the gate: a filing without any is kept and marked.
  return BadFields(found.Take());
}

std::vector<v1::ProjectFinding> FindingsOf(const v1::Project& project, const catalog::Catalog& catalog) {
  std::vector<v1::ProjectFinding> findings;
  bool shareable = false;
  bool refused = false;
  for (const std::string& name : project.resources()) {
    const auto entry = catalog.FindResource(name);
    if (entry == nullptr) continue;
    shareable = shareable || IsShareable(*entry);
    refused = refused || (entry->state() != v1::RESOURCE_STATE_WITHDRAWN && entry->share_type() == v1::SHARE_TYPE_NOT_SHARED);
  }
  if (!shareable && !(refused && !project.no_sharing_basis().empty())) {
    findings.push_back(Finding("NO_SHAREABLE_CATALOGUE", "resources",
                               "项目没有可共享的目录条目：请先编制目录（草稿即可）并关联；确不能共享的，编制不予共享条目并写明法律依据。"));
  }
  if (project.is_classified() ? project.classified_protection_filing().empty() : project.mlps_filing().empty()) {
    findings.push_back(project.is_classified()
                           ? Finding("CLASSIFIED_FILING_MISSING", "classified_protection_filing", "涉密系统没有分级保护备案号，请补充。")
                           : Finding("MLPS_FILING_MISSING", "mlps_filing", "没有等级保护备案号，请补充。"));
  }
  if (!project.is_classified() && project.mlps_level() == 0) {
    findings.push_back(Finding("MLPS_LEVEL_MISSING", "mlps_level", "没有等级保护级别，请按 GB/T 22240 定级。"));
  }
  if (project.systems().empty()) {
    findings.push_back(Finding("NO_SYSTEM_LINKED", "systems", "没有关联政务信息系统，请先登记系统并关联。"));
  }
  return findings;
}

std::vector<v1::ProjectFinding> AcceptanceFindings(const v1::Project& project, const catalog::Catalog& catalog) {
  std::vector<v1::ProjectFinding> findings = FindingsOf(project, catalog);
  for (const std::string& name : project.resources()) {
    const auto entry = catalog.FindResource(name);
    if (entry != nullptr && entry->state() == v1::RESOURCE_STATE_PUBLISHED) continue;
    findings.push_back(Finding("CATALOGUE_NOT_PUBLISHED", name, "关联的目录条目尚未发布，请发布后再验收。"));
  }
  if (IsBuilding(project) && !project.has_audit_opinion()) {
    findings.push_back(Finding("AUDIT_MISSING", "audit_opinion", "一建设一审计：尚无审计意见，请审计部门出具。"));
  }
  if (project.audit_opinion().verdict() == v1::AUDIT_VERDICT_RECTIFY) {
    findings.push_back(Finding("AUDIT_NOT_RECTIFIED", "audit_opinion", "审计要求整改，尚未确认整改完成。"));
  }
  return findings;
}

v1::Project Judged(v1::Project project, const catalog::Catalog& catalog) {
  const std::vector<v1::ProjectFinding> findings = FindingsOf(project, catalog);
  project.set_sharing_compliant(findings.empty());
  *project.mutable_findings() = {findings.begin(), findings.end()};
  return project;
}

absl::Status Blocked(const std::vector<v1::ProjectFinding>& findings) {
  if (findings.empty()) return absl::OkStatus();
  std::string reasons;
  for (const v1::ProjectFinding& finding : findings) absl::StrAppend(&reasons, reasons.empty() ? "" : ", ", finding.reason());
  return Fail(absl::StatusCode::kFailedPrecondition, "NOT_COMPLIANT",
              "The gate holds the project up; put right what it found, then try again.",
              {{"findings", reasons}, {"first", findings.front().description()}});
}

}  // namespace zhanqiao::oversight
