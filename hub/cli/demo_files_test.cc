#include "hub/cli/demo_files.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "hub/cli/certificates.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

class DemoFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    // A path a shell has to quote.
    directory_ = std::string(testing::TempDir()) + "zq demo's " +
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    preparation_.directory = directory_;
    preparation_.data = "/data";
    preparation_.programs = "/programs";
  }
  std::string Read(const std::string& name) const { return *ReadFile(directory_ + "/" + name); }

  std::string directory_;
  Preparation preparation_;
};

std::string ShellOutput(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  while (const size_t read = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, read);
  ::pclose(pipe);
  return output;
}

TEST_F(DemoFilesTest, PreparingTwiceKeepsKeysAndRenewsOnlyTheOneThatGetsRevoked) {
  ASSERT_TRUE(Prepare(preparation_).ok());
  const std::string authority = Read("ca.crt");
  const std::string approval = Read("ids/approval.crt");
  const std::string retired = Read("ids/approval-old.crt");
  ASSERT_TRUE(Prepare(preparation_).ok());
  EXPECT_EQ(Read("ca.crt"), authority);
  EXPECT_EQ(Read("ids/approval.crt"), approval);
  EXPECT_NE(Read("ids/approval-old.crt"), retired);
}

TEST_F(DemoFilesTest, EveryPlayerHasACertificateOfItsIdentity) {
  ASSERT_TRUE(Prepare(preparation_).ok());
  for (const Player& player : Players()) {
    const auto facts = Describe(Read("ids/" + std::string(player.id) + ".crt"));
    ASSERT_TRUE(facts.ok()) << player.id;
    ASSERT_EQ(facts->uris.size(), 1u);
    EXPECT_EQ(SubjectOf(facts->uris[0]), player.subject);
  }
}

TEST_F(DemoFilesTest, TheEnvFileSurvivesAShell) {
  ASSERT_TRUE(Prepare(preparation_).ok());
  ASSERT_TRUE(WriteFile(directory_ + "/ports.json", R"({"hub":"127.0.0.1:7443"})").ok());
  ASSERT_TRUE(Connect(preparation_).ok());
  const std::string shown =
      ShellOutput("sh -c '. \"$0/env\"; printf \"%s|%s|%s\" \"$ZQ_HUB\" \"$ZQ_CERT\" \"$ZQ_HTTPS\"' \"" +
                  directory_ + "\"");
  EXPECT_EQ(shown, "127.0.0.1:7443|" + directory_ + "/ids/auditor.crt|https://127.0.0.1:7443");
  EXPECT_NE(Read("env").find("curl --cacert"), std::string::npos);
}

TEST_F(DemoFilesTest, ConnectorsAreConfiguredForTheAddressTheHubBound) {
  ASSERT_TRUE(Prepare(preparation_).ok());
  EXPECT_EQ(Connect(preparation_).code(), absl::StatusCode::kNotFound) << "no hub has written its ports yet";
  ASSERT_TRUE(WriteFile(directory_ + "/ports.json", R"({"hub":"127.0.0.1:41234"})").ok());
  ASSERT_TRUE(Connect(preparation_).ok());
  for (const DemoConnector& connector : DemoConnectors()) {
    EXPECT_NE(Read(std::string(connector.id) + ".toml").find("hub = \"127.0.0.1:41234\""), std::string::npos);
  }
  ASSERT_TRUE(WriteFile(directory_ + "/ports.json", "[]").ok());
  EXPECT_EQ(ReasonOf(Connect(preparation_)), "PORTS_UNREADABLE");
}

TEST(PortTest, ATakenPortGivesZero) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  EXPECT_EQ(PortOrZero(ntohs(address.sin_port)), 0);
  ::close(listener);
  EXPECT_EQ(PortOrZero(ntohs(address.sin_port)), ntohs(address.sin_port));
  EXPECT_EQ(PortOrZero(0), 0);
}

}  // namespace
}  // namespace zhanqiao::cli
