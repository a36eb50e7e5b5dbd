#include "catalog/model/information_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhanqiao::catalog {
namespace {

v1::InformationSystem Oa() {
  v1::InformationSystem system;
  system.set_name("organizations/370200-FGW/systems/oa");
  system.set_display_name("办公系统");
  system.set_state(v1::REGISTRATION_STATE_ACTIVE);
  return system;
}

// "field REASON" of every violation.
std::vector<std::string> WrongIn(const v1::InformationSystem& system) {
  std::vector<std::string> wrong;
  for (const Violation& violation : Check(system)) wrong.push_back(violation.field + " " + violation.reason);
  return wrong;
}

TEST(InformationSystem, IsCompleteWithoutInventoryAndWithAnEmptyOne) {
  v1::InformationSystem system = Oa();
  EXPECT_THAT(WrongIn(system), testing::IsEmpty());
  system.mutable_inventory();
  EXPECT_THAT(WrongIn(system), testing::IsEmpty());
}

TEST(InformationSystem, DatesOfTheInventoryExist) {
  v1::InformationSystem system = Oa();
  system.mutable_inventory()->set_approval_date("2018-02-30");
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.approval_date DATE_INVALID"));
}

TEST(InformationSystem, ReferencesOfTheInventoryNameOtherSystems) {
  v1::InformationSystem system = Oa();
  system.mutable_inventory()->set_substitute_system("oa");
  system.mutable_inventory()->set_merged_into(system.name());
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.substitute_system SYSTEM_NAME", "inventory.merged_into SYSTEM_ITSELF"));
}

TEST(InformationSystem, OnlyWhatIsToBeClearedOrIsOnTheCloudHasTheDateOfIt) {
  v1::InformationSystem system = Oa();
  v1::Inventory& inventory = *system.mutable_inventory();
  inventory.set_cleared_date("2018-03-31");
  inventory.set_cloud_date("2018-02-01");
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.cleared_date CLEARED_WITHOUT_CLASS", "inventory.cloud_date CLOUD_DATE_WITHOUT_CLOUD"));
  inventory.set_cleanup_class(v1::CLEANUP_CLASS_ZOMBIE);
  inventory.set_on_cloud(true);
  EXPECT_THAT(WrongIn(system), testing::IsEmpty());
}

TEST(InformationSystem, AMergerHasItsDateAndAnExemptionItsReasonOnlyWhereThereIsOne) {
  v1::InformationSystem system = Oa();
  v1::Inventory& inventory = *system.mutable_inventory();
  inventory.set_merged_date("2018-06-30");
  inventory.set_migration_eligible(true);
  inventory.set_cloud_exemption("专用硬件");
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.merged_date MERGED_DATE_WITHOUT_TARGET", "inventory.cloud_exemption EXEMPT_AND_ELIGIBLE"));
  inventory.set_merged_into("organizations/370200-FGW/systems/big");
  inventory.set_migration_eligible(false);
  EXPECT_THAT(WrongIn(system), testing::IsEmpty());
}

TEST(InformationSystem, OnlyWhatIsNotClassifiedHasAnMlpsLevel) {
  v1::InformationSystem system = Oa();
  v1::Inventory& inventory = *system.mutable_inventory();
  inventory.set_mlps_filing("370200-00001");
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.mlps_filing MLPS_FILING_WITHOUT_LEVEL"));
  inventory.set_mlps_level(6);
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.mlps_level MLPS_LEVEL"));
  inventory.set_mlps_level(3);
  EXPECT_THAT(WrongIn(system), testing::IsEmpty());
  inventory.set_is_classified(true);
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.mlps_level MLPS_OF_CLASSIFIED"));
}

TEST(InformationSystem, CloudUseIsMeasuredOnADayInNumbersThatCanBe) {
  v1::InformationSystem system = Oa();
  v1::CloudUse& use = *system.mutable_inventory()->mutable_cloud_use();
  use.set_cpu_use_percent(101);
  use.set_yearly_cost_yuan(-1);
  EXPECT_THAT(WrongIn(system), testing::ElementsAre("inventory.cloud_use.measured_date DATE_INVALID", "inventory.cloud_use.cpu_use_percent PERCENT",
                                                    "inventory.cloud_use.yearly_cost_yuan AMOUNT_NEGATIVE"));
}

TEST(InformationSystem, ValuesOutsideTheContractAreRefused) {
  v1::InformationSystem system = Oa();
  v1::Inventory& inventory = *system.mutable_inventory();
  inventory.set_system_count(-1);
  inventory.set_network(static_cast<v1::SystemNetwork>(99));
  inventory.set_funding_source("行\n行");
  EXPECT_THAT(WrongIn(system), testing::UnorderedElementsAre("inventory.system_count SYSTEM_COUNT", "inventory.network ENUM_VALUE",
                                                              "inventory.funding_source TEXT_UNCLEAN"));
}

}  // namespace
}  // namespace zhanqiao::catalog
