#include "catalog/model/information_system.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

constexpr int kSystemCountMax = 10'000;

std::string At(std::string_view element) { return absl::StrCat("inventory.", Absl(element)); }

void CheckDate(std::string_view element, const std::string& date, Violations& found) {
  found.Require(date.empty() || ParseDay(date).ok(), At(element), "DATE_INVALID",
                "Give an existing date as YYYY-MM-DD, or nothing.");
}

// A reference to another system; whether it is registered is the service's to see.
void CheckSystem(std::string_view element, const std::string& other, const std::string& self, Violations& found) {
  found.Require(other.empty() || IsMemberName(other, kSystems), At(element), "SYSTEM_NAME",
                "Give organizations/{code}/systems/{id}, or nothing.");
  found.Require(other.empty() || other != self, At(element), "SYSTEM_ITSELF", "Is the system itself; name another, or none.");
}

void CheckCloudUse(const v1::CloudUse& use, Violations& found) {
  found.Require(ParseDay(use.measured_date()).ok(), At("cloud_use.measured_date"), "DATE_INVALID",
                "Give the existing date of the measurement as YYYY-MM-DD.");
  const auto percent = [&](int32_t value, std::string_view element) {
    found.Require(value >= 0 && value <= 100, At(element), "PERCENT", "Give a whole percentage from 0 to 100.");
  };
  percent(use.cpu_use_percent(), "cloud_use.cpu_use_percent");
  percent(use.memory_use_percent(), "cloud_use.memory_use_percent");
  percent(use.storage_use_percent(), "cloud_use.storage_use_percent");
  const auto amount = [&](int64_t value, std::string_view element) {
    found.Require(value >= 0, At(element), "AMOUNT_NEGATIVE", "Give a number that is not negative; 0 while it is not known.");
  };
  amount(use.vcpus(), "cloud_use.vcpus");
  amount(use.memory_gib(), "cloud_use.memory_gib");
  amount(use.storage_gib(), "cloud_use.storage_gib");
  amount(use.yearly_cost_yuan(), "cloud_use.yearly_cost_yuan");
  amount(use.yearly_cost_before_yuan(), "cloud_use.yearly_cost_before_yuan");
  amount(use.monthly_transactions(), "cloud_use.monthly_transactions");
  amount(use.response_ms(), "cloud_use.response_ms");
  amount(use.response_before_ms(), "cloud_use.response_before_ms");
}

// What excludes or needs another element.
void CheckTogether(const v1::Inventory& inventory, Violations& found) {
  const bool to_clear = inventory.cleanup_class() != v1::CLEANUP_CLASS_UNSPECIFIED &&
                        inventory.cleanup_class() != v1::CLEANUP_CLASS_NORMAL;
  found.Require(inventory.cleared_date().empty() || to_clear, At("cleared_date"), "CLEARED_WITHOUT_CLASS",
                "Only a system to be cleaned up has a date of it; give its 清理类别 or leave the date out.");
  found.Require(inventory.cloud_date().empty() || inventory.on_cloud(), At("cloud_date"), "CLOUD_DATE_WITHOUT_CLOUD",
                "Only a system on the cloud has a date of it; set 已上云 or leave the date out.");
  found.Require(inventory.merged_date().empty() || !inventory.merged_into().empty(), At("merged_date"),
                "MERGED_DATE_WITHOUT_TARGET", "Only a merged system has a date of it; give 归入大系统 or leave the date out.");
  found.Require(inventory.cloud_exemption().empty() || !inventory.migration_eligible(), At("cloud_exemption"),
                "EXEMPT_AND_ELIGIBLE", "A system fit to migrate has no reason to stay; clear one of the two.");
  found.Require(inventory.mlps_level() >= 0 && inventory.mlps_level() <= 5, At("mlps_level"), "MLPS_LEVEL",
                "Give a level from 1 to 5, or 0 while it is not graded.");
  found.Require(inventory.mlps_level() == 0 || !inventory.is_classified(), At("mlps_level"), "MLPS_OF_CLASSIFIED",
                "A classified system has 分级保护 and no 等级保护 level; leave one of the two out.");
  found.Require(inventory.mlps_filing().empty() || inventory.mlps_level() > 0, At("mlps_filing"), "MLPS_FILING_WITHOUT_LEVEL",
                "Give the level that was filed, or leave the filing out.");
}

void CheckInventory(const v1::InformationSystem& system, Violations& found) {
  using Presence = Violations::Presence;
  const v1::Inventory& inventory = system.inventory();
  found.Require(inventory.system_count() >= 0 && inventory.system_count() <= kSystemCountMax, At("system_count"),
                "SYSTEM_COUNT", "Give a whole number from 0 to 10000.");
  found.Text(At("funding_source"), inventory.funding_source(), Presence::kOptional, 100);
  found.Text(At("approval_dept"), inventory.approval_dept(), Presence::kOptional, 100);
  CheckDate("approval_date", inventory.approval_date(), found);
  CheckDate("cleared_date", inventory.cleared_date(), found);
  CheckDate("cloud_date", inventory.cloud_date(), found);
  CheckDate("planned_cloud_date", inventory.planned_cloud_date(), found);
  CheckDate("merged_date", inventory.merged_date(), found);
  CheckDate("last_update_date", inventory.last_update_date(), found);
  CheckDate("last_maintenance_date", inventory.last_maintenance_date(), found);
  found.Text(At("cloud_exemption"), inventory.cloud_exemption(), Presence::kOptional, 200);
  found.Text(At("mlps_filing"), inventory.mlps_filing(), Presence::kOptional, 50);
  CheckSystem("substitute_system", inventory.substitute_system(), system.name(), found);
  CheckSystem("merged_into", inventory.merged_into(), system.name(), found);
  const auto one_of = [&](bool valid, std::string_view element, std::string text) {
    found.Require(valid, At(element), "ENUM_VALUE", text);
  };
  one_of(v1::UsageScope_IsValid(inventory.usage_scope()), "usage_scope", OneOf(v1::UsageScope_descriptor()));
  one_of(v1::UsageFrequency_IsValid(inventory.usage_frequency()), "usage_frequency",
         OneOf(v1::UsageFrequency_descriptor()));
  one_of(v1::ConstructionStatus_IsValid(inventory.construction_status()), "construction_status",
         OneOf(v1::ConstructionStatus_descriptor()));
  one_of(v1::BuildMode_IsValid(inventory.build_mode()), "build_mode", OneOf(v1::BuildMode_descriptor()));
  one_of(v1::CleanupClass_IsValid(inventory.cleanup_class()), "cleanup_class", OneOf(v1::CleanupClass_descriptor()));
  one_of(v1::CommonAppClass_IsValid(inventory.common_app_class()), "common_app_class",
         OneOf(v1::CommonAppClass_descriptor()));
  one_of(v1::SystemNetwork_IsValid(inventory.network()), "network", OneOf(v1::SystemNetwork_descriptor()));
  one_of(v1::AuditStatus_IsValid(inventory.audit_status()), "audit_status", OneOf(v1::AuditStatus_descriptor()));
  if (inventory.has_cloud_use()) CheckCloudUse(inventory.cloud_use(), found);
  CheckTogether(inventory, found);
}

}  // namespace

std::vector<Violation> Check(const v1::InformationSystem& system) {
  using Presence = Violations::Presence;
  Violations found;
  found.Require(IsMemberName(system.name(), kSystems), "name", "SYSTEM_NAME",
                "Give organizations/{code}/systems/{id}; the id is 1 to 63 of a-z, 0-9 and inner hyphens.");
  found.Text("display_name", system.display_name(), Presence::kRequired, 100);
  found.Text("function", system.function(), Presence::kOptional, 2000, /*lines=*/true);
  found.Require(
      system.state() != v1::REGISTRATION_STATE_UNSPECIFIED && v1::RegistrationState_IsValid(system.state()), "state",
      "ENUM_VALUE", OneOf(v1::RegistrationState_descriptor()));
  found.Require(system.signing_key().empty() || system.signing_key().size() == 32, "signing_key", "SIGNING_KEY_SIZE",
                "Give an Ed25519 public key of 32 bytes, or leave it empty.");
  if (system.has_inventory()) CheckInventory(system, found);
  return found.Take();
}

}  // namespace zhanqiao::catalog
