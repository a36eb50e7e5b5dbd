#include "catalog/model/names.h"

#include <gtest/gtest.h>

namespace zhanqiao::catalog {
namespace {

TEST(Names, OrganizationCodesAreDigitsCapitalsAndInnerHyphens) {
  EXPECT_TRUE(IsOrganizationName("organizations/370200-FGW"));
  EXPECT_TRUE(IsOrganizationName(OrganizationName("370202")));
  for (const char* bad : {"organizations/", "organizations/fgw", "organizations/-A", "organizations/A-",
                          "organizations/A/b", "organization/A", "organizations/A B", "organizations/城阳",
                          "organizations/123456789012345678901234567890123"}) {
    EXPECT_FALSE(IsOrganizationName(bad)) << bad;
  }
}

TEST(Names, MembersLieUnderAnOrganization) {
  EXPECT_TRUE(IsMemberName("organizations/370200-FGW/connectors/fgw-main", kConnectors));
  EXPECT_FALSE(IsMemberName("organizations/370200-FGW/systems/fgw-main", kConnectors));
  EXPECT_FALSE(IsMemberName("organizations/370200-FGW/connectors/", kConnectors));
  EXPECT_FALSE(IsMemberName("organizations/370200-FGW/connectors/a/b", kConnectors));
  EXPECT_FALSE(IsMemberName("organizations/370200-FGW/connectors/Upper", kConnectors));
  EXPECT_FALSE(IsMemberName("organizations/370200-FGW", kConnectors));
  EXPECT_FALSE(IsMemberName("organizations/370200-FGW/connectors/" + std::string(64, 'a'), kConnectors));
}

TEST(Names, TellWhoseAMemberIs) {
  EXPECT_EQ(OrganizationOf("organizations/370200-FGW/systems/a"), "organizations/370200-FGW");
  EXPECT_EQ(OrganizationOf("organizations/370200-FGW"), "organizations/370200-FGW");
  EXPECT_EQ(OrganizationOf("resources/308001370200~000001"), "");
  EXPECT_EQ(OrganizationOf("organizations/bad!/systems/a"), "");
}

TEST(Names, ResourceNamesWriteTheSlashOfTheCodeAsTilde) {
  EXPECT_EQ(ResourceName("308001370200/000001"), "resources/308001370200~000001");
  EXPECT_EQ(ResourceCodeOf("resources/308001370200~000001"), "308001370200/000001");
  EXPECT_EQ(ResourceCodeOf("resources/308001370200/000001"), std::nullopt);
  EXPECT_EQ(ResourceCodeOf("resources/408001370200~000001"), std::nullopt);
  EXPECT_EQ(ResourceCodeOf("308001370200~000001"), std::nullopt);
}

}  // namespace
}  // namespace zhanqiao::catalog
