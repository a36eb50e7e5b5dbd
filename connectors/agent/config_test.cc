#include "connectors/agent/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "catalog/base/error.h"
#include "connectors/agent/adapters.h"

namespace zhanqiao::connectors {
namespace {

constexpr char kGood[] = R"(hub = "hub.qingdao.example:7443"
name = "fgw-1"
credits = 256
[tls]
ca = "ca.crt"
certificate = "connector.crt"
key = "/etc/keys/connector.key"
server_name = "hub"
[[resources]]
resource = "resources/308001370200~000001"
adapter = "csv"
file = "data/projects.csv"
)";

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

void ExpectMistake(const std::string& text, const char* line, const char* key) {
  const auto config = ParseConnectorConfig(text, "/base");
  EXPECT_EQ(ReasonOf(config.status()), "CONFIG_INVALID") << text;
  EXPECT_EQ(FactOf(config.status(), "line"), line) << text;
  EXPECT_EQ(FactOf(config.status(), "key"), key) << text;
}

TEST(ConnectorConfig, IsReadAndPathsAreTakenFromItsFolder) {
  const auto config = ParseConnectorConfig(kGood, "/base");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->agent.hub, "hub.qingdao.example:7443");
  EXPECT_EQ(config->agent.credits, 256);
  EXPECT_EQ(config->agent.tls->ca, "/base/ca.crt");
  EXPECT_EQ(config->agent.tls->key, "/etc/keys/connector.key");
  ASSERT_EQ(config->resources.size(), 1u);
  EXPECT_EQ(config->resources[0].file, "/base/data/projects.csv");
  EXPECT_EQ(AdaptersOf(*config, SystemClock())->resources.count("resources/308001370200~000001"), 1u);
}

TEST(ConnectorConfig, AMistakeIsNamedByLineAndKey) {
  ExpectMistake(Replaced(kGood, "credits", "credit"), "3", "credit");
  ExpectMistake(Replaced(kGood, "server_name", "servername"), "8", "tls.servername");
  ExpectMistake(Replaced(kGood, "256", "0"), "3", "credits");
  ExpectMistake(Replaced(kGood, "256", "\"256\""), "3", "credits");
  ExpectMistake(Replaced(kGood, "\"ca.crt\"", "\"\""), "5", "tls.ca");
  ExpectMistake(Replaced(kGood, "\"csv\"", "\"cvs\""), "11", "resources.adapter");
  ExpectMistake(Replaced(kGood, "370200~", "370200/"), "9", "resources.resource");
  ExpectMistake(Replaced(kGood, "file = \"data/projects.csv\"", ""), "9", "resources.file");
  ExpectMistake(Replaced(kGood, "hub = \"hub.qingdao.example:7443\"", ""), "1", "hub");
  ExpectMistake(Replaced(kGood, "\"fgw-1\"", "fgw-1"), "2", "");
}

constexpr char kDatabase[] = R"(hub = "127.0.0.1:7443"
[[sources]]
name = "db"
adapter = "odbc"
dialect = "oracle"
connection = "DSN=permits"
[[resources]]
resource = "resources/308001370200~000001"
source = "db"
mapping = "permits.toml"
[[captures]]
resource = "resources/308001370200~000001"
source = "db"
mapping = "changes.toml"
changed = "changed"
state = "cursor"
)";

TEST(ConnectorConfig, SourcesAreSharedByResourcesAndCaptures) {
  const auto config = ParseConnectorConfig(kDatabase, "/base");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->sources[0].dialect, "oracle");
  EXPECT_EQ(config->captures[0].state, "/base/cursor");
  const SystemClock clock;
  const auto adapters = AdaptersOf(*config, clock);
  ASSERT_TRUE(adapters.ok()) << adapters.status();
  EXPECT_EQ(adapters->resources.size(), 1u);
  EXPECT_EQ(adapters->captures.size(), 1u);
}

TEST(ConnectorConfig, ASourceThatIsNotCompleteIsNamed) {
  ExpectMistake(Replaced(kDatabase, "dialect = \"oracle\"\n", ""), "2", "sources.dialect");
  ExpectMistake(Replaced(kDatabase, "connection = \"DSN=permits\"\n", ""), "2", "sources.connection");
  ExpectMistake(Replaced(kDatabase, "source = \"db\"\nmapping = \"permits.toml\"", "source = \"dc\"\nmapping = \"permits.toml\""), "7", "resources.source");
  ExpectMistake(Replaced(kDatabase, "mapping = \"permits.toml\"\n", ""), "7", "resources.mapping");
  ExpectMistake(Replaced(kDatabase, "state = \"cursor\"\n", ""), "11", "captures.state");
}

TEST(ConnectorConfig, ASecretThatOthersCanReadIsRefused) {
  const std::string file = testing::TempDir() + "zq-secret";
  std::ofstream(file) << "secret\n";
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  const auto config = ParseConnectorConfig(Replaced(kDatabase, "dialect =", "password_file = \"" + file + "\"\ndialect ="), "/");
  ASSERT_TRUE(config.ok()) << config.status();
  const SystemClock clock;
  EXPECT_EQ(ReasonOf(AdaptersOf(*config, clock).status()), "SECRET_READABLE");
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  EXPECT_TRUE(AdaptersOf(*config, clock).ok());
  std::filesystem::remove(file);
}

TEST(ConnectorConfig, PlaintextNeverLeavesTheMachine) {
  const std::string without = Replaced(
      kGood, "[tls]\nca = \"ca.crt\"\ncertificate = \"connector.crt\"\nkey = \"/etc/keys/connector.key\"\nserver_name = \"hub\"\n", "");
  ExpectMistake(without, "1", "tls");
  EXPECT_TRUE(ParseConnectorConfig(Replaced(without, "hub.qingdao.example", "127.0.0.1"), "").ok());
  ExpectMistake(Replaced(without, "hub.qingdao.example", "127.example"), "1", "tls");
}

TEST(ConnectorConfig, AMissingFileIsNamed) {
  EXPECT_EQ(ReasonOf(LoadConnectorConfig("missing/connector.toml").status()), "CONFIG_NOT_READABLE");
}

}  // namespace
}  // namespace zhanqiao::connectors
