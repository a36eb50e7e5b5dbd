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
  const bool to_clear = inventory.cleanup_class() != v1::CLEANUP_CLASS_UNSPECIFIED &&
                        inventory.cleanup_class() != v1::CLEANUP_CLASS_NORMAL;
  found.Require(inventory.cleared_date().empty() || to_clear, At("cleared_date"), "CLEARED_WITHOUT_CLASS",
                "Only a system to be cleaned up has a date of it; give its 清理类别 or leave the date out.");
  found.Require(inventory.cloud_date().empty() || inventory.on_cloud(), At("cloud_date"), "CLOUD_DATE_WITHOUT_CLOUD",
                "Only a system on the cloud has a date of it; set 已上云 or leave the date out.");
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
