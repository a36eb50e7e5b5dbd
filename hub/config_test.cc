#include "hub/config.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

constexpr char kGood[] = R"(
[hub]
state_dir = "state"
[metrics]
address = "127.0.0.1:0"
[[listeners]]
address = "127.0.0.1:0"
tls = false
identity = "zhanqiao://qingdao/org/370200-ZWFWB/system/approval"
)";

TEST(HubConfigTest, AGoodFileIsRead) {
  const auto config = ParseHubConfig(kGood, "/etc/zhanqiao");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->state_dir, "/etc/zhanqiao/state");
  ASSERT_EQ(config->listeners.size(), 1u);
  EXPECT_FALSE(config->listeners[0].tls);
}

TEST(HubConfigTest, AnUnknownKeyIsRefusedWithItsLineAndName) {
  const auto config = ParseHubConfig("[hub]\nstate_dir = \"x\"\nstate_dri = \"y\"\n", "/");
  EXPECT_EQ(ReasonOf(config.status()), "CONFIG_INVALID");
  EXPECT_EQ(FactOf(config.status(), "line"), "3");
  EXPECT_EQ(FactOf(config.status(), "key"), "hub.state_dri");
}

TEST(HubConfigTest, AWrongTypeNamesWhatIsExpected) {
  const auto config = ParseHubConfig("[hub]\nthreads = \"many\"\n", "/");
  EXPECT_EQ(FactOf(config.status(), "key"), "hub.threads");
  EXPECT_EQ(FactOf(config.status(), "expected"), "a whole number from 0 to 256");
}

TEST(HubConfigTest, ATlsListenerNeedsItsFiles) {
  const auto config = ParseHubConfig("[hub]\nstate_dir = \"x\"\n[[listeners]]\naddress = \"127.0.0.1:1\"\n", "/");
  EXPECT_EQ(FactOf(config.status(), "key"), "listeners.certificate");
}

TEST(HubConfigTest, BrokenTomlNamesTheLine) {
  EXPECT_EQ(FactOf(ParseHubConfig("[hub]\nx = = 1\n", "/").status(), "line"), "2");
}

TEST(HubConfigTest, AMissingFileIsSaidPlainly) {
  EXPECT_EQ(ReasonOf(LoadHubConfig("/nonexistent/hub.toml").status()), "CONFIG_NOT_READABLE");
}

TEST(HubConfigTest, AccountsAndTheIdentityProviderAreRead) {
  const auto config = ParseHubConfig(std::string(kGood) + R"(
[accounts]
lock_minutes = 45
[oidc]
issuer = "https://id.example"
client_id = "zhanqiao"
redirect_uri = "https://hub.example/sign-in"
client_secret_file = "secret"
)",
                                     "/etc/zhanqiao");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->accounts.lock_minutes, 45);
  EXPECT_EQ(config->accounts.tries_max, 5);
  EXPECT_EQ(config->oidc.client_secret_file, "/etc/zhanqiao/secret");
  const auto half = ParseHubConfig(std::string(kGood) + "[oidc]\nissuer = \"https://id.example\"\n", "/");
  EXPECT_EQ(FactOf(half.status(), "key"), "oidc.client_id");
}

TEST(HubConfigTest, TheLedgersKeysAndWitnessesAreRead) {
  const auto config = ParseHubConfig(std::string(kGood) + R"(
[ledger]
witness_policy = "policy"
witness_start = "require"
[ledger.key]
kind = "pkcs11"
module = "/usr/lib/softhsm/libsofthsm2.so"
token = "zhanqiao"
pin_file = "pin"
)",
                                     "/etc/zhanqiao");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->ledger.witness_policy, "/etc/zhanqiao/policy");
  EXPECT_EQ(config->ledger.witness_start, "require");
  EXPECT_EQ(config->ledger.key.kind, "pkcs11");
  EXPECT_EQ(config->ledger.key.pin_file, "/etc/zhanqiao/pin");
}

TEST(HubConfigTest, AKeyInASecurityModuleNeedsToBeFound) {
  const auto config = ParseHubConfig(std::string(kGood) + "[ledger.key]\nkind = \"pkcs11\"\nmodule = \"/m.so\"\n", "/");
  EXPECT_EQ(FactOf(config.status(), "key"), "ledger.key.token");
  const auto unknown = ParseHubConfig(std::string(kGood) + "[ledger]\nwitness = \"x\"\n", "/");
  EXPECT_EQ(FactOf(unknown.status(), "key"), "ledger.witness");
}

}  // namespace
}  // namespace zhanqiao
