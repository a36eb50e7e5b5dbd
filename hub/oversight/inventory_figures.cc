#include "hub/oversight/inventory_figures.h"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/base/clock.h"
#include "catalog/model/names.h"
#include "hub/oversight/bodies.h"
#include "hub/oversight/measures.h"

namespace zhanqiao::oversight {
namespace {

bool IsIn(const FigureScope& scope, const std::string& body) {
  return scope.organization.empty() || scope.organization == body;
}

// Which system goes into which, as known, and what is in a tree.
class Trees {
 public:
  Trees(const RecordsView& view, const FigureScope& scope) : scope_(scope), bodies_(view, scope.as_of, scope.known) {
    for (const auto& [name, history] : view.systems.all()) {
      const auto* newest = history.Newest(scope.known);
      if (newest == nullptr || SystemOn(history, scope.as_of, scope.known) == nullptr) continue;
      systems_.emplace(name, &newest->fact);
      const std::string& target = newest->fact.inventory().merged_into();
      if (!target.empty()) children_[target].push_back(name);
    }
  }

  std::vector<v1::MergeNode> Walk() {
    for (const auto& [name, children] : children_) {
      if (TargetOf(name).empty()) Visit(name, 0, false);
    }
    // What no root leads to hangs in a circle.
    for (const auto& [name, children] : children_) {
      if (!seen_.contains(name)) Visit(name, 0, true);
    }
    return std::move(nodes_);
  }

 private:
  std::string TargetOf(const std::string& name) const {
    const auto found = systems_.find(name);
    return found == systems_.end() ? "" : found->second->inventory().merged_into();
  }

  void Visit(const std::string& name, int depth, bool cycle) {
    if (!seen_.insert(name).second) return;
    const std::string body = bodies_.HolderOf(catalog::OrganizationOf(name));
    if (depth == 0 && !IsIn(scope_, body)) return;
    Add(name, body, depth, cycle);
    const auto children = children_.find(name);
    if (children == children_.end()) return;
    for (const std::string& child : children->second) Visit(child, depth + 1, cycle);
  }

  void Add(const std::string& name, const std::string& body, int depth, bool cycle) {
    v1::MergeNode& node = nodes_.emplace_back();
    node.set_system(name);
    node.set_organization(body);
    node.set_depth(depth);
    node.set_cycle(cycle);
    const auto found = systems_.find(name);
    if (found == systems_.end()) return;  // a target nobody has registered yet on that day
    const v1::Inventory& inventory = found->second->inventory();
    node.set_display_name(found->second->display_name());
    node.set_merged_into(inventory.merged_into());
    node.set_merged_date(inventory.merged_date());
    node.set_merged(!inventory.merged_date().empty() && inventory.merged_date() <= FormatDay(scope_.as_of));
    node.set_is_section_level(inventory.is_section_level());
  }

  const FigureScope& scope_;
  Bodies bodies_;
  std::map<std::string, const v1::InformationSystem*> systems_;
  std::map<std::string, std::vector<std::string>> children_;
  std::set<std::string> seen_;
  std::vector<v1::MergeNode> nodes_;
};

double YuanPerThousand(const v1::CloudUse& use) {
  if (use.monthly_transactions() == 0) return 0;
  return static_cast<double>(use.yearly_cost_yuan()) / (12.0 * static_cast<double>(use.monthly_transactions())) * 1000;
}

double ChangePercent(double now, double before) { return before > 0 && now > 0 ? (now - before) / before * 100 : 0; }

void Advise(v1::CloudComparison& comparison) {
  constexpr double kDearerPercent = 10;
  const v1::CloudUse& use = comparison.use();
  const double median = comparison.median_yuan_per_thousand();
  if (use.vcpus() > 0 && use.cpu_use_percent() < 20 && use.memory_use_percent() < 20) comparison.add_advice("OVERSIZED");
  if (std::max({use.cpu_use_percent(), use.memory_use_percent(), use.storage_use_percent()}) > 80) comparison.add_advice("TIGHT");
  if (median > 0 && comparison.yuan_per_thousand_transactions() > 2 * median) comparison.add_advice("COSTLY");
  if (comparison.response_change_percent() > kDearerPercent) comparison.add_advice("SLOWER");
  if (comparison.cost_change_percent() > kDearerPercent) comparison.add_advice("DEARER");
  if (use.monthly_transactions() == 0) comparison.add_advice("UNUSED");
}

}  // namespace

std::vector<v1::MergeNode> MergeTrees(const RecordsView& view, const FigureScope& scope) { return Trees(view, scope).Walk(); }

std::vector<std::string> MissingElements(const v1::InformationSystem& system, int& wanted) {
  const v1::Inventory& i = system.inventory();
  std::vector<std::string> missing;
  wanted = 0;
  const auto want = [&](bool filled, const char* element) {
    ++wanted;
    if (!filled) missing.emplace_back(element);
  };
  want(!system.function().empty(), "function");
  want(i.usage_scope() != 0, "usage_scope");
  want(i.usage_frequency() != 0, "usage_frequency");
  want(!i.funding_source().empty(), "funding_source");
  want(!i.approval_dept().empty(), "approval_dept");
  want(!i.approval_date().empty(), "approval_date");
  want(i.construction_status() != 0, "construction_status");
  want(i.build_mode() != 0, "build_mode");
  want(i.cleanup_class() != 0, "cleanup_class");
  want(i.network() != 0, "network");
  want(i.audit_status() != 0, "audit_status");
  if (!i.is_classified()) want(i.mlps_level() > 0, "mlps_level");
  if (!i.is_classified() && !i.migration_eligible()) want(!i.cloud_exemption().empty(), "cloud_exemption");
  if (i.on_cloud()) want(!i.cloud_date().empty(), "cloud_date");
  if (i.migration_eligible() && !i.on_cloud()) want(!i.planned_cloud_date().empty(), "planned_cloud_date");
  if (i.is_section_level()) want(!i.merged_into().empty(), "merged_into");
  if (i.cleanup_class() == v1::CLEANUP_CLASS_ZOMBIE) want(!i.substitute_system().empty(), "substitute_system");
  return missing;
}

std::vector<v1::BodyCompleteness> CompletenessOf(const RecordsView& view, const FigureScope& scope) {
  struct Sums {
    int systems = 0;
    int without = 0;
    int wanted = 0;
    int filled = 0;
    std::map<std::string, int> missing;
  };
  Bodies bodies(view, scope.as_of, scope.known);
  std::map<std::string, Sums> sums;
  for (const auto& [name, history] : view.systems.all()) {
    const auto* standing = SystemOn(history, scope.as_of, scope.known);
    if (standing == nullptr) continue;
    const std::string& body = bodies.HolderOf(catalog::OrganizationOf(name));
    if (!IsIn(scope, body)) continue;
    Sums& sum = sums[body];
    int wanted = 0;
    const std::vector<std::string> missing = MissingElements(standing->fact, wanted);
    ++sum.systems;
    sum.without += standing->fact.has_inventory() ? 0 : 1;
    sum.wanted += wanted;
    sum.filled += wanted - static_cast<int>(missing.size());
    for (const std::string& element : missing) ++sum.missing[element];
  }
  std::vector<v1::BodyCompleteness> completeness;
  for (const auto& [name, sum] : sums) {
    v1::BodyCompleteness& body = completeness.emplace_back();
    body.set_organization(name);
    const v1::Organization* organization = bodies.Find(name);
    if (organization != nullptr) body.set_display_name(organization->display_name());
    body.set_systems(sum.systems);
    body.set_without_inventory(sum.without);
    body.set_score_percent(sum.wanted == 0 ? 100 : 100 * sum.filled / sum.wanted);
    std::vector<std::pair<std::string, int>> missing(sum.missing.begin(), sum.missing.end());
    std::stable_sort(missing.begin(), missing.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (size_t i = 0; i < std::min<size_t>(10, missing.size()); ++i) {
      v1::ReasonCount& row = *body.add_missing();
      row.set_reason(missing[i].first);
      row.set_count(missing[i].second);
    }
  }
  return completeness;
}

std::vector<v1::CloudComparison> CloudComparisons(const RecordsView& view, const FigureScope& scope) {
  Bodies bodies(view, scope.as_of, scope.known);
  std::vector<v1::CloudComparison> ours;
  std::vector<double> costs;  // of every body's: what one's own is compared with
  for (const auto& [name, history] : view.systems.all()) {
    const auto* standing = SystemOn(history, scope.as_of, scope.known);
    if (standing == nullptr || !standing->fact.inventory().has_cloud_use()) continue;
    const v1::CloudUse& use = standing->fact.inventory().cloud_use();
    if (use.monthly_transactions() > 0) costs.push_back(YuanPerThousand(use));
    const std::string& body = bodies.HolderOf(catalog::OrganizationOf(name));
    if (!IsIn(scope, body)) continue;
    v1::CloudComparison& comparison = ours.emplace_back();
    comparison.set_system(name);
    comparison.set_display_name(standing->fact.display_name());
    comparison.set_organization(body);
    *comparison.mutable_use() = use;
    comparison.set_yuan_per_thousand_transactions(YuanPerThousand(use));
    comparison.set_cost_change_percent(
        ChangePercent(static_cast<double>(use.yearly_cost_yuan()), static_cast<double>(use.yearly_cost_before_yuan())));
    comparison.set_response_change_percent(ChangePercent(use.response_ms(), use.response_before_ms()));
  }
  double median = 0;
  if (!costs.empty()) {
    const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
    std::nth_element(costs.begin(), middle, costs.end());
    median = *middle;
  }
  for (v1::CloudComparison& comparison : ours) {
    comparison.set_median_yuan_per_thousand(median);
    Advise(comparison);
  }
  return ours;
}

}  // namespace zhanqiao::oversight
